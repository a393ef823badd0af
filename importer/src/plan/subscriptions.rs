//! The third stage: subscriptions in the order of their ids, each with everything that the files state about it.

use partnergraph_domain::{RuleId, Severity};
use partnergraph_store::StoreError;
use partnergraph_store::imports::rows::NewAgreement;

use super::baselines::Kind;
use super::context::Context;
use super::customers::{Customers, Proof};
use super::draft::{Draft, new_issue};
use super::entitlements;
use super::fold::Sources;
use super::held::{held_issue, outranked_issue, seats_issue};
use super::history::Holding;
use super::moved::Moved;
use super::overlap::Overlaps;
use super::snapshot::Snapshot;
use super::subscription::{
    Held, Known, Outranked, Place, RowEnd, SeatsFinding, SourceRows, SubscriptionDecision, decide,
};
use super::subscription_rows::{presumed_expired, stored_values};
use super::subscription_writes::{Subject, write};
use super::transfers::Transfers;
use super::{Change, Counts, FileTotals, PlanError};
use crate::baseline::{SUBSCRIPTION, subscription as at};
use crate::intake::{Entry, Outcome, SpooledFact};
use crate::profiles::{Completeness, Field, Profile};
use crate::reconcile::{RowFact, group};
use crate::row_locations::FileLine;
use crate::seats::{ChargeSet, Finding};
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

/// Plans all subscriptions.
pub(crate) fn subscriptions(
    context: &Context<'_>,
    customers: Customers,
    snapshot: &mut impl Snapshot,
    draft: &mut Draft<'_>,
) -> Result<Subscriptions, PlanError> {
    let files = context.intake.files.len();
    let mut transfers = Transfers::find(context, &customers.keys, snapshot, draft)?;
    let mut elsewhere = std::mem::take(&mut transfers.elsewhere).into_iter().peekable();
    let mut overlaps = Overlaps::new(files);
    let mut cursor = context.intake.facts.cursor();
    let mut planned = Subscriptions {
        customers,
        counts: Counts::default(),
        associations: Counts::default(),
        controls: vec![FileTotals::default(); files],
        moved: Moved::default(),
    };
    for entries in context.intake.entries.chunk_by(Entry::same) {
        context.watch.planned(entries.len() as u64)?;
        let open: Vec<&Entry> = entries.iter().filter(|entry| draft.is_open(entry.row)).collect();
        let Some(first) = open.first() else { continue };
        let id = first.subscription();
        while let Some((other, concerned)) = elsewhere.next_if(|(other, _)| *other < id) {
            planned.plan(context, (other, concerned, Vec::new()), &transfers, snapshot, draft)?;
        }
        let key = id.to_string();
        let found = snapshot.subscription(&key)?;
        let customer_id = planned.customers.keys[first.customer as usize];
        if found.is_some_and(|found| Some(found.row.customer_id) != customer_id) {
            hold_customer_of(context, &open, &key, draft)?;
            continue;
        }
        overlaps.count(&open, found.is_some());
        let by_source = rows_by_source(context, &open, &mut cursor)?;
        planned.count_controls(&by_source);
        planned.plan(context, (id, (first.customer, first.row), by_source), &transfers, snapshot, draft)?;
    }
    for (other, concerned) in elsewhere {
        planned.plan(context, (other, concerned, Vec::new()), &transfers, snapshot, draft)?;
    }
    overlaps.warn(context, &planned.customers.keys, snapshot, draft)?;
    Ok(planned)
}

/// What each source states about a subscription, in the order of the sources.
fn rows_by_source<'a>(
    context: &Context<'a>,
    entries: &[&Entry],
    cursor: &mut Cursor<'_, SpooledFact>,
) -> Result<Vec<SourceRows<'a>>, PlanError> {
    let mut by_source: Vec<SourceRows<'a>> = Vec::with_capacity(1);
    for entry in entries {
        let SpooledFact { line, as_of, fact } = cursor.get(entry.fact())?;
        let row = RowFact { row: entry.row, at: FileLine { file: entry.file(), line }, as_of, fact };
        let file = context.file(entry.file());
        let source = context.source_ids[file.source];
        let place = by_source.iter().position(|one| one.source == source).unwrap_or_else(|| {
            by_source.push(SourceRows {
                source,
                rows: Vec::with_capacity(entries.len()),
                is_listed: false,
                profiles: Vec::new(),
            });
            by_source.len() - 1
        });
        let one = &mut by_source[place];
        one.is_listed |= row.fact.charge.is_none() && file.complete != Completeness::No;
        one.rows.push(row);
        one.profiles.push(&file.profile);
    }
    by_source.sort_by_key(|one| one.source);
    Ok(by_source)
}

