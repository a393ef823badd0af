//! Reads what a row states about a subscription.

use chrono::{Days, NaiveDate, Timelike};
use partnergraph_domain::rules::attestation::{ShownSubscription, c_32_proves, is_new_commerce};
use partnergraph_domain::{BillingType, MpnId, Severity, SubscriptionId, SubscriptionStatus, TenantId};

use super::cells::Cells;
use super::enums::{self, Terms};
use crate::fact::{EntitlementFact, QuantityStatement, ResellerStatement, SubscriptionFact, SubscriptionKind};
use crate::issue::Issue;
use crate::profiles::{BlankReseller, EndDates, Field};

/// The name of Azure's metered offer in every language.
pub(super) const AZURE_PLAN: &str = "Azure plan";

/// A row of a list of subscriptions and their current state.
pub(super) fn read_state(cells: &mut Cells<'_>, customer: Option<TenantId>) -> Option<SubscriptionFact> {
    if cells.get(Field::SubscriptionId).is_none() {
        cells.missing(
            Field::SubscriptionId,
            "subscription.id.missing",
            "the row has no subscription id",
            "a subscription is identified by its id only; its name is not a key",
        );
    }
    let id = subscription_id(cells, Field::SubscriptionId);
    let metered = is_metered(cells);
    let kind = if metered { SubscriptionKind::Usage } else { SubscriptionKind::License };
    let quantity = if metered {
        QuantityStatement::Metered
    } else {
        let billable = cells.whole_seats(Field::BillableQuantity);
        let quantity = cells.whole_seats(Field::Quantity);
        // The unit is unknown, so what it counts may not be seats.
        let seats = billable.or(quantity).filter(|_| !counts_something_else(cells));
        seats.map_or(QuantityStatement::Silent, QuantityStatement::Seats)
    };
    let status = status(cells);
    let billing_type = cells.enum_value(Field::BillingType, "billing type", enums::billing_type);
    let common = common(cells, kind);
    let fact = SubscriptionFact {
        quantity,
        status,
        billing_type: if metered { Some(BillingType::Usage) } else { billing_type },
        ..common(id?, customer?)
    };
    Some(SubscriptionFact { proves_agreement: proves_agreement(cells, &fact, false), ..fact })
}

/// Whether the row proves that the customer accepted the agreement (C-32).
pub(super) fn proves_agreement(cells: &Cells<'_>, fact: &SubscriptionFact, is_charged: bool) -> bool {
    c_32_proves(ShownSubscription {
        is_new_commerce: cells.context.profile.new_commerce || fact.offer_id.as_deref().is_some_and(is_new_commerce),
        is_trial: fact.is_trial == Some(true),
        is_charged,
        status: fact.status,
        created: fact.creation_date.map(|at| at.date()),
    })
}

/// An id in a column. A malformed one is an error.
pub(super) fn subscription_id(cells: &mut Cells<'_>, field: Field) -> Option<SubscriptionId> {
    cells.id(field, "subscription.id.invalid", "the subscription's id")
}

/// The fields that lists and charges have in common. The cells are read at once, so that all errors are reported; the
/// fact is created when its keys are known.
pub(super) fn common(
    cells: &mut Cells<'_>,
    kind: SubscriptionKind,
) -> impl FnOnce(SubscriptionId, TenantId) -> SubscriptionFact + use<> {
    let named =
        [Field::OfferName, Field::SkuName, Field::ProductName].into_iter().find(|field| cells.get(*field).is_some());
    let name = named.and_then(|field| cells.text(field));
    let terms = terms(cells, kind);
    let stated_trial = cells.enum_value(Field::IsTrial, "value for the trial flag", enums::yes_or_no);
    let auto_renew = cells.enum_value(Field::AutoRenew, "value for auto-renewal", enums::yes_or_no);
    unit(cells, kind);
    let blank = SubscriptionFact {
        id: SubscriptionId(uuid::Uuid::nil()),
        customer: TenantId(uuid::Uuid::nil()),
        kind,
        offer_id: offer_id(cells),
        friendly_name: cells.text(Field::FriendlyName),
        quantity: QuantityStatement::Silent,
        unit_type: cells.text(Field::UnitType),
        status: None,
        billing_type: None,
        billing_cycle: terms.cycle,
        term: terms.term,
        auto_renew,
        creation_date: cells.date(Field::CreationDate),
        effective_start: cells.date(Field::EffectiveStartDate).map(|at| at.date()),
        commitment_end: commitment_end(cells),
        order_id: cells.text(Field::OrderId),
        is_trial: stated_trial.or_else(|| name.as_deref().map(enums::is_trial)),
        offer_name: name,
        publisher: cells.text(Field::Publisher),
        product_type: cells.text(Field::ProductType),
        parent: subscription_id(cells, Field::ParentSubscriptionId),
        migrated_from: subscription_id(cells, Field::MigratedFrom),
        reseller: reseller(cells),
        entitlement: None,
        charge: None,
        proves_agreement: false,
    };
    move |id, customer| SubscriptionFact { id, customer, ..blank }
}

