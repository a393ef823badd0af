use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::{ImportMode, ImportRunKey, PartnerKey, Refusal, RuleId, checks};
use partnergraph_importer::profiles;
use partnergraph_importer::{Caller, FileInput, FileRequest, ImportRequest, MAX_UNPACKED, Waiting, create_run};
use partnergraph_store::imports::uploads;
use partnergraph_store::read::imports;
use partnergraph_store::read::partners;
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn, Scope, StoreError, StoreResult};

use super::imports::work::{self, Task, Work};
use super::task::{self, Attempt, Creation, bad_input, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_operation::scalars::{Date, Guid};
use partnergraph_operation::siblings::Member;
use partnergraph_types::ImportRun;

/// The most files of one run.
const MOST_FILES: usize = 100;

/// What to do about rows that cannot be taken.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "partnergraph_importer::OnInvalid")]
pub enum OnInvalid {
    /// They are left out and listed.
    Skip,
    /// If any row is invalid, nothing is imported.
    Abort,
}

/// What to do where a file and a person, or two portals, differ.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "partnergraph_importer::OnConflict")]
pub enum OnConflict {
    /// The field is left as it is until somebody decides.
    Hold,
    /// The file wins.
    File,
    /// The stored value is kept; the file's value is recorded.
    Keep,
}

/// What to do about customers that break a rule of the programme.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "partnergraph_importer::OnViolation")]
pub enum OnViolation {
    /// Their rows are rejected.
    Reject,
    /// They come in, are listed by rule, and can have no new business.
    Flag,
}

/// In which order a date of the file writes day, month and year.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "profiles::DateOrder")]
pub enum DateOrder {
    /// Month, day, year: 12/31/2024.
    Mdy,
    /// Day, month, year: 31/12/2024.
    Dmy,
    /// Year, month, day: 2024/12/31.
    Ymd,
}

/// An uploaded file, and what is known about it. Anything left null is detected, except `asOf`.
#[derive(InputObject, Debug, Clone)]
pub struct ImportFileInput {
    /// The id that `POST /import` answered.
    upload: String,
    /// The name of the format.
    #[graphql(validator(custom = "Name"))]
    profile: Option<String>,
    /// The text of a map of one's own, in TOML; instead of a profile.
    map: Option<String>,
    /// Whose file it is, where the format names no customer: a tenant id.
    customer: Option<Guid>,
    /// A label such as `windows-1250`.
    #[graphql(validator(custom = "Name"))]
    encoding: Option<String>,
    /// One character.
    delimiter: Option<String>,
    /// The order of day and month.
    date_order: Option<DateOrder>,
    /// The portal that the data came from.
    #[graphql(validator(custom = "Name"))]
    source: Option<String>,
    /// The day that the data is of. Null: today, because an upload carries no date of its file. A row that states its
    /// own date keeps it.
    as_of: Option<Date>,
    /// Whether the list may lack anything. False where it is not said.
    #[graphql(default)]
    partial: bool,
}

/// What to import.
#[derive(InputObject, Debug, Clone)]
pub struct StartImportInput {
    /// On whose behalf, said by operators. Null for the caller's own account.
    #[graphql(name = "as")]
    importer: Option<PartnerLookup>,
    /// The files, in the order in which they are read.
    files: Vec<ImportFileInput>,
    /// How far to go.
    mode: ImportMode,
    /// What to do about rows that cannot be taken.
    #[graphql(default_with = "OnInvalid::Skip")]
    on_invalid: OnInvalid,
    /// What to do where a file and a person, or two portals, differ.
    #[graphql(default_with = "OnConflict::Hold")]
    on_conflict: OnConflict,
    /// What to do about customers that break a rule of the programme.
    #[graphql(default_with = "OnViolation::Reject")]
    on_violation: OnViolation,
    /// Repeating a request with the same key and input returns the first answer (without secrets) and creates nothing.
    /// Null: not checked.
    idempotency_key: Option<String>,
    /// Only check whether this would be allowed; change nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// A run that was started.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct StartImportPayload {
    /// The run, which goes on by itself; `importRun` and `importProgress` tell how far it is. Null where it is refused or only
    /// validated.
    import_run: Option<ImportRun>,
    /// All reasons why it was refused. Empty on success.
    user_errors: Vec<UserError>,
}

/// `startImport`.
#[derive(Debug, Default)]
pub struct StartImport;

#[Object]
impl StartImport {
    /// Starts an import of uploaded files, the same that the command `import` does.
    ///
    /// It answers at once. A run that is started with PLAN ends PLANNED: its report, issues and changes are there to be
    /// looked at, and `applyImport` applies exactly that. One that is started with DRY_RUN ends CHECKED and keeps the
    /// same to be looked at, and no plan. Problems with the files are in the run's report; problems with the request
    /// are in `userErrors` (A-02: Global admins and Admin agents import, and operators).
    async fn start_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to import, on whose behalf and how far to go.")] input: StartImportInput,
    ) -> Nullable<StartImportPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let most = operation.policy().max_unpacked_bytes.unwrap_or(MAX_UNPACKED);
            let outcome =
                task::write(operation, mode, move |conn, actor, now| queue(conn, actor, now, most, &input)).await?;
            let queued = match task::made(outcome, mode) {
                Ok(Some(queued)) => queued,
                Ok(None) => return Ok(StartImportPayload { import_run: None, user_errors: Vec::new() }),
                Err(refusals) => {
                    return Ok(StartImportPayload { import_run: None, user_errors: user_errors(refusals) });
                }
            };
            if let Some(request) = queued.request {
                let task = Task::Import(Box::new(request));
                let work = Work { run_id: queued.run_id, task, actor: operation.actor()?.clone() };
                work::start(operation.database().url().clone(), work)?;
            }
            let run_id = queued.run_id;
            let row = operation.read(move |conn, scope| imports::find(conn, scope, run_id)).await?;
            Ok(StartImportPayload { import_run: row.map(|row| ImportRun(Member::alone(row))), user_errors: Vec::new() })
        };
        Nullable::from(answer.await)
    }
}

