//! Reads the lines of a reconciliation file: charges, which are evidence of a subscription and not its state.

use partnergraph_domain::{BillingType, Severity, SubscriptionId, TenantId};

use super::cells::Cells;
use super::enums::{self, Commitment};
use super::subscription::{
    AZURE_PLAN, common, counts_something_else, entitlement, is_metered, proves_agreement, subscription_id,
};
use crate::amount::Amount;
use crate::fact::{Charge, ChargeKind, QuantityStatement, SubscriptionFact, SubscriptionKind};
use crate::profiles::{Field, States};

/// A line of an invoice reconciliation. `None` if it is about the customer only, or its key is invalid.
pub(super) fn read(cells: &mut Cells<'_>, customer: Option<TenantId>) -> Option<SubscriptionFact> {
    let kind = kind(cells);
    let mut charge = charge(cells, kind);
    let id = key(cells, kind, &charge);
    unknown_type(cells, &charge);
    undated(cells, kind, &charge);
    if kind == SubscriptionKind::License && counts_something_else(cells) && charge.kind != ChargeKind::CustomerCredit {
        // The unit is unknown, so what it counts may not be seats.
        charge.kind = ChargeKind::Other;
    }
    let common = common(cells, kind);
    let entitlement = entitlement(cells);
    let fact = common(id?, customer?);
    let fact = SubscriptionFact { proves_agreement: proves_agreement(cells, &fact, is_paid(cells, &charge)), ..fact };
    Some(if kind == SubscriptionKind::Usage {
        metered(SubscriptionFact { entitlement, ..fact }, charge)
    } else {
        SubscriptionFact { billing_type: Some(BillingType::License), charge: Some(Box::new(charge)), ..fact }
    })
}

/// The subscription id of a row that is a charge line with seats, if that can be read.
pub(super) fn subscription(cells: &Cells<'_>) -> Option<SubscriptionId> {
    if cells.context.profile.states != States::Charges {
        return None;
    }
    let field = match kind(cells) {
        SubscriptionKind::Usage => return None,
        kind if kind.has_fixed_partner_of_record() => Field::ReservationOrderId,
        _ => Field::SubscriptionId,
    };
    cells.get(field)?.parse().ok()
}

/// What a line of an invoice charges, if that can be read.
pub(super) fn money(cells: &Cells<'_>) -> Option<(String, Amount)> {
    if cells.context.profile.states != States::Charges {
        return None;
    }
    let amount = Amount::parse(cells.get(Field::Subtotal)?, cells.context.decimal_mark)?;
    Some((cells.get(Field::Currency)?.to_ascii_uppercase(), amount))
}

/// A line of rated usage: a meter of a metered subscription.
pub(super) fn read_usage(cells: &mut Cells<'_>, customer: Option<TenantId>) -> Option<SubscriptionFact> {
    if cells.get(Field::SubscriptionId).is_none() {
        cells.missing(
            Field::SubscriptionId,
            "subscription.id.missing",
            "the usage line has no subscription id",
            "a subscription is identified by its id only",
        );
    }
    let id = subscription_id(cells, Field::SubscriptionId);
    let charge = charge(cells, SubscriptionKind::Usage);
    unknown_type(cells, &charge);
    let common = common(cells, SubscriptionKind::Usage);
    let entitlement = entitlement(cells);
    let fact = common(id?, customer?);
    let proves_agreement = proves_agreement(cells, &fact, is_paid(cells, &charge));
    Some(metered(SubscriptionFact { entitlement, proves_agreement, ..fact }, charge))
}

/// Whether the line charges an amount above 0, for a purpose that is known and not a credit. Without a subtotal, it does if it
/// has a price and seats.
fn is_paid(cells: &Cells<'_>, charge: &Charge) -> bool {
    let has_price = || {
        let price =
            cells.get(Field::EffectiveUnitPrice).and_then(|text| Amount::parse(text, cells.context.decimal_mark));
        charge.sign > 0 && price.is_some_and(|price| price.sign() > 0) && charge.seats.is_some_and(|seats| seats > 0)
    };
    let is_charge = charge.other.is_none() && !matches!(charge.kind, ChargeKind::CustomerCredit | ChargeKind::Cancel);
    is_charge && charge.subtotal.map_or_else(has_price, |subtotal| subtotal.sign() > 0)
}

/// Reports an unknown charge type. The report counts it per value and file, with the seats and the money concerned.
fn unknown_type(cells: &mut Cells<'_>, charge: &Charge) {
    if charge.kind == ChargeKind::Other && cells.get(Field::ChargeType).is_some() {
        let hint = "check what it charges for; the seats of its subscriptions are held until the type is known";
        cells.unknown(Field::ChargeType, "charge.type.unknown", "unknown charge type", hint);
    }
}

/// A line that changes the seats must have a date. Without one it has no position among the others.
fn undated(cells: &mut Cells<'_>, kind: SubscriptionKind, charge: &Charge) {
    let counts = charge.seats.is_some() || charge.kind == ChargeKind::Cancel;
    if kind == SubscriptionKind::License && charge.order_date.is_none() && charge.kind.line().is_some() && counts {
        if [Field::OrderDate, Field::ChargeStartDate].into_iter().any(|field| cells.is_bad_date(field)) {
            return;
        }
        let message = "the line has neither an order date nor a charge start date";
        let field = [Field::OrderDate, Field::ChargeStartDate]
            .into_iter()
            .find(|field| cells.row.layout.name(*field).is_some());
        let hint =
            "fill in the order date or the charge start date; the number of seats cannot be calculated without it";
        cells.missing(field.unwrap_or(Field::OrderDate), "charge.date.missing", message, hint);
    }
}

