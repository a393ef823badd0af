//! Turns the decision about a subscription into rows to be written.

use partnergraph_domain::{CustomerKey, PartnerKey, SubscriptionKey};
use partnergraph_store::imports::rows::{
    ChangedReseller, ChangedSubscription, ForgottenHistory, NewHistory, NewSubscription,
};
use partnergraph_store::imports::stored::{StoredBaseline, StoredSubscription};

use super::baselines::{Kind, reappearing};
use super::context::Context;
use super::draft::Draft;
use super::history::{By, Holding, edits, stated, timeline};
use super::ops::next;
use super::resellers::{Naming, Resellers};
use super::snapshot::Snapshot;
use super::subscription::SubscriptionDecision;
use super::subscription_rows::{changed, row_of};
use super::{Change, PlanError};
use crate::baseline::{SUBSCRIPTION, subscription as at};
use crate::reconcile::moment;

/// One subscription and its stored state.
pub(super) struct Subject {
    pub(super) key: String,
    /// The customer's tenant id.
    pub(super) tenant_id: String,
    /// The customer's number in the files, and its key in the tables.
    pub(super) customer: u32,
    pub(super) customer_id: CustomerKey,
    pub(super) stored: Option<StoredSubscription>,
    pub(super) baselines: Vec<StoredBaseline<SubscriptionKey>>,
    pub(super) first_row: u32,
}

/// Writes the subscription, its history of partners of record, and what its sources state. Returns its key and the
/// periods of its partners of record, if they are written.
pub(super) fn write(
    context: &Context<'_>,
    subject: &Subject,
    decision: &SubscriptionDecision,
    resellers: &mut Resellers,
    snapshot: &mut impl Snapshot,
    draft: &mut Draft<'_>,
) -> Result<(SubscriptionKey, Option<Vec<Holding>>), PlanError> {
    let holdings = if decision.has_other_history || subject.stored.is_none() {
        Some(holdings(subject, decision, resellers, snapshot)?)
    } else {
        None
    };
    let (_, mpn_id) = decision.partners_of_record();
    let is_new = decision.before[at::RESELLER] != decision.after[at::RESELLER];
    let naming = Naming::partner_of_record(subject.first_row, is_new, decision.partner_of_record_stated());
    let reseller_id = match &mpn_id {
        Some(mpn_id) => resellers.key(context, mpn_id, naming, draft)?,
        None => None,
    };
    let open = holdings.as_ref().and_then(|holdings| holdings.last()).filter(|period| period.to.is_none());
    let id = match &subject.stored {
        Some(stored) => {
            if decision.change == Change::Updated {
                write_change(subject, stored, decision, reseller_id, draft)?;
            }
            if holdings.is_some() {
                let is_own = matches!(open, Some(period) if period.by == By::Import);
                let is_kept = stored.reseller_id == reseller_id
                    && open.is_some_and(|period| period.from == stored.partner_of_record_since);
                draft.ops.changed_resellers.append(&ChangedReseller {
                    id: stored.id,
                    reseller_id,
                    since: open.and_then(|period| period.from).map(moment),
                    is_own: is_own && !is_kept,
                    run: stored
                        .partner_of_record_run
                        .filter(|_| is_kept)
                        .or_else(|| open.and_then(|period| period.by.moved_by())),
                    by: open.and_then(|period| period.by.person()),
                })?;
            }
            stored.id
        }
        None => write_new(subject, decision, (reseller_id, open), draft)?,
    };
    if let Some(holdings) = &holdings {
        write_history(context, subject, id, holdings, resellers, snapshot, draft)?;
    }
    write_baselines(subject, id, decision, draft)?;
    Ok((id, holdings))
}

/// Writes the history of partners of record.
fn holdings(
    subject: &Subject,
    decision: &SubscriptionDecision,
    resellers: &Resellers,
    snapshot: &mut impl Snapshot,
) -> Result<Vec<Holding>, PlanError> {
    let sources = stated(&decision.sources);
    let (_, current) = decision.partners_of_record();
    let edits = match &subject.stored {
        Some(stored) => edits(stored, snapshot.edits(stored.id)?, &sources, |id| resellers.mpn_of(id)),
        None => Vec::new(),
    };
    Ok(timeline(&sources, &edits, current.as_deref()))
}

