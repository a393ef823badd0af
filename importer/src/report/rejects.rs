//! The files of rejects: every row that was not applied, as it was, and why. Mended, such a file can be imported again.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::Rejects;
use crate::intake::{Intake, Outcome};
use crate::issue::Issue;
use crate::plan::Plan;
use crate::profiles::Completeness;
use crate::remarks::errors_of;
use crate::request::ImportRequest;

/// The columns that are put behind the input's own; reading takes them off again.
const COLUMNS: [&str; 3] = ["import_line", "import_code", "import_message"];

/// Writes one file per input: `FILE`, `FILE-2`, … An input of which everything was applied gets none.
pub(crate) fn write(
    intake: &mut Intake,
    plan: &Plan,
    path: &Path,
    request: &ImportRequest,
) -> io::Result<Vec<Rejects>> {
    let mut written = Vec::new();
    for number in 0..intake.files.len() {
        let rejected = |row: &u32| matches!(plan.outcomes[*row as usize], Outcome::Rejected | Outcome::Conflict);
        let rows: Vec<u32> = intake.files[number].rows.clone().filter(rejected).collect();
        if rows.is_empty() {
            continue;
        }
        let path = numbered(path, number);
        write_file(intake, plan, number, &rows, &path)?;
        written.push(Rejects { command: command(intake, number, &path, request), file: path.display().to_string() });
    }
    Ok(written)
}

fn write_file(intake: &mut Intake, plan: &Plan, number: usize, rows: &[u32], path: &Path) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let delimiter = intake.files[number].description.delimiter;
    let header = intake.files[number].opened.header().to_vec();
    for (place, name) in header.iter().map(String::as_str).chain(COLUMNS).enumerate() {
        if place > 0 {
            write!(out, "{delimiter}")?;
        }
        out.write_all(quoted(name, delimiter).as_bytes())?;
    }
    out.write_all(b"\r\n")?;
    let file = u16::try_from(number).unwrap_or(u16::MAX);
    let places = rows.iter().map(|row| intake.place(*row)).collect::<io::Result<Vec<_>>>()?;
    let mut errors =
        errors_of(&[&intake.noted, &plan.noted], file).collect::<io::Result<Vec<_>>>()?.into_iter().peekable();
    for place in places {
        let mut of_row: Vec<Issue> = Vec::new();
        while let Some(issue) = errors.next_if(|issue| issue.line <= place.line) {
            if issue.line == place.line {
                of_row.push(issue);
            }
        }
        out.write_all(&intake.files[number].opened.raw_record(place.offset)?)?;
        let mut codes: Vec<&str> = of_row.iter().map(|issue| &*issue.code).collect();
        codes.dedup();
        let messages: Vec<String> = of_row
            .iter()
            .map(|issue| {
                issue.column.as_ref().map_or(issue.message.clone(), |column| format!("{column}: {}", issue.message))
            })
            .collect();
        write!(
            out,
            "{delimiter}{}{delimiter}{}{delimiter}{}\r\n",
            place.line,
            quoted(&codes.join(";"), delimiter),
            quoted(&messages.join("; "), delimiter)
        )?;
    }
    out.flush()
}

fn quoted(text: &str, delimiter: char) -> String {
    if text.contains([delimiter, '"', '\r', '\n', ';']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// `rejects.csv`, `rejects-2.csv`, …
fn numbered(path: &Path, number: usize) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match path.extension() {
        Some(extension) => format!("{stem}-{}.{}", number + 1, extension.to_string_lossy()),
        None => format!("{stem}-{}", number + 1),
    };
    path.with_file_name(name)
}

/// What imports the file again: with what was found out from the whole of it, for a part of it may not tell.
fn command(intake: &Intake, number: usize, path: &Path, request: &ImportRequest) -> String {
    let file = &intake.files[number];
    let mut command = format!("partnergraph import {}", shell(&path.display().to_string()));
    if let Some(named) = &request.named {
        command.push_str(&format!(" --as {}", shell(named)));
    }
    if let Some(named_type) = request.named_type {
        command.push_str(&format!(" --type {named_type}"));
    }
    command.push_str(&format!(
        " --profile {} --date-order {} --source {}",
        shell(&file.description.profile),
        file.description.date_order.as_str(),
        shell(&file.description.source)
    ));
    command.push_str(&format!(" --as-of {}", file.description.as_of));
    if let Some(customer) = file.customer {
        command.push_str(&format!(" --customer {customer}"));
    }
    if file.profile.complete != Completeness::No {
        command.push_str(" --partial");
    }
    command
}

fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_file_is_numbered() {
        assert_eq!(numbered(Path::new("a/rejects.csv"), 0), Path::new("a/rejects.csv"));
        assert_eq!(numbered(Path::new("a/rejects.csv"), 1), Path::new("a/rejects-2.csv"));
        assert_eq!(numbered(Path::new("rejects"), 2), Path::new("rejects-3"));
    }

    #[test]
    fn a_word_of_a_command_is_quoted_where_a_shell_would_take_it_apart() {
        assert_eq!(shell("Partner Center"), "'Partner Center'");
        assert_eq!(shell("new-commerce"), "new-commerce");
    }
}
