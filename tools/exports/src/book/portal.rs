//! Exports from Partner Center's pages: the customer list, and the subscriptions of single customers.

use super::customers::{Customer, parts};
use super::life::{Kind, Status, Subscription};
use super::partners::RESELLERS;
use super::record::{Blemish, Outcome};
use super::report::{Export, ExportBuilder};
use super::world::World;
use crate::headers::{CUSTOMER_SUBSCRIPTIONS, CUSTOMER_SUBSCRIPTIONS_PL, CUSTOMERS_2024};
use crate::sheet::{Dialect, Encoding, Sheet};

/// The subscription lists, in the order of `parts::LISTED`.
pub(super) const SUBSCRIPTION_LISTS: [&str; 3] = [
    "partner-center/mleczarnia-kaszubskie-laki-subscriptions.csv",
    "partner-center/baeckerei-morgentau-subscriptions.csv",
    "partner-center/pila-hluboky-les-subscriptions.csv",
];

/// The customer list: UTF-8 with a byte order mark.
pub(super) fn customers(world: &World) -> anyhow::Result<Export> {
    let dialect = Dialect { encoding: Encoding::Utf8Bom, ..Dialect::USUAL };
    let mut export = ExportBuilder::new(Sheet::new("partner-center/Customers.csv", dialect, CUSTOMERS_2024));
    let listed = world.customers.iter().enumerate().filter(|(_, customer)| customer.on_list);
    for (nth, (index, customer)) in listed.enumerate() {
        if let Some((cells, blemish)) = wrong_customer(nth) {
            export.push_cells(cells, Some(blemish))?;
        }
        let tenant = match index {
            _ if parts::UPPER_CASE.contains(&index) => customer.tenant.to_string().to_uppercase(),
            _ if parts::BRACES.contains(&index) => customer.tenant.braced().to_string(),
            _ => customer.tenant.to_string(),
        };
        let blank = parts::NAME_BLANK_IN_LIST.contains(&index);
        let name = customer.name.as_deref().filter(|_| !blank).unwrap_or("");
        let domain = customer.domain.as_deref().unwrap_or("");
        let cells = [&tenant, name, domain, "Cloud Reseller", customer.tags];
        export.push_cells(&cells, odd_customer(index, customer, world))?;
        if nth == 333 {
            let note = "the previous row repeated";
            export.push_cells(&cells, Some(blemish("A row listed twice", Outcome::Reported, &["row.merged"], note)))?;
        }
    }
    export.finish()
}

/// An invalid row to insert before the nth customer, of a customer that occurs nowhere else.
fn wrong_customer(nth: usize) -> Option<(&'static [&'static str], Blemish)> {
    let rejected = |kind, codes, note: &str| blemish(kind, Outcome::Rejected, codes, note);
    match nth {
        120 => Some((
            &[
                "0b7c5e1g-42d8-4a96-b3f0-8e2d51c7a964",
                "Wędliny Zawilec S.A.",
                "wedliny-zawilec.example",
                "Cloud Reseller",
                "",
            ],
            rejected("Bad GUID", &["customer.tenant_id.invalid"], "a `g` in the tenant id"),
        )),
        240 => Some((
            &["", "Hutnictwo Szkła Ametyst", "ametyst.example", "Cloud Reseller", ""],
            rejected("Missing tenant id", &["customer.tenant_id.missing"], "`Microsoft ID` is blank"),
        )),
        360 => Some((
            &[
                "e8a31f5d-6c04-4b72-9d1e-27f5b0c8a643",
                "Kos",
                " Szpak i Synowie",
                "kos-szpak.example",
                "Cloud Reseller",
                "",
            ],
            rejected("Ragged row", &["row.field_count"], "an unquoted comma in the name"),
        )),
        _ => None,
    }
}

