//! The law of held seats: lines that do not determine a number never change the stored number, and the missing lines resolve it,
//! in whatever order the files are imported.

use chrono::{Days, Months, NaiveDate};
use rstest::rstest;

use crate::bench::Bench;
use crate::book::plan::{Begins, Commerce, CustomerPlan, Plan, Rhythm};
use crate::book::rng::Rng;
use crate::book::{Book, BookFile, Row};
use crate::projection::Tables;
use crate::runner::hold;
use crate::support::{Kind, subscription, tenant};

/// Three files: one with a known state, one that is undecidable, and one that resolves it.
struct Held {
    what: &'static str,
    files: [BookFile; 3],
    before: i64,
    after: Option<i64>,
}

#[rstest]
fn held_seats_are_unchanged_until_the_missing_lines_arrive(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    hold(kind, |bench, book| {
        let held = Held::of(book.plan.seed);
        let id = subscription(1);
        let [known, undecided, resolving] = &held.files;
        let fault = |way: &str, seats: Option<i64>, expected: i64| {
            (seats != Some(expected)).then(|| {
                let shown = held.shown(book);
                format!("{}, {way}: {expected} seats are right, {seats:?} are stored\n{shown}", held.what)
            })
        };
        bench.reset();
        bench.import(std::slice::from_ref(known))?;
        if let Some(fault) = fault("before", seats(bench, &id), held.before) {
            return Err(fault);
        }
        let report = bench.import(std::slice::from_ref(undecided))?.ok_or("there is a file")?;
        if let Some(fault) = fault("undecided", seats(bench, &id), held.before) {
            return Err(fault);
        }
        if report.rows.conflict == 0 {
            return Err(format!("{}: nothing is reported as held\n{}", held.what, held.shown(book)));
        }
        let Some(after) = held.after else { return Ok(()) };
        bench.import(std::slice::from_ref(resolving))?;
        if let Some(fault) = fault("resolved", seats(bench, &id), after) {
            return Err(fault);
        }
        for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            bench.reset();
            for place in order {
                bench.import(std::slice::from_ref(&held.files[place]))?;
            }
            if let Some(fault) = fault(&format!("in the order {order:?}"), seats(bench, &id), after) {
                return Err(fault);
            }
        }
        bench.reset();
        bench.import(&held.files)?;
        fault("together", seats(bench, &id), after).map_or(Ok(()), Err)
    });
}

fn seats(bench: &mut Bench, id: &str) -> Option<i64> {
    Tables::read(&mut bench.world).subscription(id, "quantity")?.as_i64()
}

impl Held {
    fn shown(&self, book: &Book) -> String {
        Book { files: self.files.to_vec(), known: Vec::new(), ..book.clone() }.shown()
    }

