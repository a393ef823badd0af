//! What is asked of an import. The command line and the API make the same request of it.

use std::path::PathBuf;

use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::{ImportMode, ImportRunKey, PartnerKey, TenantId};
use serde::{Deserialize, Serialize};

use crate::profiles::DateOrder;
use crate::read::{MAX_RECORD, MAX_UNPACKED};

/// Issues that the report and the run keep where nothing else is said.
pub const MAX_ISSUES: usize = 10_000;

/// An import, as it is asked for. It can be stored and run later by another process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRequest {
    /// The importing partner's key.
    pub partner_id: PartnerKey,
    /// How far to go.
    pub mode: ImportMode,
    /// The files, in the order in which they are read.
    pub files: Vec<FileRequest>,
    /// What to do about rows that cannot be taken.
    #[serde(default)]
    pub on_invalid: OnInvalid,
    /// What to do where a file and a person, or two portals, differ.
    #[serde(default)]
    pub on_conflict: OnConflict,
    /// What to do about customers that break a rule of the programme.
    #[serde(default)]
    pub on_violation: OnViolation,
    /// So many issues are kept; all are counted.
    pub max_issues: usize,
    /// So many bytes may a record have.
    pub max_record: usize,
    /// So many bytes may a packed file have when it is unpacked.
    #[serde(default = "max_unpacked")]
    pub max_unpacked: u64,
    /// Where to write the rows that were not applied; the second file gets `-2`, and so on.
    pub rejects: Option<PathBuf>,
    /// The account as the command line named it, for the command that imports the rejects again.
    pub named: Option<String>,
    /// The type of the account, where the command line had to say which one is meant.
    pub named_type: Option<partnergraph_domain::PartnerType>,
    /// Flags of the command line that say which database is meant, word by word, for the same command.
    #[serde(default)]
    pub named_settings: Vec<String>,
}

impl ImportRequest {
    /// Everything by default.
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

/// One file. What is `None` is detected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRequest {
    /// Where it lies.
    pub input: FileInput,
    /// The format's name.
    pub profile: Option<String>,
    /// The text of a map of one's own.
    pub map: Option<String>,
    /// The file that it was read from, for the command that imports the rejects again.
    #[serde(default)]
    pub map_name: Option<PathBuf>,
    /// Whose file it is, where the format names no customer.
    pub customer: Option<TenantId>,
    /// A label such as `windows-1250`.
    pub encoding: Option<String>,
    /// One ASCII character.
    pub delimiter: Option<char>,
    /// The order of day and month.
    pub date_order: Option<DateOrder>,
    /// Under which source its facts are kept.
    pub source: Option<String>,
    /// From when it is.
    pub as_of: Option<NaiveDate>,
    /// Whether the list may lack anything.
    #[serde(default)]
    pub partial: bool,
    /// The physical line of the header, from 1, if other lines stand before it.
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

/// Where a file lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileInput {
    /// On this machine.
    Path(PathBuf),
    /// It comes by standard input.
    Stdin,
    /// In the database, by its id.
    Upload(String),
    /// Here: its name and its bytes.
    Bytes(String, Vec<u8>),
}

/// Rows that cannot be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnInvalid {
    /// They are left out.
    #[default]
    Skip,
    /// One of them, and nothing is imported.
    Abort,
}

/// Fields that a file and a person, or two portals, both changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// They are left as they are until somebody decides.
    #[default]
    Hold,
    /// The file wins.
    File,
    /// What stands there stays, and the file's word is taken note of.
    Keep,
}

/// Customers that break a rule of the programme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnViolation {
    /// Their rows are rejected.
    #[default]
    Reject,
    /// They come in, are listed by rule, and can have no new business.
    Flag,
}

/// Who imports, and when.
#[derive(Clone, Debug)]
pub struct Caller<'a> {
    /// As the history names it.
    pub actor: &'a partnergraph_store::Actor,
    /// The time of the run.
    pub now: NaiveDateTime,
    /// Whether to wait for an import that is under way, or to be refused.
    pub waiting: Waiting,
    /// A run that was created before, by whoever queued the request.
    pub run_id: Option<ImportRunKey>,
}

/// What to do while another import runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Waiting {
    /// Wait for it.
    #[default]
    Wait,
    /// Give up: [`crate::ImportError::Busy`].
    Refuse,
}
