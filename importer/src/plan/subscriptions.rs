//! The third stage: subscriptions in the order of their ids, each with all that the files say of it.

use partnergraph_domain::Severity;
use partnergraph_store::imports::rows::{ChangedReseller, ChangedSubscription, NewHistory, NewSubscription};
use partnergraph_store::imports::stored::{StoredBaseline, StoredSubscription};

use super::baselines::{Kind, reappearing};
use super::context::Context;
use super::customers::Customers;
use super::draft::{Draft, remark};
use super::held::held_issue;
use super::history::Former;
use super::moved::Moved;
use super::ops::next;
use super::overlap::Overlaps;
use super::snapshot::Snapshot;
use super::subscription::{Held, Known, RowEnd, SubscriptionDecision, Told, decide, presumed_expired};
use super::subscription_rows::{row_of, stored_values};
use super::upgrades::Upgrades;
use super::{Change, Counts, FileTotals, PlanError};
use crate::intake::{Entry, Outcome, SpooledFact};
use crate::profiles::{Completeness, Field};
use crate::reconcile::{RowFact, group};
use crate::said::{SUBSCRIPTION, subscription as at};
use crate::spool::Cursor;

/// All subscriptions are planned.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    pub(super) customers: Customers,
    pub(crate) counts: Counts,
    pub(crate) associations: Counts,
    /// By file.
    pub(crate) controls: Vec<FileTotals>,
    pub(super) moved: Moved,
}

/// One subscription and what stands of it.
struct Subject<'a> {
    key: String,
    /// The customer's number in the files, and its key in the tables.
    customer: u32,
    customer_id: i64,
    stored: Option<&'a StoredSubscription>,
    baselines: &'a [StoredBaseline],
    first_row: u32,
}

/// Plans all subscriptions.
pub(crate) fn subscriptions(
    context: &Context<'_>,
    customers: Customers,
    snapshot: &mut impl Snapshot,
    draft: &mut Draft<'_>,
) -> Result<Subscriptions, PlanError> {
    let files = context.intake.files.len();
    let upgrades = Upgrades::find(context, draft)?;
    let mut overlaps = Overlaps::new(files);
    let mut cursor = context.intake.facts.cursor();
    let today = context.today();
    let mut planned = Subscriptions {
        customers,
        counts: Counts::default(),
        associations: Counts::default(),
        controls: vec![FileTotals::default(); files],
        moved: Moved::default(),
    };
    for entries in context.intake.entries.chunk_by(Entry::same) {
        let open: Vec<&Entry> = entries.iter().filter(|entry| draft.is_open(entry.row)).collect();
        let Some(first) = open.first() else { continue };
        let key = first.subscription().to_string();
        let found = snapshot.subscription(&key)?;
        let subject = Subject {
            key,
            customer: first.customer,
            customer_id: planned.customers.keys[first.customer as usize],
            stored: found.map(|found| &found.row),
            baselines: found.map_or(&[][..], |found| &found.baselines),
            first_row: first.row,
        };
        if subject.stored.is_some_and(|row| row.customer_id != subject.customer_id) {
            hold_customer_of(context, &open, &subject.key, draft)?;
            continue;
        }
        overlaps.count(&open, subject.stored.is_some());
        let mut told = told_by_source(context, &open, &mut cursor)?;
        for one in &mut told {
            upgrades.name(subject.customer, &subject.key, one);
            planned.count_controls(one);
        }
        let known = Known {
            stored: subject.stored,
            values: stored_values(subject.stored, |id| planned.customers.resellers.mpn_of(id)),
            sources: Kind::SUBSCRIPTION.unpack(subject.baselines)?,
        };
        let decision = decide(told, known, subject.first_row, context.policy.on_conflict);
        settle_rows(context, &decision, draft)?;
        planned.write(context, &subject, &decision, draft)?;
        if let Some(end) = presumed_expired(&decision.after, &today) {
            let message = format!("the term ended on {end} and nothing says that it was renewed; it is left as it is");
            let issue = remark(Severity::Info, "subscription.presumed_expired", message).value(&subject.key);
            draft.remark(subject.first_row, issue)?;
        }
    }
    overlaps.warn(context, &planned.customers.keys, snapshot, draft)?;
    Ok(planned)
}

