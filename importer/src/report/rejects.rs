//! The rejects files: every row that was not applied, unchanged, with the reasons. After it is fixed, such a file can
//! be imported again.

mod command;
mod targets;

use std::io::{self, BufWriter, Write};

use crate::intake::{Intake, Outcome};
use crate::issue::Issue;
use crate::issue_spool::errors_of;
use crate::plan::Plan;
pub(crate) use targets::Targets;

/// The columns that are appended to the input's own. Reading such a file removes them.
const COLUMNS: [&str; 3] = ["import_line", "import_code", "import_message"];

/// The rows of an input that were not applied, in the input's order.
fn not_applied(intake: &Intake, plan: &Plan, number: usize) -> Vec<u32> {
    let rejected = |row: &u32| matches!(plan.outcomes[*row as usize], Outcome::Rejected | Outcome::Conflict);
    intake.files[number].rows.clone().filter(rejected).collect()
}

/// Writes those rows of an input after its header. The input is open.
fn write(intake: &mut Intake, plan: &Plan, number: usize, rows: &[u32], out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
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
    let places = rows.iter().map(|row| intake.location(*row)).collect::<io::Result<Vec<_>>>()?;
    let mut errors =
        errors_of(&[&intake.issues, &plan.issues], file).collect::<io::Result<Vec<_>>>()?.into_iter().peekable();
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
