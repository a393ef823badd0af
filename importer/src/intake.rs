//! The step between reading and reconciling: facts are spooled to disk, and their keys stay in memory.
//!
//! For each row about a subscription, 40 bytes stay in memory: the two keys, the time, the reseller and the location of
//! the fact. For every row, nine more bytes stay: its statement about its customer, its time and its outcome. The
//! location of each row is on disk. A statement about a customer is spooled once for all rows that share it, as the
//! many lines of an invoice do.

mod collector;

use std::io;
use std::sync::Arc;

use partnergraph_domain::MpnId;
use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::fact::{AgreementFact, CustomerFact, GdapFact, ResellerFact, SubscriptionFact};
use crate::issue_spool::SpooledIssues;
use crate::profiles::{Completeness, Profile};
use crate::read::{FileDescription, OpenedFile};
use crate::row_locations::{FileLine, RowLocation, RowLocations};
use crate::spool::Spooled;

pub(crate) use collector::Collector;

/// The outcome of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub(crate) enum Outcome {
    /// Not decided yet.
    Open,
    Applied,
    Merged,
    Rejected,
    Conflict,
}

/// A row that is about a subscription. 40 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    key: [u64; 2],
    pub(crate) customer: u32,
    pub(crate) row: u32,
    /// 0 for none, else the index of the reseller plus one. The lowest bit shows whether the row states it for the
    /// whole subscription.
    reseller: u32,
    /// When it was ordered, or the time of the statement, in seconds since 1970.
    pub(crate) when: u32,
    place: u64,
}

impl Entry {
    pub(crate) fn subscription(&self) -> uuid::Uuid {
        uuid::Uuid::from_u64_pair(self.key[0], self.key[1])
    }
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.key == other.key
    }
    /// The reseller that the row names.
    pub(crate) fn reseller(&self) -> Option<usize> {
        (self.reseller as usize >> 1).checked_sub(1)
    }
    /// The reseller that the row states to be partner of record of the whole subscription.
    pub(crate) fn stated_reseller(&self) -> Option<usize> {
        self.reseller().filter(|_| self.reseller & 1 == 1)
    }
    pub(crate) fn file(&self) -> u16 {
        (self.place >> 48) as u16
    }
    /// The position of its fact in [`Intake::facts`].
    pub(crate) fn fact(&self) -> u64 {
        self.place & 0xFFFF_FFFF_FFFF
    }
}

/// A fact about a subscription as it is spooled to disk. The customer's part is stored separately.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SpooledFact {
    pub(crate) line: u64,
    pub(crate) as_of: i64,
    pub(crate) fact: SubscriptionFact,
}

/// A line that moves seats from one subscription of a customer to another: a conversion or a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transfer {
    pub(crate) customer: u32,
    pub(crate) subscription: uuid::Uuid,
    pub(crate) row: u32,
}

/// A row of a list of resellers. In order: by reseller, then by time and row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListedReseller {
    /// Its index in [`Intake::resellers`].
    pub(crate) reseller: u32,
    /// Seconds since 1970.
    pub(crate) as_of: i64,
    pub(crate) row: u32,
    /// The position of its fact in [`Intake::listed_resellers`].
    pub(crate) place: u64,
}

/// What some rows of one file state about a customer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Statement {
    pub(crate) file: u16,
    pub(crate) line: u64,
    pub(crate) row: u32,
    pub(crate) customer: CustomerFact,
    pub(crate) gdap: Option<Box<GdapFact>>,
    pub(crate) agreement: Option<Box<AgreementFact>>,
}

impl Statement {
    /// The line that makes it.
    pub(crate) fn at(&self) -> FileLine {
        FileLine { file: self.file, line: self.line }
    }
}

/// The position of a statement, and of the previous one about the same customer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StatementKey {
    hash: u64,
    customer: u32,
    pub(crate) place: u64,
    pub(crate) before: u32,
}

/// No statement.
pub(crate) const NONE: u32 = u32::MAX;
/// How far a chain of statements is searched for an equal one.
const CHAIN: usize = 8;

/// What is known of each row.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// By row: its statement about its customer, or [`NONE`] if it has no fact.
    pub(crate) statement: Vec<u32>,
    /// By row: seconds since 1970.
    pub(crate) as_of: Vec<u32>,
    /// By row: already rejected, or open.
    pub(crate) outcome: Vec<Outcome>,
}

/// A file that has been read.
#[derive(Debug)]
pub(crate) struct IntakeFile {
    pub(crate) opened: OpenedFile,
    pub(crate) description: FileDescription,
    pub(crate) profile: Arc<Profile>,
    pub(crate) complete: Completeness,
    /// Its index in [`Intake::sources`].
    pub(crate) source: usize,
    pub(crate) rows: std::ops::Range<u32>,
    pub(crate) customers: u64,
    pub(crate) subtotals: std::collections::BTreeMap<String, Amount>,
    /// The customer of the file, if the caller specified it.
    pub(crate) customer: Option<partnergraph_domain::TenantId>,
}

/// All files that have been read.
#[derive(Debug)]
pub(crate) struct Intake {
    pub(crate) files: Vec<IntakeFile>,
    pub(crate) sources: Vec<String>,
    pub(crate) rows: Rows,
    pub(crate) locations: RowLocations,
    pub(crate) facts: Spooled<SpooledFact>,
    /// Ordered by subscription and row.
    pub(crate) entries: Vec<Entry>,
    /// By customer: its tenant id.
    pub(crate) tenants: Vec<u128>,
    /// By customer: its last statement.
    pub(crate) last_statement: Vec<u32>,
    pub(crate) statements: Vec<StatementKey>,
    pub(crate) statement_spool: Spooled<Statement>,
    pub(crate) resellers: Vec<MpnId>,
    /// Lines that move seats to another subscription.
    pub(crate) transfers: Vec<Transfer>,
    /// The rows of lists of resellers, in their order.
    pub(crate) listings: Vec<ListedReseller>,
    pub(crate) listed_resellers: Spooled<ResellerFact>,
    /// Charge lines that were rejected while reading, ordered by subscription.
    pub(crate) rejected_charges: Vec<u128>,
    pub(crate) issues: SpooledIssues,
    /// The newest time of any fact.
    pub(crate) newest: i64,
}

impl Intake {
    /// The location of a row.
    pub(crate) fn location(&self, row: u32) -> io::Result<RowLocation> {
        self.locations.get(row)
    }

    /// The tenant that a row with a statement is about.
    pub(crate) fn tenant_of_row(&self, row: u32) -> u128 {
        let statement = self.rows.statement[row as usize] as usize;
        self.statements.get(statement).map_or(0, |key| self.tenants[key.customer as usize])
    }

    /// The statements about a customer, the last one first.
    pub(crate) fn statements_of(&self, customer: usize) -> impl Iterator<Item = u32> + '_ {
        let mut next = self.last_statement[customer];
        std::iter::from_fn(move || {
            let key = self.statements.get(next as usize)?;
            Some(std::mem::replace(&mut next, key.before))
        })
    }
}
