//! What leaves the program: answers on standard output, everything else on standard error.
//!
//! A reader that stops reading (`| head`) ends the output, not the command with a panic.

use std::io::{self, Write as _};
use std::sync::Once;

/// A line of an answer.
pub(super) fn line(text: impl AsRef<str>) {
    lost(writeln!(io::stdout().lock(), "{}", text.as_ref()));
}

/// An answer as it is, without a line end.
pub(super) fn raw(text: &[u8]) {
    let mut out = io::stdout().lock();
    lost(out.write_all(text).and_then(|()| out.flush()));
}

/// Says that an answer did not arrive, once. A reader that has stopped reading knows it already.
fn lost(written: io::Result<()>) {
    static TOLD: Once = Once::new();
    if let Err(cause) = written
        && cause.kind() != io::ErrorKind::BrokenPipe
    {
        TOLD.call_once(|| {
            error(
                &format!("the answer could not be written: {cause}"),
                "the command itself went on; its exit code tells",
            );
        });
    }
}

/// A line for whoever watches.
pub(super) fn note(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
}

/// The two lines of an error.
pub(super) fn error(message: &str, hint: &str) {
    let _ = writeln!(io::stderr().lock(), "error: {message}\nhint: {hint}");
}

/// Rows in columns as wide as they need to be, the first row a heading.
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
