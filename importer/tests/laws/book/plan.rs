//! The contents of a book before any line is written: customers, subscriptions and actions on them. A plan can be reduced by
//! leaving out parts, because it contains no numbers of seats; they are computed from it.

/// A day, as a month of the book (0 is January 2024) and a day of that month from 1 to 29.
pub type Day = (u32, u32);

/// Resellers that the books name; none of them has an account.
pub const RESELLERS: [&str; 3] = ["2000001", "2000002", "2000003"];

/// How the lines of a subscription refer to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The two lines of a change share a reference.
    Pair,
    /// A refund has the reference of the purchase whose number it wipes.
    Original,
    /// All lines have the same reference.
    Constant,
    /// No line has a reference.
    Blank,
}

/// How a line shows whether it is a charge or a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Subtotal,
    Both,
    /// The subtotal is 0 and only the effective price has a sign.
    PriceOnly,
}

/// The columns that contain the number of seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    Both,
    BillableOnly,
    QuantityOnly,
    /// `Quantity` has another value, as if it is converted for billing.
    Differ,
}

/// How the lines of a subscription are written.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    pub reference: Reference,
    pub sign: Sign,
    pub columns: Columns,
    /// Refunds have a negative quantity.
    pub negative: bool,
    /// A refund of a changed billing plan still names the old plan.
    pub old_plan: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commerce {
    New,
    Legacy,
}

/// The recurring charges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// A cycle charge every month.
    Cycle,
    /// One charge for the whole year.
    Year,
    /// A term of one month that is renewed.
    Renewal,
}

/// The first line of a subscription in the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    New,
    /// It was purchased before the book begins.
    Running,
    /// It begins with seats moved from another subscription.
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
    /// Whether all amounts are 0.
    pub free: bool,
    pub trial: bool,
    pub price_cents: i64,
    pub scheme: Scheme,
    /// The partner of record from the charge of each month on.
    pub resellers: Vec<(u32, Option<&'static str>)>,
    /// The month whose list states that it is suspended.
    pub suspended: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct CustomerPlan {
    pub number: u32,
    /// By month: name, domain, country.
    pub known_as: Vec<(String, String, &'static str)>,
}

/// An action on a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Add(i64),
    Remove(i64),
    /// Another billing plan, with this many more seats.
    BillingPlan(i64),
    Extend,
    /// This many seats, or all, move to another subscription. `single`: only the moved seats are wiped.
    Move {
        to: usize,
        seats: Option<i64>,
        single: bool,
    },
    /// A partial or full upgrade.
    Convert {
        to: usize,
        seats: Option<i64>,
    },
    Cancel(&'static str),
    Credit,
    /// Legacy: the change is spread over the sub-periods of the cycle, as in Microsoft's example.
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
    /// On a day with a recurring charge: before that charge.
    pub early: bool,
}

#[derive(Clone, Copy, Debug)]
pub enum ListPlan {
    Customers { month: u32 },
    Subscriptions { month: u32, customer: usize },
}

/// Lines without seats.
#[derive(Clone, Copy, Debug)]
pub enum Extra {
    /// An Azure plan with several entitlements, each with its reseller.
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
    /// By month: whether new commerce has the header of the real file instead of that of the documentation.
    pub real_header: Vec<bool>,
    pub customers: Vec<CustomerPlan>,
    pub subscriptions: Vec<SubscriptionPlan>,
    pub ops: Vec<Op>,
    pub lists: Vec<ListPlan>,
    pub extras: Vec<Extra>,
}

impl Plan {
    /// Plans with one part less, the largest first.
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
