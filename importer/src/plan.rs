//! The sixth stage: works out in full what the facts change.
//!
//! A [`Plan`] is a sequence of rows to write, spooled to disk, with totals. It is immutable and leaves no decision to
//! its execution: keys are assigned and values are final. It is made under one snapshot of the database. It is valid as
//! long as no event was recorded afterwards ([`Plan::event`]), because every write of the graph records one.
//!
//! It is a pure function of the stored state ([`snapshot`]) and of what the files state ([`crate::intake`]). Each stage
//! takes the results of the stages that it depends on as arguments, so that it cannot be called before them:
//!
//! 1. [`mod@screen`]: rows that contradict each other, that belong to another partner, or whose reseller cannot be one;
//! 2. [`mod@customers`]: in the order of their tenant ids, each decided by [`customer`]; then [`attestations`] about them;
//! 3. [`mod@subscriptions`]: in the order of their ids, each decided by [`subscription`]; then the remaining rows
//!    ([`rows`]);
//! 4. [`mod@resellers`]: what lists state about them ([`listed`]); counted, once no further placeholder is needed; customers
//!    that moved between them are listed;
//! 5. [`mod@grants`]: granular delegated admin relationships;
//! 6. [`absent`]: what complete lists lack.
//!
//! Their output goes to the [`draft`]. Facts and stored rows are joined by walking both in key order ([`walk`]), so
//! that neither is ever held in memory.

mod absent;
mod attestations;
pub(crate) mod baselines;
mod columns;
mod context;
mod customer;
pub(crate) mod customer_rows;
mod customers;
mod domains;
mod draft;
mod entitlements;
mod fold;
mod grants;
mod held;
pub(crate) mod history;
mod lines;
mod listed;
mod moved;
pub(crate) mod ops;
mod overlap;
mod reads;
mod rebase;
pub(crate) mod resellers;
mod rows;
mod screen;
mod snapshot;
mod statements;
mod stored_plan;
mod subscription;
pub(crate) mod subscription_rows;
mod subscription_writes;
mod subscriptions;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod transfers;
mod violations;
pub(crate) mod walk;

use std::io;

use partnergraph_store::{Conn, StoreError};
use serde::{Deserialize, Serialize};

pub(crate) use absent::Absences;
pub(crate) use ops::Written;
pub(crate) use reads::record;
pub(crate) use rebase::{Rebase, Shift};
pub(crate) use stored_plan::{StoredPlan, store};

use crate::intake::{Intake, Outcome};
use crate::issue_spool::SpooledIssues;
use crate::request::{OnConflict, OnViolation};
use crate::watch::Watch;
use absent::absences;
use context::Context;
use customers::customers;
use draft::Draft;
use grants::{Granted, grants};
use ops::Keys;
use partnergraph_domain::{AuditEventKey, CustomerKey, ImportSourceKey, PartnerKey};
use resellers::{Resellers, resellers};
use rows::settle;
use screen::screen;
use snapshot::{DatabaseSnapshot, Snapshot};
use subscriptions::{Subscriptions, subscriptions};

/// Why a plan could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A database error.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An error of the temporary files.
    #[error("temporary data on disk could not be written or read: {0}")]
    Spool(#[from] io::Error),
    /// A baseline that this program did not write.
    #[error("a baseline of an earlier import cannot be read: {0}")]
    Baseline(#[from] serde_json::Error),
    /// The partner account no longer exists.
    #[error("the importing partner does not exist")]
    NoPartner,
    /// Data that a stored plan was made from has changed.
    #[error("the plan can no longer be applied: {0} changed after it was made")]
    Stale(String),
}

/// The counts of one kind of entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Entities that did not exist before.
    pub created: u64,
    /// Entities that existed and are changed.
    pub updated: u64,
    /// Entities that are unchanged.
    pub unchanged: u64,
}

/// What the request specifies about planning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) on_conflict: OnConflict,
    pub(crate) on_violation: OnViolation,
}

