//! The tables of expected results: readable files that are compared with the actual results.
//!
//! `UPDATE_MATRIX=1` updates them from the embedded database; review every changed row before committing it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use partnergraph_store::Backend;

use crate::matrix::actors::ACTORS;
use crate::matrix::data;

/// Rows by key, in order, with one cell for each actor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table(pub Vec<(String, Vec<String>)>);

impl Table {
    pub fn cell(&self, key: &str, actor: &str) -> Option<&str> {
        let at = ACTORS.iter().position(|known| known.name == actor)?;
        let (_, cells) = self.0.iter().find(|(row, _)| row == key)?;
        cells.get(at).map(String::as_str)
    }
}

/// The format of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A line for each row, a column for each actor.
    Columns,
    /// A block for each row, with a line for each result and the actors that get it.
    Blocks,
}

/// The tables and their paths.
pub const FIELDS: (&str, Form) = ("expected/fields.txt", Form::Columns);
pub const MUTATIONS: (&str, Form) = ("expected/mutations.txt", Form::Blocks);

const FIELDS_HEAD: &str = "\
# Who gets what for every field: a line for each field, a column for each actor.
#   value    it is there; value#2 where it says something else than to the first actor of the line that gets it
#   null     it is null             hidden   the object itself does not exist for the actor
#   [3]      a list of so many      [A,B]    a list of objects by what they are called; [A]/2 has a total that differs
#   !CODE    an error               refused  UNAUTHENTICATED
#   waits    nothing is told until something happens
#   =        the same as the first of that organisation      anything else: the value itself, a long one as a digest
# Written by `UPDATE_MATRIX=1 tests/run --test tests matrix::`. The objects are reached as data/routes.txt says.
";

const MUTATIONS_HEAD: &str = "\
# Who may do what: a block for each mutation and input of data/inputs.txt, in it a line for each answer with those who get it.
#   ok       it would be done       rule/code/microsoftCode of each user error       !CODE    an error
# Written by `UPDATE_MATRIX=1 tests/run --test tests matrix::`. Nothing is written: every input says validateOnly.
";

/// The table in the repository.
pub fn expected((name, form): (&str, Form)) -> Table {
    let text = fs::read_to_string(data::path(name)).unwrap_or_default();
    match form {
        Form::Columns => from_columns(&text),
        Form::Blocks => from_blocks(&text),
    }
}

