//! Refusals of a file for its header, with messages that name the column concerned.

use crate::issue::FileRefusal;
use crate::printable::escape_control;
use crate::profiles::{Layout, Profile, Twice, resembling};

/// How many columns a refusal names at most.
const NAMED: usize = 6;

/// The header clearly belongs to that format, but lacks required columns.
pub(super) fn column_missing(file: &str, profile: &Profile, layout: &Layout) -> FileRefusal {
    let missing: Vec<&str> = layout.missing.iter().filter_map(|field| profile.column_of(*field)).collect();
    let message = format!("the file lacks {}, which the format {} requires", quoted(&missing), profile.name);
    let refusal = FileRefusal::new(file, "file.header.column_missing", message);
    let refusal = match missing.first() {
        Some(column) => refusal.column(*column),
        None => refusal,
    };
    match layout.missing.iter().find_map(|field| Some((profile.column_of(*field)?, resembling(profile, *field, layout)?))) {
        Some((column, similar)) => refusal.hint(format!(
            "is {} meant to be \"{column}\"? rename it in the file, or map it with --map (see `partnergraph profiles new FILE`)",
            quoted(&[similar])
        )),
        None => refusal.hint(
            "export the file again with that column, or map another column to it with --map (see `partnergraph profiles new FILE`)",
        ),
    }
}

/// Two columns are both the key, and it is unclear which one is meant.
pub(super) fn column_twice(file: &str, twice: &Twice) -> FileRefusal {
    let message =
        format!("{} and {} both map to the field \"{}\"", quoted(&[&twice.used]), quoted(&[&twice.other]), twice.field);
    FileRefusal::new(file, "file.header.column_duplicate", message)
        .column(twice.other.as_str())
        .hint("remove or rename one of them, or choose one with --map (see `partnergraph profiles new FILE`)")
}

/// The header matches no known format.
pub(super) fn unknown(file: &str, profile: &Profile, layout: &Layout) -> FileRefusal {
    let missing: Vec<&str> = layout.missing.iter().filter_map(|field| profile.column_of(*field)).collect();
    let unknown: Vec<&str> = layout.unknown.iter().map(String::as_str).collect();
    let message = if layout.recognised() == 0 {
        let names: Vec<&str> = layout.names.iter().map(String::as_str).collect();
        format!("the header matches no known format: it has {}", quoted(&names))
    } else if missing.is_empty() {
        format!(
            "the header matches no known format; the nearest is {}, but most columns differ: {}",
            profile.name,
            quoted(&unknown)
        )
    } else {
        format!(
            "the header matches no known format; the nearest is {}, but the file lacks {}",
            profile.name,
            quoted(&missing)
        )
    };
    // A title above the header is read as a header of columns that no format has.
    let hint = if layout.recognised() == 0 {
        "if other lines come before the header, give its line with --header-line; otherwise map the columns with --map \
         (`partnergraph profiles new FILE`)"
    } else {
        "set the format with --profile (`partnergraph profiles list`), or map the columns with --map \
         (`partnergraph profiles new FILE`)"
    };
    let refusal = FileRefusal::new(file, "file.header.unknown", message).hint(hint);
    match missing.first().or(unknown.first()) {
        Some(column) => refusal.column(*column),
        None => refusal,
    }
}

fn quoted(names: &[&str]) -> String {
    let shown = names.iter().filter(|name| !name.is_empty()).take(NAMED);
    let mut list: Vec<String> =
        shown.map(|name| format!("\"{}\"", escape_control(&crate::issue::quoted(name)))).collect();
    if names.len() > NAMED {
        list.push(format!("{} more", names.len() - NAMED));
    }
    list.join(", ")
}
