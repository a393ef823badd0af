//! Books: the files of a few months of a provider's business, generated from a seed, with the true numbers.
//!
//! A [`plan`] has the actions, [`life`] their result, and [`render`] and [`extras`] write the files. Cases that are undecidable
//! according to the contract are excluded by construction: equal lines that give two numbers, two resellers on one day, two
//! customers for one subscription. Such lines occur only in the books of [`crate::held`].

mod chance;
mod extras;
mod header;
mod life;
pub mod plan;
mod render;
pub mod rng;
mod state;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::NaiveDate;

pub use header::Format;
pub use life::Life;
use plan::{Commerce, ListPlan, Plan};
pub use render::Row;
use rng::Rng;

use crate::support::subscription;

/// A month of the book; 0 is January 2024.
pub type Month = u32;

/// A file of a book, as rows.
#[derive(Clone, Debug)]
pub struct BookFile {
    pub name: String,
    pub format: Format,
    pub rows: Vec<Row>,
    /// The date of a list; charge lines have their own dates.
    pub as_of: Option<NaiveDate>,
    /// The customer of a list.
    pub customer: Option<String>,
}

impl BookFile {
    pub fn text(&self) -> String {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(self.format.header().split(',')).expect("memory");
        for row in &self.rows {
            out.write_record(row.record(self.format)).expect("memory");
        }
        String::from_utf8(out.into_inner().expect("memory")).expect("text")
    }
}

/// The expected contents of the tables once all files are imported.
#[derive(Clone, Debug)]
pub struct Known {
    pub subscription: String,
    /// `None` if it is not charged by seats.
    pub seats: i64,
    /// `None` if the contract does not determine it.
    pub status: Option<&'static str>,
    /// All numbers that were true at some time.
    pub ever: Vec<i64>,
    /// Whether the number can be determined if lines before it are missing.
    pub known_from_parts: bool,
}

/// A book.
#[derive(Clone, Debug)]
pub struct Book {
    pub plan: Plan,
    pub files: Vec<BookFile>,
    pub known: Vec<Known>,
    /// A hash of the contents: two books with the same key have the same files.
    pub key: u64,
}

impl Book {
    /// The book for a seed.
    pub fn of(seed: u64) -> Self {
        Self::written(Plan::of(seed))
    }

    /// Writes the files of a plan.
    pub fn written(plan: Plan) -> Self {
        let life = Life::of(&plan);
        let mut rng = Rng::new(plan.seed ^ 0xF11E);
        let mut files: BTreeMap<(Month, Format), Vec<Row>> = BTreeMap::new();
        let new_commerce = |month: Month| {
            if plan.real_header[month as usize] { Format::NewCommerceReal } else { Format::NewCommerceDocs }
        };
        for entry in &life.entries {
            for again in 0..entry.times {
                // A repeated line is identical, or differs only in price and SKU.
                let differs = again > 0 && rng.chance(50);
                let (format, row) = match plan.subscriptions[entry.subscription].commerce {
                    Commerce::New => (new_commerce(entry.month), render::modern(&plan, &life, entry, differs)),
                    Commerce::Legacy => (Format::Legacy, render::legacy(&plan, &life, entry)),
                };
                files.entry((entry.month, format)).or_default().push(row);
            }
        }
        for (month, format, row) in extras::lines(&plan) {
            let format = if format == Format::NewCommerceDocs { new_commerce(month) } else { format };
            files.entry((month, format)).or_default().push(row);
        }
        let mut files: Vec<BookFile> = files
            .into_iter()
            .map(|((month, format), mut rows)| {
                // The lines of an invoice are in no chronological order.
                rng.shuffle(&mut rows);
                let name = format!("{month}-{format:?}.csv").to_lowercase();
                BookFile { name, format, rows, as_of: None, customer: None }
            })
            .collect();
        files.extend(extras::lists(&plan, &life));
        for row in files.iter_mut().flat_map(|file| &mut file.rows) {
            // Ids are case-insensitive.
            if rng.chance(8) {
                row.cells.entry("CustomerId").and_modify(|id| *id = id.to_uppercase());
            }
        }
        let known = known(&plan, &life);
        let mut hasher = DefaultHasher::new();
        files.iter().for_each(|file| (&file.name, file.text()).hash(&mut hasher));
        Self { plan, files, known, key: hasher.finish() }
    }

