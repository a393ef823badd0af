//! What a book contains in addition to charges for seats: an Azure plan's usage, a reservation, a purchase without a
//! subscription, and the lists that a portal exports.

use chrono::NaiveDate;

use super::header::Format;
use super::life::{Life, date};
use super::plan::{Commerce, Extra, ListPlan, Plan, RESELLERS};
use super::render::{Row, day, known_as, money, reseller_of};
use super::{BookFile, Month};
use crate::support::{PROVIDER_MPN, PROVIDER_TENANT, subscription, tenant};

/// The days of a month on which lists are exported; no charge begins on them.
const CUSTOMERS_ON: u32 = 28;
const SUBSCRIPTIONS_ON: u32 = 29;

/// The lines of the extras, each with its month and format.
pub fn lines(plan: &Plan) -> Vec<(Month, Format, Row)> {
    let mut all = Vec::new();
    for extra in &plan.extras {
        match *extra {
            Extra::Azure { customer, number, entitlements } => {
                for month in 0..plan.months {
                    for entitlement in 0..entitlements {
                        for meter in ["D2s v3", "Bandwidth"] {
                            let row = usage(plan, customer, number, (month, entitlement), meter);
                            all.push((month, Format::Usage, row));
                        }
                    }
                }
            }
            Extra::Reservation { customer, number, month } => {
                let mut row = purchase(plan, customer, date((month, 9)));
                row.set("ReservationOrderId", subscription(number));
                row.set("TermAndBillingCycle", "1 Year");
                row.set("ProductName", "Reserved VM Instance");
                row.set("SkuName", "Reserved VM Instance");
                row.subscription = Some(subscription(number));
                all.push((month, Format::NewCommerceDocs, row));
            }
            Extra::OneTime { customer, month, nil_id } => {
                let mut row = purchase(plan, customer, date((month, 11)));
                row.set("TermAndBillingCycle", "One-Time");
                row.set("BillingFrequency", "OneTime");
                if nil_id {
                    row.set("SubscriptionId", "00000000-0000-0000-0000-000000000000");
                }
                all.push((month, Format::NewCommerceDocs, row));
            }
        }
    }
    all
}

fn usage(plan: &Plan, customer: usize, number: u32, (month, entitlement): (u32, usize), meter: &str) -> Row {
    let at = date((month, 7 + entitlement as u32));
    let (name, domain, country) = known_as(plan, customer, at);
    let mut row = Row::new(&[
        ("PartnerId", PROVIDER_TENANT),
        ("CustomerName", name),
        ("CustomerDomainName", domain),
        ("CustomerCountry", country),
        ("MPNID", PROVIDER_MPN),
        ("ResellerMPNID", RESELLERS[entitlement % RESELLERS.len()]),
        ("ProductId", "DZH318Z0BPS6"),
        ("SkuId", "0001"),
        ("SkuName", "Azure plan"),
        ("ProductName", "Azure plan"),
        ("PublisherName", "Microsoft"),
        ("SubscriptionDescription", "Azure plan"),
        ("MeterName", meter),
        ("ChargeType", "new"),
        ("Quantity", "0.5"),
        ("UnitType", "1 Hour"),
        ("BillingPreTaxTotal", "0.005"),
        ("BillingCurrency", "EUR"),
    ]);
    row.set("CustomerId", tenant(plan.customers[customer].number));
    row.set("SubscriptionId", subscription(number));
    row.set("ChargeStartDate", day(plan, date((month, 1))));
    row.set("ChargeEndDate", day(plan, date((month, 28))));
    row.set("UsageDate", day(plan, at));
    row.set("EntitlementId", format!("eeeeeeee-0000-4000-8000-{entitlement:012}"));
    row.set("EntitlementDescription", format!("Subscription {entitlement}"));
    row.subscription = Some(subscription(number));
    row
}

fn purchase(plan: &Plan, customer: usize, at: NaiveDate) -> Row {
    let (name, domain, country) = known_as(plan, customer, at);
    let mut row = Row::new(&[
        ("PartnerId", PROVIDER_TENANT),
        ("CustomerName", name),
        ("CustomerDomainName", domain),
        ("CustomerCountry", country),
        ("MPNID", PROVIDER_MPN),
        ("ResellerMPNID", RESELLERS[0]),
        ("ProductId", "DG7GMGF0FVZK"),
        ("SkuId", "0001"),
        ("SkuName", "Windows Server CAL"),
        ("ProductName", "Windows Server CAL"),
        ("ChargeType", "new"),
        ("Quantity", "3"),
        ("BillableQuantity", "3"),
        ("Currency", "EUR"),
        ("PublisherName", "Microsoft"),
        ("SubscriptionDescription", "Windows Server CAL"),
        ("BillingFrequency", "Monthly"),
    ]);
    row.set("CustomerId", tenant(plan.customers[customer].number));
    row.set("OrderDate", day(plan, at));
    row.set("ChargeStartDate", day(plan, at));
    row.set("ChargeEndDate", day(plan, at));
    row.set("UnitPrice", money(500));
    row.set("EffectiveUnitPrice", money(500));
    row.set("Subtotal", money(1500));
    row
}

/// The lists that the portal exports on these days.
pub fn lists(plan: &Plan, life: &Life) -> Vec<BookFile> {
    let export = |list: &ListPlan| match *list {
        ListPlan::Customers { month } => customers(plan, month),
        ListPlan::Subscriptions { month, customer } => subscriptions(plan, life, month, customer),
    };
    plan.lists.iter().map(export).filter(|file| !file.rows.is_empty()).collect()
}

fn customers(plan: &Plan, month: u32) -> BookFile {
    let at = date((month, CUSTOMERS_ON));
    let row = |place: usize| {
        let (name, domain, _) = known_as(plan, place, at);
        let id = tenant(plan.customers[place].number);
        Row::new(&[
            ("Microsoft ID", &*id),
            ("Company name", &*format!("{name} Ltd")),
            ("Primary domain name", domain),
            ("Relationship", "Cloud Reseller"),
        ])
    };
    BookFile {
        name: format!("customers-{month}.csv"),
        format: Format::Customers,
        rows: (0..plan.customers.len()).map(row).collect(),
        as_of: Some(at),
        customer: None,
    }
}

fn subscriptions(plan: &Plan, life: &Life, month: u32, customer: usize) -> BookFile {
    let at = date((month, SUBSCRIPTIONS_ON));
    let subjects = plan.subscriptions.iter().zip(&life.truths).filter(|(subject, _)| subject.customer == customer);
    let row = |(subject, truth): (&super::plan::SubscriptionPlan, &super::life::Truth)| {
        let seats = truth.seats(at)?;
        let status = if truth.cancelled.is_some_and(|on| on <= at) || truth.left.is_some_and(|on| on <= at) {
            "Deleted"
        } else if subject.suspended == Some(month) {
            "Suspended"
        } else {
            "Active"
        };
        let label = if subject.commerce == Commerce::New { "Label" } else { "Legacy label" };
        let id = subscription(subject.number);
        let mut row = Row::new(&[
            ("Subscription ID", &*id),
            ("Subscription", &*format!("{label} {}", subject.number)),
            ("Quantity", &*seats.to_string()),
            ("Status", status),
            ("Reseller", reseller_of(subject, at).unwrap_or_default()),
        ]);
        row.subscription = Some(id);
        Some(row)
    };
    BookFile {
        name: format!("subscriptions-{month}-{customer}.csv"),
        format: Format::Subscriptions,
        rows: subjects.filter_map(row).collect(),
        as_of: Some(at),
        customer: Some(tenant(plan.customers[customer].number)),
    }
}
