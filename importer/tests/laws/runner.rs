//! Tests a law with generated books, and reduces a book that breaks it.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::book::plan::Plan;
use crate::book::{Book, BookFile};
use crate::edits::Edit;
use crate::projection::Tables;
use crate::support::Kind;

/// The number of books for each law; `PARTNERGRAPH_LAWS` multiplies it.
const ON_SQLITE: u64 = 24;
const ON_POSTGRES: u64 = 6;
/// How long to search for smaller books that break a law, unless `PARTNERGRAPH_LAWS_SHRINK` sets another number of seconds.
const SECONDS: u64 = 5;

/// The verdict of a law on a book: ok, or how it is broken.
pub type Verdict = Result<(), String>;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The seeds of the books. `PARTNERGRAPH_LAWS_SEED` tests only one book.
fn seeds(kind: Kind) -> std::ops::Range<u64> {
    if let Some(seed) = number("PARTNERGRAPH_LAWS_SEED") {
        return seed..seed + 1;
    }
    let times = number("PARTNERGRAPH_LAWS").unwrap_or(1).max(1);
    match kind {
        Kind::Sqlite => 0..ON_SQLITE * times,
        // Different books from those on SQLite, to test more of them.
        Kind::Postgres => 1_000_000..1_000_000 + ON_POSTGRES * times,
    }
}

/// Tests a law with generated books on one kind of database. With `PARTNERGRAPH_LAWS_ALL`, all books that break it are listed,
/// not only the first.
pub fn hold(kind: Kind, law: impl Fn(&mut Bench, &Book) -> Verdict) {
    let mut bench = Bench::new(kind);
    let all = number("PARTNERGRAPH_LAWS_ALL").is_some();
    let mut broken = Vec::new();
    let seeds = seeds(kind);
    for seed in seeds.clone() {
        let book = Book::of(seed);
        if let Err(message) = judged(&mut bench, &book, &law) {
            if broken.is_empty() {
                let (book, message) = smallest(&mut bench, book, message, &law);
                broken.push((seed, format!("{message}\n{}", book.shown())));
            } else {
                broken.push((seed, message));
            }
            if !all {
                break;
            }
        }
    }
    if let Some((seed, message)) = broken.first() {
        let seeds: Vec<u64> = broken.iter().map(|(seed, _)| *seed).collect();
        panic!("{} book(s) break the law: {seeds:?}; PARTNERGRAPH_LAWS_SEED={seed}:\n{message}", broken.len());
    }
}

/// A panic of the program also breaks a law.
fn judged(bench: &mut Bench, book: &Book, law: &impl Fn(&mut Bench, &Book) -> Verdict) -> Verdict {
    catch_unwind(AssertUnwindSafe(|| law(bench, book))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
    })
}

fn smallest(
    bench: &mut Bench,
    mut book: Book,
    mut message: String,
    law: &impl Fn(&mut Bench, &Book) -> Verdict,
) -> (Book, String) {
    let until = Instant::now() + Duration::from_secs(number("PARTNERGRAPH_LAWS_SHRINK").unwrap_or(SECONDS));
    'smaller: loop {
        for plan in book.plan.smaller() {
            if Instant::now() > until {
                break 'smaller;
            }
            let smaller = Book::written(Plan { seed: book.plan.seed, ..plan });
            if let Err(found) = judged(bench, &smaller, law) {
                (book, message) = (smaller, found);
                continue 'smaller;
            }
        }
        break;
    }
    (book, message)
}

/// The result once all files of a book are imported, each half in one run, with edits between the halves.
#[derive(Debug)]
pub struct Reference {
    pub projection: Vec<String>,
    pub edits: Vec<Edit>,
}

/// By whether it is SQLite, and by the key of the book.
type References = HashMap<(bool, u64), Arc<Reference>>;

static REFERENCES: Mutex<Option<References>> = Mutex::new(None);

/// Imports a book in the reference way. Several laws need the result for the same book.
pub fn reference(bench: &mut Bench, book: &Book) -> Result<Arc<Reference>, String> {
    let key = (bench.kind == Kind::Sqlite, book.key);
    let known =
        REFERENCES.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|all| all.get(&key).cloned());
    if let Some(known) = known {
        return Ok(known);
    }
    bench.reset();
    let (first, second) = book.halves();
    let mut edits = Vec::new();
    if book.plan.seed.is_multiple_of(3) && !first.is_empty() {
        bench.import(&first)?;
        edits = Edit::some(bench, &mut book.rng(0xED), true);
        edits.iter().for_each(|edit| edit.make(bench));
        bench.import(&second)?;
    } else {
        bench.import(&book.files)?;
    }
    let reference = Arc::new(Reference { projection: Tables::read(&mut bench.world).projection(), edits });
    let mut all = REFERENCES.lock().unwrap_or_else(PoisonError::into_inner);
    all.get_or_insert_default().insert(key, Arc::clone(&reference));
    Ok(reference)
}

/// Imports the same book in another way: `arrive` is called for all files, or for each half with the same edits in between.
pub fn otherwise(
    bench: &mut Bench,
    book: &Book,
    edits: &[Edit],
    mut arrive: impl FnMut(&mut Bench, Vec<BookFile>) -> Verdict,
) -> Result<Vec<String>, String> {
    bench.reset();
    if edits.is_empty() {
        arrive(bench, book.files.clone())?;
    } else {
        let (first, second) = book.halves();
        arrive(bench, first)?;
        edits.iter().for_each(|edit| edit.make(bench));
        arrive(bench, second)?;
    }
    Ok(Tables::read(&mut bench.world).projection())
}
