//! The law of reverting: once a run is reverted, the result is that from before the run, except for what users changed since.

use rstest::rstest;

use crate::bench::Bench;
use crate::book::Book;
use crate::edits::Edit;
use crate::projection::{Tables, difference};
use crate::runner::{Verdict, hold};
use crate::same::in_the_middle;
use crate::support::Kind;

fn same(what: &str, expected: &[String], found: &[String]) -> Verdict {
    difference(expected, found).map_or(Ok(()), |difference| Err(format!("{what}:\n{difference}")))
}

#[rstest]
fn reverting_runs_gives_the_tables_from_before(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    hold(kind, |bench, book| {
        let files = in_the_middle(bench, book, 8)?;
        let mut states = Vec::new();
        let mut runs = Vec::new();
        // Two runs, reverted in reverse order.
        let cut = files.len() / 2;
        for part in [&files[..cut], &files[cut..]] {
            states.push(Tables::read(&mut bench.world).projection());
            let report = bench.import(part)?;
            runs.push(report.and_then(|report| report.run));
        }
        for (run, before) in runs.into_iter().zip(&states).rev() {
            let Some(run) = run else { continue };
            bench.revert(run)?;
            same("not as before the run", before, &Tables::read(&mut bench.world).projection())?;
        }
        Ok(())
    });
}

#[rstest]
fn what_users_changed_since_is_kept_when_a_run_is_reverted(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    hold(kind, |bench, book| {
        let files = in_the_middle(bench, book, 88)?;
        let stood = Tables::read(&mut bench.world).subscriptions();
        let Some(run) = bench.import(&files)?.and_then(|report| report.run) else { return Ok(()) };
        let edits = Edit::some(bench, &mut book.rng(89), false);
        edits.iter().for_each(|edit| edit.make(bench));
        bench.revert(run)?;
        let found = Tables::read(&mut bench.world);
        for edit in &edits {
            let (column, value) = match edit {
                Edit::Quantity(_, seats) => ("quantity", serde_json::Value::from(*seats)),
                Edit::FriendlyName(_, name) => ("friendly_name", serde_json::Value::from(name.clone())),
                Edit::Reseller(_) => continue,
            };
            if found.subscription(edit.subscription(), column) != Some(value) {
                return Err(format!("{edit:?} did not stay"));
            }
        }
        let of_what_stood = edits.iter().all(|edit| stood.iter().any(|id| id == edit.subscription()));
        if !of_what_stood {
            // What the run created and someone edited is kept, together with what it depends on.
            return Ok(());
        }
        edited_before(bench, book, &edits, &found.projection())
    });
}

/// The result if the run had never happened and users had made the same changes.
fn edited_before(bench: &mut Bench, book: &Book, edits: &[Edit], found: &[String]) -> Verdict {
    in_the_middle(bench, book, 88)?;
    edits.iter().for_each(|edit| edit.make(bench));
    same("not as if the run had never been", &Tables::read(&mut bench.world).projection(), found)
}
