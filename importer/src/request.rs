//! The request for an import. The command line and the API make the same request.

use std::path::PathBuf;

use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::{ImportMode, ImportRunKey, PartnerKey, TenantId};
use serde::{Deserialize, Serialize};

use crate::profiles::DateOrder;
use crate::read::{MAX_RECORD, MAX_UNPACKED};

/// The default number of issues that the report and the run keep.
pub const MAX_ISSUES: usize = 10_000;

/// A request for an import. It can be stored and run later by another process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRequest {
    /// The importing partner's key.
    pub partner_id: PartnerKey,
    /// The mode of the import.
    pub mode: ImportMode,
    /// The files, in the order in which they are read.
    pub files: Vec<FileRequest>,
    /// What to do about invalid rows.
    #[serde(default)]
    pub on_invalid: OnInvalid,
    /// What to do if a file conflicts with a person's edit, or two portals conflict.
    #[serde(default)]
    pub on_conflict: OnConflict,
    /// What to do about customers that break a rule of the programme.
    #[serde(default)]
    pub on_violation: OnViolation,
    /// The number of issues that are kept. All are counted.
    pub max_issues: usize,
    /// The size limit of a record in bytes.
    pub max_record: usize,
    /// The size limit of a decompressed file in bytes.
    #[serde(default = "max_unpacked")]
    pub max_unpacked: u64,
    /// Where to write the rows that were not applied. The second file gets `-2`, and so on.
    pub rejects: Option<PathBuf>,
    /// The account as the command line named it, for the command that imports the rejects again.
    pub named: Option<String>,
    /// The type of the account, if the command line had to state which one is meant.
    pub named_type: Option<partnergraph_domain::PartnerType>,
    /// Flags of the command line that select the database, word by word, for the same command.
    #[serde(default)]
    pub named_settings: Vec<String>,
}

impl ImportRequest {
    /// A request with defaults for everything.
    #[must_use]
    pub fn new(partner_id: PartnerKey, mode: ImportMode, files: Vec<FileRequest>) -> Self {
        Self {
            partner_id,
            mode,
            files,
            on_invalid: OnInvalid::default(),
            on_conflict: OnConflict::default(),
            on_violation: OnViolation::default(),
            max_issues: MAX_ISSUES,
            max_record: MAX_RECORD,
            max_unpacked: MAX_UNPACKED,
            rejects: None,
            named: None,
            named_type: None,
            named_settings: Vec::new(),
        }
    }
}

fn max_unpacked() -> u64 {
    MAX_UNPACKED
}

/// One file. Options that are `None` are detected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRequest {
    /// Where it is.
    pub input: FileInput,
    /// The format's name.
    pub profile: Option<String>,
    /// The text of a user's map.
    pub map: Option<String>,
    /// The file from which the map was read, for the command that imports the rejects again.
    #[serde(default)]
    pub map_name: Option<PathBuf>,
    /// The customer of the file, if the format names no customer.
    pub customer: Option<TenantId>,
    /// A label such as `windows-1250`.
    pub encoding: Option<String>,
    /// One ASCII character.
    pub delimiter: Option<char>,
    /// The order of day and month.
    pub date_order: Option<DateOrder>,
    /// The source under which its facts are kept.
    pub source: Option<String>,
    /// The as-of date.
    pub as_of: Option<NaiveDate>,
    /// Whether the list may be incomplete.
    #[serde(default)]
    pub partial: bool,
    /// The physical line of the header, from 1, if other lines precede it.
    #[serde(default)]
    pub header_line: Option<u64>,
}

impl FileRequest {
    /// A file of which everything is detected.
    #[must_use]
    pub fn new(input: FileInput) -> Self {
        Self {
            input,
            profile: None,
            map: None,
            map_name: None,
            customer: None,
            encoding: None,
            delimiter: None,
            date_order: None,
            source: None,
            as_of: None,
            partial: false,
            header_line: None,
        }
    }
}

/// The location of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileInput {
    /// On this machine.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// In the database, by its id.
    Upload(String),
    /// In memory: its name and its bytes.
    Bytes(String, Vec<u8>),
}

/// What to do about invalid rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnInvalid {
    /// They are skipped.
    #[default]
    Skip,
    /// A single one stops the import, and nothing is imported.
    Abort,
}

/// What to do about fields that a file and a person, or two portals, both changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// They stay unchanged until someone decides.
    #[default]
    Hold,
    /// The file's value is used.
    File,
    /// The stored value stays, and the file's value is recorded.
    Keep,
}

/// What to do about customers that break a rule of the programme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnViolation {
    /// Their rows are rejected.
    #[default]
    Reject,
    /// They are imported and listed by rule, and new business with them is blocked.
    Flag,
}

/// Who imports, and when.
#[derive(Clone, Debug)]
pub struct Caller<'a> {
    /// The name in the history.
    pub actor: &'a partnergraph_store::Actor,
    /// The time of the run.
    pub now: NaiveDateTime,
    /// Whether to wait for a running import, or to be refused.
    pub waiting: Waiting,
    /// A run that was created earlier, when the request was queued.
    pub run_id: Option<ImportRunKey>,
}

/// What to do while another import runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Waiting {
    /// Wait for it.
    #[default]
    Wait,
    /// Fail with [`crate::ImportError::Busy`].
    Refuse,
}
