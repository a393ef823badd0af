//! Random plans: what a book contains, determined by its seed.

use super::plan::{
    Begins, Columns, Commerce, CustomerPlan, Extra, ListPlan, Op, Plan, RESELLERS, Reference, Rhythm, Scheme, Sign,
    SubscriptionPlan, Twice, What,
};
use super::rng::Rng;

impl Plan {
    /// The plan for a seed.
    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let months = u32::try_from(rng.between(2, 4)).expect("a few");
        let customers: Vec<CustomerPlan> =
            (1..=rng.between(2, 3)).map(|number| customer(&mut rng, number as u32, months)).collect();
        let mut plan = Self {
            seed,
            months,
            iso_dates: rng.chance(30),
            real_header: (0..months).map(|_| rng.chance(50)).collect(),
            customers,
            subscriptions: Vec::new(),
            ops: Vec::new(),
            lists: Vec::new(),
            extras: Vec::new(),
        };
        let count = rng.between(3, 6) as usize;
        for number in 1..=count {
            let customer = rng.index(plan.customers.len());
            plan.subscriptions.push(subscription(&mut rng, number as u32, customer, months));
        }
        for place in 0..count {
            plan.change(&mut rng, place);
        }
        plan.list(&mut rng);
        plan.add_extras(&mut rng);
        plan
    }

    fn change(&mut self, rng: &mut Rng, place: usize) {
        let many = rng.between(0, 5);
        let mut on = (0, 1);
        for number in 0..many {
            // Several changes on one day are about as likely as changes on different days.
            if number == 0 || rng.chance(70) {
                on = (rng.index(self.months as usize) as u32, rng.between(1, 27) as u32);
            }
            if rng.chance(10) {
                on.1 = self.subscriptions[place].on.1;
            }
            let subject = &self.subscriptions[place];
            let what = if subject.commerce == Commerce::Legacy { legacy(rng) } else { self.modern(rng, place) };
            let twice = match rng.index(12) {
                0 => Twice::Wiping,
                1 => Twice::Stating,
                2 => Twice::All,
                _ => Twice::No,
            };
            self.ops.push(Op { on, subscription: place, what, twice, early: rng.chance(50) });
        }
    }

    fn modern(&mut self, rng: &mut Rng, place: usize) -> What {
        let other = (0..self.subscriptions.len()).find(|other| {
            let (a, b) = (&self.subscriptions[place], &self.subscriptions[*other]);
            *other != place && a.customer == b.customer && b.commerce == Commerce::New && !b.free && !a.free
        });
        let part = |rng: &mut Rng| rng.chance(65).then(|| rng.between(1, 6));
        match (rng.index(12), other) {
            (0..=2, _) => What::Add(rng.between(1, 9)),
            (3 | 4, _) => What::Remove(rng.between(1, 6)),
            (5, _) => What::BillingPlan(rng.pick(&[0, 0, 5])),
            (6, _) => What::Extend,
            (7 | 8, Some(to)) => What::Move { to, seats: part(rng), single: rng.chance(40) },
            (9, Some(to)) => What::Convert { to, seats: part(rng) },
            (10, _) if rng.chance(50) => What::Cancel(rng.pick(&["cancelImmediate", "Cancel", "CancelImmediate"])),
            (11, _) => What::Credit,
            _ => What::Add(rng.between(10, 20)),
        }
    }

    fn list(&mut self, rng: &mut Rng) {
        for month in 0..self.months {
            if rng.chance(40) {
                self.lists.push(ListPlan::Customers { month });
            }
            for customer in 0..self.customers.len() {
                if rng.chance(18) {
                    self.lists.push(ListPlan::Subscriptions { month, customer });
                }
            }
        }
    }

    fn add_extras(&mut self, rng: &mut Rng) {
        let customers = self.customers.len();
        if rng.chance(30) {
            let entitlements = rng.between(1, 3) as usize;
            self.extras.push(Extra::Azure { customer: rng.index(customers), number: 91, entitlements });
        }
        if rng.chance(20) {
            let month = rng.index(self.months as usize) as u32;
            self.extras.push(Extra::Reservation { customer: rng.index(customers), number: 92, month });
        }
        if rng.chance(25) {
            let month = rng.index(self.months as usize) as u32;
            self.extras.push(Extra::OneTime { customer: rng.index(customers), month, nil_id: rng.chance(40) });
        }
    }
}

fn legacy(rng: &mut Rng) -> What {
    match rng.index(4) {
        0 => What::SubPeriods(rng.between(1, 6)),
        1 => What::Remove(rng.between(1, 4)),
        _ => What::Add(rng.between(1, 9)),
    }
}

fn customer(rng: &mut Rng, number: u32, months: u32) -> CustomerPlan {
    let mut known = (format!("Customer {number}"), format!("customer{number}.example"), "PL");
    let mut known_as = vec![known.clone()];
    for month in 1..months {
        if rng.chance(25) {
            known.0 = format!("Customer {number} as of {month}");
        }
        if rng.chance(20) {
            known.1 = format!("customer{number}-{month}.example");
        }
        if rng.chance(15) {
            known.2 = rng.pick(&["DE", "CZ"]);
        }
        known_as.push(known.clone());
    }
    CustomerPlan { number, known_as }
}

fn subscription(rng: &mut Rng, number: u32, customer: usize, months: u32) -> SubscriptionPlan {
    let commerce = if rng.chance(75) { Commerce::New } else { Commerce::Legacy };
    let free = commerce == Commerce::New && rng.chance(15);
    let rhythm = match (commerce, rng.index(4)) {
        (Commerce::New, 0) => Rhythm::Year,
        (Commerce::New, 1) => Rhythm::Renewal,
        _ => Rhythm::Cycle,
    };
    let begins = match rng.index(8) {
        0 if commerce == Commerce::New && !free => Begins::Incoming,
        1 | 2 => Begins::Running,
        _ => Begins::New,
    };
    let mut resellers = vec![(0, rng.chance(75).then(|| rng.pick(&RESELLERS)))];
    for month in 1..months {
        // A reseller changes together with a charge, so that a line that states seats names it.
        if rhythm != Rhythm::Year && rng.chance(20) {
            resellers.push((month, rng.chance(75).then(|| rng.pick(&RESELLERS))));
        }
    }
    let scheme = Scheme {
        reference: rng.pick(&[Reference::Pair, Reference::Original, Reference::Constant, Reference::Blank]),
        sign: rng.pick(&[Sign::Subtotal, Sign::Both, Sign::PriceOnly]),
        columns: rng.pick(&[
            Columns::Both,
            Columns::Both,
            Columns::BillableOnly,
            Columns::QuantityOnly,
            Columns::Differ,
        ]),
        negative: rng.chance(20),
        old_plan: rng.chance(20),
    };
    let month = if begins == Begins::New && rng.chance(25) { 1 } else { 0 };
    SubscriptionPlan {
        number,
        customer,
        commerce,
        rhythm,
        begins,
        on: (month, rng.between(1, 27) as u32),
        seats: rng.between(5, 40),
        free,
        trial: free && rng.chance(40),
        price_cents: rng.between(100, 3000),
        scheme,
        resellers,
        suspended: rng.chance(10).then(|| rng.index(months as usize) as u32),
    }
}
