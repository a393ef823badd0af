//! The sixth stage: what the facts change, worked out in full.
//!
//! A [`Plan`] is a sequence of rows to write, set aside on disk, and totals. It is immutable and leaves no choice to its
//! execution: keys are given, values are final. It is made under one snapshot of the database and holds as long as no
//! event was recorded after ([`Plan::event`]), because every write of the graph records one.
//!
//! The steps, each a module: which rows contradict each other ([`rows`]); who the resellers are ([`resellers`]); customers in
//! the order of their tenant ids ([`customers`]); subscriptions in the order of theirs ([`subscriptions`]); what complete lists
//! lack ([`absent`]). Facts and stored rows are joined by walking both in key order ([`walk`]), so that neither is ever held.

mod absent;
pub(crate) mod customers;
mod domains;
mod fold;
mod grants;
mod kept;
mod moved;
mod ops;
mod overlap;
mod reads;
mod rebase;
pub(crate) mod resellers;
mod rows;
pub(crate) mod subscription_rows;
mod subscriptions;
mod upgrades;
pub(crate) mod walk;

use std::collections::BTreeMap;
use std::io;

use partnergraph_domain::{CountryCode, Severity};
use partnergraph_store::imports::sources::{self, PartnerRow};
use partnergraph_store::{Conn, StoreError};
use serde::{Deserialize, Serialize};

pub(crate) use absent::Absences;
pub(crate) use kept::{KeptPlan, keep};
pub(crate) use ops::{Ops, Written};
pub(crate) use reads::record;
pub(crate) use rebase::{Rebase, Shift};

use crate::intake::{Intake, Outcome};
use crate::issue::Issue;
use crate::profiles::PortalFamily;
use crate::remarks::{Noted, Remarks};
use crate::request::{OnConflict, OnViolation};
use ops::Keys;
use resellers::Resellers;

/// Why a plan could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk for what is set aside.
    #[error("what is set aside on disk could not be written or read: {0}")]
    Spool(#[from] io::Error),
    /// A baseline that this program did not write.
    #[error("a baseline of an earlier import cannot be read: {0}")]
    Baseline(#[from] serde_json::Error),
    /// There is no such partner account any more.
    #[error("the importing partner does not exist")]
    NoPartner,
    /// Something that a kept plan was made from is another now.
    #[error("the plan cannot be applied any more: {0} changed after it was made")]
    Stale(String),
}

/// How many of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// That were not there.
    pub created: u64,
    /// That were there and are different now.
    pub updated: u64,
    /// That are as they were.
    pub unchanged: u64,
}

/// What the request says about planning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) on_conflict: OnConflict,
    pub(crate) on_violation: OnViolation,
}

/// A plan, ready to be applied or to be reported only.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) ops: Written,
    /// By row.
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) noted: Noted,
    pub(crate) customers: Counts,
    pub(crate) subscriptions: Counts,
    pub(crate) resellers: Counts,
    pub(crate) associations: Counts,
    /// By file.
    pub(crate) controls: Vec<FileTotals>,
    pub(crate) absences: Absences,
    /// Customers of which derived data must be worked out anew, in order, each once.
    pub(crate) touched: Vec<i64>,
    /// The newest event when the plan was made.
    pub(crate) event: i64,
    /// The highest keys when the plan was made: those above were given by it.
    pub(crate) base: Keys,
    /// Lines of the run's history.
    pub(crate) changes: u64,
    /// The sources that are portals of Microsoft's (C-24).
    pub(crate) microsofts: Vec<i64>,
}

/// What a file comes to; for comparing it with what the portal shows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FileTotals {
    pub(crate) subscriptions: u64,
    pub(crate) seats: i64,
}

/// The work of planning.
pub(crate) struct Planner<'a> {
    conn: &'a mut Conn,
    intake: &'a Intake,
    policy: Policy,
    partner: PartnerRow,
    country: Option<CountryCode>,
    source_ids: Vec<i64>,
    resellers: Resellers,
    keys: Keys,
    ops: Ops,
    remarks: Remarks,
    outcomes: Vec<Outcome>,
    /// By customer: its key in the tables, 0 where it is not taken in.
    customer_keys: Vec<i64>,
    /// By statement.
    flags: Vec<u8>,
    /// By statement: what of it is held.
    held: BTreeMap<u32, Vec<Issue>>,
    touched: Vec<i64>,
    moved: moved::Moved,
    /// The tenants of the files, in order.
    tenants_in_order: Vec<u128>,
    domains: domains::Domains,
    /// By file.
    overlaps: Vec<overlap::Overlap>,
    upgrades: upgrades::Upgrades,
    customers: Counts,
    subscriptions: Counts,
    associations: Counts,
    controls: Vec<FileTotals>,
}

