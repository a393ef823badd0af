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
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_operation::scalars::{Date, Guid};
use partnergraph_types::ImportRun;

/// The maximum number of files in one import run.
const MOST_FILES: usize = 100;

/// What to do with invalid rows.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "partnergraph_importer::OnInvalid")]
pub enum OnInvalid {
    /// Invalid rows are skipped and listed in the report.
    Skip,
    /// If any row is invalid, nothing is imported.
    Abort,
}

/// What to do if a file conflicts with a value that a person set or that another portal reported.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "partnergraph_importer::OnConflict")]
pub enum OnConflict {
    /// The field keeps its value until someone resolves the conflict.
    Hold,
    /// The file's value is used.
    File,
    /// The stored value is kept. The file's value is recorded.
    Keep,
}

/// What to do with customers that break a rule of the programme.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "partnergraph_importer::OnViolation")]
pub enum OnViolation {
    /// Their rows are rejected.
    Reject,
    /// The customers are imported and listed by rule, but no new business with them is allowed.
    Flag,
}

/// The order of day, month and year in the file's dates.
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

/// An uploaded file and what you know about it. Most fields that are null are detected from the file.
#[derive(InputObject, Debug, Clone)]
pub struct ImportFileInput {
    /// The upload id that `POST /import` returned.
    upload: String,
    /// The import profile, which is the name of the file's format. Null to detect it.
    #[graphql(validator(custom = "Name"))]
    profile: Option<String>,
    /// A custom column map in TOML, instead of a profile. Null for none.
    map: Option<String>,
    /// The tenant id of the customer that the file is about, if the format does not name customers. Null otherwise.
    customer: Option<Guid>,
    /// The character encoding, such as `windows-1250`. Null to detect it.
    #[graphql(validator(custom = "Name"))]
    encoding: Option<String>,
    /// The field delimiter: one ASCII character. Null to detect it.
    delimiter: Option<String>,
    /// The order of day, month and year in dates. Null to detect it.
    date_order: Option<DateOrder>,
    /// The portal that the data came from. Null to detect it.
    #[graphql(validator(custom = "Name"))]
    source: Option<String>,
    /// The date of the data. Defaults to today, because an upload carries no file date. A row that states its own date
    /// keeps it.
    as_of: Option<Date>,
    /// Whether the list is incomplete. If true, missing entries are not reported as absent. Defaults to false.
    #[graphql(default)]
    partial: bool,
}

/// What to import and how.
#[derive(InputObject, Debug, Clone)]
pub struct StartImportInput {
    /// The partner to import for. Only operators set this. Defaults to your own account.
    #[graphql(name = "as")]
    importer: Option<PartnerLookup>,
    /// The files, in the order in which they are read. From 1 to 100.
    files: Vec<ImportFileInput>,
    /// Whether to check, plan or apply the import.
    mode: ImportMode,
    /// What to do with invalid rows.
    #[graphql(default_with = "OnInvalid::Skip")]
    on_invalid: OnInvalid,
    /// What to do if a file conflicts with a value that a person set or that another portal reported.
    #[graphql(default_with = "OnConflict::Hold")]
    on_conflict: OnConflict,
    /// What to do with customers that break a rule of the programme.
    #[graphql(default_with = "OnViolation::Reject")]
    on_violation: OnViolation,
    /// Makes it safe to retry: repeating a request with the same key and input returns the first result, without secrets, and
    /// creates nothing. From 1 to 200 characters. If null, every request is new.
    idempotency_key: Option<String>,
    /// Validate without saving.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of starting an import.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct StartImportPayload {
    /// The import run, which continues in the background. Follow it with `importRun` or `importProgress`. Null if the
    /// request was rejected or only validated.
    import_run: Option<ImportRun>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { StartImportPayload {
    /// `importRun` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    import_run_edge: import_run => partnergraph_types::ImportRunEdge,
} }

/// `startImport`.
#[derive(Debug, Default)]
pub struct StartImport;

#[Object]
impl StartImport {
    /// Starts an import of uploaded files, as the `import` command does.
    ///
    /// Returns immediately; the run continues in the background. A PLAN run ends as PLANNED: inspect its report, issues
    /// and changes, then call `applyImport` to apply exactly that plan. A DRY_RUN run ends as CHECKED: you can inspect
    /// the same, but there is no plan to apply. Problems with the files are in the run's report. Problems with the
    /// request are in `userErrors`. Allowed for Global admins and Admin agents, and for operators.
    async fn start_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `startImport`.")] input: StartImportInput,
    ) -> Nullable<StartImportPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let most = operation.policy().max_unpacked_bytes.unwrap_or(MAX_UNPACKED);
            let outcome =
                task::write(operation, mode, move |conn, actor, now| queue(conn, actor, now, most, &input)).await?;
            let queued = match task::queued(outcome, mode) {
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
            Ok(StartImportPayload {
                import_run: row.map(|row| ImportRun(BatchRow::alone(row))),
                user_errors: Vec::new(),
            })
        };
        Nullable::from(answer.await)
    }
}

/// A stored import run.
struct Queued {
    run_id: ImportRunKey,
    /// The work to do. `None` if an earlier request with the same key started the run.
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
            // Only those who may import for a partner learn which uploads it has. A repeated request skips this check,
            // because uploads are deleted once they have been imported.
            if actor.scope == Scope::Operator || actor.scope.partner_id() == Some(partner_id) {
                refusals.extend(against_files(conn, actor, partner_id, &input.files)?);
            }
            task::refuse_if(refusals)?;
            let run_id = create_run(conn, &request, &caller).map_err(|error| StoreError::Value {
                value: error.to_string(),
                expected: "an import run that can be stored",
            })?;
            let named: Vec<&str> = input.files.iter().map(|file| file.upload.as_str()).collect();
            uploads::claim(conn, &named, run_id)?;
            Ok((run_id, request))
        },
    )?;
    Ok(Queued { run_id, request })
}

/// The partner to import for: the caller's own account, or the one that an operator names.
pub(super) fn importer(conn: &mut Conn, actor: &Actor, named: Option<&PartnerLookup>) -> Attempt<PartnerKey> {
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
        (None, None, Scope::Operator) => Err(bad_input("Set the partner to import for.", &["as"]).into()),
        (None, None, _) => Err(task::not_for_caller(RuleId::A_02, "Only partner users can import.").into()),
    }
}

/// Problems with the request's files that show before any file is read.
fn against_files(
    conn: &mut Conn,
    actor: &Actor,
    partner_id: PartnerKey,
    files: &[ImportFileInput],
) -> StoreResult<Vec<Refusal>> {
    if files.is_empty() || files.len() > MOST_FILES {
        return Ok(vec![bad_input(&format!("An import takes 1 to {MOST_FILES} files."), &["files"])]);
    }
    let mut refusals = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let place = ["files".to_owned(), index.to_string()];
        let upload = uploads::find(conn, &file.upload)?;
        // Another organisation's upload is reported as not found.
        let is_own = upload.is_some_and(|row| actor.scope == Scope::Operator || row.partner_id == Some(partner_id));
        if !is_own {
            refusals.push(not_found("upload", "upload").under(place.clone()));
        }
        if file.delimiter.as_ref().is_some_and(|text| !is_delimiter(text)) {
            refusals.push(bad_input("The delimiter must be one ASCII character.", &["delimiter"]).under(place.clone()));
        }
        if file.map.is_some() && file.profile.is_some() {
            refusals.push(bad_input("Set either a profile or a map, not both.", &["map"]).under(place));
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