/// A run that is stored.
struct Queued {
    run_id: ImportRunKey,
    /// What is to be done; `None` for one that an earlier request with the same key started.
    request: Option<ImportRequest>,
}

fn queue(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    max_unpacked: u64,
    input: &StartImportInput,
) -> Attempt<Queued> {
    let partner_id = importer(conn, actor, input.importer.as_ref())?;
    let importing = facts::partner(conn, partner_id)?;
    let role = checks::start_import(&facts::actor(actor)?, &importing);
    let request = ImportRequest { max_unpacked, ..request_of(partner_id, input) };
    let creation = Creation::of("startImport", input.idempotency_key.as_deref(), input);
    let caller = Caller { actor, now, waiting: Waiting::Wait, run_id: None };
    let refused = role.clone();
    let (run_id, request) = task::once(
        conn,
        actor,
        now,
        &creation,
        |_| task::refuse_if(refused),
        |conn| {
            let mut refusals = role;
            // Which uploads a partner has is told to whoever may import for it, and to nobody who only names it. Where the run was
            // started before, nobody asks for them: they are taken away once they were imported.
            if actor.scope == Scope::Operator || actor.scope.partner_id() == Some(partner_id) {
                refusals.extend(against_files(conn, actor, partner_id, &input.files)?);
            }
            task::refuse_if(refusals)?;
            let run_id = create_run(conn, &request, &caller).map_err(|error| StoreError::Value {
                value: error.to_string(),
                expected: "a run that can be stored",
            })?;
            let named: Vec<&str> = input.files.iter().map(|file| file.upload.as_str()).collect();
            uploads::claim(conn, &named, run_id)?;
            Ok((run_id, request))
        },
    )?;
    Ok(Queued { run_id, request })
}

/// On whose behalf: the caller's own account, or the one that an operator names.
fn importer(conn: &mut Conn, actor: &Actor, named: Option<&PartnerLookup>) -> Attempt<PartnerKey> {
    let found = match named {
        Some(lookup) => match lookup.key() {
            Some(key) => partners::find(conn, &actor.scope, key)?.map(|row| row.id),
            None => None,
        },
        None => actor.scope.partner_id(),
    };
    match (found, named, actor.scope) {
        (Some(id), ..) => Ok(id),
        (None, Some(_), _) => Err(not_found("partner", "as").into()),
        (None, None, Scope::Operator) => Err(bad_input("Say on whose behalf to import.", &["as"]).into()),
        (None, None, _) => Err(task::not_for_caller(RuleId::A_02, "Imports are for partners' people only.").into()),
    }
}

/// What is against the files before any of them is read.
fn against_files(
    conn: &mut Conn,
    actor: &Actor,
    partner_id: PartnerKey,
    files: &[ImportFileInput],
) -> StoreResult<Vec<Refusal>> {
    if files.is_empty() || files.len() > MOST_FILES {
        return Ok(vec![bad_input(&format!("Name from 1 to {MOST_FILES} files."), &["files"])]);
    }
    let mut refusals = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let place = ["files".to_owned(), index.to_string()];
        let upload = uploads::find(conn, &file.upload)?;
        // Another organisation's upload looks like none.
        let is_own = upload.is_some_and(|row| actor.scope == Scope::Operator || row.partner_id == Some(partner_id));
        if !is_own {
            refusals.push(not_found("upload", "upload").under(place.clone()));
        }
        if file.delimiter.as_ref().is_some_and(|text| !is_delimiter(text)) {
            refusals.push(bad_input("A delimiter is one ASCII character.", &["delimiter"]).under(place.clone()));
        }
        if file.map.is_some() && file.profile.is_some() {
            refusals.push(bad_input("Name a profile or give a map, not both.", &["map"]).under(place));
        }
    }
    Ok(refusals)
}

fn is_delimiter(text: &str) -> bool {
    text.len() == 1 && text.is_ascii()
}

fn request_of(partner_id: PartnerKey, input: &StartImportInput) -> ImportRequest {
    let files = input.files.iter().map(file_request).collect();
    ImportRequest {
        on_invalid: input.on_invalid.into(),
        on_conflict: input.on_conflict.into(),
        on_violation: input.on_violation.into(),
        ..ImportRequest::new(partner_id, input.mode, files)
    }
}

fn file_request(file: &ImportFileInput) -> FileRequest {
    FileRequest {
        profile: file.profile.clone(),
        map: file.map.clone(),
        customer: file.customer.map(Into::into),
        encoding: file.encoding.clone(),
        delimiter: file.delimiter.as_ref().and_then(|text| text.chars().next()),
        date_order: file.date_order.map(Into::into),
        source: file.source.clone(),
        as_of: file.as_of.map(|date| date.0),
        partial: file.partial,
        ..FileRequest::new(FileInput::Upload(file.upload.clone()))
    }
}
