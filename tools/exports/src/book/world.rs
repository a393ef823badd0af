//! The provider's book of business: purchases and what happened to them in August and September 2026.

use chrono::{Datelike, Days, Months, NaiveDate};
use uuid::Uuid;

use super::catalog::{LEGACY_OFFERS, PERPETUAL, PRODUCTS, Product, RESERVATIONS, SAVINGS_PLANS};
use super::customers::{self, Customer, parts};
use super::life::{Kind, Plan, Status, Subscription, day};
use crate::random::Random;

/// The number of subscriptions that an import must find.
pub const SUBSCRIPTIONS: usize = 3_000;

/// The months of the charge files.
pub const MONTHS: [u32; 2] = [8, 9];

/// A one-time purchase, without a subscription.
#[derive(Clone, Debug)]
pub struct Purchase {
    /// The index of the customer.
    pub customer: usize,
    /// The product.
    pub product: &'static Product,
    /// The number of units.
    pub units: u32,
    /// The order date.
    pub on: NaiveDate,
    /// The order id and reference.
    pub order_id: String,
    /// The reseller on the order.
    pub reseller: Option<usize>,
}

/// Everything that the samples describe.
#[derive(Clone, Debug)]
pub struct World {
    /// The customers, by index.
    pub customers: Vec<Customer>,
    /// The subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// One-time purchases.
    pub purchases: Vec<Purchase>,
}

impl World {
    /// Generates the world from this random stream.
    pub fn new(random: &mut Random) -> Self {
        let customers = customers::customers(random);
        let world = Self { customers, subscriptions: Vec::with_capacity(SUBSCRIPTIONS), purchases: Vec::new() };
        let mut builder = Builder { world, random };
        builder.stories();
        builder.azure();
        builder.legacy();
        builder.known_elsewhere();
        builder.purchases();
        builder.everyday_licences();
        builder.world
    }
}

/// Generates the world, one group of subscriptions after another.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    pub(super) world: World,
    pub(super) random: &'a mut Random,
}

