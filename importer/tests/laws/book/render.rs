//! Writes lives as invoice lines, with each subscription's scheme of references and signs.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};

use super::header::{Format, canonical};
use super::life::{Entry, Life, Truth, cycle_end, date};
use super::plan::{Begins, Columns, Plan, Rhythm, Sign, SubscriptionPlan};
use crate::support::{PROVIDER_MPN, PROVIDER_TENANT, subscription, tenant};

/// A row of a file by canonical column name; missing columns are blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub cells: BTreeMap<&'static str, String>,
    /// The subscription of the line.
    pub subscription: Option<String>,
}

impl Row {
    pub fn new(cells: &[(&'static str, &str)]) -> Self {
        let cells = cells.iter().map(|(name, cell)| (*name, (*cell).to_owned())).collect();
        Self { cells, subscription: None }
    }

    pub fn set(&mut self, name: &'static str, cell: impl Into<String>) {
        self.cells.insert(name, cell.into());
    }

    /// The cells in the order of a header.
    pub fn record(&self, format: Format) -> Vec<String> {
        let cell = |column: &str| self.cells.get(canonical(column)).cloned().unwrap_or_default();
        format.header().split(',').map(cell).collect()
    }
}

pub fn day(plan: &Plan, at: NaiveDate) -> String {
    if plan.iso_dates { at.to_string() } else { format!("{}/{}/{}", at.month(), at.day(), at.year()) }
}

pub fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// The customer's name, domain and country on a date.
pub fn known_as(plan: &Plan, customer: usize, at: NaiveDate) -> &(String, String, &'static str) {
    let known = &plan.customers[customer].known_as;
    &known[(at.month0() as usize).min(known.len() - 1)]
}

/// The partner of record on a date.
pub fn reseller_of(subject: &SubscriptionPlan, at: NaiveDate) -> Option<&'static str> {
    let since = |from: &&(u32, Option<&'static str>)| from.0 == 0 || date((from.0, subject.on.1)) <= at;
    subject.resellers.iter().rfind(since).and_then(|(_, mpn)| *mpn)
}

pub fn product(subject: &SubscriptionPlan) -> &'static str {
    if subject.trial { "Microsoft 365 Business Basic Trial" } else { "Microsoft 365 Business Basic" }
}

fn term(subject: &SubscriptionPlan, truth: &Truth, at: NaiveDate) -> (NaiveDate, NaiveDate) {
    let begins = truth.began.unwrap_or(at);
    let start = if subject.begins == Begins::Running { begins - Months::new(3) } else { begins };
    if subject.rhythm == Rhythm::Renewal {
        // A one-month term: the newest one that has begun.
        let start = (0..12).map(|n| begins + Months::new(n)).rfind(|start| *start <= at).unwrap_or(begins);
        return (start, cycle_end(start));
    }
    let more = truth.extended.iter().filter(|from| **from <= at).count();
    (start, start + Months::new(12 + more as u32) - Days::new(1))
}

fn yearly(subject: &SubscriptionPlan, truth: &Truth, at: NaiveDate) -> bool {
    let changes = truth.replanned.iter().filter(|from| **from <= at).count();
    (subject.rhythm == Rhythm::Year) ^ (changes % 2 == 1)
}

/// The line of a new-commerce charge. `again`: its second line, which differs only in price and SKU.
pub fn modern(plan: &Plan, life: &Life, entry: &Entry, again: bool) -> Row {
    let subject = &plan.subscriptions[entry.subscription];
    let truth = &life.truths[entry.subscription];
    let (name, domain, country) = known_as(plan, subject.customer, entry.date);
    let scheme = subject.scheme;
    let price = if subject.free { 0 } else { subject.price_cents + i64::from(again) * 7 };
    let amount = entry.sign * price * entry.seats;
    let (start, end) = term(subject, truth, entry.date);
    let shown = if scheme.negative && entry.sign < 0 { -entry.seats } else { entry.seats };
    let (billable, quantity) = match scheme.columns {
        Columns::Both => (shown.to_string(), shown.to_string()),
        Columns::BillableOnly => (shown.to_string(), String::new()),
        Columns::QuantityOnly => (String::new(), shown.to_string()),
        Columns::Differ => (shown.to_string(), (shown * 100).to_string()),
    };
    let (subtotal, effective) = match scheme.sign {
        Sign::Subtotal => (amount, price),
        Sign::Both => (amount, entry.sign * price),
        Sign::PriceOnly => (0, entry.sign * price),
    };
    let refund_of_plan = entry.kind == "changeBillingPlan" && entry.sign < 0 && scheme.old_plan;
    let frequency = if yearly(subject, truth, entry.date) ^ refund_of_plan { "Annual" } else { "Monthly" };
    let mut row = Row::new(&[
        ("PartnerId", PROVIDER_TENANT),
        ("CustomerName", name),
        ("CustomerDomainName", domain),
        ("CustomerCountry", country),
        ("InvoiceNumber", "G000000001"),
        ("MPNID", PROVIDER_MPN),
        ("ResellerMPNID", reseller_of(subject, entry.date).unwrap_or_default()),
        ("ProductId", "CFQ7TTC0LH18"),
        ("SkuId", if again { "0002" } else { "0001" }),
        ("AvailabilityId", "CFQ7TTC0K971"),
        ("SkuName", product(subject)),
        ("ProductName", product(subject)),
        ("ChargeType", entry.kind),
        ("TaxTotal", "0"),
        ("Currency", "EUR"),
        ("PublisherName", "Microsoft"),
        ("UnitType", "Licenses"),
        ("BillingFrequency", frequency),
        ("PricingCurrency", "EUR"),
        ("ReferenceID", &entry.reference),
        ("ProductCategory", "Online Services"),
    ]);
    let months = subject.rhythm == Rhythm::Renewal;
    let commitment = if months { "One-Month commitment for monthly billing" } else { COMMITMENT };
    row.set("CustomerId", tenant(plan.customers[subject.customer].number));
    row.set("SubscriptionId", subscription(subject.number));
    row.set("OrderId", format!("O{},6dc5c039750a", subject.number));
    row.set("OrderDate", day(plan, entry.date));
    row.set("UnitPrice", money(price));
    row.set("Quantity", quantity);
    row.set("BillableQuantity", billable);
    row.set("Subtotal", money(subtotal));
    row.set("Total", money(subtotal));
    row.set("SubscriptionDescription", format!("Basic {} of {}", subject.number, entry.date.month()));
    row.set("ChargeStartDate", day(plan, entry.date));
    row.set("ChargeEndDate", day(plan, entry.end));
    row.set("TermAndBillingCycle", commitment);
    row.set("EffectiveUnitPrice", money(effective));
    row.set("SubscriptionStartDate", day(plan, start));
    row.set("SubscriptionEndDate", day(plan, end));
    row.subscription = Some(subscription(subject.number));
    row
}

const COMMITMENT: &str = "One-Year commitment for monthly/yearly billing";

/// The line of a legacy licence charge.
pub fn legacy(plan: &Plan, life: &Life, entry: &Entry) -> Row {
    let subject = &plan.subscriptions[entry.subscription];
    let (name, domain, _) = known_as(plan, subject.customer, entry.date);
    let (start, end) = term(subject, &life.truths[entry.subscription], entry.date);
    let price = entry.sign * subject.price_cents;
    let mut row = Row::new(&[
        ("PartnerId", PROVIDER_TENANT),
        ("CustomerName", name),
        ("MPNID", PROVIDER_MPN),
        ("ResellerMPNID", reseller_of(subject, entry.date).unwrap_or("0")),
        ("SubscriptionId", "usCBMgAAAAAAAAIA"),
        ("DurableOfferId", "bd938f12-058f-4927-bba3-ae36b1d2501c"),
        ("OfferName", "Office 365 E1"),
        ("ChargeType", entry.kind),
        ("Currency", "EUR"),
        ("DomainName", domain),
        ("SubscriptionDescription", "Office 365 E1"),
        ("BillingCycleType", "MONTHLY"),
    ]);
    row.set("CustomerId", tenant(plan.customers[subject.customer].number));
    row.set("SyndicationPartnerSubscriptionNumber", subscription(subject.number));
    row.set("OrderId", format!("L{}", subject.number));
    // The term ends on the day on which the next one starts.
    row.set("SubscriptionStartDate", day(plan, start));
    row.set("SubscriptionEndDate", day(plan, end + Days::new(1)));
    row.set("ChargeStartDate", day(plan, entry.date));
    row.set("ChargeEndDate", day(plan, entry.end));
    row.set("UnitPrice", money(price));
    row.set("Quantity", entry.seats.to_string());
    row.set("Amount", money(price * entry.seats));
    row.set("Subtotal", money(price * entry.seats));
    row.set("SubscriptionName", format!("E1 {} of {}", subject.number, entry.date.month()));
    row.subscription = Some(subscription(subject.number));
    row
}