/// What each source says of a subscription, in the order of the sources.
pub(crate) fn told_by_source(
    context: &Context<'_>,
    entries: &[&Entry],
    cursor: &mut Cursor<'_, SpooledFact>,
) -> Result<Vec<Told>, PlanError> {
    let mut sources: Vec<(usize, Vec<RowFact>)> = Vec::with_capacity(1);
    for entry in entries {
        let SpooledFact { line: _, as_of, fact } = cursor.get(entry.fact())?;
        let row = RowFact { row: entry.row, file: entry.file(), as_of, fact };
        let source = context.file(entry.file()).source;
        match sources.iter_mut().find(|(known, _)| *known == source) {
            Some((_, rows)) => rows.push(row),
            None => sources.push((source, vec![row])),
        }
    }
    sources.sort_by_key(|(source, _)| *source);
    let told = sources.into_iter().map(|(source, rows)| {
        let mut group = group(&rows, |file| &*context.file(file).profile);
        let listed = |row: &RowFact| context.file(row.file).complete != Completeness::No;
        group.said.listed = group.states && rows.iter().any(listed);
        Told { source: context.source_ids[source], rows, group }
    });
    Ok(told.collect())
}

/// Rows that name another customer than the one to whom the subscription was sold.
fn hold_customer_of(context: &Context<'_>, open: &[&Entry], key: &str, draft: &mut Draft<'_>) -> Result<(), PlanError> {
    for entry in open {
        draft.set(entry.row, Outcome::Conflict);
        let message = "the subscription is known as another customer's; nothing of the line is applied";
        let mut issue = remark(Severity::Error, "conflict.edited", message)
            .value(key)
            .hint("find out whose it is; a subscription does not move between customers");
        issue.column = context.column(entry.file(), Field::CustomerTenantId);
        draft.remark(entry.row, issue)?;
    }
    Ok(())
}

/// What became of each row.
fn settle_rows(context: &Context<'_>, decision: &SubscriptionDecision, draft: &mut Draft<'_>) -> Result<(), PlanError> {
    for (row, end) in &decision.rows {
        match end {
            RowEnd::Applied => draft.set(*row, Outcome::Applied),
            RowEnd::Evidence => draft.set(*row, Outcome::Merged),
            RowEnd::Repeats => {
                draft.set(*row, Outcome::Merged);
                draft.merged(*row)?;
            }
            RowEnd::Superseded => {
                draft.set(*row, Outcome::Merged);
                draft.superseded(*row)?;
            }
        }
    }
    for Held { field, decision, row, file, value, is_fixed } in &decision.held {
        let spec = &SUBSCRIPTION[*field];
        let mut issue = held_issue(spec, *decision, value.as_deref());
        issue.rule = is_fixed.then_some("B-03".into());
        issue.column = context.column(*file, spec.column);
        draft.remark(*row, issue)?;
        draft.set(*row, Outcome::Conflict);
    }
    Ok(())
}

impl Subscriptions {
    /// Counts the subscription in the files of its rows, and its seats in the one that states them.
    fn count_controls(&mut self, told: &Told) {
        let mut last = None;
        for row in &told.rows {
            if last != Some(row.file) {
                self.controls[usize::from(row.file)].subscriptions += 1;
            }
            last = Some(row.file);
        }
        let seats = told.group.said.said[at::QUANTITY].as_ref().and_then(|said| said.value.int()).unwrap_or(0);
        let file = told.rows[told.group.by[at::QUANTITY].unwrap_or_else(|| told.group.first())].file;
        self.controls[usize::from(file)].seats += seats;
    }

