//! The expected result of an import, computed from the world. The only thing taken from the files is where their
//! invalid and unusual rows are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use uuid::Uuid;

use super::life::{Kind, Status, Subscription, day};
use super::partners::{PROVIDER, RESELLERS};
use super::record::Outcome;
use super::report::Finding;
use super::world::World;
use super::{Book, LISTS_AS_OF};

/// The sorted tenant ids of each reseller's customers, for which it is partner of record on a live subscription.
pub(super) fn customers_of_resellers(world: &World) -> Vec<BTreeSet<Uuid>> {
    let mut customers = vec![BTreeSet::new(); RESELLERS.len()];
    for subscription in world.subscriptions.iter().filter(|subscription| is_live(subscription)) {
        if let Some(reseller) = subscription.reseller {
            customers[reseller].insert(world.customers[subscription.customer].tenant);
        }
    }
    customers
}

/// Whether a subscription makes its customer a customer of its reseller. Suspended and expired ones do not matter here:
/// each of them has an active one beside it between the same two.
pub(super) fn is_live(subscription: &Subscription) -> bool {
    matches!(subscription.status, Status::Active | Status::Suspended)
}

/// The number of subscriptions with each status.
pub(super) fn by_status(world: &World) -> BTreeMap<Status, usize> {
    let mut counts = BTreeMap::new();
    for subscription in &world.subscriptions {
        *counts.entry(subscription.status).or_default() += 1;
    }
    counts
}

/// Licences in use: seats of active subscriptions without trials.
pub(super) fn licences(world: &World) -> u32 {
    let counts = |subscription: &&Subscription| {
        subscription.status == Status::Active && matches!(subscription.kind, Kind::Seats(_) | Kind::Legacy(_))
    };
    world.subscriptions.iter().filter(counts).map(|subscription| subscription.seats).sum()
}

/// Active according to all files, but past their end on the date of the lists.
pub(super) fn presumed_expired(world: &World) -> Vec<&Subscription> {
    let past = |subscription: &&Subscription| {
        subscription.status == Status::Active
            && subscription.term.1 < day(2026, 10, 1)
            && !matches!(subscription.kind, Kind::AzurePlan)
    };
    world.subscriptions.iter().filter(past).collect()
}

/// Subscriptions that moved between resellers: the previous and the current reseller.
pub(super) fn moved(world: &World) -> Vec<(&Subscription, usize, usize)> {
    let before_and_now = |subscription: &Subscription| {
        let first = subscription.events.first()?.reseller?;
        let now = subscription.reseller?;
        (first != now).then_some((first, now))
    };
    world
        .subscriptions
        .iter()
        .filter_map(|subscription| before_and_now(subscription).map(|(before, now)| (subscription, before, now)))
        .collect()
}

/// `expected.json`.
pub(super) fn expected(book: &Book) -> String {
    let mut json = String::from("{\n");
    counts(&mut json, book);
    files(&mut json, book);
    findings(&mut json, "rejected", book, Outcome::Rejected);
    findings(&mut json, "conflicts", book, Outcome::Conflict);
    findings(&mut json, "remarks", book, Outcome::Reported);
    presumed(&mut json, &book.world);
    moves(&mut json, &book.world);
    resellers(&mut json, &book.world);
    customers(&mut json, &book.world);
    json.push_str("}\n");
    json
}

fn counts(json: &mut String, book: &Book) {
    let world = &book.world;
    let statuses: Vec<_> =
        by_status(world).iter().map(|(status, count)| format!("{}: {count}", string(status.api_name()))).collect();
    let total = |outcome| book.exports.iter().map(|export| export.count(outcome)).sum::<usize>();
    line(
        json,
        2,
        &format!("\"provider\": {{\"mpn_id\": \"{}\", \"tenant_id\": \"{}\"}},", PROVIDER.mpn_id, PROVIDER.tenant_id),
    );
    line(json, 2, &format!("\"lists_as_of\": {},", string(LISTS_AS_OF)));
    line(json, 2, "\"counts\": {");
    line(json, 4, &format!("\"customers\": {},", world.customers.len()));
    line(json, 4, &format!("\"subscriptions\": {},", world.subscriptions.len()));
    line(json, 4, &format!("\"subscriptions_by_status\": {{{}}},", statuses.join(", ")));
    line(json, 4, &format!("\"licences\": {},", licences(world)));
    line(json, 4, &format!("\"resellers\": {},", RESELLERS.len()));
    let placeholders = RESELLERS.iter().filter(|reseller| reseller.account.is_none()).count();
    line(json, 4, &format!("\"placeholder_resellers\": {placeholders},"));
    let read: usize = book.exports.iter().map(|export| export.rows).sum();
    let (rejected, conflict) = (total(Outcome::Rejected), total(Outcome::Conflict));
    let taken = read - rejected - conflict;
    line(
        json,
        4,
        &format!(
            "\"rows\": {{\"read\": {read}, \"applied_or_merged\": {taken}, \"rejected\": {rejected}, \"conflict\": {conflict}}}"
        ),
    );
    line(json, 2, "},");
}

fn files(json: &mut String, book: &Book) {
    list(json, "files", &book.exports, |export| {
        format!(
            "{{\"path\": {}, \"rows\": {}, \"rejected\": {}, \"conflict\": {}}}",
            string(export.path),
            export.rows,
            export.count(Outcome::Rejected),
            export.count(Outcome::Conflict)
        )
    });
}

