//! The law of numbers: the stored numbers are those of the life from which the lines were generated.

use rstest::rstest;

use crate::bench::Bench;
use crate::book::Book;
use crate::projection::Tables;
use crate::runner::{Verdict, hold};
use crate::support::Kind;

#[rstest]
fn seats_and_status_are_those_of_the_life(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    hold(kind, |bench, book| {
        bench.reset();
        let report = bench.import(&book.files)?;
        true_to_life(bench, book).map_err(|fault| {
            let issues = report.map(|report| report.issues).unwrap_or_default();
            let issues: Vec<String> = issues.iter().map(|issue| format!("{} {}", issue.code, issue.message)).collect();
            format!("{fault}\n{}", issues.join("\n"))
        })
    });
}

fn true_to_life(bench: &mut Bench, book: &Book) -> Verdict {
    let tables = Tables::read(&mut bench.world);
    let mut faults = Vec::new();
    for known in &book.known {
        let quantity = tables.subscription(&known.subscription, "quantity");
        let status = tables.subscription(&known.subscription, "status");
        let (quantity, status) = (quantity.unwrap_or_default(), status.unwrap_or_default());
        if quantity != known.seats {
            faults.push(format!("{}: {} seats are true, {quantity} are stored", known.subscription, known.seats));
        }
        if known.status.is_some_and(|expected| status != expected) {
            faults.push(format!("{}: {:?} is true, {status} is stored", known.subscription, known.status));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

/// If files are missing, a stored number is one that was true at some time, or the previous one.
#[rstest]
fn with_files_missing_no_number_is_made_up(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    hold(kind, |bench, book| {
        bench.reset();
        let mut rng = book.rng(10);
        let mut files = book.files.clone();
        files.retain(|_| !rng.chance(30));
        for file in &files {
            bench.import(std::slice::from_ref(file))?;
            let tables = Tables::read(&mut bench.world);
            for known in book.known.iter().filter(|known| known.known_from_parts) {
                let stored = tables.subscription(&known.subscription, "quantity").unwrap_or_default();
                if let Some(seats) = stored.as_i64().filter(|seats| !known.ever.contains(seats)) {
                    let came: Vec<&str> = files.iter().map(|file| &*file.name).collect();
                    return Err(format!(
                        "{} had never {seats} seats; stored after {} of {came:?}",
                        known.subscription, file.name
                    ));
                }
            }
        }
        Ok(())
    });
}