impl Builder<'_> {
    /// A new subscription of this customer without charges.
    pub(super) fn subscription(&mut self, customer: usize, kind: Kind, plan: Plan) -> Subscription {
        let (first, second) = self.world.customers[customer].resellers;
        let reseller = match self.random.below(100) {
            0..78 => first,
            78..92 => second.or(first),
            _ => None,
        };
        Subscription {
            id: self.random.guid(),
            customer,
            kind,
            called: None,
            plan,
            seats: 0,
            status: Status::Active,
            reseller,
            term: (day(2026, 8, 1), day(2026, 8, 1)),
            order_id: self.random.token(12),
            upgraded_from: None,
            events: Vec::new(),
        }
    }

    pub(super) fn licences(&mut self, customer: usize, plan: Plan) -> Subscription {
        let weights = PRODUCTS.map(|product| product.weight);
        let product = &PRODUCTS[self.random.weighted(&weights)];
        self.subscription(customer, Kind::Seats(product), plan)
    }

    /// Licences purchased before August and paid on this day of each month, in their state of 1 August.
    pub(super) fn running(&mut self, customer: usize, plan: Plan, day_of_month: u32) -> Subscription {
        let mut subscription = self.licences(customer, plan);
        subscription.seats = self.seats();
        let months_ago = match plan {
            Plan::Monthly => 1,
            // Paid up front and charged in neither month, so it must not have expired by October.
            Plan::AnnualUpFront => self.random.between(1, 9),
            _ => self.random.between(1, plan.term_months() - 1),
        };
        let began = day(2026, 8, day_of_month)
            .checked_sub_months(Months::new(months_ago))
            .expect("some months before August 2026 there is a day as well");
        subscription.start_term(began);
        subscription
    }

    fn seats(&mut self) -> u32 {
        match self.random.below(10) {
            0..5 => self.random.between(1, 9),
            5..8 => self.random.between(10, 49),
            8 => self.random.between(50, 180),
            _ => self.random.between(2, 25),
        }
    }

    pub(super) fn reference(&mut self) -> String {
        self.random.guid().to_string()
    }

    /// Charges the payment of this day: the first of a new term, or one within it. It reflects a move to another
    /// reseller.
    pub(super) fn bill(&mut self, subscription: &mut Subscription, on: NaiveDate) {
        self.follow_move(subscription, on);
        let reference = self.reference();
        if on > subscription.term.1 { subscription.renew(on, reference) } else { subscription.pay(on, reference) }
    }

    /// From 1 September, a customer that moved buys from its new reseller.
    fn follow_move(&self, subscription: &mut Subscription, on: NaiveDate) {
        let customer = &self.world.customers[subscription.customer];
        if on >= day(2026, 9, 1) && customer.moved_to.is_some() && subscription.reseller == customer.resellers.0 {
            subscription.reseller = customer.moved_to;
        }
    }

    pub(super) fn add(&mut self, subscription: Subscription) -> usize {
        self.world.subscriptions.push(subscription);
        self.world.subscriptions.len() - 1
    }

    /// Licences paid in both months, with no other events.
    pub(super) fn paid_twice(&mut self, customer: usize, plan: Plan) -> Subscription {
        let day_of_month = self.random.between(3, 20);
        let mut subscription = self.running(customer, plan, day_of_month);
        for month in MONTHS {
            self.bill(&mut subscription, day(2026, month, day_of_month));
        }
        subscription
    }

    fn azure(&mut self) {
        for customer in parts::LISTED.into_iter().chain(203..=259) {
            let mut plan = self.subscription(customer, Kind::AzurePlan, Plan::Monthly);
            let reference = self.reference();
            plan.start_term(day(2026, 8, 1));
            plan.use_up(day(2026, 8, 1), reference);
            self.follow_move(&mut plan, day(2026, 9, 1));
            let reference = self.reference();
            plan.start_term(day(2026, 9, 1));
            plan.use_up(day(2026, 9, 1), reference);
            let (reseller, nth) = (plan.reseller, self.add(plan));
            if (203..=210).contains(&customer) {
                self.reservation(customer, reseller, nth);
            }
        }
    }

    fn reservation(&mut self, customer: usize, reseller: Option<usize>, nth: usize) {
        let product = if customer < 209 { &RESERVATIONS[nth % RESERVATIONS.len()] } else { &SAVINGS_PLANS[0] };
        let plan = if product.name.ends_with("3 Years") { Plan::TriennialByMonth } else { Plan::AnnualByMonth };
        let mut reservation = self.subscription(customer, Kind::Reservation(product), plan);
        reservation.reseller = reseller;
        let references = [self.reference(), self.reference()];
        let [bought, paid] = references;
        let on = day(2026, 8, self.random.between(2, 25));
        let units = self.random.between(1, 3);
        reservation.buy(on, units, bought);
        reservation.pay(on + Months::new(1), paid);
        self.add(reservation);
    }

    fn legacy(&mut self) {
        let each = parts::MIGRATING
            .flat_map(|customer| [customer; 4])
            .chain(260..=277)
            .chain(parts::LEGACY_ONLY.flat_map(|customer| [customer; 2]));
        for (nth, customer) in each.enumerate() {
            let add_on = parts::MIGRATING.contains(&customer) && nth % 4 == 3;
            let offer = if add_on { &LEGACY_OFFERS[3 + nth / 4 % 2] } else { &LEGACY_OFFERS[(nth + nth / 4) % 3] };
            let mut subscription = self.subscription(customer, Kind::Legacy(offer), Plan::AnnualByMonth);
            subscription.seats = self.seats();
            let day_of_month = self.random.between(1, 28);
            let months_ago = self.random.between(2, 9);
            subscription.start_term(day(2026, 8, day_of_month) - Months::new(months_ago));
            let reference = self.reference();
            subscription.pay(day(2026, 8, day_of_month), reference);
            if nth % 20 == 7 {
                let (on, reference) = (subscription.events[0].on + Days::new(5), self.reference());
                subscription.change(on, subscription.seats + 3, reference);
            }
            let reference = self.reference();
            subscription.pay(day(2026, 9, day_of_month), reference);
            self.add(subscription);
        }
    }

    /// Licences paid up front before August, which no charge line of these months mentions.
    fn known_elsewhere(&mut self) {
        let each = parts::MIGRATION_ONLY.flat_map(|customer| [customer; 2]).chain(parts::MIGRATING).chain(100..=111);
        for customer in each {
            let day_of_month = self.random.between(1, 28);
            let subscription = self.running(customer, Plan::AnnualUpFront, day_of_month);
            self.add(subscription);
        }
    }

    fn purchases(&mut self) {
        for customer in parts::ONE_TIME_ONLY.chain([7, 12, 41, 66, 118, 222, 239, 301, 355, 402, 477]) {
            let weights = PERPETUAL.map(|product| product.weight);
            let product = &PERPETUAL[self.random.weighted(&weights)];
            let on = day(2026, *self.random.pick(&MONTHS), self.random.between(1, 28));
            let (units, order_id) = (self.random.between(1, 12), self.random.token(12));
            let reseller = self.world.customers[customer].resellers.0;
            self.world.purchases.push(Purchase { customer, product, units, on, order_id, reseller });
        }
    }

    /// Fills up to the total number of subscriptions: one for each customer that buys licences, the others by size.
    fn everyday_licences(&mut self) {
        let buyers: Vec<usize> = (0..customers::COUNT).filter(|customer| buys_licences(*customer)).collect();
        for customer in &buyers {
            self.everyday(*customer);
        }
        let sizes: Vec<u32> = buyers.iter().map(|_| *self.random.pick(&[1, 1, 2, 2, 3, 4, 6, 10])).collect();
        while self.world.subscriptions.len() < SUBSCRIPTIONS {
            let customer = buyers[self.random.weighted(&sizes)];
            self.everyday(customer);
        }
    }

    fn everyday(&mut self, customer: usize) {
        let plan = match self.random.below(100) {
            0..28 => Plan::Monthly,
            28..54 => Plan::AnnualByMonth,
            54..57 => Plan::TriennialByMonth,
            _ => Plan::AnnualUpFront,
        };
        let mut subscription =
            if plan == Plan::AnnualUpFront { self.up_front(customer) } else { self.by_month(customer, plan) };
        if self.random.chance(8) && !parts::LISTED.contains(&customer) {
            let place = self.random.pick(&["magazyn", "office", "výroba", "Filiale 2", "sklep, parter", "2026/27"]);
            subscription.called = Some(format!("{} – {place}", subscription.product_name()));
        }
        self.add(subscription);
    }

    fn up_front(&mut self, customer: usize) -> Subscription {
        let on = day(2026, *self.random.pick(&MONTHS), self.random.between(1, 24));
        let mut subscription = self.licences(customer, Plan::AnnualUpFront);
        let (seats, reference) = (self.seats(), self.reference());
        self.follow_move(&mut subscription, on);
        if self.random.chance(35) {
            subscription.buy(on, seats, reference);
        } else {
            subscription.seats = seats;
            subscription.renew(on, reference);
        }
        self.perhaps_change(&mut subscription, day(2026, on.month(), 28));
        subscription
    }

    fn by_month(&mut self, customer: usize, plan: Plan) -> Subscription {
        // Not on the first two days: a month that started then would have ended when the lists were exported on 1
        // October.
        let day_of_month = self.random.between(3, 24);
        let mut subscription = self.running(customer, plan, day_of_month);
        let first = match self.random.below(100) {
            0..75 => None,
            75..90 => Some(8),
            _ => Some(9),
        };
        for month in MONTHS {
            let on = day(2026, month, day_of_month);
            if Some(month) == first {
                let reference = self.reference();
                subscription.events.clear();
                self.follow_move(&mut subscription, on);
                subscription.buy(on, subscription.seats, reference);
            } else if first.is_none_or(|first| first < month) {
                self.bill(&mut subscription, on);
            }
            if !subscription.events.is_empty() {
                self.perhaps_change(&mut subscription, day(2026, month, 28));
            }
        }
        subscription
    }

    /// One in eight changes its seats some days after a payment: increases at any time, decreases in the first week.
    fn perhaps_change(&mut self, subscription: &mut Subscription, until: NaiveDate) {
        let paid = subscription.events.last().expect("it was paid").on;
        let on = paid + Days::new(u64::from(self.random.between(2, 12)));
        if !self.random.chance(12) || on > until {
            return;
        }
        self.follow_move(subscription, on);
        let fewer = subscription.seats > 4 && on <= paid + Days::new(6) && self.random.chance(40);
        let by = self.random.between(1, 3);
        let seats = if fewer { subscription.seats - by } else { subscription.seats + by };
        let reference = self.reference();
        subscription.change(on, seats, reference);
    }
}

/// The text of a line that names the provider itself as reseller.
pub const OWN_MPN: &str = "9900100";

/// Whether a customer has ordinary licences; the others have only something else.
fn buys_licences(customer: usize) -> bool {
    !(customer == parts::TIE_CANCELLED
        || parts::MIGRATION_ONLY.contains(&customer)
        || parts::IDLE.contains(&customer)
        || parts::ONE_TIME_ONLY.contains(&customer)
        || parts::LEGACY_ONLY.contains(&customer))
}

/// Derives an id that no subscription in the world has.
pub fn other_id(id: Uuid) -> Uuid {
    let (high, low) = id.as_u64_pair();
    crate::random::guid_of(crate::random::mix64(high), crate::random::mix64(low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::partners::PROVIDER;

    #[test]
    fn the_mpn_id_that_means_none_is_the_providers() {
        assert_eq!(OWN_MPN, PROVIDER.mpn_id.to_string());
    }
}