    /// The random sequence of this book for a law.
    pub fn rng(&self, law: u64) -> Rng {
        Rng::new(self.plan.seed.wrapping_mul(31).wrapping_add(law))
    }

    /// The files up to a month, and those after it. Either can be empty.
    pub fn halves(&self) -> (Vec<BookFile>, Vec<BookFile>) {
        let middle = self.plan.months / 2;
        self.files.iter().cloned().partition(|file| file.month() < middle)
    }

    /// The book as text, for debugging.
    pub fn shown(&self) -> String {
        let mut text = format!("seed {}\n", self.plan.seed);
        for op in &self.plan.ops {
            let _ = writeln!(text, "  {op:?}");
        }
        for file in self.files.iter().filter(|file| !file.rows.is_empty()) {
            let _ = writeln!(text, "--- {} as of {:?} of {:?}", file.name, file.as_of, file.customer);
            let shown =
                |name: &&str| file.rows.iter().any(|row| row.cells.get(*name).is_some_and(|cell| !cell.is_empty()));
            let columns: Vec<&str> = SHOWN.iter().copied().filter(shown).collect();
            let _ = writeln!(text, "{}", columns.join(" | "));
            for row in &file.rows {
                let cells: Vec<&str> =
                    columns.iter().map(|name| row.cells.get(name).map_or("", String::as_str)).collect();
                let _ = writeln!(text, "{}", cells.join(" | "));
            }
        }
        for known in self.known.iter() {
            let _ = writeln!(text, "true: {known:?}");
        }
        text
    }
}

/// The columns to show when a law fails.
const SHOWN: [&str; 26] = [
    "CustomerId",
    "Microsoft ID",
    "CustomerName",
    "Company name",
    "SubscriptionId",
    "SyndicationPartnerSubscriptionNumber",
    "Subscription ID",
    "ResellerMPNID",
    "Reseller",
    "EntitlementId",
    "OrderDate",
    "UsageDate",
    "ChargeStartDate",
    "ChargeEndDate",
    "ChargeType",
    "SkuId",
    "BillableQuantity",
    "Quantity",
    "Subtotal",
    "EffectiveUnitPrice",
    "BillingFrequency",
    "SubscriptionEndDate",
    "ReferenceID",
    "ReservationOrderId",
    "Status",
    "SubscriptionDescription",
];

impl BookFile {
    /// The month in its name.
    fn month(&self) -> Month {
        let digits = self.name.chars().find(char::is_ascii_digit).and_then(|digit| digit.to_digit(10));
        digits.expect("a file is named after its month")
    }
}

fn known(plan: &Plan, life: &Life) -> Vec<Known> {
    let of = |place: usize| {
        let (subject, truth) = (&plan.subscriptions[place], &life.truths[place]);
        let seats = truth.last()?;
        let listed = plan.lists.iter().rev().find_map(|list| match *list {
            ListPlan::Subscriptions { month, customer } if customer == subject.customer => {
                let at = life::date((month, 29));
                truth.seats(at).map(|_| (month, at))
            }
            _ => None,
        });
        let ended = |on: Option<NaiveDate>| listed.is_some_and(|(_, at)| on.is_some_and(|on| on <= at));
        let status = match listed {
            _ if truth.cancelled.is_some() || ended(truth.left) => Some("DELETED"),
            _ if truth.left.is_some() => None,
            Some((month, _)) if subject.suspended == Some(month) => Some("SUSPENDED"),
            _ => Some("ACTIVE"),
        };
        Some(Known {
            subscription: subscription(subject.number),
            seats,
            status,
            ever: truth.numbers.iter().map(|(_, seats)| *seats).collect(),
            known_from_parts: !truth.single,
        })
    };
    (0..plan.subscriptions.len()).filter_map(of).collect()
}