fn odd_customer(index: usize, customer: &Customer, world: &World) -> Option<Blemish> {
    let shares = |pair: &[usize; 2]| pair.contains(&index);
    let name = customer.name.as_deref().unwrap_or("");
    if parts::UPPER_CASE.contains(&index) || parts::BRACES.contains(&index) {
        let note = if parts::BRACES.contains(&index) { "tenant id in braces" } else { "tenant id in upper case" };
        return Some(blemish("GUIDs in upper case or braces", Outcome::Quiet, &[], note));
    }
    if parts::NAMELESS.contains(&index) || parts::NAME_BLANK_IN_LIST.contains(&index) {
        let known = parts::NAME_BLANK_IN_LIST.contains(&index);
        let note = if known { "the charge files have its name" } else { "no file has a name for this tenant" };
        return Some(blemish("Blank name", Outcome::Reported, &["customer.name.missing"], note));
    }
    if let Some([first, _]) = parts::ONE_DOMAIN.iter().find(|pair| shares(pair)) {
        let domain = world.customers[*first].domain.as_deref().unwrap_or("");
        let note = format!("`{domain}` is claimed by two tenants");
        return Some(blemish("One domain, two tenants", Outcome::Reported, &["customer.domain.shared"], &note));
    }
    if shares(&parts::ONE_NAME) {
        let note = format!("`{name}` is the name of two tenants");
        return Some(blemish("One name, two tenants", Outcome::Quiet, &[], &note));
    }
    if parts::NO_DOMAIN.contains(&index) {
        return Some(blemish("Blank domain", Outcome::Quiet, &[], "no file has a domain for this tenant"));
    }
    if name.starts_with(['=', '+', '-', '@']) {
        let note = format!("`{name}`: a spreadsheet would treat it as a formula");
        return Some(blemish("Cell that starts like a formula", Outcome::Quiet, &[], &note));
    }
    if name.contains('\n') {
        return Some(blemish("Line break in a cell", Outcome::Quiet, &[], "the row takes two lines"));
    }
    if name.contains([',', '"']) {
        return Some(blemish("Comma or quotes in a cell", Outcome::Quiet, &[], name));
    }
    None
}

/// Gives one subscription of the first list a status that is unknown to the import.
pub(super) fn forget_a_status(world: &mut World) {
    let own = |subscription: &&mut Subscription| {
        subscription.customer == parts::LISTED[0] && !matches!(subscription.kind, Kind::Reservation(_))
    };
    if let Some(subscription) = world.subscriptions.iter_mut().filter(own).nth(3) {
        subscription.status = Status::Unknown;
    }
}

/// The subscriptions of a listed customer: in Polish with semicolons and Windows-1250, in English, and in English with
/// an extra comma in the header.
pub(super) fn subscriptions(world: &World, nth: usize) -> anyhow::Result<Export> {
    let usual = Dialect::USUAL;
    let polish = Dialect { delimiter: b';', encoding: Encoding::Windows1250, ..usual };
    let trailing = format!("{CUSTOMER_SUBSCRIPTIONS},");
    let (dialect, header) = match nth {
        0 => (polish, CUSTOMER_SUBSCRIPTIONS_PL),
        1 => (usual, CUSTOMER_SUBSCRIPTIONS),
        _ => (usual, trailing.as_str()),
    };
    let mut export = ExportBuilder::new(Sheet::new(SUBSCRIPTION_LISTS[nth], dialect, header));
    let own = |subscription: &&Subscription| {
        subscription.customer == parts::LISTED[nth] && !matches!(subscription.kind, Kind::Reservation(_))
    };
    for subscription in world.subscriptions.iter().filter(own) {
        // An Azure plan has no seats.
        let seats = match subscription.kind {
            Kind::AzurePlan => String::new(),
            _ => subscription.seats.to_string(),
        };
        let reseller = subscription.reseller.map_or_else(String::new, |index| RESELLERS[index].mpn_id.to_string());
        let (status, blemish) = status(nth, subscription.status);
        let id = subscription.id.to_string();
        export.push_cells(&[&id, subscription.name(), &seats, status, &reseller], blemish)?;
    }
    if nth == 1 {
        for (cells, blemish) in wrong_subscriptions() {
            export.push_cells(&cells, Some(blemish))?;
        }
    }
    export.finish()
}

fn status(nth: usize, status: Status) -> (&'static str, Option<Blemish>) {
    match (nth, status) {
        (_, Status::Unknown) => {
            let note = "`W trakcie przenoszenia`: not treated as active, and its licences are not counted";
            let blemish = blemish("Unknown status", Outcome::Reported, &["subscription.status.unknown"], note);
            (status.portal_name(), Some(blemish))
        }
        (0, _) => ("Aktywna", None),
        (_, Status::Active) => ("Active", None),
        (_, other) => {
            let note = format!("`{}`, which no charge line states", other.portal_name());
            (other.portal_name(), Some(blemish("Status that only the list knows", Outcome::Quiet, &[], &note)))
        }
    }
}

fn wrong_subscriptions() -> [([&'static str; 5], Blemish); 2] {
    let rejected = |kind, codes, note| blemish(kind, Outcome::Rejected, codes, note);
    [
        (
            ["7c2f-not-an-id", "Visio Plan 2", "3", "Active", "9910005"],
            rejected("Bad GUID", &["subscription.id.invalid"], "`7c2f-not-an-id`"),
        ),
        (
            ["4e90b6d3-5a17-4c8e-a2f4-91d7c3e05b68", "Project Plan 3", "-4", "Active", "9910005"],
            rejected("Negative quantity", &["subscription.quantity.invalid"], "−4 seats"),
        ),
    ]
}

fn blemish(kind: &'static str, outcome: Outcome, codes: &'static [&'static str], note: &str) -> Blemish {
    Blemish { kind, outcome, codes, note: note.to_owned() }
}
