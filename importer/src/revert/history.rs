//! Who was partner of record, once the baselines are as they were before the run: worked out from them, as an import does.

use partnergraph_store::Conn;
use partnergraph_store::imports::bulk::{Stamp, insert, update};
use partnergraph_store::imports::rows::{ChangedReseller, NewHistory};
use partnergraph_store::imports::stored::StoredSubscription;
use partnergraph_store::imports::undo::{self, Undoing};
use partnergraph_store::imports::{history, sources};

use super::values::Accounts;
use crate::plan::baselines::Kind;
use crate::plan::history::{By, Holding, edits, stated, timeline};
use crate::plan::ops::{Keys, next};
use crate::plan::walk::{self, Walk, WithBaselines};
use crate::plan::PlanError;
use crate::reconcile::moment;

/// Subscriptions that are looked at at once.
const CHUNK: i64 = 1_000;

/// Writes the periods of the subscriptions of which the run changed a baseline, where they are others now.
pub(super) fn restore(conn: &mut Conn, undoing: Undoing, stamp: &Stamp) -> Result<(), PlanError> {
    let accounts = Accounts::read(conn)?;
    let mut keys = Keys::read(conn)?;
    let mut walk = Walk::<WithBaselines<StoredSubscription>>::new();
    let mut after = String::new();
    let mut rows: Vec<NewHistory> = Vec::new();
    let mut changed: Vec<ChangedReseller> = Vec::new();
    loop {
        let ids = undo::subscriptions_before(conn, undoing, &after, CHUNK)?;
        let Some(last) = ids.last() else { break };
        after.clone_from(last);
        for id in &ids {
            let found = walk.seek(id, |from, limit| walk::subscriptions(conn, from, limit))?;
            let Some(found) = found.filter(|found| found.row.seller_id == undoing.partner_id) else { continue };
            let row = &found.row;
            let said = stated(&Kind::SUBSCRIPTION.unpack(&found.baselines)?);
            let ended = history::list(conn, &[row.id])?;
            let set = edits(row, &ended, &said, |id| accounts.name(id));
            let current = row.reseller_id.map(|id| accounts.name(id));
            let holdings = timeline(&said, &set, current.as_deref());
            let over: Vec<&Holding> = holdings.iter().filter(|period| period.to.is_some()).collect();
            let same = over.len() == ended.len()
                && over.iter().zip(&ended).all(|(period, row)| {
                    (accounts.name(row.reseller_id), row.valid_from, Some(row.valid_to))
                        == (period.reseller.clone(), period.from, period.to)
                });
            if !same {
                history::forget(conn, &[row.id])?;
                for period in over {
                    let Some(reseller_id) = accounts.key(&period.reseller) else { continue };
                    let known =
                        ended.iter().find(|row| row.reseller_id == reseller_id && row.valid_from == period.from);
                    rows.push(NewHistory {
                        id: next(&mut keys.history),
                        subscription_pk: row.id,
                        reseller_id,
                        valid_from: period.from.map(moment),
                        valid_to: period.to.map(moment).unwrap_or_default(),
                        is_own: false,
                        run_id: known.and_then(|row| row.run_id),
                        set_by: person(&period.by),
                    });
                }
            }
            let open = holdings.last().filter(|period| period.to.is_none());
            let since = open.and_then(|period| period.from);
            if since != row.partner_of_record_since || row.partner_of_record_run == Some(undoing.run_id) {
                changed.push(ChangedReseller {
                    id: row.id,
                    reseller_id: row.reseller_id,
                    since: since.map(moment),
                    is_own: false,
                    run: row.partner_of_record_run.filter(|run| *run != undoing.run_id),
                    by: open.and_then(|period| person(&period.by)),
                });
            }
        }
        if !rows.is_empty() {
            insert::<NewHistory, PlanError>(conn, stamp, rows.drain(..).map(Ok))?;
            sources::advance_sequence(conn, "partner_of_record_history")?;
        }
        update::<ChangedReseller, PlanError>(conn, stamp, changed.drain(..).map(Ok))?;
    }
    Ok(())
}

fn person(by: &By) -> Option<String> {
    match by {
        By::Person(name) => name.clone(),
        By::Import => None,
    }
}
