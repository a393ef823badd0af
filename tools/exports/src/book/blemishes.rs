//! Invalid rows, and rows that are valid but unusual.

use super::charges::{Charges, Generation};
use super::customers::{Customer, parts};
use super::life::{Cause, Event, Kind, Plan, Status, Subscription, day};
use super::partners::{DIRECT_BILL, RESELLERS};
use super::record::{Outcome, Record};
use super::world::{OWN_MPN, World};

use Outcome::{Conflict, Rejected, Reported};

/// Rows of a charge file that an import must reject or hold. Their subscriptions occur nowhere else.
pub(super) fn wrong_charges(world: &World, charges: &mut Charges<'_>) -> Vec<Record> {
    match charges.generation {
        Generation::Documented2022 => wrong_in_august(world, charges),
        Generation::InvoiceTool => wrong_in_september(world, charges),
    }
}

fn wrong_in_august(world: &World, charges: &mut Charges<'_>) -> Vec<Record> {
    let mut stray = |customer: usize| stray(&world.customers[customer], charges, day(2026, 8, 19));
    vec![
        with(stray(310), "CustomerId", "3f0a6b1e-77c2-4d19-a5b").with_blemish(
            "Bad GUID",
            Rejected,
            &["customer.tenant_id.invalid"],
            "truncated tenant id",
        ),
        with(stray(311), "SubscriptionId", "b7d2e4f0-19a8-4c63-8e5d-0f71a2b3c4dO").with_blemish(
            "Bad GUID",
            Rejected,
            &["subscription.id.invalid"],
            "the subscription id ends with the letter O",
        ),
        with(stray(312), "CustomerId", "").with_blemish(
            "Missing tenant id",
            Rejected,
            &["customer.tenant_id.missing"],
            "`CustomerId` is blank",
        ),
        with(with(stray(313), "Quantity", "-5"), "BillableQuantity", "-5").with_blemish(
            "Negative quantity",
            Rejected,
            &["subscription.quantity.invalid"],
            "−5 seats",
        ),
        with(with(stray(314), "Quantity", "ten"), "BillableQuantity", "ten").with_blemish(
            "Quantity that is not a number",
            Rejected,
            &["subscription.quantity.invalid"],
            "`ten`",
        ),
        with(stray(315), "CustomerCountry", "ZZ").with_blemish(
            "Unknown country",
            Rejected,
            &["customer.country.invalid"],
            "`ZZ`",
        ),
        with(stray(316), "ResellerMPNID", "MPN-99100").with_blemish(
            "Malformed MPN ID",
            Rejected,
            &["reseller.mpn_id.invalid"],
            "`MPN-99100`",
        ),
        with(stray(317), "ResellerMPNID", &DIRECT_BILL.mpn_id.to_string()).with_blemish(
            "MPN ID that is not a reseller's",
            Rejected,
            &["reseller.not_a_reseller"],
            "that of the direct-bill partner",
        ),
        stray(318).cut(20).with_blemish("Ragged row", Rejected, &["row.field_count"], "20 of 46 cells"),
    ]
}