/// Reduces a meter's line to what holds for the whole subscription. Offer, unit, publisher and term belong to the
/// meter, and would make each meter contradict the next.
fn metered(fact: SubscriptionFact, mut charge: Charge) -> SubscriptionFact {
    if charge.kind != ChargeKind::CustomerCredit {
        charge.kind = ChargeKind::Usage;
    }
    SubscriptionFact {
        quantity: QuantityStatement::Metered,
        billing_type: Some(BillingType::Usage),
        offer_id: None,
        offer_name: fact.offer_name.filter(|name| name.eq_ignore_ascii_case(AZURE_PLAN)),
        unit_type: None,
        publisher: None,
        product_type: None,
        term: None,
        billing_cycle: None,
        is_trial: None,
        charge: Some(Box::new(charge)),
        ..fact
    }
}

/// The kind of subscription that the line is about, as far as the line shows it.
fn kind(cells: &Cells<'_>) -> SubscriptionKind {
    let keyed = cells.get(Field::ReservationOrderId).is_some();
    match cells.get(Field::TermAndBillingCycle).and_then(|text| enums::commitment(text, keyed)) {
        Some(Commitment::Reservation) => SubscriptionKind::Reservation,
        Some(Commitment::SavingsPlan) => SubscriptionKind::SavingsPlan,
        None if is_metered(cells) => SubscriptionKind::Usage,
        None => SubscriptionKind::License,
    }
}

/// The id of the subscription, or of the reservation order. A one-time purchase has neither.
fn key(cells: &mut Cells<'_>, kind: SubscriptionKind, charge: &Charge) -> Option<SubscriptionId> {
    if kind.has_fixed_partner_of_record() {
        let field = Field::ReservationOrderId;
        if cells.get(field).is_none() {
            cells.missing(
                field,
                "subscription.id.missing",
                "the line is for a reservation or savings plan but has no reservation order id",
                "a reservation or savings plan is identified by its reservation order id",
            );
        }
        return subscription_id(cells, field);
    }
    let field = Field::SubscriptionId;
    if cells.get(field).is_none() {
        let tells_of_the_customer_only =
            kind == SubscriptionKind::Usage || charge.kind == ChargeKind::CustomerCredit || is_one_time(cells);
        if !tells_of_the_customer_only {
            cells.missing(
                field,
                "subscription.id.missing",
                "the line is for a recurring licence but has no subscription id",
                "a subscription is identified by its id; only one-time purchases have none",
            );
        } else if !cells.row.is_cut_before(field) {
            let mut issue = cells.issue(
                Severity::Info,
                "row.no_subscription",
                "the line has no subscription id, like a one-time purchase; only its customer data is imported",
            );
            issue.column = cells.row.layout.name(field).map(str::to_owned);
            cells.report(issue);
        }
    }
    subscription_id(cells, field)
}

/// Whether the line is about a one-time purchase, judging by its term or charge type. The billing frequency counts only
/// if there is no term, because a commitment of several years can be paid at once.
fn is_one_time(cells: &Cells<'_>) -> bool {
    let term = [Field::TermAndBillingCycle, Field::Term].into_iter().find_map(|field| cells.get(field));
    cells.get(Field::ChargeType).is_some_and(enums::is_one_time_charge)
        || term.or_else(|| cells.get(Field::BillingCycle)).is_some_and(enums::is_one_time)
}

fn charge(cells: &mut Cells<'_>, kind: SubscriptionKind) -> Charge {
    let word = cells.get(Field::ChargeType);
    let charged = word.map_or(ChargeKind::Other, enums::charge_kind);
    // A meter's quantity counts hours or gigabytes, in fractions. Only seats are whole numbers.
    let seats = if kind == SubscriptionKind::Usage {
        None
    } else {
        let billable = cells.seats(Field::BillableQuantity);
        let quantity = cells.seats(Field::Quantity);
        // A line that removes seats may state them as a negative number. Its amount shows the direction.
        billable.or(quantity)
    };
    let subtotal = cells.amount(Field::Subtotal);
    let effective_price = cells.amount(Field::EffectiveUnitPrice);
    cells.amount(Field::UnitPrice);
    let amount = [subtotal, effective_price].into_iter().flatten().map(Amount::sign).find(|sign| *sign != 0);
    let is_negative = seats.is_some_and(|seats| seats < 0);
    if is_negative && amount == Some(1) {
        let message = "the number of seats is negative but the amount is not";
        let hint = "a credit has a negative amount; correct the number or the amount";
        cells.fault(Field::BillableQuantity, "subscription.quantity.invalid", message, hint);
    }
    let order_date = cells.date(Field::OrderDate);
    let period_start = cells.date(Field::ChargeStartDate).or_else(|| cells.date(Field::UsageDate));
    Charge {
        kind: charged,
        order_date: order_date.or(period_start),
        is_ordered: order_date.is_some(),
        period_start: period_start.map(|at| at.date()),
        period_end: cells.date(Field::ChargeEndDate).map(|at| at.date()),
        seats: seats.and_then(|seats| u32::try_from(seats.unsigned_abs()).ok()),
        sign: amount.unwrap_or(if is_negative { -1 } else { 0 }),
        reference: cells.text(Field::ReferenceId),
        currency: cells.get(Field::Currency).map(str::to_ascii_uppercase),
        subtotal,
        product_id: cells.text(Field::ProductId),
        sku_id: cells.text(Field::SkuId),
        other: word.filter(|_| charged == ChargeKind::Other).map(str::to_owned),
    }
}