/// Reports rows that name another customer than the one to whom the subscription was sold.
fn hold_customer_of(context: &Context<'_>, open: &[&Entry], key: &str, draft: &mut Draft<'_>) -> Result<(), PlanError> {
    for entry in open {
        draft.set(entry.row, Outcome::Conflict);
        let message = "the subscription belongs to another customer; the line is not applied";
        let mut issue = new_issue(Severity::Error, "conflict.edited", message)
            .value(key)
            .hint("find out which customer it belongs to; a subscription does not move between customers");
        issue.column = context.column(entry.file(), Field::CustomerTenantId);
        draft.report(entry.row, issue)?;
    }
    Ok(())
}

/// Records the outcome of each row.
fn settle_rows(
    context: &Context<'_>,
    decision: &SubscriptionDecision,
    key: &str,
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
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
            RowEnd::Contradicts(what) => {
                draft.set(*row, Outcome::Conflict);
                let issue = new_issue(
                    Severity::Error,
                    "conflict.rows",
                    format!("the rows state different {what} for the same time"),
                )
                .value(key)
                .hint("none of them is used; find out which is correct and import only that one");
                draft.report(*row, issue)?;
            }
        }
    }
    for Held { field, decision, row, file, value, is_fixed } in &decision.held {
        let spec = &SUBSCRIPTION[*field];
        let mut issue = held_issue(spec, decision, value.as_deref());
        issue.rule = is_fixed.then_some(RuleId::B_03);
        issue.column = context.column(*file, spec.column);
        draft.report(*row, issue)?;
        draft.set(*row, Outcome::Conflict);
    }
    for Outranked { field, row, file, values } in &decision.outranked {
        let issue = outranked_issue(&SUBSCRIPTION[*field], values, context.column(*file, SUBSCRIPTION[*field].column));
        draft.report(*row, issue)?;
    }
    for one in &decision.seats {
        let mut issue = seats_issue(one, key);
        issue.column = context.column(one.file, Field::Quantity);
        draft.report(one.row, issue)?;
        if matches!(one.finding, SeatsFinding::Held(_)) {
            draft.set(one.row, Outcome::Conflict);
        }
    }
    Ok(())
}