fn wrong_in_september(world: &World, charges: &mut Charges<'_>) -> Vec<Record> {
    let mut stray = |customer: usize| stray(&world.customers[customer], charges, day(2026, 9, 16));
    let mut rows = vec![
        with(stray(320), "CustomerId", "not-a-guid").with_blemish(
            "Bad GUID",
            Rejected,
            &["customer.tenant_id.invalid"],
            "`not-a-guid` as tenant id",
        ),
        with(stray(321), "SubscriptionId", "{5c1e9a70-2b48-4f36-9d07}").with_blemish(
            "Bad GUID",
            Rejected,
            &["subscription.id.invalid"],
            "a truncated subscription id in braces",
        ),
        with(stray(322), "CustomerId", "").with_blemish(
            "Missing tenant id",
            Rejected,
            &["customer.tenant_id.missing"],
            "`CustomerId` is blank",
        ),
        with(stray(323), "BillableQuantity", "-2").with_blemish(
            "Negative quantity",
            Rejected,
            &["subscription.quantity.invalid"],
            "−2 in `BillableQuantity`, 7 in `Quantity`",
        ),
        with(stray(324), "CustomerCountry", "QQ").with_blemish(
            "Unknown country",
            Rejected,
            &["customer.country.invalid"],
            "`QQ`",
        ),
        with(stray(325), "OrderDate", "2026-02-30T00:00:00").with_blemish(
            "Date that does not exist",
            Rejected,
            &["subscription.date.invalid"],
            "30 February in `OrderDate`",
        ),
        with(stray(326), "ResellerMPNID", "99100O2").with_blemish(
            "Malformed MPN ID",
            Rejected,
            &["reseller.mpn_id.invalid"],
            "`99100O2`, with a letter",
        ),
        with(stray(327), "ResellerMPNID", &DIRECT_BILL.mpn_id.to_string()).with_blemish(
            "MPN ID that is not a reseller's",
            Rejected,
            &["reseller.not_a_reseller"],
            "that of the direct-bill partner",
        ),
        with(stray(328), "ResellerMPNID", &DIRECT_BILL.mpn_id.to_string()).with_blemish(
            "MPN ID that is not a reseller's",
            Rejected,
            &["reseller.not_a_reseller"],
            "that of the direct-bill partner",
        ),
        stray(329).cut(31).with_blemish("Ragged row", Rejected, &["row.field_count"], "31 of 47 cells"),
        with(stray(330), "CustomerId", RESELLERS[0].account.expect("the demo sets it up").tenant_id).with_blemish(
            "A partner's own tenant as customer",
            Rejected,
            &["customer.is_partner_tenant"],
            format!("the CSP tenant of {}", RESELLERS[0].name),
        ),
        with(with(with(stray(331), "CustomerId", "9d1f-0000"), "CustomerCountry", "??"), "BillableQuantity", "-1")
            .with_blemish(
                "Several faults in one row",
                Rejected,
                &["customer.country.invalid", "customer.tenant_id.invalid", "subscription.quantity.invalid"],
                "tenant id, country and quantity: all three are reported",
            ),
    ];
    rows.extend(elsewhere(world, charges));
    rows.extend(at_odds(world, charges));
    rows
}

/// Customers in other regions, which occur only in these rows.
fn elsewhere(world: &World, charges: &mut Charges<'_>) -> Vec<Record> {
    let abroad = [("Juniper Falls Outfitters Inc.", "US", 2), ("Padaria Vale Verde Ltda", "BR", 1)];
    let mut rows = Vec::new();
    for (name, country, count) in abroad {
        let tenant = charges.random.guid().to_string();
        for _ in 0..count {
            let mut row = stray(&world.customers[332], charges, day(2026, 9, 11));
            row.set("CustomerId", tenant.as_str())
                .set("CustomerName", name)
                .set("CustomerDomainName", "")
                .set("CustomerCountry", country)
                .set("Currency", "USD")
                .set("PricingCurrency", "USD");
            rows.push(row.with_blemish(
                "Customer outside the region",
                Rejected,
                &["customer.region"],
                format!("{name}, {country}"),
            ));
        }
    }
    rows
}