/// A plan, ready to be applied or only reported.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) ops: Written,
    /// By row.
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) issues: SpooledIssues,
    pub(crate) customers: Counts,
    pub(crate) subscriptions: Counts,
    pub(crate) resellers: Counts,
    pub(crate) associations: Counts,
    pub(crate) agreements: Counts,
    /// By file.
    pub(crate) controls: Vec<FileTotals>,
    pub(crate) absences: Absences,
    /// Customers whose derived data must be recalculated, in order and without duplicates.
    pub(crate) touched: Vec<CustomerKey>,
    /// The newest event when the plan was made.
    pub(crate) event: AuditEventKey,
    /// The highest keys when the plan was made. The plan assigned all keys above them.
    pub(crate) base: Keys,
    /// The number of lines in the run's history.
    pub(crate) changes: u64,
    /// The sources that are Microsoft's portals (C-24).
    pub(crate) microsofts: Vec<ImportSourceKey>,
}

/// The totals of a file, for comparison with what the portal shows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FileTotals {
    pub(crate) subscriptions: u64,
    pub(crate) seats: i64,
}

/// The outcome for an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Created,
    Updated,
    Unchanged,
}

impl Counts {
    fn count(&mut self, change: Change) {
        match change {
            Change::Created => self.created += 1,
            Change::Updated => self.updated += 1,
            Change::Unchanged => self.unchanged += 1,
        }
    }
}

/// Makes the plan. The caller holds a transaction open.
pub(crate) fn make(
    conn: &mut Conn,
    intake: &Intake,
    partner_id: PartnerKey,
    policy: Policy,
    watch: &Watch<'_>,
) -> Result<Plan, PlanError> {
    plan(&mut DatabaseSnapshot::new(conn, partner_id), intake, partner_id, policy, watch)
}

/// Makes the plan from the stored state and what the files state, and from nothing else.
fn plan(
    snapshot: &mut impl Snapshot,
    intake: &Intake,
    partner_id: PartnerKey,
    policy: Policy,
    watch: &Watch<'_>,
) -> Result<Plan, PlanError> {
    watch.to_plan(intake.tenants.len() as u64 + intake.entries.len() as u64);
    let event = snapshot.newest_event()?;
    let accounts = snapshot.accounts()?;
    let partner = accounts.iter().find(|row| row.id == partner_id).cloned().ok_or(PlanError::NoPartner)?;
    let named = Resellers::new(
        &partner,
        &accounts,
        &snapshot.partnered()?,
        &snapshot.removed_partnerships()?,
        &intake.resellers,
    );
    let base = snapshot.highest_keys()?;
    let mut drafted = Draft::new(intake, base.clone())?;
    let draft = &mut drafted;
    let context = Context::new((intake, watch), policy, partner, snapshot, draft)?;

    let screened = screen(&context, named, snapshot, draft)?;
    let planned = customers(&context, screened, snapshot, draft)?;
    let sold = subscriptions(&context, planned, snapshot, draft)?;
    let settled = settle(&context, sold, draft)?;
    let resold = resellers(&context, settled, snapshot, draft)?;
    let granted = grants(&context, resold, snapshot, draft)?;
    let absent = absences(&context, &granted, snapshot, draft)?;
    finish(&context, granted, absent, drafted, (event, base))
}

/// Assembles the plan. `event` is the snapshot's newest event and `base` its highest keys.
fn finish(
    context: &Context<'_>,
    granted: Granted,
    absences: Absences,
    mut draft: Draft<'_>,
    (event, base): (AuditEventKey, Keys),
) -> Result<Plan, PlanError> {
    let resellers = granted.resold.counts;
    let Subscriptions { customers, counts, associations, controls, .. } = granted.resold.settled.subscriptions;
    draft.touched.sort_unstable();
    draft.touched.dedup();
    let agreements =
        Counts { created: draft.ops.agreements.count(), unchanged: customers.agreed_before, ..Counts::default() };
    Ok(Plan {
        changes: draft.ops.changes.count(),
        microsofts: context.microsofts(),
        ops: draft.ops.finish()?,
        outcomes: draft.outcomes,
        issues: draft.issues.finish()?,
        customers: customers.counts,
        subscriptions: counts,
        resellers,
        associations,
        agreements,
        controls,
        absences,
        touched: draft.touched,
        event,
        base,
    })
}
