//! `COPY … FROM STDIN` in text format.

use std::cell::{Cell as Slot, RefCell};
use std::io::{self, Write};
use std::marker::PhantomData;

use diesel::pg::{CopyTarget, Pg};
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use diesel::sql_types::Text;

use super::bulk::{Cell, NewRow, Stamp};
use crate::error::StoreError;

/// Writes all lines of a COPY.
pub(crate) type Fill<'a> = dyn Fn(&mut dyn Write) -> io::Result<()> + 'a;

/// The columns of a row in a table. diesel's own targets are tuples of columns, which cannot be concatenated from two lists.
pub(crate) struct Target<R, T>(PhantomData<(R, T)>);

impl<R, T> Target<R, T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R: NewRow, T: Table> CopyTarget for Target<R, T> {
    type Table = T;
    // Nothing is converted: the lines are text.
    type SqlType = Text;

    fn walk_target(mut pass: AstPass<'_, '_, Pg>) -> QueryResult<()> {
        pass.push_sql(R::TABLE);
        for (index, name) in R::COLUMNS.iter().enumerate() {
            pass.push_sql(if index > 0 { ", " } else { " (" });
            pass.push_sql(name);
        }
        pass.push_sql(")");
        Ok(())
    }
}

/// Bytes to send at once; each write becomes a message to the server.
const MESSAGE: usize = 64 * 1024;

pub(super) fn copy<R: NewRow, E: From<StoreError>>(
    conn: &mut PgConnection,
    stamp: &Stamp,
    rows: impl Iterator<Item = Result<R, E>>,
) -> Result<u64, E> {
    let rows = RefCell::new(rows);
    let count = Slot::new(0_u64);
    // diesel's callback is a `Fn` with its own error type, so the error of the rows is kept aside and returned after the COPY has
    // failed.
    let failed: RefCell<Option<E>> = RefCell::new(None);
    let fill = |out: &mut dyn Write| -> io::Result<()> {
        let mut lines = Vec::with_capacity(MESSAGE + 4096);
        for row in rows.borrow_mut().by_ref() {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    *failed.borrow_mut() = Some(error);
                    return Err(io::Error::other("the rows could not be read"));
                }
            };
            line(&mut lines, &row.cells(stamp));
            count.set(count.get() + 1);
            if lines.len() >= MESSAGE {
                out.write_all(&lines)?;
                lines.clear();
            }
        }
        out.write_all(&lines)
    };
    let result = R::copy(conn, &fill);
    match (failed.take(), result) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(StoreError::from(error).into()),
        (None, Ok(_)) => Ok(count.get()),
    }
}

fn line(out: &mut Vec<u8>, cells: &[Cell<'_>]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.push(b'\t');
        }
        match cell {
            Cell::Null => out.extend_from_slice(b"\\N"),
            Cell::Int(number) => {
                let _ = write!(out, "{number}");
            }
            Cell::Bool(truth) => out.push(if *truth { b't' } else { b'f' }),
            Cell::Text(text) => escape(out, text),
            Cell::When(when) => out.extend_from_slice(when.as_str().as_bytes()),
        }
    }
    out.push(b'\n');
}

/// PostgreSQL does not accept NUL in text; it is omitted, because it has no meaning in a name.
fn escape(out: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0 => {}
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_escapes_line_breaks_and_delimiters() {
        let mut out = Vec::new();
        line(&mut out, &[Cell::Int(7), Cell::Null, Cell::Bool(true), Cell::Text("a\tb\\c\n\0d")]);
        assert_eq!(String::from_utf8_lossy(&out), "7\t\\N\tt\ta\\tb\\\\c\\nd\n");
    }
}
