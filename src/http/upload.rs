//! `POST /import?name=`: a file goes up to where every server of the installation can read it, to be planned or applied by
//! `startImport`.

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

use super::answer::{failure, request_id};
use super::body::{self, BodyError};
use super::{Server, caller, fit, form};
use crate::config::UploadSettings;
use partnergraph_operation::errors::{NEEDS_TOKEN, code};

/// The name that the address gives the file, for the report; the portal's own names help nobody but people.
fn named(query: &str) -> Result<Option<String>, &'static str> {
    let parameters = fit::parameters(query).ok_or("the parameters are not UTF-8")?;
    let mut names = parameters.into_iter().filter(|(name, _)| name == "name").map(|(_, value)| value);
    let name = names.next();
    if names.next().is_some() { Err("the parameter `name` stands there twice") } else { Ok(name) }
}

/// Why a file was not taken.
enum Refused {
    /// Its bytes did not come as they should.
    Body(BodyError),
    /// The organisation keeps as much on the server as it may.
    OverQuota,
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// 201 with `{upload, name, bytes, sha256}`. The body is the file as it is, whatever its type says, or a form with the file as its
/// one part.
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
        return unread(BodyError::Busy, "the server has too much to do just now; send the file again later", &id);
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
            let message = "imports are for Global admins and Admin agents of a partner";
            return failure(StatusCode::FORBIDDEN, "FORBIDDEN", message, &id);
        }
        Err(error) => return broken(&error, &id),
    }
    let Some(_place) = server.uploads.take(actor.scope.partner_id()) else {
        return unread(BodyError::Busy, "other files are going up; send this one again later", &id);
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

/// The answer to a file whose bytes did not come as they should.
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
            let message = format!("the file is over {} bytes", most.max_bytes);
            unread(BodyError::TooLarge, &message, request_id)
        }
        Refused::Body(error) => {
            let message = error.to_string();
            unread(error, &message, request_id)
        }
        Refused::OverQuota => {
            let message = format!(
                "your organisation may keep at most {} uploads of {} bytes in all on the server; an upload is removed once \
                 it is imported, or after a day",
                most.max_uploads, most.max_total_bytes
            );
            failure(StatusCode::TOO_MANY_REQUESTS, "UPLOAD_QUOTA_EXCEEDED", &message, request_id)
        }
        Refused::Store(error) => broken(&error, request_id),
    }
}

/// An upload that is on its way. A client that goes away ends the request without a word; what came in by then is of no use to
/// anybody, and must not count against its organisation.
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
        tracing::warn!(%error, upload, "half an upload stays behind for a day");
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

/// Writes the body piece by piece, a short transaction each, and gives its length and checksum.
///
/// The quota is asked for with every piece, in the transaction that writes it, so that any number of uploads at once stay
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
    let message = "the server failed; its log says more under this request id";
    failure(StatusCode::INTERNAL_SERVER_ERROR, code::INTERNAL, message, request_id)
}
