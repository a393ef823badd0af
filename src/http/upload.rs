//! `POST /import?name=`: a file goes up to where every server of the installation can read it, to be planned or applied by
//! `startImport`.

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use futures_util::StreamExt;
use partnergraph_domain::Role;
use partnergraph_store::imports::uploads::{self, PIECE, UploadRow};
use partnergraph_store::{Actor, Database, Scope, StoreError};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Server;
use super::answer::{failure, request_id};
use crate::auth;
use crate::graphql::errors::code;

#[derive(Deserialize)]
pub(super) struct Named {
    /// The file's name, for the report; the portal's own names help nobody but people.
    #[serde(default)]
    name: Option<String>,
}

/// Why a file was not taken.
enum Refused {
    /// It is larger than the server takes.
    TooLarge,
    /// It broke off.
    BrokenOff,
    /// The database failed.
    Store(StoreError),
}

/// 201 with `{upload, name, bytes, sha256}`. The body is the file as it is, whatever its type says.
pub(super) async fn serve(
    State(server): State<Server>,
    Query(named): Query<Named>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let id = request_id(&headers);
    let database = server.gate.database().clone();
    let actor = match caller(&database, &headers).await {
        Ok(Some(actor)) => actor,
        Ok(None) => {
            return failure(StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED, "a valid access token is needed", &id);
        }
        Err(error) => return broken(&error, &id),
    };
    if !may_upload(&actor) {
        let message = "imports are for Global admins and Admin agents of a partner";
        return failure(StatusCode::FORBIDDEN, "FORBIDDEN", message, &id);
    }
    let name = named.name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "upload.csv".to_owned());
    let row = UploadRow {
        id: Uuid::now_v7().to_string(),
        partner_id: actor.scope.partner_id(),
        name: name.chars().take(200).collect(),
        bytes: 0,
        sha256: String::new(),
        uploaded_by: actor.user_principal_name.clone(),
        created_at: Utc::now().naive_utc(),
    };
    let upload = row.id.clone();
    match take(&database, row.clone(), body, server.uploads.max_bytes).await {
        Ok((bytes, sha256)) => {
            let answer = json!({ "upload": upload, "name": row.name, "bytes": bytes, "sha256": sha256 });
            (StatusCode::CREATED, Json(answer)).into_response()
        }
        Err(refused) => {
            // What is there of it is of no use to anybody.
            let gone = upload.clone();
            if let Err(error) = database.write::<_, StoreError>(move |conn| uploads::remove(conn, &gone)).await {
                tracing::warn!(%error, upload, "half an upload stays behind");
            }
            match refused {
                Refused::TooLarge => {
                    let message = format!("the file is over {} bytes", server.uploads.max_bytes);
                    failure(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, &message, &id)
                }
                Refused::BrokenOff => failure(StatusCode::BAD_REQUEST, code::BAD_REQUEST, "the file broke off", &id),
                Refused::Store(error) => broken(&error, &id),
            }
        }
    }
}

async fn caller(database: &Database, headers: &HeaderMap) -> Result<Option<Actor>, StoreError> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(auth::bearer);
    let Some(token) = token.map(str::to_owned) else { return Ok(None) };
    let now = Utc::now().naive_utc();
    database.read(move |conn| auth::authenticate(conn, &token, now)).await
}

fn may_upload(actor: &Actor) -> bool {
    match actor.scope {
        Scope::Operator => true,
        Scope::Partner { .. } => actor.roles.iter().any(|role| matches!(role, Role::GlobalAdmin | Role::AdminAgent)),
        Scope::Customer { .. } | Scope::Nobody => false,
    }
}

/// Writes the body piece by piece, a short transaction each, and gives its length and checksum.
async fn take(database: &Database, row: UploadRow, body: Body, most: u64) -> Result<(i64, String), Refused> {
    let upload = row.id.clone();
    database.write::<_, StoreError>(move |conn| uploads::begin(conn, &row)).await.map_err(Refused::Store)?;
    let mut sha256 = Sha256::new();
    let mut bytes: u64 = 0;
    let mut piece: Vec<u8> = Vec::with_capacity(PIECE);
    let mut ordinal = 0;
    let mut stream = body.into_data_stream();
    loop {
        let chunk = stream.next().await.transpose().map_err(|_| Refused::BrokenOff)?;
        let ended = chunk.is_none();
        if let Some(chunk) = chunk {
            bytes += chunk.len() as u64;
            if bytes > most {
                return Err(Refused::TooLarge);
            }
            sha256.update(&chunk);
            piece.extend_from_slice(&chunk);
        }
        if piece.len() >= PIECE || (ended && !piece.is_empty()) {
            let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE));
            let id = upload.clone();
            database
                .write::<_, StoreError>(move |conn| uploads::write_piece(conn, &id, ordinal, &full))
                .await
                .map_err(Refused::Store)?;
            ordinal += 1;
        }
        if ended {
            break;
        }
    }
    let sha256 = hex::encode(sha256.finalize());
    let (length, sum) = (i64::try_from(bytes).unwrap_or(i64::MAX), sha256.clone());
    database
        .write::<_, StoreError>(move |conn| uploads::finish(conn, &upload, length, &sum))
        .await
        .map_err(Refused::Store)?;
    Ok((length, sha256))
}

fn broken(error: &StoreError, request_id: &str) -> Response {
    tracing::error!(request_id, %error, "an upload failed");
    let message = "the server failed; its log says more under this request id";
    failure(StatusCode::INTERNAL_SERVER_ERROR, code::INTERNAL, message, request_id)
}
