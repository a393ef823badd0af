//! Restores the history of partners of record after the baselines are restored. It is worked out from the baselines, as
//! in an import.

use std::collections::HashMap;

use partnergraph_domain::{ImportRunKey, SubscriptionKey};
use partnergraph_store::Conn;
use partnergraph_store::imports::bulk::{Stamp, insert, update};
use partnergraph_store::imports::history::{self, StoredPeriod};
use partnergraph_store::imports::rows::{ChangedReseller, NewHistory};
use partnergraph_store::imports::sources;
use partnergraph_store::imports::stored::StoredSubscription;
use partnergraph_store::imports::undo::{self, Undoing};

use super::values::Accounts;
use crate::plan::PlanError;
use crate::plan::baselines::Kind;
use crate::plan::history::{Edit, Holding, edits, stated, timeline};
use crate::plan::ops::{Keys, next};
use crate::plan::walk::{self, Walk, WithBaselines};
use crate::reconcile::moment;
use crate::spool::{Spool, Spooled};

/// Number of subscriptions that are read at a time.
const CHUNK: i64 = 1_000;

/// The subscriptions with a baseline that the run changed or created, and what people set on them. This must be read
/// before anything is reverted, while the baselines show which periods a file ended.
pub(super) struct Concerned {
    /// Their ids, in order.
    ids: Spooled<String>,
    set: HashMap<SubscriptionKey, Vec<Edit>>,
}

impl Concerned {
    pub(super) fn find(conn: &mut Conn, undoing: Undoing) -> Result<Self, PlanError> {
        let mut spool = Spool::new()?;
        let mut after = String::new();
        loop {
            let ids = undo::subscriptions_stated(conn, &after, CHUNK)?;
            let Some(last) = ids.last() else { break };
            after.clone_from(last);
            ids.iter().try_for_each(|id| spool.append(id).map(|_| ()))?;
        }
        let mut concerned = Self { ids: spool.finish()?, set: HashMap::new() };
        let accounts = Accounts::read(conn)?;
        let mut set = HashMap::new();
        concerned.each(conn, undoing, |conn, found| {
            let row = &found.row;
            let statements = stated(&Kind::SUBSCRIPTION.unpack(&found.baselines)?);
            let edits = edits(row, history::edits(conn, row.id)?, &statements, |id| accounts.name(id));
            if !edits.is_empty() {
                set.insert(row.id, edits);
            }
            Ok(())
        })?;
        concerned.set = set;
        Ok(concerned)
    }

    /// Writes the periods of those subscriptions, if they differ now.
    pub(super) fn restore(&self, conn: &mut Conn, undoing: Undoing, stamp: &Stamp) -> Result<(), PlanError> {
        let accounts = Accounts::read(conn)?;
        let mut keys = Keys::read(conn)?;
        let mut wrote = false;
        self.each(conn, undoing, |conn, found| {
            let row = &found.row;
            let statements = stated(&Kind::SUBSCRIPTION.unpack(&found.baselines)?);
            let ended = history::list(conn, &[row.id])?;
            let current = row.reseller_id.map(|id| accounts.name(id));
            let set = self.set.get(&row.id).map_or(&[][..], Vec::as_slice);
            let holdings = timeline(&statements, set, current.as_deref());
            wrote |= restore_ended(conn, stamp, (row.id, &ended), &holdings, &accounts, &mut keys)?;
            let open = holdings.last().filter(|period| period.to.is_none());
            let since = open.and_then(|period| period.from);
            if since == row.partner_of_record_since && row.partner_of_record_run != Some(undoing.run_id) {
                return Ok(());
            }
            let changed = ChangedReseller {
                id: row.id,
                reseller_id: row.reseller_id,
                since: since.map(moment),
                is_own: false,
                run: open.and_then(|open| run_of(open, row, &ended, &accounts)).filter(|run| *run != undoing.run_id),
                by: open.and_then(|period| period.by.person()),
            };
            update::<ChangedReseller, PlanError>(conn, stamp, std::iter::once(Ok(changed)))?;
            Ok(())
        })?;
        if wrote {
            sources::advance_sequence(conn, "partner_of_record_history")?;
        }
        Ok(())
    }

    /// Visits each of them that still exists, in the order of their ids.
    fn each(
        &self,
        conn: &mut Conn,
        undoing: Undoing,
        mut look: impl FnMut(&mut Conn, &WithBaselines<StoredSubscription>) -> Result<(), PlanError>,
    ) -> Result<(), PlanError> {
        let mut walk = Walk::<WithBaselines<StoredSubscription>>::new();
        for id in self.ids.iter() {
            let found = walk.seek(&id?, |from, limit| walk::subscriptions(conn, from, limit))?;
            if let Some(found) = found.filter(|found| found.row.seller_id == undoing.partner_id) {
                look(conn, found)?;
            }
        }
        Ok(())
    }
}

/// The run that made the reseller of the open period the partner of record: it is that of the stored period with the same start, which the
/// reverted run may have ended.
fn run_of(
    open: &Holding,
    row: &StoredSubscription,
    ended: &[StoredPeriod],
    accounts: &Accounts,
) -> Option<ImportRunKey> {
    let was_ended =
        |period: &&StoredPeriod| accounts.name(period.reseller_id) == open.reseller && period.valid_from == open.from;
    match ended.iter().find(was_ended) {
        Some(period) => period.run_id,
        None if row.partner_of_record_since == open.from => row.partner_of_record_run,
        None => None,
    }
    .or_else(|| open.by.moved_by())
}

/// Writes the closed periods, if they differ from the stored ones. Returns whether it did.
fn restore_ended(
    conn: &mut Conn,
    stamp: &Stamp,
    (subscription_pk, ended): (SubscriptionKey, &[StoredPeriod]),
    holdings: &[Holding],
    accounts: &Accounts,
    keys: &mut Keys,
) -> Result<bool, PlanError> {
    let over: Vec<&Holding> = holdings.iter().filter(|period| period.to.is_some()).collect();
    let stored = |row: &StoredPeriod| (accounts.name(row.reseller_id), row.valid_from, Some(row.valid_to));
    let follows = |period: &Holding| (period.reseller.clone(), period.from, period.to);
    if over.iter().map(|period| follows(period)).eq(ended.iter().map(stored)) {
        return Ok(false);
    }
    history::forget(conn, &[subscription_pk])?;
    let rows = over.into_iter().filter_map(|period| {
        let reseller_id = accounts.key(&period.reseller)?;
        let known = ended.iter().find(|row| row.reseller_id == reseller_id && row.valid_from == period.from);
        Some(Ok(NewHistory {
            id: next(&mut keys.history),
            subscription_pk,
            reseller_id,
            valid_from: period.from.map(moment),
            valid_to: period.to.map(moment).unwrap_or_default(),
            is_own: false,
            run_id: known.and_then(|row| row.run_id).or_else(|| period.by.moved_by()),
            set_by: period.by.person(),
        }))
    });
    let rows: Vec<_> = rows.collect();
    insert::<NewHistory, PlanError>(conn, stamp, rows.into_iter())?;
    Ok(true)
}
