//! `POST /import?name=`: stores a file where every server of the installation can read it, so that `startImport` can plan or
//! apply it.

use axum::Json;
use axum::body::{Body, HttpBody as _};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use partnergraph_domain::{check_name, checks};
use partnergraph_store::imports::uploads::{self, PIECE, Stored, UploadRow};
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn, Database, StoreError, clock};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::body::{self, BodyError};
use super::response::{failure, request_id};
use super::{Server, caller, form, request_checks};
use crate::config::UploadSettings;
use partnergraph_operation::errors::{NEEDS_TOKEN, code};

/// The name that the URL gives the file, for the report. It is only for people to read.
fn named(query: &str) -> Result<Option<String>, &'static str> {
    let parameters = request_checks::parameters(query).ok_or("the parameters are not UTF-8")?;
    let mut names = parameters.into_iter().filter(|(name, _)| name == "name").map(|(_, value)| value);
    let name = names.next();
    if names.next().is_some() { Err("the parameter `name` is given twice") } else { Ok(name) }
}

/// Why a file was not accepted.
enum Refused {
    /// Its bytes did not arrive as expected.
    Body(BodyError),
    /// The organisation's upload quota is used up.
    OverQuota,
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Responds with 201 and `{upload, name, bytes, sha256}`. The body is the file itself, whatever its content type, or a form with
/// the file as its only part.
pub(super) async fn serve(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let id = request_id(&headers);
    let named = match named(query.as_deref().unwrap_or_default()) {
        Ok(named) => named,
        Err(message) => return failure(StatusCode::BAD_REQUEST, code::BAD_REQUEST, message, &id),
    };
    let database = server.gate.database().clone();
    let known = tokio::time::timeout(server.limits.body_timeout, actor(&server, &headers));
    let Ok(known) = known.await else {
        return unread(BodyError::Busy, "the server is busy; send the file again later", &id);
    };
    let actor = match known {
        Ok(Some(actor)) => actor,
        Ok(None) => {
            return failure(StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED, NEEDS_TOKEN, &id);
        }
        Err(error) => return broken(&error, &id),
    };
    match may_upload(&database, &actor).await {
        Ok(true) => {}
        Ok(false) => {
            let message = "only Global admins and Admin agents of a partner can import";
            return failure(StatusCode::FORBIDDEN, "FORBIDDEN", message, &id);
        }
        Err(error) => return broken(&error, &id),
    }
    let Some(_place) = server.uploads.take(actor.scope.partner_id()) else {
        return unread(BodyError::Busy, "too many uploads are in progress; send the file again later", &id);
    };
    let bytes = body::paced(body, server.limits.body_timeout, server.limits.upload_timeout);
    let file = match form::file(&headers, bytes).await {
        Ok(file) => file,
        Err(error) => return unread(error, &error.to_string(), &id),
    };
    let name = match named {
        Some(name) => Some(name),
        None => file.name,
    };
    if let Some(Err(fault)) = name.as_deref().map(check_name) {
        return failure(StatusCode::BAD_REQUEST, code::BAD_INPUT, &format!("the file's name {fault}"), &id);
    }
    let name = name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "upload.csv".to_owned());
    let row = UploadRow {
        id: Uuid::now_v7().to_string(),
        partner_id: actor.scope.partner_id(),
        name,
        bytes: 0,
        sha256: String::new(),
        uploaded_by: actor.user_principal_name.clone(),
        created_at: clock::now(),
    };
    let unfinished = Unfinished { database: database.clone(), upload: Some(row.id.clone()) };
    match take(&database, row.clone(), file.body, server.upload_settings).await {
        Ok((bytes, sha256)) => {
            unfinished.finish();
            let answer = json!({ "upload": row.id, "name": row.name, "bytes": bytes, "sha256": sha256 });
            (StatusCode::CREATED, Json(answer)).into_response()
        }
        Err(refused) => {
            if !matches!(refused, Refused::Store(_)) {
                unfinished.finish();
                discard(&database, row.id).await;
            }
            explain(refused, server.upload_settings, &id)
        }
    }
}

/// The response to a file whose bytes did not arrive as expected.
fn unread(error: BodyError, message: &str, request_id: &str) -> Response {
    let (status, code) = match error {
        BodyError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE),
        BodyError::TimedOut => (StatusCode::REQUEST_TIMEOUT, code::REQUEST_TIMEOUT),
        BodyError::Busy => (StatusCode::SERVICE_UNAVAILABLE, code::BUSY),
        BodyError::BrokenOff | BodyError::Malformed(_) => (StatusCode::BAD_REQUEST, code::BAD_REQUEST),
    };
    failure(status, code, message, request_id)
}