    /// Writes what is decided: the subscription, its former partners of record, what its sources say.
    fn write(
        &mut self,
        context: &Context<'_>,
        subject: &Subject<'_>,
        decision: &SubscriptionDecision,
        draft: &mut Draft<'_>,
    ) -> Result<(), PlanError> {
        let mpn_id = decision.partner_of_record();
        let reseller_id = match &mpn_id {
            Some(mpn_id) => self.customers.resellers.key(context, mpn_id, subject.first_row, draft)?,
            None => None,
        };
        if let Some(change) = decision.association() {
            self.associations.count(change);
        }
        self.counts.count(decision.change);
        let id = match subject.stored {
            Some(stored) => {
                if decision.change == Change::Updated {
                    write_change(subject, stored, decision, reseller_id, draft)?;
                }
                stored.id
            }
            None => write_new(subject, decision, reseller_id, draft)?,
        };
        for former in &decision.history {
            self.write_former(context, id, former, draft)?;
            if let Some(mpn_id) = &mpn_id {
                self.moved.add(subject.customer, &former.mpn_id, mpn_id, former.row, decision.seats());
            }
        }
        write_baselines(context, subject, id, decision, draft)
    }

    /// A former partner of record of a subscription.
    fn write_former(
        &mut self,
        context: &Context<'_>,
        subscription_pk: i64,
        former: &Former,
        draft: &mut Draft<'_>,
    ) -> Result<(), PlanError> {
        if let Some(reseller_id) = self.customers.resellers.key(context, &former.mpn_id, former.row, draft)? {
            let id = next(&mut draft.keys.history);
            let (valid_from, valid_to) = (former.from.clone(), former.to.clone());
            draft.ops.history.append(&NewHistory { id, subscription_pk, reseller_id, valid_from, valid_to })?;
        }
        Ok(())
    }
}

/// A subscription that was not known. Gives its key.
fn write_new(
    subject: &Subject<'_>,
    decision: &SubscriptionDecision,
    reseller_id: Option<i64>,
    draft: &mut Draft<'_>,
) -> Result<i64, PlanError> {
    let id = next(&mut draft.keys.subscription);
    let (_, fixed) = decision.fixed;
    let row = row_of(subject.key.clone(), id, subject.customer_id, reseller_id, fixed, &decision.after);
    draft.ops.subscriptions.append(&NewSubscription(row))?;
    draft.created("SUBSCRIPTION", &subject.key)?;
    draft.touched.push(subject.customer_id);
    Ok(id)
}

/// A subscription of which something is different now.
fn write_change(
    subject: &Subject<'_>,
    stored: &StoredSubscription,
    decision: &SubscriptionDecision,
    reseller_id: Option<i64>,
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    let SubscriptionDecision { before, after, fixed: (was_fixed, is_fixed), .. } = decision;
    let key = subject.key.as_str();
    let row = row_of(key.to_owned(), stored.id, subject.customer_id, reseller_id, *is_fixed, after);
    draft.ops.changed_subscriptions.append(&ChangedSubscription(row))?;
    if after[at::RESELLER] != before[at::RESELLER] {
        draft.ops.changed_resellers.append(&ChangedReseller { id: stored.id, reseller_id })?;
    }
    for (spec, (before, after)) in SUBSCRIPTION.iter().zip(before.iter().zip(after)) {
        if before != after {
            draft.changed("SUBSCRIPTION", key, spec.name, (before.shown(), after.shown()))?;
        }
    }
    if was_fixed != is_fixed {
        let change = (Some(was_fixed.to_string()), Some(is_fixed.to_string()));
        draft.changed("SUBSCRIPTION", key, "partnerOfRecordFixed", change)?;
    }
    draft.touched.push(subject.customer_id);
    Ok(())
}

/// What the sources say of the subscription from now on.
fn write_baselines(
    context: &Context<'_>,
    subject: &Subject<'_>,
    id: i64,
    decision: &SubscriptionDecision,
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    for (source, known) in &decision.written {
        let Some((_, baseline)) = decision.sources.iter().find(|(one, _)| one == source) else { continue };
        draft.baseline(Kind::SUBSCRIPTION.row(*source, id, baseline), *known)?;
    }
    let written = |source| decision.written.iter().any(|(one, _)| *one == source);
    let names_it = |source| context.source_ids.contains(&source) && !written(source);
    for (source, baseline) in reappearing(subject.baselines, &decision.sources, names_it) {
        draft.baseline(Kind::SUBSCRIPTION.row(source, id, baseline), true)?;
    }
    Ok(())
}
