//! Laws of order: the result depends on which lines are known, not on the order in which they were imported.

use rstest::rstest;

use crate::bench::Bench;
use crate::book::rng::Rng;
use crate::book::{Book, BookFile, Format};
use crate::projection::difference;
use crate::runner::{Verdict, hold, otherwise, reference};
use crate::support::Kind;

fn same(way: &str, expected: &[String], found: &[String]) -> Verdict {
    difference(expected, found).map_or(Ok(()), |difference| Err(format!("{way}:\n{difference}")))
}

#[rstest]
fn rows_of_a_file_may_be_in_any_order(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
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
fn files_may_be_imported_together_or_apart_in_any_order(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
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

#[rstest]
fn the_lines_of_a_subscription_may_be_spread_over_files(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    hold(kind, |bench, book| {
        let reference = reference(bench, book)?;
        let mut rng = book.rng(3);
        let mut spread = String::new();
        let found = otherwise(bench, book, &reference.edits, |bench, files| {
            let files = split(&mut rng, files);
            spread = shown(book, &files);
            if rng.chance(30) { bench.import(&files).map(drop) } else { bench.import_apart(&files) }
        })?;
        same(&format!("spread over files:\n{spread}"), &reference.projection, &found)
    });
}

/// Distributes the rows over other files: charges of one format go to one of three at random. A row keeps its header, because the
/// headers do not state the same about a subscription. Lines that a file contains twice stay together, because the same line in
/// two files is one line.
fn split(rng: &mut Rng, files: Vec<BookFile>) -> Vec<BookFile> {
    let (charges, mut all): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.format.is_charges());
    let mut pieces: Vec<BookFile> = Vec::new();
    for format in [Format::NewCommerceDocs, Format::NewCommerceReal, Format::Legacy] {
        let mut parts: [Vec<crate::book::Row>; 3] = Default::default();
        for row in charges.iter().filter(|file| file.format == format).flat_map(|file| &file.rows) {
            let twin = parts.iter().position(|part| part.contains(row));
            parts[twin.unwrap_or_else(|| rng.index(3))].push(row.clone());
        }
        for (number, mut rows) in parts.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
            rng.shuffle(&mut rows);
            let name = format!("part-{number}-{format:?}.csv").to_lowercase();
            pieces.push(BookFile { name, format, rows, as_of: None, customer: None });
        }
    }
    all.extend(pieces);
    rng.shuffle(&mut all);
    all
}

fn shown(book: &Book, files: &[BookFile]) -> String {
    Book { files: files.to_vec(), known: Vec::new(), ..book.clone() }.shown()
}

/// Makes sure that the laws test something: an import that forgets everything would satisfy them.
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