fn findings(json: &mut String, name: &str, book: &Book, outcome: Outcome) {
    let found: Vec<&Finding> = book
        .exports
        .iter()
        .flat_map(|export| &export.findings)
        .filter(|finding| finding.blemish.outcome == outcome)
        .collect();
    list(json, name, &found, |finding| {
        let codes: Vec<_> = finding.blemish.codes.iter().map(|code| string(code)).collect();
        format!("{{\"file\": {}, \"line\": {}, \"codes\": [{}]}}", string(finding.path), finding.line, codes.join(", "))
    });
}

fn presumed(json: &mut String, world: &World) {
    let mut ids: Vec<_> = presumed_expired(world).iter().map(|subscription| subscription.id).collect();
    ids.sort();
    list(json, "presumed_expired", &ids, |id| string(&id.to_string()));
}

fn moves(json: &mut String, world: &World) {
    let mut moved = moved(world);
    moved.sort_by_key(|(subscription, ..)| subscription.id);
    list(json, "moved", &moved, |(subscription, before, now)| {
        format!(
            "{{\"customer\": \"{}\", \"subscription\": \"{}\", \"from\": \"{}\", \"to\": \"{}\"{}}}",
            world.customers[subscription.customer].tenant,
            subscription.id,
            RESELLERS[*before].mpn_id,
            RESELLERS[*now].mpn_id,
            quantity(subscription)
        )
    });
}

fn resellers(json: &mut String, world: &World) {
    let customers = customers_of_resellers(world);
    let each: Vec<_> = RESELLERS.iter().zip(&customers).collect();
    list(json, "resellers", &each, |(reseller, customers)| {
        let tenants: Vec<_> = customers.iter().map(|tenant| string(&tenant.to_string())).collect();
        let name = reseller.account.map_or_else(|| "null".to_owned(), |_| string(reseller.name));
        format!(
            "{{\"mpn_id\": \"{}\", \"name\": {name}, \"placeholder\": {}, \"customers\": [{}]}}",
            reseller.mpn_id,
            reseller.account.is_none(),
            tenants.join(", ")
        )
    });
}

fn customers(json: &mut String, world: &World) {
    let mut subscriptions: BTreeMap<usize, Vec<&Subscription>> = BTreeMap::new();
    for subscription in &world.subscriptions {
        subscriptions.entry(subscription.customer).or_default().push(subscription);
    }
    let mut order: Vec<_> = (0..world.customers.len()).collect();
    order.sort_by_key(|index| world.customers[*index].tenant);
    json.push_str("  \"customers\": [\n");
    for (nth, index) in order.iter().enumerate() {
        let customer = &world.customers[*index];
        let mut own = subscriptions.remove(index).unwrap_or_default();
        own.sort_by_key(|subscription| subscription.id);
        let country = if customer.country_known { string(customer.market.country) } else { "null".to_owned() };
        let name = customer.name.as_deref().map_or_else(|| "null".to_owned(), string);
        let _ = write!(
            json,
            "    {{\"tenant_id\": \"{}\", \"company_name\": {name}, \"country\": {country}, \"subscriptions\": [",
            customer.tenant
        );
        for (nth, subscription) in own.iter().enumerate() {
            json.push_str(if nth == 0 { "\n" } else { ",\n" });
            subscription_object(json, subscription);
        }
        json.push_str(if nth + 1 == order.len() { "]}\n" } else { "]},\n" });
    }
    json.push_str("  ]\n");
}

fn subscription_object(json: &mut String, subscription: &Subscription) {
    let kind = match subscription.kind {
        Kind::AzurePlan => "USAGE",
        Kind::Reservation(_) => "RESERVATION",
        Kind::Trial(_) => "TRIAL",
        Kind::Seats(_) | Kind::Legacy(_) => "LICENSE",
    };
    let reseller = subscription
        .reseller
        .map_or_else(|| "null".to_owned(), |reseller| string(&RESELLERS[reseller].mpn_id.to_string()));
    let upgraded = subscription.upgraded_from.map_or_else(String::new, |id| format!(", \"upgraded_from\": \"{id}\""));
    let _ = write!(
        json,
        "      {{\"id\": \"{}\", \"kind\": \"{kind}\"{}, \"status\": \"{}\", \"reseller\": {reseller}{upgraded}}}",
        subscription.id,
        quantity(subscription),
        subscription.status.api_name(),
    );
}

/// The member `quantity`, or nothing if the import rules do not determine it.
fn quantity(subscription: &Subscription) -> String {
    match (subscription.kind, subscription.status) {
        (Kind::AzurePlan, _) => ", \"quantity\": null".to_owned(),
        (Kind::Reservation(_), _) | (_, Status::Deleted) => String::new(),
        _ => format!(", \"quantity\": {}", subscription.seats),
    }
}

fn list<T>(json: &mut String, name: &str, items: &[T], item: impl Fn(&T) -> String) {
    let lines: Vec<_> = items.iter().map(|one| format!("    {}", item(one))).collect();
    let _ = write!(json, "  {}: [\n{}\n  ],\n", string(name), lines.join(",\n"));
}

fn line(json: &mut String, indent: usize, text: &str) {
    let _ = writeln!(json, "{:indent$}{text}", "");
}

/// Formats a JSON string.
fn string(text: &str) -> String {
    let mut json = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => json.extend(['\\', letter]),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            _ => json.push(letter),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_would_misread_is_escaped() {
        assert_eq!(string("a \"b\"\r\n\\"), r#""a \"b\"\r\n\\""#);
    }
}
