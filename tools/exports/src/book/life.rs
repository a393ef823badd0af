//! The history of one subscription: purchases, payments, changes and cancellation, and the resulting state.
//!
//! This is the source of truth of the samples. Both the charge lines (see `charges`) and the expected result of an
//! import are generated from it. Nothing here reads a charge line, so that the expected result does not depend on the
//! rules under test.

use chrono::{Days, Months, NaiveDate};
use uuid::Uuid;

use super::catalog::{LegacyOffer, Product};

/// The kind of a subscription, independent of its billing.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// New-commerce licences.
    Seats(&'static Product),
    /// Trial licences.
    Trial(&'static Product),
    /// An Azure plan, with meters instead of seats.
    AzurePlan,
    /// A reservation or savings plan, identified by its reservation order.
    Reservation(&'static Product),
    /// Legacy licences.
    Legacy(&'static LegacyOffer),
}

/// Term and billing of licences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// One month, paid monthly.
    Monthly,
    /// One year, paid monthly.
    AnnualByMonth,
    /// One year, paid up front.
    AnnualUpFront,
    /// Three years, paid monthly.
    TriennialByMonth,
}

impl Plan {
    /// The length of the term in months.
    pub fn term_months(self) -> u32 {
        match self {
            Self::Monthly => 1,
            Self::AnnualByMonth | Self::AnnualUpFront => 12,
            Self::TriennialByMonth => 36,
        }
    }

    /// The length of a payment period in months.
    pub fn paid_months(self) -> u32 {
        if self == Self::AnnualUpFront { 12 } else { 1 }
    }

    /// The term as an ISO 8601 duration.
    pub fn term(self) -> &'static str {
        match self {
            Self::Monthly => "P1M",
            Self::AnnualByMonth | Self::AnnualUpFront => "P1Y",
            Self::TriennialByMonth => "P3Y",
        }
    }
}

/// The status in the provider's portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Active.
    Active,
    /// Suspended.
    Suspended,
    /// Past its end.
    Expired,
    /// Switched off.
    Disabled,
    /// Cancelled.
    Deleted,
    /// A status in the list that is unknown to the import.
    Unknown,
}

impl Status {
    /// The name in the API.
    pub fn api_name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::Expired => "EXPIRED",
            Self::Disabled => "DISABLED",
            Self::Deleted => "DELETED",
            Self::Unknown => "NONE",
        }
    }

    /// The name in the portal's list.
    pub fn portal_name(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Suspended => "Suspended",
            Self::Expired => "Expired",
            Self::Disabled => "Disabled",
            Self::Deleted => "Deleted",
            Self::Unknown => "W trakcie przenoszenia",
        }
    }
}

/// The reason for a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A purchase.
    New,
    /// The start of a new term.
    Renew,
    /// A payment within the term.
    Cycle,
    /// More seats.
    Add,
    /// Fewer seats, within the first days of a term.
    Remove,
    /// A cancellation within the first days of a term.
    Cancel,
    /// A conversion of some or all seats to another product.
    Convert,
    /// A credit, which changes nothing else.
    Credit,
    /// One month of usage of a meter.
    Usage,
}

/// A charge.
#[derive(Clone, Debug)]
pub struct Event {
    /// The order date, which is the first day charged.
    pub on: NaiveDate,
    /// The reason.
    pub cause: Cause,
    /// The products before and after; they differ if a product is converted.
    pub products: (Kind, Kind),
    /// The seats before and after.
    pub seats: (u32, u32),
    /// The last day charged.
    pub until: NaiveDate,
    /// The first and last day of the term.
    pub term: (NaiveDate, NaiveDate),
    /// The reseller on the order.
    pub reseller: Option<usize>,
    /// The text in place of the reseller's MPN ID, if it is special.
    pub reseller_text: Option<&'static str>,
    /// The reference that connects the lines of one change.
    pub reference: String,
    /// How many lines with other prices or SKUs repeat the change.
    pub repeats: u32,
}

/// A subscription with its current state and its charges.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The id in the portal; for a reservation, that of its order.
    pub id: Uuid,
    /// The index of the customer.
    pub customer: usize,
    /// The current kind.
    pub kind: Kind,
    /// The friendly name, if it is not the product's name.
    pub called: Option<String>,
    /// Term and billing.
    pub plan: Plan,
    /// The current seats, or the last number before it was cancelled.
    pub seats: u32,
    /// The current status.
    pub status: Status,
    /// The index of the current reseller.
    pub reseller: Option<usize>,
    /// The first and last day of the term.
    pub term: (NaiveDate, NaiveDate),
    /// The order id.
    pub order_id: String,
    /// The subscription from which this one took over some seats.
    pub upgraded_from: Option<Uuid>,
    /// The charges, in chronological order.
    pub events: Vec<Event>,
}

impl Subscription {
    /// The name in lists.
    pub fn name(&self) -> &str {
        self.called.as_deref().unwrap_or_else(|| self.product_name())
    }