impl Subscriptions {
    /// Decides about one subscription and writes the decision. If it is only concerned as the other side of a transfer
    /// of seats, no file states it.
    fn plan(
        &mut self,
        context: &Context<'_>,
        (id, (customer, first_row), by_source): (uuid::Uuid, (u32, u32), Vec<SourceRows<'_>>),
        transfers: &Transfers,
        snapshot: &mut impl Snapshot,
        draft: &mut Draft<'_>,
    ) -> Result<(), PlanError> {
        let key = id.to_string();
        let (stored, baselines) = match snapshot.subscription(&key)? {
            Some(found) => (Some(found.row.clone()), found.baselines.clone()),
            None => (None, Vec::new()),
        };
        // Rows about a customer that is not imported were rejected before.
        let customer_id = self.customers.keys[customer as usize].ok_or_else(|| StoreError::Value {
            value: key.clone(),
            expected: "a subscription of an imported customer",
        })?;
        let tenant_id = uuid::Uuid::from_u128(context.intake.tenants[customer as usize]).to_string();
        let subject = Subject { key, tenant_id, customer, customer_id, stored, baselines, first_row };
        let sources = Kind::SUBSCRIPTION.unpack(&subject.baselines)?;
        let is_named = !by_source.is_empty();
        let by_source = if is_named { by_source } else { silent(&sources) };
        let known = Known {
            stored: subject.stored.as_ref(),
            values: stored_values(subject.stored.as_ref(), |id| self.customers.resellers.mpn_of(id)),
            sources,
        };
        let place = Place { transfers, customer, subscription: id };
        let decision = decide(by_source, known, place, first_row, context.policy.on_conflict);
        settle_rows(context, &decision, &subject.key, draft)?;
        if let Some(change) = decision.association().filter(|_| is_named) {
            self.associations.count(change);
        }
        if is_named || decision.change != Change::Unchanged {
            self.counts.count(decision.change);
        }
        if let Some(by) = decision.proves_agreement {
            self.prove_agreement(&subject, by, draft)?;
        }
        let resellers = &mut self.customers.resellers;
        let (pk, holdings) = write(context, &subject, &decision, resellers, snapshot, draft)?;
        entitlements::write(context, &subject, (pk, &decision), resellers, snapshot, draft)?;
        self.count_moved(&subject, &decision, holdings.as_deref());
        if let Some(end) = presumed_expired(&decision, &context.today).filter(|_| is_named) {
            let message = format!("the term ended on {end} and no renewal is known; left unchanged");
            let issue = new_issue(Severity::Info, "subscription.presumed_expired", message).value(&subject.key);
            draft.report(first_row, issue)?;
        }
        Ok(())
    }

    /// States once per customer that the files prove its agreement, whether or not an earlier import has proved it: either
    /// import may be reverted (C-32).
    fn prove_agreement(
        &mut self,
        Subject { customer, customer_id, tenant_id, .. }: &Subject,
        by: FileLine,
        draft: &mut Draft<'_>,
    ) -> Result<(), PlanError> {
        let proved = NewAgreement::proved(*customer_id);
        match std::mem::replace(&mut self.customers.proofs[*customer as usize], Proof::Stated) {
            Proof::Absent => {
                draft.agreement(tenant_id, &proved, Some(by))?;
            }
            Proof::Stored => {
                self.customers.agreed_before += 1;
                draft.repeated_agreement(proved)?;
            }
            Proof::Stated => {}
        }
        Ok(())
    }

    /// Records a move from one reseller to another: since the last import, or for a new subscription within the files.
    fn count_moved(&mut self, subject: &Subject, decision: &SubscriptionDecision, holdings: Option<&[Holding]>) {
        let (had, has) = decision.partners_of_record();
        let Some(has) = has else { return };
        let mut former: Vec<String> = match (&subject.stored, holdings) {
            (None, Some(holdings)) => holdings.iter().map(|period| period.reseller.clone()).collect(),
            _ => had.into_iter().collect(),
        };
        former.dedup();
        for mpn_id in former.iter().filter(|mpn_id| **mpn_id != has) {
            self.moved.add(subject.customer, mpn_id, &has, subject.first_row, decision.seats());
        }
    }

    /// Counts the subscription in the files of its rows, with the seats that follow from each file's own rows, for
    /// comparison with an invoice.
    fn count_controls(&mut self, by_source: &[SourceRows<'_>]) {
        for one in by_source {
            let mut from = 0;
            for rows in one.rows.chunk_by(|a, b| a.at.file == b.at.file) {
                let profiles = &one.profiles[from..from + rows.len()];
                from += rows.len();
                let totals = &mut self.controls[usize::from(rows[0].at.file)];
                totals.subscriptions += 1;
                totals.seats += seats_of(rows, profiles).unwrap_or(0);
            }
        }
    }
}

/// The number of seats that follows from the rows of one file.
fn seats_of(rows: &[RowFact], profiles: &[&Profile]) -> Option<i64> {
    if let [row] = rows
        && let Some(charge) = row.fact.charge.as_deref()
    {
        let line = charge.line()?;
        return match ChargeSet::of([line]).work_out(&|_| true).finding {
            Finding::Proven(seats) | Finding::Unproven(seats) => Some(seats.into()),
            Finding::Silent | Finding::Held { .. } => None,
        };
    }
    group(rows, profiles, None, &|_| true).baseline.fields[at::QUANTITY].as_ref().and_then(|stated| stated.value.int())
}

/// The sources that know charge lines of a subscription that no file names.
fn silent<'a>(sources: &Sources) -> Vec<SourceRows<'a>> {
    let with_charges = sources.iter().filter(|(_, baseline)| !baseline.charges.is_empty());
    with_charges
        .map(|(source, _)| SourceRows { source: *source, rows: Vec::new(), is_listed: false, profiles: Vec::new() })
        .collect()
}
