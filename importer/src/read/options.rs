//! What the caller says about a file, and what was found out about it.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::{MpnId, TenantId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::profiles::{DateOrder, Profile};

/// A record may have this many bytes where nothing else is said.
pub const MAX_RECORD: usize = 1024 * 1024;

/// A packed file may have this many bytes when it is unpacked, where nothing else is said.
pub const MAX_UNPACKED: u64 = 8 * 1024 * 1024 * 1024;

/// By which ids the importing account is known; a file that names others is another account's.
#[derive(Clone, Debug, Default)]
pub struct OwnIdentities {
    /// The tenant id, and the partner id where it differs. Where there is none, nothing is compared with it.
    pub ids: Vec<Uuid>,
    /// All MPN IDs of the account, its global one as well. Where there is none, nothing is compared with it.
    pub mpn_ids: Vec<MpnId>,
}

/// How a file is to be read. What is `None` is detected.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The format's name.
    pub profile: Option<String>,
    /// A format of one's own; it goes before `profile`.
    pub map: Option<Arc<Profile>>,
    /// Whose file it is, where the format names no customer.
    pub customer: Option<TenantId>,
    /// A label such as `windows-1250`.
    pub encoding: Option<String>,
    /// One ASCII character.
    pub delimiter: Option<u8>,
    /// The order of day and month.
    pub date_order: Option<DateOrder>,
    /// From when the file is.
    pub as_of: Option<NaiveDate>,
    /// Whether the list may lack anything, whatever the profile says.
    pub partial: bool,
    /// Under which source the facts are kept.
    pub source: Option<String>,
    /// How many bytes a record may have.
    pub max_record: usize,
    /// How many bytes a packed file may have when it is unpacked.
    pub max_unpacked: u64,
    /// The physical line of the header, from 1, where other lines stand before it.
    pub header_line: Option<u64>,
    /// Who imports.
    pub own: OwnIdentities,
    /// What time it is; the file's date where neither it nor the caller says one.
    pub now: NaiveDateTime,
}

impl ReadOptions {
    /// Everything detected, at this time.
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

/// What the report says of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDescription {
    /// As it was given.
    pub name: String,
    /// The format's name.
    pub profile: String,
    /// The portal that writes the format.
    pub portal: String,
    /// Under which source the facts are kept.
    pub source: String,
    /// `UTF-8`, `windows-1250`, …
    pub encoding: String,
    /// What separates its cells.
    pub delimiter: char,
    /// The order of day and month in its dates.
    pub date_order: DateOrder,
    /// From when it is: `--as-of`, else the day on which the file was last written, else today.
    pub as_of: NaiveDate,
    /// Of the file as the user has it, in hexadecimal.
    pub sha256: String,
    /// How many records it has; the header and blank lines are none.
    pub rows: u64,
    /// How many bytes its rows have once they are UTF-8, for telling how far a run is.
    pub bytes: u64,
}
