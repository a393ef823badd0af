//! What a book is made of, before any line is written: customers, subscriptions and what is done to them. A plan can be
//! made smaller by leaving parts out, since numbers of seats are worked out from it and stand nowhere in it.

use super::rng::Rng;

/// A day, as a month of the book (0 is January 2024) and a day of that month from 1 to 29.
pub type Day = (u32, u32);

/// Resellers that the books name; none of them has an account.
pub const RESELLERS: [&str; 3] = ["2000001", "2000002", "2000003"];

/// How the lines of one subscription refer to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The two lines of a change share one of their own.
    Pair,
    /// A refund has that of the purchase whose number it wipes.
    Original,
    /// All lines have one.
    Constant,
    /// No line has any.
    Blank,
}

/// Where a line shows whether it charges or gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Subtotal,
    Both,
    /// The subtotal is 0 and only the effective price has a sign.
    PriceOnly,
}

/// Which columns hold the number of seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    Both,
    BillableOnly,
    QuantityOnly,
    /// `Quantity` says something else, as it does where a quantity is converted for billing.
    Differ,
}

/// How a subscription's lines are written.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    pub reference: Reference,
    pub sign: Sign,
    pub columns: Columns,
    /// A line that gives back has a negative quantity.
    pub negative: bool,
    /// A refund of a changed billing plan still names the old plan.
    pub old_plan: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commerce {
    New,
    Legacy,
}

/// What is charged without anybody doing anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// A cycle charge each month.
    Cycle,
    /// One charge for the year.
    Year,
    /// A term of one month that is renewed.
    Renewal,
}

/// The first line of a subscription that the book has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    New,
    /// It was sold before the book begins.
    Running,
    /// Seats of another subscription begin it.
    Incoming,
}

#[derive(Clone, Debug)]
pub struct SubscriptionPlan {
    pub number: u32,
    pub customer: usize,
    pub commerce: Commerce,
    pub rhythm: Rhythm,
    pub begins: Begins,
    pub on: Day,
    pub seats: i64,
    /// All amounts are 0.
    pub free: bool,
    pub trial: bool,
    pub price_cents: i64,
    pub scheme: Scheme,
    /// From which month's charge on who is partner of record.
    pub resellers: Vec<(u32, Option<&'static str>)>,
    /// The month whose list says that it is suspended.
    pub suspended: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct CustomerPlan {
    pub number: u32,
    /// By month: name, domain, country.
    pub known_as: Vec<(String, String, &'static str)>,
}

/// What is done to a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Add(i64),
    Remove(i64),
    /// Another billing plan, with so many seats more.
    BillingPlan(i64),
    Extend,
    /// So many seats, or all, go to another subscription. `single`: only the seats that go are wiped.
    Move {
        to: usize,
        seats: Option<i64>,
        single: bool,
    },
    /// An upgrade, partial or whole.
    Convert {
        to: usize,
        seats: Option<i64>,
    },
    Cancel(&'static str),
    Credit,
    /// Legacy: the change is told over the sub-periods of the cycle, as in Microsoft's example.
    SubPeriods(i64),
}

/// Which lines of a change are in the files twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twice {
    No,
    Wiping,
    Stating,
    All,
}

#[derive(Clone, Debug)]
pub struct Op {
    pub on: Day,
    pub subscription: usize,
    pub what: What,
    pub twice: Twice,
    /// On a day with a charge of its own: before that charge.
    pub early: bool,
}

#[derive(Clone, Copy, Debug)]
pub enum ListPlan {
    Customers { month: u32 },
    Subscriptions { month: u32, customer: usize },
}

/// Lines that are about no seats.
#[derive(Clone, Copy, Debug)]
pub enum Extra {
    /// An Azure plan with so many entitlements, each with its reseller.
    Azure { customer: usize, number: u32, entitlements: usize },
    Reservation { customer: usize, number: u32, month: u32 },
    OneTime { customer: usize, month: u32, nil_id: bool },
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub months: u32,
    pub iso_dates: bool,
    /// By month: whether new commerce has the header of the real file rather than that of the documentation.
    pub real_header: Vec<bool>,
    pub customers: Vec<CustomerPlan>,
    pub subscriptions: Vec<SubscriptionPlan>,
    pub ops: Vec<Op>,
    pub lists: Vec<ListPlan>,
    pub extras: Vec<Extra>,
}

impl Plan {
    /// The plan that a seed decides.
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
            // Several changes on one day are as likely as not to follow each other.
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

    /// Plans that have one thing less, the largest first.
    pub fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for place in 0..self.subscriptions.len() {
            let mut plan = self.clone();
            plan.subscriptions[place].seats = 0;
            plan.ops.retain(|op| op.subscription != place);
            if self.subscriptions[place].seats > 0 {
                all.push(plan);
            }
        }
        all.extend((0..self.lists.len()).map(|place| Self { lists: without(&self.lists, place), ..self.clone() }));
        all.extend((0..self.extras.len()).map(|place| Self { extras: without(&self.extras, place), ..self.clone() }));
        all.extend((0..self.ops.len()).map(|place| Self { ops: without(&self.ops, place), ..self.clone() }));
        for place in (0..self.ops.len()).filter(|place| self.ops[*place].twice != Twice::No) {
            let mut plan = self.clone();
            plan.ops[place].twice = Twice::No;
            all.push(plan);
        }
        all
    }
}

fn without<T: Clone>(items: &[T], place: usize) -> Vec<T> {
    let mut items = items.to_vec();
    items.remove(place);
    items
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
        // A reseller changes with a charge, so that a line that states seats says so.
        if rhythm != Rhythm::Year && rng.chance(20) {
            resellers.push((month, rng.chance(75).then(|| rng.pick(&RESELLERS))));
        }
    }
    let scheme = Scheme {
        reference: rng.pick(&[Reference::Pair, Reference::Original, Reference::Constant, Reference::Blank]),
        sign: rng.pick(&[Sign::Subtotal, Sign::Both, Sign::PriceOnly]),
        columns: rng.pick(&[Columns::Both, Columns::Both, Columns::BillableOnly, Columns::QuantityOnly, Columns::Differ]),
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