/// Term and billing cycle, from whatever column states them. A meter has neither: its texts describe what is metered.
fn terms(cells: &mut Cells<'_>, kind: SubscriptionKind) -> Terms {
    let mut both = Terms::default();
    if kind == SubscriptionKind::Usage {
        return both;
    }
    if let Some(text) = cells.get(Field::TermAndBillingCycle) {
        both = enums::term_and_cycle(text).unwrap_or_else(|| {
            // A reservation's text also contains the commitment, in many forms.
            if kind == SubscriptionKind::License {
                cells.enum_value(Field::TermAndBillingCycle, "term and billing cycle", |_| None::<()>);
            }
            Terms::default()
        });
    }
    let term = cells.enum_value(Field::Term, "term", enums::term_or_none);
    let cycle = cells.enum_value(Field::BillingCycle, "billing cycle", enums::billing_cycle);
    Terms { term: term.flatten().or(both.term), cycle: cycle.or(both.cycle) }
}

/// Only licences count units from a closed list. A meter's unit can be anything.
fn unit(cells: &mut Cells<'_>, kind: SubscriptionKind) {
    if kind == SubscriptionKind::License && counts_something_else(cells) {
        let hint = "check the unit: seats are counted in licences; a meter's quantity is not a number of seats";
        cells.unknown(Field::UnitType, "word.unknown", "unknown licence unit", hint);
    }
}

/// Whether the quantity has a unit that is not known to be seats.
pub(super) fn counts_something_else(cells: &Cells<'_>) -> bool {
    cells.get(Field::UnitType).is_some_and(|text| enums::license_unit(text).is_none())
}

/// Whether the row is about something metered, which has no seats.
pub(super) fn is_metered(cells: &Cells<'_>) -> bool {
    let named = [Field::OfferName, Field::SkuName, Field::ProductName, Field::FriendlyName]
        .into_iter()
        .any(|field| cells.get(field).is_some_and(|name| name.eq_ignore_ascii_case(AZURE_PLAN)));
    named
        || cells.get(Field::Meter).is_some()
        || cells.get(Field::MeterId).is_some()
        || cells.get(Field::BillingType).and_then(enums::billing_type) == Some(BillingType::Usage)
}

/// The subscription's status. An unknown value becomes `NONE`: the subscription is neither active nor in use.
fn status(cells: &mut Cells<'_>) -> Option<SubscriptionStatus> {
    let status = enums::status(cells.get(Field::Status)?);
    if status.is_none() {
        let message = "unknown status; stored as NONE";
        let hint = "the known statuses are active, pending, suspended, deleted, expired and disabled";
        cells.unknown(Field::Status, "subscription.status.unknown", message, hint);
    }
    Some(status.unwrap_or(SubscriptionStatus::None))
}

/// The Azure subscription within a plan that the line is about.
pub(super) fn entitlement(cells: &mut Cells<'_>) -> Option<Box<EntitlementFact>> {
    let id = cells.text(Field::EntitlementId)?.trim_matches(['{', '}']).to_lowercase();
    Some(Box::new(EntitlementFact { id, description: cells.text(Field::EntitlementDescription) }))
}

/// The legacy offer's GUID, or product, SKU and availability joined as in the catalogue.
fn offer_id(cells: &mut Cells<'_>) -> Option<String> {
    if cells.get(Field::OfferId).is_some() {
        return cells.text(Field::OfferId);
    }
    let (product, sku) = (cells.get(Field::ProductId)?, cells.get(Field::SkuId)?);
    // A spreadsheet removes the leading zeros of a SKU id.
    let sku = if sku.bytes().all(|byte| byte.is_ascii_digit()) { format!("{sku:0>4}") } else { sku.to_owned() };
    Some(match cells.get(Field::AvailabilityId) {
        Some(availability) => format!("{product}:{sku}:{availability}"),
        None => format!("{product}:{sku}"),
    })
}

/// The last day of the term, whatever the format means by its end date.
fn commitment_end(cells: &mut Cells<'_>) -> Option<NaiveDate> {
    let end = cells.date(Field::CommitmentEndDate)?;
    // A time at the end of a day means that the day belongs to the term.
    let exclusive = cells.context.profile.end_dates == EndDates::Exclusive && end.hour() < 23;
    if exclusive { end.date().checked_sub_days(Days::new(1)) } else { Some(end.date()) }
}

/// The partner of record.
fn reseller(cells: &mut Cells<'_>) -> ResellerStatement {
    let field = Field::ResellerMpnId;
    if cells.row.layout.column(field).is_none() || cells.row.is_cut_before(field) {
        return ResellerStatement::Silent;
    }
    let Some(text) = cells.get(field) else {
        return match cells.context.profile.blank_reseller {
            BlankReseller::None => ResellerStatement::Nobody,
            BlankReseller::Silent => ResellerStatement::Silent,
        };
    };
    // Some programs write whole numbers as fractions.
    let number = text.strip_suffix(".0").unwrap_or(text);
    if number == "-1" || number.bytes().all(|byte| byte == b'0') {
        return ResellerStatement::Nobody;
    }
    match number.parse::<MpnId>() {
        Ok(id) if cells.context.own.mpn_ids.contains(&id) => {
            let mut issue: Issue = cells
                .issue(
                    Severity::Info,
                    "reseller.own_mpn",
                    "the reseller is the importing partner itself, which counts as no reseller",
                )
                .value(text);
            issue.column = cells.row.layout.name(field).map(str::to_owned);
            cells.report(issue);
            ResellerStatement::OwnMpn
        }
        Ok(id) => ResellerStatement::Mpn(id),
        Err(error) => {
            let message = format!("the reseller's MPN ID is malformed: {error}");
            cells.fault(
                field,
                "reseller.mpn_id.invalid",
                message,
                "an MPN ID has digits only; leave the cell blank or write 0 for none",
            );
            ResellerStatement::Silent
        }
    }
}