/// Rows that contradict each other.
fn at_odds(world: &World, charges: &mut Charges<'_>) -> Vec<Record> {
    let mut rows = Vec::new();
    for customer in 333..=335 {
        let first = stray(&world.customers[customer], charges, day(2026, 9, 21));
        let second = with(first.clone(), "ResellerMPNID", &RESELLERS[customer % 12].mpn_id.to_string());
        let first = with(first, "ResellerMPNID", &RESELLERS[(customer + 1) % 12].mpn_id.to_string());
        for row in [first, second] {
            let note = format!("subscription {} has two resellers on 21 September", row.get("SubscriptionId"));
            rows.push(row.with_blemish("Two resellers on one OrderDate", Conflict, &["conflict.rows"], note));
        }
    }
    for customer in 336..=337 {
        let first = stray(&world.customers[customer], charges, day(2026, 9, 22));
        let other = &world.customers[customer + 10];
        let mut second = with(first.clone(), "CustomerId", &other.tenant.to_string());
        second
            .set("CustomerName", other.name.as_deref().unwrap_or(""))
            .set("CustomerDomainName", other.domain.as_deref().unwrap_or(""))
            .set("CustomerCountry", other.market.country);
        for row in [first, second] {
            let note = format!("subscription {} has two customers", row.get("SubscriptionId"));
            rows.push(row.with_blemish("Two customers for one subscription", Conflict, &["conflict.rows"], note));
        }
    }
    rows
}

/// A valid row of a subscription that occurs nowhere else.
fn stray(customer: &Customer, charges: &mut Charges<'_>, on: chrono::NaiveDate) -> Record {
    let kind = Kind::Seats(&super::catalog::PRODUCTS[9]);
    let mut subscription = Subscription {
        id: charges.random.guid(),
        customer: 0,
        kind,
        called: None,
        plan: Plan::Monthly,
        seats: 0,
        status: Status::Active,
        reseller: customer.resellers.0,
        term: (on, on),
        order_id: charges.random.token(12),
        upgraded_from: None,
        events: Vec::new(),
    };
    let reference = charges.random.guid().to_string();
    subscription.buy(on, 7, reference);
    let event = subscription.events[0].clone();
    charges.lines(&subscription, &event, customer).remove(0)
}

fn with(mut row: Record, column: &'static str, value: &str) -> Record {
    row.set(column, value);
    row
}

/// Marks a charge line that is valid but unusual.
pub(super) fn oddity(line: Record, event: &Event, customer: usize, of: &Customer, nth: usize) -> Record {
    if event.reseller_text == Some(OWN_MPN) {
        return line.with_blemish(
            "The provider's own MPN ID as reseller",
            Reported,
            &["reseller.own_mpn"],
            "counts as no reseller",
        );
    }
    if let Some(none) = event.reseller_text {
        let none = if none.is_empty() { "a blank cell".to_owned() } else { format!("`{none}`") };
        let note = format!("reseller in August, {none} here: the import clears it");
        return line.with_blemish("A reseller removed", Outcome::Quiet, &[], note);
    }
    if event.repeats > 0 && nth > 0 {
        let what = [
            "differs from another line only in price",
            "differs from another line only in SKU",
            "repeats another line",
        ][event.repeats as usize - 1];
        let note = format!("{what}; counts once");
        return line.with_blemish("A charge listed twice", Reported, &["row.merged"], note);
    }
    if event.cause == Cause::Credit {
        return line.with_blemish("A customer credit", Outcome::Quiet, &[], "changes no seats");
    }
    if parts::UPPER_CASE_IN_CHARGES.contains(&customer) && event.on >= day(2026, 9, 1) {
        let (tenant, id) = (line.get("CustomerId").to_uppercase(), format!("{{{}}}", line.get("SubscriptionId")));
        let line = with(with(line, "CustomerId", &tenant), "SubscriptionId", &id);
        return line.with_blemish(
            "GUIDs in upper case or braces",
            Outcome::Quiet,
            &[],
            "upper-case tenant id, subscription id in braces",
        );
    }
    if parts::NAMELESS.contains(&customer) {
        return line.with_blemish(
            "Blank name",
            Reported,
            &["customer.name.missing"],
            "no file has a name for this tenant",
        );
    }
    if of.former_name.is_some() && event.on < day(2026, 9, 1) {
        let note = format!("`{}` before September", line.get("CustomerName"));
        return line.with_blemish("A customer's former name", Reported, &["customer.name.differs"], note);
    }
    line
}