fn explain(refused: Refused, most: UploadSettings, request_id: &str) -> Response {
    match refused {
        Refused::Body(BodyError::TooLarge) => {
            let message = format!("the file is larger than {} bytes", most.max_bytes);
            unread(BodyError::TooLarge, &message, request_id)
        }
        Refused::Body(error) => {
            let message = error.to_string();
            unread(error, &message, request_id)
        }
        Refused::OverQuota => {
            let message = format!(
                "your organisation can keep at most {} uploads with a total of {} bytes on the server; an upload is removed once \
                 it is imported, or after a day",
                most.max_uploads, most.max_total_bytes
            );
            failure(StatusCode::TOO_MANY_REQUESTS, "UPLOAD_QUOTA_EXCEEDED", &message, request_id)
        }
        Refused::Store(error) => broken(&error, request_id),
    }
}

/// An upload in progress. If the client disconnects, the request is dropped; the bytes received so far are then useless and must
/// not count against the organisation's quota.
struct Unfinished {
    database: Database,
    upload: Option<String>,
}

impl Unfinished {
    fn finish(mut self) {
        self.upload = None;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let (Some(upload), Ok(runtime)) = (self.upload.take(), tokio::runtime::Handle::try_current()) {
            let database = self.database.clone();
            runtime.spawn(async move { discard(&database, upload).await });
        }
    }
}

async fn discard(database: &Database, upload: String) {
    let (id, now) = (upload.clone(), clock::now());
    if let Err(error) = database.write::<_, StoreError>(move |conn| uploads::discard(conn, now, &id)).await {
        tracing::warn!(%error, upload, "an incomplete upload could not be removed; it will be deleted in a day");
    }
}

async fn actor(server: &Server, headers: &HeaderMap) -> Result<Option<Actor>, StoreError> {
    match caller::token(headers) {
        Some(token) => caller::actor(&server.gate, token).await,
        None => Ok(None),
    }
}

async fn may_upload(database: &Database, actor: &Actor) -> Result<bool, StoreError> {
    let actor = actor.clone();
    database
        .read(move |conn| {
            let own = actor.scope.partner_id().map(|id| facts::partner(conn, id)).transpose()?;
            Ok(checks::may_upload(&facts::actor(&actor)?, own.as_ref()))
        })
        .await
}

/// Writes the body in pieces, each in a short transaction, and returns its length and checksum.
///
/// The quota is checked with every piece, in the transaction that writes it, so that any number of simultaneous uploads stay
/// within it.
async fn take(database: &Database, row: UploadRow, body: Body, most: UploadSettings) -> Result<(i64, String), Refused> {
    let (upload, owner) = (row.id.clone(), row.partner_id);
    if body.size_hint().lower() > most.max_bytes {
        return Err(Refused::Body(BodyError::TooLarge));
    }
    database.write(move |conn| begin(conn, &row, most)).await?;
    let mut sha256 = Sha256::new();
    let mut bytes: u64 = 0;
    let mut piece: Vec<u8> = Vec::with_capacity(PIECE);
    let mut ordinal = 0;
    let mut stream = body.into_data_stream();
    loop {
        let chunk = stream.next().await.transpose().map_err(|error| Refused::Body(BodyError::of(&error)))?;
        let ended = chunk.is_none();
        if let Some(chunk) = chunk {
            bytes += chunk.len() as u64;
            if bytes > most.max_bytes {
                return Err(Refused::Body(BodyError::TooLarge));
            }
            sha256.update(&chunk);
            piece.extend_from_slice(&chunk);
        }
        if piece.len() >= PIECE || (ended && !piece.is_empty()) {
            let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE));
            let id = upload.clone();
            database
                .write(move |conn| {
                    uploads::write_piece(conn, &id, ordinal, &full)?;
                    within_quota(uploads::stored(conn, owner)?, most)
                })
                .await?;
            ordinal += 1;
        }
        if ended {
            break;
        }
    }
    let sha256 = hex::encode(sha256.finalize());
    let (length, sum) = (i64::try_from(bytes).unwrap_or(i64::MAX), sha256.clone());
    database.write::<_, StoreError>(move |conn| uploads::finish(conn, &upload, length, &sum)).await?;
    Ok((length, sha256))
}

fn begin(conn: &mut Conn, row: &UploadRow, most: UploadSettings) -> Result<(), Refused> {
    uploads::begin(conn, row)?;
    within_quota(uploads::stored(conn, row.partner_id)?, most)
}

fn within_quota(stored: Stored, most: UploadSettings) -> Result<(), Refused> {
    let exceeds = |count: i64, most: u64| u64::try_from(count).is_ok_and(|count| count > most);
    if exceeds(stored.uploads, most.max_uploads.into()) || exceeds(stored.bytes, most.max_total_bytes) {
        return Err(Refused::OverQuota);
    }
    Ok(())
}

fn broken(error: &StoreError, request_id: &str) -> Response {
    if matches!(error, StoreError::Busy) {
        return unread(BodyError::Busy, "an import is being applied; send the file again later", request_id);
    }
    tracing::error!(request_id, %error, "an upload failed");
    let message = "internal error; the server's log has details under this request id";
    failure(StatusCode::INTERNAL_SERVER_ERROR, code::INTERNAL, message, request_id)
}
