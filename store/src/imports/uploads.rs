//! Uploaded files. Their bytes are stored in pieces in the database, so that every server of an installation can read them.

use std::io::{self, Read};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use partnergraph_domain::{ImportMode, ImportRunKey, ImportStatus, PartnerKey};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::{import_upload_chunks, import_uploads};
use crate::sql::{Sql, sql};
use crate::url::DatabaseUrl;

/// The size of a piece in bytes: what a reader or writer holds in memory.
pub const PIECE: usize = 256 * 1024;

/// Pieces deleted in one transaction, so that no writer has to wait long.
const DELETED_AT_ONCE: i64 = 64;

/// An upload. It can be read once all its pieces are stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_uploads)]
pub struct UploadRow {
    /// The id that is passed to `startImport`.
    pub id: String,
    /// The account that uploaded it; `None` for an operator.
    pub partner_id: Option<PartnerKey>,
    /// The file's name.
    pub name: String,
    /// Its length.
    pub bytes: i64,
    /// The checksum of its bytes, in hexadecimal.
    pub sha256: String,
    /// The user who uploaded it.
    pub uploaded_by: String,
    /// When it was uploaded.
    pub created_at: NaiveDateTime,
}

/// What an organisation has stored on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Stored {
    /// The number of its uploads, including those in progress.
    #[diesel(sql_type = BigInt)]
    pub uploads: i64,
    /// The bytes received so far.
    #[diesel(sql_type = BigInt)]
    pub bytes: i64,
}

/// What the account has stored on the server; with `None`, what operators uploaded.
///
/// # Errors
/// Any database error.
pub fn stored(conn: &mut Conn, partner_id: Option<PartnerKey>) -> StoreResult<Stored> {
    let owned = match partner_id {
        Some(id) => sql("partner_id = ").bind(id),
        None => sql("partner_id IS NULL"),
    };
    let statement = sql("SELECT COUNT(*) AS uploads, CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes \
                         FROM import_uploads WHERE removed_at IS NULL AND ")
    .add(owned);
    Ok(conn.row(&statement)?.unwrap_or(Stored { uploads: 0, bytes: 0 }))
}

/// Writes one piece and counts it. The pieces of an upload are numbered from 0.
///
/// # Errors
/// Any database error.
pub fn write_piece(conn: &mut Conn, upload_id: &str, ordinal: i64, bytes: &[u8]) -> StoreResult<()> {
    on!(conn, c => diesel::insert_into(import_upload_chunks::table)
        .values((
            import_upload_chunks::upload_id.eq(upload_id),
            import_upload_chunks::ordinal.eq(ordinal),
            import_upload_chunks::bytes.eq(bytes),
        ))
        .execute(c))?;
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    on!(conn, c => diesel::update(import_uploads::table.find(upload_id))
        .set(import_uploads::bytes.eq(import_uploads::bytes + length))
        .execute(c))?;
    Ok(())
}

/// Starts an upload: creates its row before its pieces, without length and checksum.
///
/// # Errors
/// Any database error.
pub fn begin(conn: &mut Conn, row: &UploadRow) -> StoreResult<()> {
    on!(conn, c => diesel::insert_into(import_uploads::table).values(row).execute(c))?;
    Ok(())
}

/// Marks an upload as complete.
///
/// # Errors
/// Any database error.
pub fn finish(conn: &mut Conn, upload_id: &str, bytes: i64, sha256: &str) -> StoreResult<()> {
    on!(conn, c => diesel::update(import_uploads::table.find(upload_id))
        .set((import_uploads::bytes.eq(bytes), import_uploads::sha256.eq(sha256)))
        .execute(c))?;
    Ok(())
}

/// The upload, if it exists, is complete and has not been removed.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, upload_id: &str) -> StoreResult<Option<UploadRow>> {
    Ok(on!(conn, c => import_uploads::table
        .find(upload_id)
        .filter(import_uploads::sha256.ne("").and(import_uploads::removed_at.is_null()))
        .select(UploadRow::as_select())
        .first(c)
        .optional())?)
}

