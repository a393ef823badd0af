//! Output: results on standard output, everything else on standard error.
//!
//! A reader that stops reading (`| head`) ends the output; the command does not panic.

use std::io::{self, Write as _};
use std::sync::Once;

use partnergraph_domain::counted;

/// Prints a line of the result.
pub(super) fn line(text: impl AsRef<str>) {
    lost(writeln!(io::stdout().lock(), "{}", text.as_ref()));
}

/// Prints a result as it is, without a line ending.
pub(super) fn raw(text: &[u8]) {
    let mut out = io::stdout().lock();
    lost(out.write_all(text).and_then(|()| out.flush()));
}

/// Reports once that the output could not be written. A closed pipe is not reported, because the reader closed it.
fn lost(written: io::Result<()>) {
    static TOLD: Once = Once::new();
    if let Err(cause) = written
        && cause.kind() != io::ErrorKind::BrokenPipe
    {
        TOLD.call_once(|| {
            error(&format!("cannot write the output: {cause}"), "the command continued; see its exit code");
        });
    }
}

/// Prints a note on standard error.
pub(super) fn note(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
}

/// The migrations that have not been applied yet: `2 migrations are pending: 0001_a, 0002_b`.
pub(super) fn pending(names: &[String]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb} pending: {}", counted(names.len() as u64, "migration"), names.join(", "))
}

/// Prints the two lines of an error.
pub(super) fn error(message: &str, hint: &str) {
    let _ = writeln!(io::stderr().lock(), "error: {message}\nhint: {hint}");
}

/// Prints rows in aligned columns below a heading.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) {
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).chain([heading[column].len()]).max().unwrap_or_default()
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let show = |cells: [&str; N]| {
        let cells: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        line(cells.join("  ").trim_end());
    };
    show(heading);
    for row in rows {
        show(std::array::from_fn(|column| row[column].as_str()));
    }
}
