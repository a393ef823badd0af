//! The files of the bulk migration tool. Some of its columns are requests, not facts: `StartNewTermInNce`, `Term`,
//! `BillingPlan` and `SeatCount` of the legacy file state the intended result of the migration.

use chrono::NaiveDate;

use super::customers::{Customer, parts};
use super::life::{Kind, Plan, Status, Subscription};
use super::partners::{PROVIDER, RESELLERS};
use super::record::{Outcome, Record};
use super::report::{Export, ExportBuilder};
use super::world::{World, other_id};
use crate::headers::{MIGRATION_CUSTOMERS, MIGRATION_NEW_COMMERCE, MIGRATION_SUBSCRIPTIONS};
use crate::sheet::{Dialect, Sheet};

/// The customers selected in the tool.
pub(super) fn customers(world: &World) -> anyhow::Result<Export> {
    let sheet = Sheet::new("bulk-migration-tool/customers.csv", Dialect::USUAL, MIGRATION_CUSTOMERS);
    let mut export = ExportBuilder::new(sheet);
    for index in parts::MIGRATING.chain(parts::MIGRATION_ONLY) {
        let customer = &world.customers[index];
        let tenant = customer.tenant.to_string();
        let (domain, name) = (customer.domain.as_deref().unwrap_or(""), customer.name.as_deref().unwrap_or(""));
        export.push_cells(&[&tenant, domain, name], None)?;
    }
    export.finish()
}

/// Their legacy subscriptions, with the requested changes.
pub(super) fn subscriptions(world: &World) -> anyhow::Result<Export> {
    let sheet = Sheet::new("bulk-migration-tool/subscriptions.csv", Dialect::USUAL, MIGRATION_SUBSCRIPTIONS);
    let mut export = ExportBuilder::new(sheet);
    let mut base = None;
    for subscription in chosen(world) {
        let Kind::Legacy(offer) = subscription.kind else { continue };
        if !offer.add_on {
            base = Some(subscription.id);
        }
        let mut row = about(subscription, &world.customers[subscription.customer]);
        row.set("LegacySubscriptionId", subscription.id.to_string())
            .set("LegacySubscriptionName", subscription.name())
            .set("LegacyProductName", offer.name)
            .set("AutoRenewEnabled", "True")
            .set("MigrationEligible", if offer.add_on { "False" } else { "True" })
            .set("NcePsa", if offer.add_on { "" } else { "CFQ7TTC0LH18:0001:CFQ7TTC0K971" })
            .set("CurrentTerm", "P1Y")
            .set("CurrentBillingPlan", "Monthly")
            .set("CurrentSeatCount", subscription.seats.to_string())
            .set("StartNewTermInNce", if subscription.seats > 20 { "True" } else { "False" })
            .set("Term", "P3Y")
            .set("BillingPlan", "Annual")
            .set("SeatCount", (subscription.seats + 5).to_string())
            .set("AddOn", if offer.add_on { "True" } else { "False" });
        if let (true, Some(base)) = (offer.add_on, base) {
            row.set("BaseSubscriptionId", base.to_string())
                .set("MigrationIneligibilityReason", "AddOnsNotSupported, migrate the base subscription");
        }
        export.push(&row, MIGRATION_SUBSCRIPTIONS)?;
    }
    export.finish()
}

/// Their new-commerce subscriptions.
pub(super) fn new_commerce_subscriptions(world: &World) -> anyhow::Result<Export> {
    let sheet = Sheet::new("bulk-migration-tool/ncesubscriptions.csv", Dialect::USUAL, MIGRATION_NEW_COMMERCE);
    let mut export = ExportBuilder::new(sheet);
    let licences = chosen(world).filter_map(|subscription| match subscription.kind {
        Kind::Seats(product) => Some((subscription, product)),
        _ => None,
    });
    for (nth, (subscription, product)) in licences.enumerate() {
        let mut row = about(subscription, &world.customers[subscription.customer]);
        let psa = format!("{}:{}:{}", product.product_id, product.sku_id, product.availability_id);
        row.set("SubscriptionId", subscription.id.to_string())
            .set("SubscriptionName", subscription.name())
            .set("ProductName", product.name)
            .set("Psa", psa)
            .set("Term", subscription.plan.term())
            .set("BillingPlan", if subscription.plan == Plan::AnnualUpFront { "Annual" } else { "Monthly" })
            .set("SeatCount", subscription.seats.to_string());
        if nth % 9 == 4 {
            // A subscription that no longer exists. Its name must not recreate it.
            row.set("MigratedFromSubscriptionId", other_id(subscription.id).to_string());
        }
        export.push(&row, MIGRATION_NEW_COMMERCE)?;
        if nth == 60 {
            export.push(&wrong_row(row), MIGRATION_NEW_COMMERCE)?;
        }
    }
    export.finish()
}

fn wrong_row(like: Record) -> Record {
    let mut row = like;
    row.set("SubscriptionId", "c15d8e27-3b60-4fa9-8d42-6e07b9f1a35c").set("SeatCount", "-3");
    row.with_blemish("Negative quantity", Outcome::Rejected, &["subscription.quantity.invalid"], "−3 seats")
}

fn about(subscription: &Subscription, customer: &Customer) -> Record {
    let reseller = subscription.reseller.map_or_else(String::new, |index| RESELLERS[index].mpn_id.to_string());
    let mut row = Record::default();
    row.set("PartnerTenantId", PROVIDER.tenant_id)
        .set("IndirectResellerMpnId", reseller)
        .set("CustomerName", customer.name.as_deref().unwrap_or(""))
        .set("CustomerTenantId", customer.tenant.to_string())
        .set("ExpirationDate", timestamp(subscription.term.1));
    row
}

fn timestamp(on: NaiveDate) -> String {
    on.format("%m/%d/%Y 00:00:00").to_string()
}

/// What the tool contains: the active subscriptions of the selected customers.
fn chosen(world: &World) -> impl Iterator<Item = &Subscription> {
    world.subscriptions.iter().filter(|subscription| {
        let customer = subscription.customer;
        subscription.status == Status::Active
            && (parts::MIGRATING.contains(&customer) || parts::MIGRATION_ONLY.contains(&customer))
    })
}
