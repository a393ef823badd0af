//! Subscriptions with a story: each group demonstrates something that an import has to get right.

use chrono::Days;

use super::catalog::{PRODUCTS, TRIAL};
use super::customers::parts;
use super::life::{Kind, Plan, Status, Subscription, day};
use super::world::{Builder, OWN_MPN};

impl Builder<'_> {
    /// Adds the subscriptions with a story.
    pub(super) fn stories(&mut self) {
        self.subscription_lists();
        self.endings();
        self.conversions();
        self.resellers_that_change();
        for (nth, customer) in (174..=179).enumerate() {
            let mut subscription = self.paid_twice(customer, Plan::AnnualByMonth);
            let last = subscription.events.last_mut().expect("it was paid");
            last.repeats = 1 + nth as u32 % 3;
            self.add(subscription);
        }
        for customer in 180..=189 {
            let mut subscription = self.paid_twice(customer, Plan::Monthly);
            let (on, reference) = (subscription.events[1].on + Days::new(4), self.reference());
            subscription.credit(on, reference);
            self.add(subscription);
        }
        for (nth, customer) in (190..=201).enumerate() {
            let mut subscription = self.subscription(customer, Kind::Trial(&TRIAL), Plan::Monthly);
            let (month, day_of_month) = (if nth % 3 == 0 { 8 } else { 9 }, self.random.between(2, 26));
            let reference = self.reference();
            subscription.buy(day(2026, month, day_of_month), 25, reference);
            self.add(subscription);
        }
    }

    /// The subscriptions of the customers with lists of their own. The lists have statuses that no charge line states.
    fn subscription_lists(&mut self) {
        for customer in parts::LISTED {
            for nth in 0..11 {
                let plan = [Plan::Monthly, Plan::AnnualByMonth][nth % 2];
                let mut subscription = self.paid_twice(customer, plan);
                if customer != parts::LISTED[0] && nth == 4 {
                    subscription.status = Status::Suspended;
                    self.keep_tie(&subscription);
                }
                self.add(subscription);
            }
            for nth in 0..3 {
                let mut subscription = self.running(customer, Plan::AnnualUpFront, 11);
                if customer == parts::LISTED[1] {
                    subscription.status = [Status::Active, Status::Disabled, Status::Expired][nth];
                    self.keep_tie(&subscription);
                }
                self.add(subscription);
            }
        }
        let mut lapsed = self.lapsed(parts::LISTED[1]);
        lapsed.status = Status::Expired;
        self.keep_tie(&lapsed);
        self.add(lapsed);
    }

    /// Adds an active subscription of the same customer and reseller, so that no expected result depends on whether a
    /// suspended one alone makes the customer a customer of the reseller.
    fn keep_tie(&mut self, tied: &Subscription) {
        let mut other = self.paid_twice(tied.customer, Plan::Monthly);
        for event in &mut other.events {
            event.reseller = tied.reseller;
        }
        other.reseller = tied.reseller;
        self.add(other);
    }

    /// Renewed for a month in August and not again.
    fn lapsed(&mut self, customer: usize) -> Subscription {
        let day_of_month = self.random.between(3, 20);
        let mut subscription = self.running(customer, Plan::Monthly, day_of_month);
        self.bill(&mut subscription, day(2026, 8, day_of_month));
        subscription
    }

    fn endings(&mut self) {
        for customer in 140..=144 {
            let subscription = self.lapsed(customer);
            self.add(subscription);
        }
        for customer in 145..=152 {
            let mut subscription = self.paid_twice(customer, Plan::Monthly);
            let (on, reference) = (subscription.events[1].on + Days::new(3), self.reference());
            subscription.cancel(on, reference);
            self.add(subscription);
        }
        // Cancelled by mistake, and ordered again under the same id on the next day.
        let mut subscription = self.paid_twice(153, Plan::AnnualByMonth);
        let (on, references) = (subscription.events[1].on + Days::new(3), [self.reference(), self.reference()]);
        let [cancelled, again] = references;
        subscription.cancel(on, cancelled);
        subscription.status = Status::Active;
        subscription.buy(on + Days::new(1), 6, again);
        self.add(subscription);
        // The subscription that linked this customer to its reseller is cancelled; its other subscriptions are from the
        // provider alone.
        let mut direct = self.paid_twice(parts::TIE_CANCELLED, Plan::AnnualByMonth);
        direct.reseller = None;
        self.add(direct);
        let mut subscription = self.licences(parts::TIE_CANCELLED, Plan::Monthly);
        subscription.reseller = Some(4);
        let references = [self.reference(), self.reference()];
        let [bought, cancelled] = references;
        subscription.buy(day(2026, 9, 14), 8, bought);
        subscription.cancel(day(2026, 9, 17), cancelled);
        self.add(subscription);
    }

    fn conversions(&mut self) {
        let (standard, premium) = (Kind::Seats(&PRODUCTS[1]), Kind::Seats(&PRODUCTS[2]));
        for customer in 154..=159 {
            let mut subscription = self.paid_twice(customer, Plan::AnnualByMonth);
            for event in &mut subscription.events {
                event.products = (standard, standard);
            }
            subscription.kind = standard;
            let (on, reference) = (subscription.events[1].on + Days::new(6), self.reference());
            subscription.convert(on, premium, subscription.seats, reference);
            self.add(subscription);
        }
        for customer in 160..=164 {
            let (id, seats) = (self.random.guid(), self.random.between(8, 40));
            let mut subscription = self.subscription(customer, standard, Plan::AnnualByMonth);
            let references = [self.reference(), self.reference()];
            let [bought, converted] = references;
            subscription.buy(day(2026, 9, self.random.between(2, 12)), seats, bought);
            let on = subscription.events[0].on + Days::new(u64::from(self.random.between(3, 14)));
            let moved = self.random.between(2, seats - 2);
            subscription.convert(on, standard, seats - moved, converted);
            let mut upgraded = Subscription { id, kind: premium, events: Vec::new(), ..subscription.clone() };
            upgraded.take_over(&subscription, moved);
            self.add(subscription);
            self.add(upgraded);
        }
    }

    fn resellers_that_change(&mut self) {
        // The provider's own MPN ID in place of a reseller's.
        for customer in 165..=167 {
            let mut subscription = self.paid_twice(customer, Plan::AnnualByMonth);
            subscription.reseller = None;
            for event in &mut subscription.events {
                event.reseller = None;
                event.reseller_text = Some(OWN_MPN);
            }
            self.add(subscription);
        }
        // With a reseller in August and none in September, in three spellings.
        for (customer, none) in (168..=170).zip(["0", "", "-1"]) {
            let mut subscription = self.paid_twice(customer, Plan::AnnualByMonth);
            subscription.events[0].reseller = Some(customer % 12);
            subscription.events[1].reseller = None;
            subscription.events[1].reseller_text = Some(none);
            subscription.reseller = None;
            self.add(subscription);
        }
        // One reseller on the September payment, another one on the seats added later that month.
        for customer in 171..=173 {
            let mut subscription = self.paid_twice(customer, Plan::AnnualByMonth);
            for event in &mut subscription.events {
                event.reseller = Some(0);
            }
            subscription.reseller = Some(3);
            let (on, reference) = (subscription.events[1].on + Days::new(8), self.reference());
            subscription.change(on, subscription.seats + 4, reference);
            self.add(subscription);
        }
    }
}