/// Marks an upload as removed. Its bytes are deleted by [`sweep`].
///
/// # Errors
/// Any database error.
pub fn discard(conn: &mut Conn, now: NaiveDateTime, upload_id: &str) -> StoreResult<()> {
    on!(conn, c => diesel::update(import_uploads::table.find(upload_id))
        .set(import_uploads::removed_at.eq(now))
        .execute(c))?;
    Ok(())
}

/// Protects uploads from removal while that run is active.
///
/// # Errors
/// Any database error.
pub fn claim(conn: &mut Conn, upload_ids: &[&str], run_id: ImportRunKey) -> StoreResult<()> {
    on!(conn, c => diesel::update(import_uploads::table.filter(import_uploads::id.eq_any(upload_ids)))
        .set(import_uploads::run_id.eq(run_id))
        .execute(c))?;
    Ok(())
}

/// Removes uploads that were imported, and those older than `oldest`, complete or not, except those of an active run. Returns
/// whether there is more to do, because bytes are deleted in batches.
///
/// # Errors
/// Any database error.
pub fn sweep(conn: &mut Conn, now: NaiveDateTime, oldest: NaiveDateTime) -> StoreResult<bool> {
    let imported =
        run_is(&[ImportStatus::Applied, ImportStatus::Reverted]).push(" AND r.mode <> ").bind(ImportMode::DryRun);
    let under_way = run_is(&[ImportStatus::Queued, ImportStatus::Planning, ImportStatus::Applying]);
    let removed = sql("UPDATE import_uploads SET removed_at = ")
        .bind(now)
        .push(" WHERE removed_at IS NULL AND (created_at < ")
        .bind(oldest)
        .push(" OR EXISTS (")
        .add(imported)
        .push(")) AND NOT EXISTS (")
        .add(under_way)
        .push(")");
    conn.execute(&removed)?;
    delete_some(conn)
}

/// Whether the newest run of an upload has one of these statuses.
fn run_is(statuses: &[ImportStatus]) -> Sql {
    let mut found = sql("SELECT 1 FROM import_runs r WHERE r.id = import_uploads.run_id AND r.status IN (");
    for (at, status) in statuses.iter().enumerate() {
        found = found.push(if at == 0 { "" } else { ", " }).bind(*status);
    }
    found.push(")")
}

/// Deletes some pieces of a removed upload, and the upload itself with its last piece.
fn delete_some(conn: &mut Conn) -> StoreResult<bool> {
    let removed: Option<String> = on!(conn, c => import_uploads::table
        .filter(import_uploads::removed_at.is_not_null())
        .order(import_uploads::id)
        .select(import_uploads::id)
        .first(c)
        .optional())?;
    let Some(id) = removed else { return Ok(false) };
    let ordinals: Vec<i64> = on!(conn, c => import_upload_chunks::table
        .filter(import_upload_chunks::upload_id.eq(&id))
        .order(import_upload_chunks::ordinal)
        .limit(DELETED_AT_ONCE)
        .select(import_upload_chunks::ordinal)
        .load(c))?;
    match ordinals.last() {
        Some(last) => on!(conn, c => diesel::delete(import_upload_chunks::table.filter(
                import_upload_chunks::upload_id.eq(&id).and(import_upload_chunks::ordinal.le(last))))
            .execute(c))?,
        None => on!(conn, c => diesel::delete(import_uploads::table.find(&id)).execute(c))?,
    };
    Ok(true)
}

/// Reads the bytes of an upload in order, one piece at a time, over its own connection.
#[allow(missing_debug_implementations)]
pub struct UploadReader {
    conn: Conn,
    upload_id: String,
    next: i64,
    piece: Vec<u8>,
    read: usize,
}

impl UploadReader {
    /// Opens the upload.
    ///
    /// # Errors
    /// Any database error.
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
