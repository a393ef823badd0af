//! The reconciliation files: new commerce and legacy licences for August and September.

use chrono::{Datelike, Days, NaiveDate};

use super::blemishes::{oddity, wrong_charges};
use super::charges::{Charges, Generation, in_currency, money};
use super::customers::Customer;
use super::life::{Cause, Event, Kind, Subscription};
use super::partners::{PROVIDER, RESELLERS};
use super::record::{Outcome, Record};
use super::report::{Export, ExportBuilder};
use super::world::{World, other_id};
use crate::headers::{LICENSE_BASED_2019, LICENSE_BASED_2023, NEW_COMMERCE_2022, NEW_COMMERCE_INVOICE};
use crate::random::Random;
use crate::sheet::{Dialect, Sheet};

const UNIX: Dialect = Dialect { line_end: "\n", ..Dialect::USUAL };

/// New commerce for August, in the documented column order.
pub(super) fn new_commerce_august(world: &World, random: &mut Random) -> anyhow::Result<Export> {
    let lines = new_commerce(world, Charges { generation: Generation::Documented2022, month: 8, random });
    export(Sheet::new("reconciliation/new-commerce-2026-08.csv", UNIX, NEW_COMMERCE_2022), NEW_COMMERCE_2022, &lines)
}

/// New commerce for September, as the invoice tool writes it.
pub(super) fn new_commerce_september(world: &World, random: &mut Random) -> anyhow::Result<Export> {
    let lines = new_commerce(world, Charges { generation: Generation::InvoiceTool, month: 9, random });
    let sheet = Sheet::new("reconciliation/new-commerce-2026-09.csv", UNIX, NEW_COMMERCE_INVOICE);
    export(sheet, NEW_COMMERCE_INVOICE, &lines)
}

/// Legacy licences for August, with the columns of 2019.
pub(super) fn license_based_august(world: &World, random: &mut Random) -> anyhow::Result<Export> {
    let lines = license_based(world, 8, random);
    let sheet = Sheet::new("reconciliation/license-based-2026-08.csv", Dialect::USUAL, LICENSE_BASED_2019);
    export(sheet, LICENSE_BASED_2019, &lines)
}

/// Legacy licences for September, with the columns of 2023 and a first line that names the delimiter.
pub(super) fn license_based_september(world: &World, random: &mut Random) -> anyhow::Result<Export> {
    let lines = license_based(world, 9, random);
    let mut sheet = Sheet::new("reconciliation/license-based-2026-09.csv", Dialect::USUAL, "sep=,");
    sheet.push_line(LICENSE_BASED_2023);
    export(sheet, LICENSE_BASED_2023, &lines)
}

fn export(sheet: Sheet, header: &str, lines: &[Record]) -> anyhow::Result<Export> {
    let mut export = ExportBuilder::new(sheet);
    for line in lines {
        export.push(line, header)?;
    }
    export.finish()
}

/// All lines of a month, in no chronological order, as the portal exports them.
fn new_commerce(world: &World, mut charges: Charges<'_>) -> Vec<Record> {
    let mut lines = Vec::new();
    for (subscription, event) in events_of(world, charges.month, |kind| !matches!(kind, Kind::Legacy(_))) {
        let customer = &world.customers[subscription.customer];
        for (nth, line) in charges.lines(subscription, event, customer).into_iter().enumerate() {
            lines.push(oddity(line, event, subscription.customer, customer, nth));
        }
    }
    let month = charges.month;
    for purchase in world.purchases.iter().filter(|purchase| purchase.on.month() == month) {
        let line = charges.purchase(purchase, &world.customers[purchase.customer]);
        lines.push(line.with_blemish(
            "A one-time purchase",
            Outcome::Reported,
            &["row.no_subscription"],
            purchase.product.name,
        ));
    }
    lines.extend(wrong_charges(world, &mut charges));
    charges.random.shuffle(&mut lines);
    lines
}

fn license_based(world: &World, month: u32, random: &mut Random) -> Vec<Record> {
    let mut lines = Vec::new();
    for (subscription, event) in events_of(world, month, |kind| matches!(kind, Kind::Legacy(_))) {
        let customer = &world.customers[subscription.customer];
        lines.extend(license_lines(subscription, event, customer, month));
    }
    random.shuffle(&mut lines);
    lines
}

fn events_of(
    world: &World,
    month: u32,
    wanted: impl Fn(Kind) -> bool,
) -> impl Iterator<Item = (&Subscription, &Event)> {
    world
        .subscriptions
        .iter()
        .filter(move |subscription| wanted(subscription.kind))
        .flat_map(|subscription| subscription.events.iter().map(move |event| (subscription, event)))
        .filter(move |(_, event)| event.on.month() == month)
}

/// The lines of an event in a legacy file, in which charges and terms end on the day after their last day.
fn license_lines(subscription: &Subscription, event: &Event, customer: &Customer, month: u32) -> Vec<Record> {
    let Kind::Legacy(offer) = subscription.kind else { unreachable!("only legacy licences come here") };
    let date = |on: NaiveDate| on.format(if month == 8 { "%-m/%-d/%Y 0:00" } else { "%-m/%-d/%Y" }).to_string();
    let after = |on: NaiveDate| date(on + Days::new(1));
    let price = in_currency(offer.monthly_cents, customer.market.currency).max(1);
    let line = |charge_type: &str, seats: u32, cents: i64| {
        let amount = money(cents * i64::from(seats));
        let reseller = subscription.reseller.map(|reseller| RESELLERS[reseller].mpn_id.to_string());
        let none = if month == 8 { "0" } else { "" };
        let mut line = Record::default();
        line.set("PartnerId", PROVIDER.tenant_id)
            .set("CustomerId", customer.tenant.to_string())
            .set("CustomerName", customer.name.as_deref().unwrap_or(""))
            .set("MPNID", PROVIDER.mpn_id.to_string())
            .set("ResellerMPNID", reseller.unwrap_or_else(|| none.to_owned()))
            .set("OrderId", subscription.order_id.as_str())
            // The invoice's own number; the portal's id is in the column with the longer name.
            .set("SubscriptionId", other_id(subscription.id).to_string())
            .set("SyndicationPartnerSubscriptionNumber", subscription.id.to_string())
            .set("OfferId", offer.offer_id)
            .set("DurableOfferId", offer.durable_offer_id)
            .set("OfferName", offer.name)
            .set("SubscriptionStartDate", date(subscription.term.0))
            .set("SubscriptionEndDate", after(subscription.term.1))
            .set("ChargeStartDate", date(event.on))
            .set("ChargeEndDate", after(event.until))
            .set("ChargeType", charge_type)
            .set("UnitPrice", money(cents))
            .set("Quantity", seats.to_string())
            .set("Amount", amount.as_str())
            .set("TotalOtherDiscount", "0.00")
            .set("Subtotal", amount.as_str())
            .set("Tax", "0.00")
            .set("TotalForCustomer", amount)
            .set("Currency", customer.market.currency)
            .set("DomainName", customer.domain.as_deref().unwrap_or(""))
            .set("SubscriptionName", subscription.name())
            .set("SubscriptionDescription", subscription.name())
            .set("BillingCycleType", "Monthly");
        line
    };
    let (before, now) = event.seats;
    match event.cause {
        Cause::Add => {
            let rest = (price * 4 / 5).max(1);
            vec![line("Cycle instance prorate", before, -rest), line("Cycle instance prorate", now, rest)]
        }
        _ => vec![line("Cycle fee", now, price)],
    }
}
