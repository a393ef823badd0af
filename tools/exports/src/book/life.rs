//! The life of one subscription: what was bought, billed, changed and cancelled, and what that left it with.
//!
//! This is the truth of the samples. Charge lines are written from it (see `charges`), and so is what an import must
//! find; nothing here reads a charge line, so that the expectation does not lean on the rules it is to test.

use chrono::{Days, Months, NaiveDate};
use uuid::Uuid;

use super::catalog::{LegacyOffer, Product};

/// What a subscription is, apart from how it is billed.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Licences of new commerce.
    Seats(&'static Product),
    /// Licences on trial.
    Trial(&'static Product),
    /// An Azure plan: meters, no seats.
    AzurePlan,
    /// A reservation or a savings plan, known by its reservation order.
    Reservation(&'static Product),
    /// Licences of the time before new commerce.
    Legacy(&'static LegacyOffer),
}

/// Term and billing of licences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// A month, paid by the month.
    Monthly,
    /// A year, paid by the month.
    AnnualByMonth,
    /// A year, paid up front.
    AnnualUpFront,
    /// Three years, paid by the month.
    TriennialByMonth,
}

impl Plan {
    /// How long the term is.
    pub fn term_months(self) -> u32 {
        match self {
            Self::Monthly => 1,
            Self::AnnualByMonth | Self::AnnualUpFront => 12,
            Self::TriennialByMonth => 36,
        }
    }

    /// How long one payment lasts.
    pub fn paid_months(self) -> u32 {
        if self == Self::AnnualUpFront { 12 } else { 1 }
    }

    /// The term as ISO 8601 duration.
    pub fn term(self) -> &'static str {
        match self {
            Self::Monthly => "P1M",
            Self::AnnualByMonth | Self::AnnualUpFront => "P1Y",
            Self::TriennialByMonth => "P3Y",
        }
    }
}

/// The status that the provider's portal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// In use.
    Active,
    /// Stopped for the time being.
    Suspended,
    /// Past its end.
    Expired,
    /// Switched off.
    Disabled,
    /// Cancelled.
    Deleted,
    /// Whatever the list's word means, which nobody knows.
    Unknown,
}

impl Status {
    /// As the API writes it.
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

    /// As the portal's list writes it.
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

/// Why something was charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The purchase.
    New,
    /// A new term.
    Renew,
    /// A payment within the term.
    Cycle,
    /// More seats.
    Add,
    /// Fewer seats, within the first days of a term.
    Remove,
    /// The end, within the first days of a term.
    Cancel,
    /// Another product for all seats or some of them.
    Convert,
    /// Money given back; nothing else changes.
    Credit,
    /// A month of a meter.
    Usage,
}

/// Something that was charged.
#[derive(Clone, Debug)]
pub struct Event {
    /// The day of the order, which is the first that is charged.
    pub on: NaiveDate,
    /// Why.
    pub cause: Cause,
    /// What was sold before and after; they differ when a product is converted.
    pub products: (Kind, Kind),
    /// Seats before and after.
    pub seats: (u32, u32),
    /// The last day that is charged.
    pub until: NaiveDate,
    /// First and last day of the term.
    pub term: (NaiveDate, NaiveDate),
    /// The reseller on the order.
    pub reseller: Option<usize>,
    /// What a line says instead of the reseller's MPN ID, where it says something special.
    pub reseller_text: Option<&'static str>,
    /// What ties the lines of one change together.
    pub reference: String,
    /// How many lines of other prices or SKUs repeat the same.
    pub repeats: u32,
}

/// A subscription, as it is now and with what was charged for it.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The id in the portal; of a reservation its order's.
    pub id: Uuid,
    /// Index of the customer.
    pub customer: usize,
    /// What it is now.
    pub kind: Kind,
    /// What it is called, where that is not the product's name.
    pub called: Option<String>,
    /// Term and billing.
    pub plan: Plan,
    /// Seats now, or the last before it was cancelled.
    pub seats: u32,
    /// Status now.
    pub status: Status,
    /// The reseller now: index into the resellers.
    pub reseller: Option<usize>,
    /// First and last day of the term.
    pub term: (NaiveDate, NaiveDate),
    /// The order.
    pub order_id: String,
    /// The subscription of which this one took over some seats.
    pub upgraded_from: Option<Uuid>,
    /// What was charged, in order of time.
    pub events: Vec<Event>,
}

impl Subscription {
    /// The name in lists.
    pub fn name(&self) -> &str {
        self.called.as_deref().unwrap_or_else(|| self.product_name())
    }

    /// The name of what it is a subscription of.
    pub fn product_name(&self) -> &'static str {
        match self.kind {
            Kind::Seats(product) | Kind::Trial(product) | Kind::Reservation(product) => product.name,
            Kind::AzurePlan => "Azure plan",
            Kind::Legacy(offer) => offer.name,
        }
    }

    /// The purchase.
    pub fn buy(&mut self, on: NaiveDate, seats: u32, reference: String) {
        self.start_term(on);
        self.charge(on, Cause::New, (self.kind, self.kind), (0, seats), reference);
    }

    /// A new term, of as many seats as there are.
    pub fn renew(&mut self, on: NaiveDate, reference: String) {
        self.start_term(on);
        self.charge(on, Cause::Renew, (self.kind, self.kind), (self.seats, self.seats), reference);
    }

    /// A payment within the term.
    pub fn pay(&mut self, on: NaiveDate, reference: String) {
        self.charge(on, Cause::Cycle, (self.kind, self.kind), (self.seats, self.seats), reference);
    }

    /// More or fewer seats.
    pub fn change(&mut self, on: NaiveDate, seats: u32, reference: String) {
        let cause = if seats > self.seats { Cause::Add } else { Cause::Remove };
        self.charge(on, cause, (self.kind, self.kind), (self.seats, seats), reference);
    }

    /// The end.
    pub fn cancel(&mut self, on: NaiveDate, reference: String) {
        let seats = self.seats;
        self.charge(on, Cause::Cancel, (self.kind, self.kind), (seats, 0), reference);
        self.seats = seats;
        self.status = Status::Deleted;
    }

    /// The same seats of another product, or, with fewer seats, what an upgrade of some of them leaves behind.
    pub fn convert(&mut self, on: NaiveDate, to: Kind, seats: u32, reference: String) {
        let from = self.kind;
        self.kind = to;
        self.charge(on, Cause::Convert, (from, to), (self.seats, seats), reference);
    }

    /// The seats that an upgrade of some of another subscription's moved here; that one was converted last.
    pub fn take_over(&mut self, from: &Self, seats: u32) {
        let left = from.events.last().expect("what was converted has been charged");
        self.term = from.term;
        self.upgraded_from = Some(from.id);
        self.events.push(Event { products: (self.kind, self.kind), seats: (0, seats), ..left.clone() });
        self.seats = seats;
    }

    /// Money given back.
    pub fn credit(&mut self, on: NaiveDate, reference: String) {
        self.charge(on, Cause::Credit, (self.kind, self.kind), (self.seats, self.seats), reference);
    }

    /// A month of usage, without seats.
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
            // What is paid for already ends with the payment before.
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

/// The last of so many months that begin on this day.
pub fn last_day(first: NaiveDate, months: u32) -> NaiveDate {
    first
        .checked_add_months(Months::new(months))
        .and_then(|next| next.checked_sub_days(Days::new(1)))
        .expect("the samples stay far from the end of time")
}

/// A day of the calendar that is known to exist.
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