    /// The name of the product.
    pub fn product_name(&self) -> &'static str {
        match self.kind {
            Kind::Seats(product) | Kind::Trial(product) | Kind::Reservation(product) => product.name,
            Kind::AzurePlan => "Azure plan",
            Kind::Legacy(offer) => offer.name,
        }
    }

    /// Purchases it.
    pub fn buy(&mut self, on: NaiveDate, seats: u32, reference: String) {
        self.start_term(on);
        self.charge(on, Cause::New, (self.kind, self.kind), (0, seats), reference);
    }

    /// Starts a new term with the current seats.
    pub fn renew(&mut self, on: NaiveDate, reference: String) {
        self.start_term(on);
        self.charge(on, Cause::Renew, (self.kind, self.kind), (self.seats, self.seats), reference);
    }

    /// Charges a payment within the term.
    pub fn pay(&mut self, on: NaiveDate, reference: String) {
        self.charge(on, Cause::Cycle, (self.kind, self.kind), (self.seats, self.seats), reference);
    }

    /// Changes the number of seats.
    pub fn change(&mut self, on: NaiveDate, seats: u32, reference: String) {
        let cause = if seats > self.seats { Cause::Add } else { Cause::Remove };
        self.charge(on, cause, (self.kind, self.kind), (self.seats, seats), reference);
    }

    /// Cancels it.
    pub fn cancel(&mut self, on: NaiveDate, reference: String) {
        let seats = self.seats;
        self.charge(on, Cause::Cancel, (self.kind, self.kind), (seats, 0), reference);
        self.seats = seats;
        self.status = Status::Deleted;
    }

    /// Converts to another product, with the same number of seats, or with the seats that a partial upgrade leaves.
    pub fn convert(&mut self, on: NaiveDate, to: Kind, seats: u32, reference: String) {
        let from = self.kind;
        self.kind = to;
        self.charge(on, Cause::Convert, (from, to), (self.seats, seats), reference);
    }

    /// Takes over the seats that a partial upgrade moved from another subscription, which was converted last.
    pub fn take_over(&mut self, from: &Self, seats: u32) {
        let left = from.events.last().expect("what was converted has been charged");
        self.term = from.term;
        self.upgraded_from = Some(from.id);
        self.events.push(Event { products: (self.kind, self.kind), seats: (0, seats), ..left.clone() });
        self.seats = seats;
    }

    /// Credits an amount.
    pub fn credit(&mut self, on: NaiveDate, reference: String) {
        self.charge(on, Cause::Credit, (self.kind, self.kind), (self.seats, self.seats), reference);
    }

    /// Charges one month of usage, without seats.
    pub fn use_up(&mut self, month: NaiveDate, reference: String) {
        self.charge(month, Cause::Usage, (self.kind, self.kind), (0, 0), reference);
    }

    /// Sets the term to the one that began on this day.
    pub fn start_term(&mut self, on: NaiveDate) {
        self.term = (on, last_day(on, self.plan.term_months()));
    }

    fn charge(&mut self, on: NaiveDate, cause: Cause, products: (Kind, Kind), seats: (u32, u32), reference: String) {
        debug_assert!(self.events.last().is_none_or(|last| last.on < on || matches!(cause, Cause::Credit)));
        let until = match cause {
            Cause::New | Cause::Renew | Cause::Cycle => last_day(on, self.plan.paid_months()),
            Cause::Usage => last_day(on, 1),
            // What has been paid for ends with the previous payment.
            _ => self.events.last().map_or(self.term.1, |last| last.until),
        };
        self.events.push(Event {
            on,
            cause,
            products,
            seats,
            until,
            term: self.term,
            reseller: self.reseller,
            reseller_text: None,
            reference,
            repeats: 0,
        });
        self.seats = seats.1;
    }
}

/// The last day of a period of this many months.
pub fn last_day(first: NaiveDate, months: u32) -> NaiveDate {
    first
        .checked_add_months(Months::new(months))
        .and_then(|next| next.checked_sub_days(Days::new(1)))
        .expect("the samples stay far from the end of time")
}

/// A date that is known to exist.
pub fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("the samples' dates are on the calendar")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::catalog::PRODUCTS;

    fn bought(plan: Plan) -> Subscription {
        let mut subscription = Subscription {
            id: Uuid::nil(),
            customer: 0,
            kind: Kind::Seats(&PRODUCTS[0]),
            called: None,
            plan,
            seats: 0,
            status: Status::Active,
            reseller: None,
            term: (day(2026, 1, 1), day(2026, 1, 1)),
            order_id: String::new(),
            upgraded_from: None,
            events: Vec::new(),
        };
        subscription.buy(day(2026, 6, 18), 10, "R1".to_owned());
        subscription
    }

    #[test]
    fn added_seats_are_charged_to_the_end_of_what_is_paid_for() {
        let mut subscription = bought(Plan::AnnualByMonth);
        subscription.change(day(2026, 6, 20), 12, "R2".to_owned());
        assert_eq!(subscription.seats, 12);
        assert_eq!(subscription.events[1].until, day(2026, 7, 17));
        assert_eq!(subscription.term, (day(2026, 6, 18), day(2027, 6, 17)));
    }

    #[test]
    fn a_cancelled_subscription_is_deleted_and_keeps_its_last_seats() {
        let mut subscription = bought(Plan::Monthly);
        subscription.cancel(day(2026, 6, 21), "R2".to_owned());
        assert_eq!((subscription.status, subscription.seats), (Status::Deleted, 10));
    }
}