/// The closed periods. Those from an earlier run keep its number.
fn write_history(
    context: &Context<'_>,
    subject: &Subject,
    id: SubscriptionKey,
    holdings: &[Holding],
    resellers: &mut Resellers,
    snapshot: &mut impl Snapshot,
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    let before = match &subject.stored {
        Some(stored) => snapshot.history(stored.id)?,
        None => Vec::new(),
    };
    if !before.is_empty() {
        draft.ops.forgotten_history.append(&ForgottenHistory { subscription_pk: id })?;
    }
    for holding in holdings {
        let Some(to) = holding.to else { continue };
        let naming = Naming::partner_of_record(subject.first_row, false, 0);
        let Some(reseller_id) = resellers.key(context, &holding.reseller, naming, draft)? else { continue };
        let ended = before.iter().find(|row| row.reseller_id == reseller_id && row.valid_from == holding.from);
        // The period that goes on keeps its run as well when it ends.
        let open = subject
            .stored
            .as_ref()
            .filter(|stored| stored.reseller_id == Some(reseller_id) && stored.partner_of_record_since == holding.from);
        let known = ended.map(|row| row.run_id).or_else(|| open.map(|stored| stored.partner_of_record_run));
        let is_import = holding.by == By::Import;
        draft.ops.history.append(&NewHistory {
            id: next(&mut draft.keys.history),
            subscription_pk: id,
            reseller_id,
            valid_from: holding.from.map(moment),
            valid_to: moment(to),
            is_own: is_import && known.is_none(),
            run_id: known.flatten().or_else(|| holding.by.moved_by()),
            set_by: holding.by.person(),
        })?;
    }
    Ok(())
}

/// Writes a new subscription and returns its key.
fn write_new(
    subject: &Subject,
    decision: &SubscriptionDecision,
    (reseller_id, open): (Option<PartnerKey>, Option<&Holding>),
    draft: &mut Draft<'_>,
) -> Result<SubscriptionKey, PlanError> {
    let id = next(&mut draft.keys.subscription);
    let mut columns = changed(None, &decision.before, &decision.after)?;
    (_, columns.partner_of_record_fixed) = decision.fixed;
    let mut row = row_of(subject.key.clone(), id, subject.customer_id, reseller_id, columns);
    row.partner_of_record_since = open.and_then(|period| period.from).map(moment);
    draft.ops.subscriptions.append(&NewSubscription(row))?;
    draft.created_for(&subject.tenant_id, ("SUBSCRIPTION", &subject.key), decision.lines.first())?;
    draft.touched.push(subject.customer_id);
    Ok(id)
}

/// Writes the changes of a subscription.
fn write_change(
    subject: &Subject,
    stored: &StoredSubscription,
    decision: &SubscriptionDecision,
    reseller_id: Option<PartnerKey>,
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    let SubscriptionDecision { before, after, fixed: (was_fixed, is_fixed), .. } = decision;
    let key = subject.key.as_str();
    let mut columns = changed(Some(&stored.columns), before, after)?;
    columns.partner_of_record_fixed = *is_fixed;
    let row = row_of(key.to_owned(), stored.id, subject.customer_id, reseller_id, columns);
    draft.ops.changed_subscriptions.append(&ChangedSubscription(row))?;
    for (field, (before, after)) in before.iter().zip(after).enumerate() {
        if before != after {
            let by = decision.lines.of_field(field);
            let change = (before.shown(), after.shown());
            draft.changed_for(&subject.tenant_id, ("SUBSCRIPTION", key), SUBSCRIPTION[field].name, change, by)?;
        }
    }
    if was_fixed != is_fixed {
        let change = (Some(was_fixed.to_string()), Some(is_fixed.to_string()));
        let by = decision.lines.first();
        draft.changed_for(&subject.tenant_id, ("SUBSCRIPTION", key), "partnerOfRecordFixed", change, by)?;
    }
    draft.touched.push(subject.customer_id);
    Ok(())
}

/// What the sources state about the subscription from now on.
fn write_baselines(
    subject: &Subject,
    id: SubscriptionKey,
    decision: &SubscriptionDecision,
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    for (source, known) in &decision.written {
        let Some((_, baseline)) = decision.sources.iter().find(|(one, _)| one == source) else { continue };
        draft.baseline(Kind::SUBSCRIPTION.row(*source, id, baseline), *known)?;
    }
    let written = |source| decision.written.iter().any(|(one, _)| *one == source);
    let names_it = |source| decision.named_by.contains(&source) && !written(source);
    for (source, baseline) in reappearing(&subject.baselines, &decision.sources, names_it) {
        draft.baseline(Kind::SUBSCRIPTION.row(source, id, baseline), true)?;
    }
    Ok(())
}