/// Compares the actual results with the table of that name, row by row.
pub fn check(file: (&str, Form), answered: &Table, backend: Backend) {
    let (name, form) = file;
    if std::env::var_os("UPDATE_MATRIX").is_some() {
        // One of the two test cases writes; the next run compares both.
        if backend == Backend::Sqlite {
            let text = match form {
                Form::Columns => to_columns(answered),
                Form::Blocks => to_blocks(answered),
            };
            fs::write(data::path(name), text).unwrap();
        }
        return;
    }
    let differences = differences(&expected(file), answered);
    assert!(
        differences.is_empty(),
        "{name} differs in {} places ({backend:?}); if the new answers are right, run with UPDATE_MATRIX=1 and read them:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

fn differences(expected: &Table, answered: &Table) -> Vec<String> {
    let rows = |table: &Table| table.0.iter().cloned().collect::<BTreeMap<String, Vec<String>>>();
    let (before, after) = (rows(expected), rows(answered));
    let mut found = Vec::new();
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        found.push(format!("{key}: a row of the table that nothing answers"));
    }
    for (key, cells) in &after {
        let Some(known) = before.get(key) else {
            found.push(format!("{key}: no row in the table"));
            continue;
        };
        for ((actor, expected), answered) in ACTORS.iter().zip(known).zip(cells) {
            if expected != answered {
                found.push(format!("{key} for {}: expected {expected}, answered {answered}", actor.name));
            }
        }
        if known.len() != ACTORS.len() {
            found.push(format!("{key}: {} cells for {} actors", known.len(), ACTORS.len()));
        }
    }
    found
}

fn to_columns(table: &Table) -> String {
    let mut text = FIELDS_HEAD.to_owned();
    let head: Vec<String> = ACTORS.iter().map(|actor| actor.name.to_owned()).collect();
    let sections = table.0.chunk_by(|(one, _), (other, _)| section(one) == section(other));
    for rows in sections {
        let title = (format!("# {}", section(&rows[0].0)), head.clone());
        let rows = rows.iter().map(|(key, cells)| (key.clone(), folded(cells)));
        let lines: Vec<(String, Vec<String>)> = std::iter::once(title).chain(rows).collect();
        let width = |at: usize| lines.iter().map(|(_, cells)| cells[at].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..ACTORS.len()).map(width).collect();
        let first = lines.iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
        text.push('\n');
        for (key, cells) in &lines {
            let mut line = format!("{key:first$}");
            for (cell, width) in cells.iter().zip(&widths) {
                let _ = write!(line, "  {cell:width$}");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// The cells as written: users of an organisation usually see the same, so a cell that differs stands out.
fn folded(cells: &[String]) -> Vec<String> {
    let fold = |(at, cell): (usize, &String)| match first_of_home(at) {
        _ if cell == REFUSED => "refused".to_owned(),
        Some(first) if cells[first] == *cell => "=".to_owned(),
        _ => cell.clone(),
    };
    cells.iter().enumerate().map(fold).collect()
}

fn unfolded(cells: &[String]) -> Vec<String> {
    let unfold = |(at, cell): (usize, &String)| match (cell.as_str(), first_of_home(at)) {
        ("refused", _) => REFUSED.to_owned(),
        ("=", Some(first)) => cells[first].clone(),
        _ => cell.clone(),
    };
    cells.iter().enumerate().map(unfold).collect()
}

const REFUSED: &str = "!UNAUTHENTICATED";

/// The first actor of the same organisation, if it is a different one.
fn first_of_home(at: usize) -> Option<usize> {
    let home = ACTORS.get(at)?.home;
    ACTORS.iter().position(|actor| actor.home == home).filter(|first| *first != at)
}

/// The type and its route: the part of the key before the field.
fn section(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

fn from_columns(text: &str) -> Table {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let row = |line: &str| {
        let mut parts = line.split_whitespace().map(str::to_owned);
        (parts.next().unwrap_or_default(), unfolded(&parts.collect::<Vec<_>>()))
    };
    Table(lines.map(row).collect())
}

fn to_blocks(table: &Table) -> String {
    let mut text = MUTATIONS_HEAD.to_owned();
    for (key, cells) in &table.0 {
        let _ = write!(text, "\n{key}\n");
        let mut told: Vec<&String> = Vec::new();
        for cell in cells {
            if !told.contains(&cell) {
                told.push(cell);
            }
        }
        for answer in told {
            let who = ACTORS.iter().zip(cells).filter(|(_, cell)| *cell == answer).map(|(actor, _)| actor.name);
            let _ = writeln!(text, "    {answer}\n        {}", who.collect::<Vec<_>>().join(" "));
        }
    }
    text
}

fn from_blocks(text: &str) -> Table {
    let mut rows: Vec<(String, BTreeMap<String, String>)> = Vec::new();
    let mut answer = String::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let said = line.trim().to_owned();
        match (line.len() - line.trim_start().len(), rows.last_mut()) {
            (0, _) => rows.push((said, BTreeMap::new())),
            (4, _) => answer = said,
            (_, Some((_, cells))) => {
                cells.extend(said.split_whitespace().map(|actor| (actor.to_owned(), answer.clone())));
            }
            _ => {}
        }
    }
    let row = |(key, cells): (String, BTreeMap<String, String>)| {
        let cells = ACTORS.iter().map(|actor| cells.get(actor.name).cloned().unwrap_or_default()).collect();
        (key, cells)
    };
    Table(rows.into_iter().map(row).collect())
}