/// Makes the plan. The caller holds a transaction open.
pub(crate) fn make(conn: &mut Conn, intake: &Intake, partner_id: i64, policy: Policy) -> Result<Plan, PlanError> {
    let event = sources::newest_event(conn)?;
    let partners = sources::partners(conn)?;
    let partner = partners.iter().find(|row| row.id == partner_id).cloned().ok_or(PlanError::NoPartner)?;
    let partnered = sources::partnered(conn, partner_id)?;
    let keys = Keys::read(conn)?;
    let base = keys.clone();
    let mut planner = Planner {
        policy,
        country: partner.country.as_deref().and_then(|code| code.parse().ok()),
        resellers: Resellers::new(&partner, &partners, &partnered, &intake.resellers),
        partner,
        source_ids: Vec::new(),
        keys,
        ops: Ops::new()?,
        remarks: Remarks::new()?,
        outcomes: intake.rows.outcome.clone(),
        customer_keys: vec![0; intake.tenants.len()],
        flags: vec![0; intake.statements.len()],
        held: BTreeMap::new(),
        touched: Vec::new(),
        moved: moved::Moved::default(),
        tenants_in_order: Vec::new(),
        domains: domains::Domains::default(),
        overlaps: vec![overlap::Overlap::default(); intake.files.len()],
        upgrades: upgrades::Upgrades::default(),
        customers: Counts::default(),
        subscriptions: Counts::default(),
        associations: Counts::default(),
        controls: vec![FileTotals::default(); intake.files.len()],
        conn,
        intake,
    };
    planner.name_sources()?;
    planner.reject_resellers()?;
    planner.find_contradictions()?;
    planner.reject_foreign()?;
    planner.plan_customers()?;
    planner.plan_grants()?;
    planner.find_upgrades()?;
    planner.plan_subscriptions()?;
    planner.warn_overlaps()?;
    planner.settle_rows()?;
    planner.list_moved()?;
    let absences = planner.plan_absences()?;
    planner.touched.sort_unstable();
    planner.touched.dedup();
    Ok(Plan {
        changes: planner.ops.changes.count(),
        microsofts: planner.microsofts(),
        ops: planner.ops.finish()?,
        outcomes: planner.outcomes,
        noted: planner.remarks.finish()?,
        customers: planner.customers,
        subscriptions: planner.subscriptions,
        resellers: planner.resellers.counts(),
        associations: planner.associations,
        controls: planner.controls,
        absences,
        touched: planner.touched,
        event,
        base,
    })
}

impl Planner<'_> {
    /// The keys of the sources; one that nobody imported from yet gets the next.
    fn name_sources(&mut self) -> Result<(), PlanError> {
        let known = sources::list(self.conn, self.partner.id)?;
        for name in &self.intake.sources {
            let id = match known.iter().find(|(_, known)| known == name) {
                Some((id, _)) => *id,
                None => self.ops.source(&mut self.keys, name)?,
            };
            self.source_ids.push(id);
        }
        Ok(())
    }

    /// The sources from which files of Microsoft's portals came.
    fn microsofts(&self) -> Vec<i64> {
        let of_microsoft = |file: &&crate::intake::IntakeFile| file.profile.portal_family == PortalFamily::Microsoft;
        self.intake.files.iter().filter(of_microsoft).map(|file| self.source_ids[file.source]).collect()
    }

    /// A remark about a row.
    fn remark(
        &mut self,
        severity: Severity,
        row: u32,
        code: &'static str,
        message: impl Into<String>,
        more: impl FnOnce(Issue) -> Issue,
    ) -> Result<(), PlanError> {
        let place = self.place(row)?;
        let issue = more(Issue::new(severity, place.file, place.line, code, message));
        Ok(self.remarks.add(&issue)?)
    }

    fn place(&self, row: u32) -> Result<crate::places::Place, PlanError> {
        Ok(self.intake.place(row)?)
    }

    fn is_open(&self, row: u32) -> bool {
        self.outcomes[row as usize] == Outcome::Open
    }

    fn set(&mut self, row: u32, outcome: Outcome) {
        self.outcomes[row as usize] = outcome;
    }

    /// How the file of a row spells the column of a field.
    fn column(&self, file: u16, field: crate::profiles::Field) -> Option<String> {
        self.intake.files[usize::from(file)].profile.column_of(field).map(str::to_owned)
    }
}
