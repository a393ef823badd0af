//! Determines which account a file belongs to, from the ids in its rows.

use partnergraph_domain::MpnId;
use uuid::Uuid;

use super::options::OwnIdentities;
use crate::parse::Record;
use crate::profiles::{Field, Layout};

/// How many MPN IDs of other locations are distinguished. An account has a few.
const LOCATIONS: usize = 32;

/// The accounts that the rows of a file name.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Whether any row names the account by its id.
    pub(crate) by_id: bool,
    /// The first row whose id is another account's.
    pub(crate) foreign: Option<Foreign>,
    /// MPN IDs that are not the account's own, in the order of their first occurrence.
    pub(crate) locations: Vec<Foreign>,
}

/// A cell that names another account than the importing one.
#[derive(Debug, Clone)]
pub(crate) struct Foreign {
    /// The first line that contains it.
    pub(crate) line: u64,
    pub(crate) field: Field,
    pub(crate) value: String,
    /// The number of lines that contain it.
    pub(crate) lines: u64,
}

impl Named {
    /// Adds the names of a later block, whose lines are counted from `start`.
    pub(crate) fn merge(&mut self, later: Self, start: u64) {
        self.by_id |= later.by_id;
        if self.foreign.is_none() {
            self.foreign = later.foreign.map(|foreign| Foreign { line: foreign.line + start, ..foreign });
        }
        for location in later.locations {
            let line = location.line + start;
            self.locate(Foreign { line, ..location });
        }
    }

    /// Counts another location's MPN ID. In a file with many of them, the first ones are reported and all others are
    /// counted with the last one.
    fn locate(&mut self, location: Foreign) -> usize {
        let known = self.locations.iter().position(|known| known.value == location.value);
        let full = || (self.locations.len() == LOCATIONS).then_some(LOCATIONS - 1);
        match known.or_else(full) {
            Some(at) => {
                self.locations[at].lines += location.lines;
                at
            }
            None => {
                self.locations.push(location);
                self.locations.len() - 1
            }
        }
    }
}

/// The columns that name the account, and their expected values.
pub(crate) struct Own<'a> {
    columns: Vec<(Field, usize)>,
    /// The minimum number of cells in a row.
    width: usize,
    identities: &'a OwnIdentities,
}

/// Reads the rows of a block. Almost all name the same account as the previous row.
pub(crate) struct Reader<'a> {
    own: &'a Own<'a>,
    before: Vec<Vec<u8>>,
    /// The location that the previous row named.
    location: Option<usize>,
}

impl<'a> Own<'a> {
    pub(crate) fn new(layout: &Layout, identities: &'a OwnIdentities) -> Self {
        let compared = |field| match field {
            Field::PartnerId | Field::PartnerTenantId => !identities.ids.is_empty(),
            Field::OwnMpnId => !identities.mpn_ids.is_empty(),
            _ => false,
        };
        Self { columns: layout.columns_of(compared), width: layout.names.len(), identities }
    }

    pub(crate) fn reader(&'a self) -> Reader<'a> {
        Reader { own: self, before: vec![Vec::new(); self.columns.len()], location: None }
    }

    fn is_own_mpn_id(&self, value: &str) -> bool {
        value.parse().is_ok_and(|number| self.identities.mpn_ids.contains(&MpnId(number)))
    }

    fn is_own_id(&self, value: &str) -> bool {
        Uuid::try_parse(value).is_ok_and(|id| self.identities.ids.contains(&id))
    }
}

impl Reader<'_> {
    pub(crate) fn read(&mut self, record: &Record<'_>, named: &mut Named) {
        // If cells are missing, as at the end of a truncated file, no cell is certain to be in its column. The row is
        // refused for that.
        if record.len() < self.own.width {
            return;
        }
        if self.is_as_before(record) {
            if let Some(at) = self.location {
                named.locations[at].lines += 1;
            }
            return;
        }
        self.location = None;
        for (field, at) in &self.own.columns {
            let text = String::from_utf8_lossy(record.cell(*at).unwrap_or_default());
            let value = text.trim().trim_start_matches('\'').trim_start_matches('{').trim_end_matches('}');
            // Portals write zeros if no id is known.
            if value.bytes().all(|byte| matches!(byte, b'0' | b'-')) {
                continue;
            }
            let foreign = || Foreign { line: record.line, field: *field, value: value.to_owned(), lines: 1 };
            if *field == Field::OwnMpnId {
                if !self.own.is_own_mpn_id(value.trim_start_matches('0')) {
                    self.location = Some(named.locate(foreign()));
                }
            } else if self.own.is_own_id(value) {
                named.by_id = true;
            } else if named.foreign.is_none() {
                named.foreign = Some(foreign());
            }
        }
    }

    fn is_as_before(&mut self, record: &Record<'_>) -> bool {
        let mut same = true;
        for ((_, at), before) in self.own.columns.iter().zip(&mut self.before) {
            let now = record.cell(*at).unwrap_or_default();
            if now != before.as_slice() {
                before.clear();
                before.extend_from_slice(now);
                same = false;
            }
        }
        same
    }
}
