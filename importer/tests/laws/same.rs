//! Laws of equality: a dry run, a plan that is applied, and a repeated import give the same result.

use partnergraph_domain::ImportMode;
use partnergraph_importer::{ImportRequest, Report};
use rstest::rstest;

use crate::bench::Bench;
use crate::book::{Book, BookFile};
use crate::edits::Edit;
use crate::projection::{Tables, difference};
use crate::runner::{Verdict, hold};
use crate::support::{Kind, comparable};

/// A database after some imports, and the next files. Both are the same for the same book and law.
pub fn in_the_middle(bench: &mut Bench, book: &Book, law: u64) -> Result<Vec<BookFile>, String> {
    bench.reset();
    let (first, mut second) = book.halves();
    bench.import(&first)?;
    let mut rng = book.rng(law);
    let edits = Edit::some(bench, &mut rng, true);
    edits.iter().for_each(|edit| edit.make(bench));
    bench.days += 1;
    // A list that lacks an entry; a file with rows that are already known.
    if let Some(list) = second.iter_mut().find(|file| file.as_of.is_some() && file.rows.len() > 1) {
        list.rows.pop();
    }
    second.extend(first.into_iter().take(1));
    Ok(second)
}

fn report(report: &Report) -> serde_json::Value {
    comparable(report)
}

fn equal(what: &str, expected: &serde_json::Value, found: &serde_json::Value) -> Verdict {
    if expected == found { Ok(()) } else { Err(format!("{what}\nexpected {expected}\nfound    {found}")) }
}

fn unchanged(what: &str, before: &Tables, after: &Tables) -> Verdict {
    difference(&before.raw(), &after.raw()).map_or(Ok(()), |difference| Err(format!("{what}:\n{difference}")))
}

#[rstest]
fn a_dry_run_reports_what_the_run_reports_and_writes_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    hold(kind, |bench, book| {
        let files = in_the_middle(bench, book, 6)?;
        let before = Tables::read(&mut bench.world);
        let request = bench.request(&files);
        let dry = ImportRequest { mode: ImportMode::DryRun, ..request.clone() };
        let dry = bench.run(&dry).map_err(|error| error.to_string())?;
        unchanged("a dry run wrote", &before, &Tables::read(&mut bench.world))?;
        let run = bench.run(&request).map_err(|error| error.to_string())?;
        equal("the reports differ", &report(&dry), &report(&run))
    });
}

#[rstest]
fn a_plan_that_is_applied_does_what_the_run_does(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    hold(kind, |bench, book| {
        let files = in_the_middle(bench, book, 7)?;
        let request = bench.request(&files);
        let run = bench.run(&request).map_err(|error| error.to_string())?;
        let expected = Tables::read(&mut bench.world).projection();
        let files = in_the_middle(bench, book, 7)?;
        let before = Tables::read(&mut bench.world);
        let plan = ImportRequest { mode: ImportMode::Plan, ..bench.request(&files) };
        let planned = bench.run(&plan).map_err(|error| error.to_string())?;
        unchanged("a plan wrote", &before, &Tables::read(&mut bench.world))?;
        let applied = bench.apply(planned.run.ok_or("a plan has a run")?)?;
        equal("the plan's report differs", &report(&run), &report(&planned))?;
        equal("the report of the applied plan differs", &report(&run), &report(&applied))?;
        let found = Tables::read(&mut bench.world).projection();
        difference(&expected, &found).map_or(Ok(()), |difference| Err(format!("the tables differ:\n{difference}")))
    });
}

#[rstest]
fn the_same_files_again_change_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    hold(kind, |bench, book| {
        bench.reset();
        let Some(once) = bench.import(&book.files)? else { return Ok(()) };
        let held = once.rows.rejected + once.rows.conflict;
        let before = Tables::read(&mut bench.world);
        bench.days += 1;
        let mut files = book.files.clone();
        book.rng(9).shuffle(&mut files);
        let again = bench.import(&files)?.ok_or("there were files")?;
        unchanged("the same files changed something", &before, &Tables::read(&mut bench.world))?;
        let rows = again.rows;
        if held == 0 && rows.applied + rows.merged != rows.read {
            return Err(format!("not all rows are applied or merged: {rows:?} {:?}", again.issues));
        }
        for (what, counts) in [("customers", again.customers), ("subscriptions", again.subscriptions)] {
            if counts.created + counts.updated > 0 {
                return Err(format!("{what} were changed: {counts:?}"));
            }
        }
        Ok(())
    });
}
