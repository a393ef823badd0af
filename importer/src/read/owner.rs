//! Whose account a file is: what its rows name, and whether that is the importing one.

use partnergraph_domain::MpnId;
use uuid::Uuid;

use super::options::OwnIdentities;
use crate::parse::Record;
use crate::profiles::{Field, Layout};

/// So many MPN IDs of other locations are told apart; an account has a few.
const LOCATIONS: usize = 32;

/// Whom the rows of a file name.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Whether some row names the account by its id.
    pub(crate) by_id: bool,
    /// The first row whose id is another account's.
    pub(crate) foreign: Option<Foreign>,
    /// MPN IDs that are not the account's own, in the order in which they were met.
    pub(crate) locations: Vec<Foreign>,
}

/// A cell that names another account than the importing one.
#[derive(Debug, Clone)]
pub(crate) struct Foreign {
    /// The first line on which it stands.
    pub(crate) line: u64,
    pub(crate) field: Field,
    pub(crate) value: String,
    /// On how many lines it stands.
    pub(crate) lines: u64,
}

impl Named {
    /// Adds what a later block names; its lines are counted from `start`.
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

    /// Counts another location's MPN ID. Of a file full of them, the first ones are told and the rest counts with the last.
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

/// The columns that name the account, and what they must say.
pub(crate) struct Own<'a> {
    columns: Vec<(Field, usize)>,
    /// How many cells a row has at least.
    width: usize,
    identities: &'a OwnIdentities,
}

/// Reads the rows of a block; almost all name whom the row before them named.
pub(crate) struct Reader<'a> {
    own: &'a Own<'a>,
    before: Vec<Vec<u8>>,
    /// Which of the locations the row before named.
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
        // Where cells are lacking, as at the end of a file that was cut off, no cell is known to be what its column says. The row is refused
        // for that.
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
            // Noughts stand where the portal knows none.
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
