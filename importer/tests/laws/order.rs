//! Laws of order: what the tables say depends on which lines are known, not on how they came.

use rstest::rstest;

use crate::bench::Bench;
use crate::book::Book;
use crate::projection::difference;
use crate::runner::{Verdict, hold, otherwise, reference};
use crate::support::Kind;

fn same(way: &str, expected: &[String], found: &[String]) -> Verdict {
    difference(expected, found).map_or(Ok(()), |difference| Err(format!("{way}:\n{difference}")))
}

#[rstest]
fn rows_of_a_file_may_stand_in_any_order(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    hold(kind, |bench, book| {
        let reference = reference(bench, book)?;
        let mut rng = book.rng(1);
        let found = otherwise(bench, book, &reference.edits, |bench, mut files| {
            files.iter_mut().for_each(|file| rng.shuffle(&mut file.rows));
            bench.import(&files).map(drop)
        })?;
        same("rows in another order", &reference.projection, &found)
    });
}

#[rstest]
fn files_may_come_together_or_apart_in_any_order(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    hold(kind, |bench, book| {
        let reference = reference(bench, book)?;
        let mut rng = book.rng(2);
        let backwards = book.plan.seed.is_multiple_of(2);
        let found = otherwise(bench, book, &reference.edits, |bench, mut files| {
            if backwards {
                files.reverse();
            }
            bench.import_apart(&files)
        })?;
        same(if backwards { "the last file first" } else { "one after the other" }, &reference.projection, &found)?;
        let mut order = Vec::new();
        let found = otherwise(bench, book, &reference.edits, |bench, mut files| {
            rng.shuffle(&mut files);
            order.extend(files.iter().map(|file| file.name.clone()));
            bench.import_apart(&files)
        })?;
        same(&format!("in the order {order:?}"), &reference.projection, &found)
    });
}

/// The laws are about something: an import that forgets everything would keep them.
#[test]
fn books_are_deterministic_and_not_empty() {
    for seed in 0..50 {
        let (book, again) = (Book::of(seed), Book::of(seed));
        assert_eq!(book.key, again.key);
        assert!(book.files.iter().map(|file| file.rows.len()).sum::<usize>() > 2, "{}", book.shown());
    }
    let mut bench = Bench::new(Kind::Sqlite);
    let projection = reference(&mut bench, &Book::of(1)).unwrap();
    assert!(projection.projection.iter().any(|line| line.starts_with("subscriptions ")));
}