    fn of(seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x4E1D);
        let undecidable = rng.index(7);
        let legacy = undecidable == 5;
        let (base, start) = base(seed, legacy);
        let seats = base_seats(&base);
        let (more, most) = (seats + rng.between(1, 5), seats + rng.between(6, 12));
        let day = start + Days::new(rng.between(2, 6) as u64);
        let later = start + Days::new(rng.between(8, 14) as u64);
        let next = start + Months::new(1);
        let cycle = |number| line(&base, if legacy { "CYCLE FEE" } else { "cycleCharge" }, number, 1, next);
        let add = |number, sign, at| line(&base, "addQuantity", number, sign, at);
        let (what, undecided, resolving, after) = match undecidable {
            0 => (
                "a change before it is missing",
                vec![add(more, -1, later), add(most, 1, later)],
                vec![add(seats, -1, day), add(more, 1, day)],
                Some(most),
            ),
            1 => ("the line that wipes is missing", vec![add(most, 1, day)], vec![add(seats, -1, day)], Some(most)),
            2 => (
                "there and back on one day",
                [(seats, -1), (more, 1), (more, -1), (seats, 1), (seats, -1), (more, 1)]
                    .into_iter()
                    .map(|(number, sign)| add(number, sign, day))
                    .collect(),
                vec![cycle(more)],
                Some(more),
            ),
            3 => (
                "a charge type that nobody knows",
                vec![line(&base, "transferAdjustment", most, 1, day)],
                vec![cycle(most)],
                Some(most),
            ),
            4 => {
                let mut others = vec![add(seats, -1, day), add(more, 1, day), add(more, -1, day), add(most, 1, day)];
                others[1].set("ResellerMPNID", "2000001");
                others[3].set("ResellerMPNID", "2000002");
                ("two resellers on one day", others, Vec::new(), None)
            }
            5 => (
                "a legacy cancel fee",
                vec![line(&base, "CANCEL FEE", seats, -1, start)],
                vec![cycle(more)],
                Some(more),
            ),
            _ => {
                let mut others = vec![add(seats, -1, day), add(more, 1, day)];
                others[1].set("CustomerId", tenant(9));
                ("two customers for one subscription", others, Vec::new(), None)
            }
        };
        let format = if legacy { crate::book::Format::Legacy } else { crate::book::Format::NewCommerceDocs };
        let file = |name: &str, rows: Vec<Row>| BookFile {
            name: format!("{name}.csv"),
            format,
            rows,
            as_of: None,
            customer: None,
        };
        let files = [file("0-known", vec![base]), file("1-undecided", undecided), file("2-resolving", resolving)];
        Self { what, files, before: seats, after }
    }
}

/// The first line of a subscription, with one of the schemes but without references.
fn base(seed: u64, legacy: bool) -> (Row, NaiveDate) {
    let mut plan = Plan::of(seed);
    let mut subject = plan.subscriptions[0].clone();
    subject.number = 1;
    subject.customer = 0;
    subject.commerce = if legacy { Commerce::Legacy } else { Commerce::New };
    (subject.rhythm, subject.begins) = (Rhythm::Cycle, Begins::New);
    subject.on = (0, subject.on.1);
    (subject.free, subject.trial) = (false, false);
    subject.resellers.truncate(1);
    subject.scheme.reference = crate::book::plan::Reference::Blank;
    subject.scheme.sign = crate::book::plan::Sign::Both;
    subject.scheme.columns = crate::book::plan::Columns::Both;
    plan.customers = vec![CustomerPlan { number: 1, known_as: vec![plan.customers[0].known_as[0].clone()] }];
    (plan.iso_dates, plan.months) = (true, 1);
    let on = subject.on;
    plan.subscriptions = vec![subject];
    (plan.ops, plan.lists, plan.extras) = (Vec::new(), Vec::new(), Vec::new());
    plan.real_header = vec![false];
    let mut book = Book::written(plan);
    let start = NaiveDate::from_ymd_opt(2024, 1, on.1).expect("a day of January");
    (book.files.remove(0).rows.remove(0), start)
}

fn base_seats(base: &Row) -> i64 {
    base.cells["Quantity"].parse().expect("a number")
}

/// Another line of the same subscription.
fn line(base: &Row, kind: &str, seats: i64, sign: i64, at: NaiveDate) -> Row {
    let mut row = base.clone();
    row.set("ChargeType", kind);
    row.set("Quantity", seats.to_string());
    if base.cells.contains_key("BillableQuantity") {
        row.set("BillableQuantity", seats.to_string());
    }
    if base.cells.contains_key("OrderDate") {
        row.set("OrderDate", at.to_string());
    }
    row.set("ChargeStartDate", at.to_string());
    let amount = format!("{}{}.50", if sign < 0 { "-" } else { "" }, seats * 3);
    row.set("Subtotal", amount.clone());
    row.set("Total", amount);
    let unit = format!("{}3.00", if sign < 0 { "-" } else { "" });
    if base.cells.contains_key("EffectiveUnitPrice") {
        row.set("EffectiveUnitPrice", unit);
    } else {
        row.set("UnitPrice", unit);
    }
    row
}
