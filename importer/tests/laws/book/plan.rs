//! What a book is made of, before any line is written: customers, subscriptions and what is done to them. A plan can be
//! made smaller by leaving parts out, since numbers of seats are worked out from it and stand nowhere in it.

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
    Azure {
        customer: usize,
        number: u32,
        entitlements: usize,
    },
    Reservation {
        customer: usize,
        number: u32,
        month: u32,
    },
    OneTime {
        customer: usize,
        month: u32,
        nil_id: bool,
    },
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
