//! Plans that wait to be applied. Their bytes are stored in pieces in the database, so that every server of an installation can
//! read them. Neither the writer nor the reader holds more than one piece in memory.

use std::io::{self, Read, Write};

use diesel::prelude::*;
use partnergraph_domain::ImportRunKey;

use super::uploads::PIECE;
use crate::conn::Conn;
use crate::error::{StoreError, StoreResult};
use crate::schema::import_plan_pieces;

/// Whether the plan of a run is stored and can therefore be applied.
///
/// # Errors
/// Any database error.
pub fn is_stored(conn: &mut Conn, run_id: ImportRunKey) -> StoreResult<bool> {
    let first = on!(conn, c => import_plan_pieces::table
        .find((run_id, 0))
        .select(import_plan_pieces::ordinal)
        .first::<i64>(c)
        .optional())?;
    Ok(first.is_some())
}

/// Deletes a plan.
///
/// # Errors
/// Any database error.
pub fn remove(conn: &mut Conn, run_id: ImportRunKey) -> StoreResult<()> {
    on!(conn, c => diesel::delete(import_plan_pieces::table.filter(import_plan_pieces::run_id.eq(run_id))).execute(c))?;
    Ok(())
}

/// Writes a plan from the first byte to the last. [`PlanWriter::finish`] writes the remaining bytes.
#[allow(missing_debug_implementations)]
pub struct PlanWriter<'a> {
    conn: &'a mut Conn,
    run_id: ImportRunKey,
    next: i64,
    piece: Vec<u8>,
}

impl<'a> PlanWriter<'a> {
    /// Starts the plan of a run. The caller holds a write transaction.
    pub fn new(conn: &'a mut Conn, run_id: ImportRunKey) -> Self {
        Self { conn, run_id, next: 0, piece: Vec::with_capacity(PIECE) }
    }

    /// The plan of a move, whose rows are in their own table: a mark that it waits to be applied.
    ///
    /// # Errors
    /// Any database error.
    pub fn of_move(conn: &'a mut Conn, run_id: ImportRunKey) -> StoreResult<()> {
        let mut mark = Self::new(conn, run_id);
        mark.piece.extend_from_slice(b"move");
        mark.finish()
    }

    /// Finishes the plan.
    ///
    /// # Errors
    /// Any database error.
    pub fn finish(mut self) -> StoreResult<()> {
        self.write_piece()
    }

    fn write_piece(&mut self) -> StoreResult<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        on!(&mut *self.conn, c => diesel::insert_into(import_plan_pieces::table)
            .values((
                import_plan_pieces::run_id.eq(self.run_id),
                import_plan_pieces::ordinal.eq(self.next),
                import_plan_pieces::bytes.eq(self.piece.as_slice()),
            ))
            .execute(c))?;
        self.next += 1;
        self.piece.clear();
        Ok(())
    }
}

impl Write for PlanWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() == PIECE {
            self.write_piece().map_err(io::Error::other)?;
        }
        let length = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    /// A piece is written when it is full, and the last one at the end.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads a plan from the first byte to the last.
#[allow(missing_debug_implementations)]
pub struct PlanReader<'a> {
    conn: &'a mut Conn,
    run_id: ImportRunKey,
    next: i64,
    piece: Vec<u8>,
    read: usize,
}

impl<'a> PlanReader<'a> {
    /// Opens the plan of a run. A plan that is not stored is empty.
    pub fn new(conn: &'a mut Conn, run_id: ImportRunKey) -> Self {
        Self { conn, run_id, next: 0, piece: Vec::new(), read: 0 }
    }
}

impl Read for PlanReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.read == self.piece.len() {
            let piece: Option<Vec<u8>> = on!(&mut *self.conn, c => import_plan_pieces::table
                .find((self.run_id, self.next))
                .select(import_plan_pieces::bytes)
                .first(c)
                .optional())
            .map_err(|error| io::Error::other(StoreError::from(error)))?;
            let Some(piece) = piece else { return Ok(0) };
            self.piece = piece;
            self.read = 0;
            self.next += 1;
        }
        let length = out.len().min(self.piece.len() - self.read);
        out[..length].copy_from_slice(&self.piece[self.read..self.read + length]);
        self.read += length;
        Ok(length)
    }
}
