//! What the caller specifies about a file, and what was detected about it.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::{MpnId, TenantId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::profiles::{DateOrder, Profile};

/// The default limit for the size of a record in bytes.
pub const MAX_RECORD: usize = 1024 * 1024;

/// The default limit for the size of a decompressed file in bytes.
pub const MAX_UNPACKED: u64 = 8 * 1024 * 1024 * 1024;

/// The ids of the importing account. A file that names different ids belongs to another account.
#[derive(Clone, Debug, Default)]
pub struct OwnIdentities {
    /// The tenant id, and the partner id if it differs. If empty, nothing is compared with it.
    pub ids: Vec<Uuid>,
    /// All MPN IDs of the account, including its global one. If empty, nothing is compared with it.
    pub mpn_ids: Vec<MpnId>,
}

/// How a file is to be read. Options that are `None` are detected.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The format's name.
    pub profile: Option<String>,
    /// A user's own format. It takes precedence over `profile`.
    pub map: Option<Arc<Profile>>,
    /// The customer of the file, if the format names no customer.
    pub customer: Option<TenantId>,
    /// A label such as `windows-1250`.
    pub encoding: Option<String>,
    /// One ASCII character.
    pub delimiter: Option<u8>,
    /// The order of day and month.
    pub date_order: Option<DateOrder>,
    /// The as-of date of the file.
    pub as_of: Option<NaiveDate>,
    /// Whether the list may be incomplete, whatever the profile says.
    pub partial: bool,
    /// The source under which the facts are kept.
    pub source: Option<String>,
    /// The size limit of a record in bytes.
    pub max_record: usize,
    /// The size limit of a decompressed file in bytes.
    pub max_unpacked: u64,
    /// The physical line of the header, from 1, if other lines precede it.
    pub header_line: Option<u64>,
    /// The importing account.
    pub own: OwnIdentities,
    /// The current time. It is the file's date if neither the file nor the caller states one.
    pub now: NaiveDateTime,
}

impl ReadOptions {
    /// Options that detect everything, at this time.
    #[must_use]
    pub fn new(now: NaiveDateTime) -> Self {
        Self {
            profile: None,
            map: None,
            customer: None,
            encoding: None,
            delimiter: None,
            date_order: None,
            as_of: None,
            partial: false,
            source: None,
            max_record: MAX_RECORD,
            max_unpacked: MAX_UNPACKED,
            header_line: None,
            own: OwnIdentities::default(),
            now,
        }
    }
}

/// What the report states about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDescription {
    /// The name as given.
    pub name: String,
    /// The format's name.
    pub profile: String,
    /// The portal that writes the format.
    pub portal: String,
    /// The source under which the facts are kept.
    pub source: String,
    /// `UTF-8`, `windows-1250`, …
    pub encoding: String,
    /// The delimiter of its cells.
    pub delimiter: char,
    /// The order of day and month in its dates.
    pub date_order: DateOrder,
    /// The as-of date: `--as-of`, else the day on which the file was last written, else today.
    pub as_of: NaiveDate,
    /// The hash of the user's file, in hexadecimal.
    pub sha256: String,
    /// The number of records. The header and blank lines do not count.
    pub rows: u64,
    /// The size of its rows in bytes after conversion to UTF-8, for reporting progress.
    pub bytes: u64,
}
