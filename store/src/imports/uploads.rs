//! Uploads: the bytes of a file in pieces, in the database, so that every server of an installation can read them.

use std::io::{self, Read};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::{import_upload_chunks, import_uploads};
use crate::url::DatabaseUrl;

/// Bytes to a piece: what a reader or a writer holds at once.
pub const PIECE: usize = 256 * 1024;

/// An upload, once all its pieces are there.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = import_uploads)]
pub struct UploadRow {
    /// What `startImport` names.
    pub id: String,
    /// The account that uploaded it; none for an operator.
    pub partner_id: Option<i64>,
    /// The file's name.
    pub name: String,
    /// Its length.
    pub bytes: i64,
    /// Of its bytes, in hexadecimal.
    pub sha256: String,
    /// Who.
    pub uploaded_by: String,
    /// When.
    pub created_at: NaiveDateTime,
}

/// Writes one piece. The pieces of one upload are numbered from 0.
///
/// # Errors
/// The database's.
pub fn write_piece(conn: &mut Conn, upload_id: &str, ordinal: i64, bytes: &[u8]) -> StoreResult<()> {
    on!(conn, c => diesel::insert_into(import_upload_chunks::table)
        .values((
            import_upload_chunks::upload_id.eq(upload_id),
            import_upload_chunks::ordinal.eq(ordinal),
            import_upload_chunks::bytes.eq(bytes),
        ))
        .execute(c))?;
    Ok(())
}

/// Opens an upload: its row is there before its pieces, with no length and no checksum yet.
///
/// # Errors
/// The database's.
pub fn begin(conn: &mut Conn, row: &UploadRow) -> StoreResult<()> {
    on!(conn, c => diesel::insert_into(import_uploads::table).values(row).execute(c))?;
    Ok(())
}

/// Says that all pieces are there.
///
/// # Errors
/// The database's.
pub fn finish(conn: &mut Conn, upload_id: &str, bytes: i64, sha256: &str) -> StoreResult<()> {
    on!(conn, c => diesel::update(import_uploads::table.find(upload_id))
        .set((import_uploads::bytes.eq(bytes), import_uploads::sha256.eq(sha256)))
        .execute(c))?;
    Ok(())
}

/// The upload, if there is one and it is whole.
///
/// # Errors
/// The database's.
pub fn find(conn: &mut Conn, upload_id: &str) -> StoreResult<Option<UploadRow>> {
    Ok(on!(conn, c => import_uploads::table
        .find(upload_id)
        .filter(import_uploads::sha256.ne(""))
        .first::<UploadRow>(c)
        .optional())?)
}

/// Takes an upload away.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, upload_id: &str) -> StoreResult<()> {
    on!(conn, c => {
        diesel::delete(import_upload_chunks::table.filter(import_upload_chunks::upload_id.eq(upload_id))).execute(c)?;
        diesel::delete(import_uploads::table.find(upload_id)).execute(c)?;
    });
    Ok(())
}

/// The bytes of an upload from its first to its last, a piece at a time, over a connection of its own.
#[allow(missing_debug_implementations)]
pub struct UploadReader {
    conn: Conn,
    upload_id: String,
    next: i64,
    piece: Vec<u8>,
    read: usize,
}

impl UploadReader {
    /// Opens it.
    ///
    /// # Errors
    /// The database's.
    pub fn open(url: &DatabaseUrl, upload_id: &str) -> StoreResult<Self> {
        Ok(Self { conn: Conn::open(url)?, upload_id: upload_id.to_owned(), next: 0, piece: Vec::new(), read: 0 })
    }
}

impl Read for UploadReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.read == self.piece.len() {
            let piece: Option<Vec<u8>> = on!(&mut self.conn, c => import_upload_chunks::table
                .find((&self.upload_id, self.next))
                .select(import_upload_chunks::bytes)
                .first(c)
                .optional())
            .map_err(io::Error::other)?;
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
