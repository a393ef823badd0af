//! The second stage: customers in the order of their tenant ids, each with everything that the files state about it.

use partnergraph_domain::rules::customer::is_reseller;
use partnergraph_domain::{CustomerKey, CustomerRecordKey, Severity};
use partnergraph_store::imports::rows::{ChangedRecord, NewCustomer, NewRecord, NewRelationship, NewTenant};
use partnergraph_store::imports::stored::{StoredBaseline, StoredCustomer};

use super::attestations::Attesting;
use super::baselines::{Kind, reappearing};
use super::context::Context;
use super::customer::{
    CustomerDecision, Live, SourceResult, SourceStatement, Taken, decide, ended_since, relationship,
    statements_by_source, stays_removed, warnings,
};
use super::customer_rows::{changed, record_of};
use super::domains::Domains;
use super::draft::{Draft, new_issue};
use super::held::{held_issue, outranked_issue};
use super::ops::next;
use super::resellers::Resellers;
use super::screen::Screened;
use super::snapshot::Snapshot;
use super::statements::Statements;
use super::{Change, Counts, PlanError};
use crate::baseline::{CUSTOMER, Value, customer as at};
use crate::intake::{Intake, NONE, Statement};
use crate::row_locations::FileLine;
use crate::spool::Cursor;

/// All customers are planned.
#[derive(Debug)]
pub(crate) struct Customers {
    /// By customer of the files: its key in the tables, or `None` if it is not imported.
    pub(crate) keys: Vec<Option<CustomerKey>>,
    /// By customer of the files: the proof of its agreement (C-32).
    pub(crate) proofs: Vec<Proof>,
    /// By customer of the files: whether the plan creates a relationship with it.
    related: Vec<bool>,
    /// The attestations and proofs of the files that are known from before.
    pub(crate) agreed_before: u64,
    pub(crate) statements: Statements,
    pub(crate) counts: Counts,
    pub(super) resellers: Resellers,
}

/// Whether imports have proved a customer's agreement (C-32).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Proof {
    /// None has.
    #[default]
    Absent,
    /// An earlier one has.
    Stored,
    /// The files prove it, and the plan says so.
    Stated,
}

/// One customer and everything that is known about it.
struct Subject<'a> {
    /// Its number in the files.
    number: u32,
    key: &'a str,
    live: &'a [Live],
    by_source: &'a [SourceStatement],
    stored: Option<&'a StoredCustomer>,
    baselines: &'a [StoredBaseline<CustomerKey>],
}

impl Subject<'_> {
    /// The first line about the customer that still counts.
    fn first_line(&self) -> Option<FileLine> {
        self.live.first().map(|one| one.statement.at())
    }

    /// The line that states this value of a field.
    fn line_of(&self, field: usize, value: &Value) -> Option<FileLine> {
        let states =
            |one: &&SourceStatement| one.baseline.fields[field].as_ref().is_some_and(|stated| stated.value == *value);
        let number = self.by_source.iter().rfind(states).and_then(|one| one.by(field));
        let found = self.live.iter().find(|one| Some(one.number) == number);
        found.map(|one| one.statement.at()).or_else(|| self.first_line())
    }
}

/// Plans all customers.
pub(crate) fn customers(
    context: &Context<'_>,
    screened: Screened,
    snapshot: &mut impl Snapshot,
    draft: &mut Draft<'_>,
) -> Result<Customers, PlanError> {
    let intake = context.intake;
    let mut planned = Customers {
        keys: vec![None; intake.tenants.len()],
        proofs: vec![Proof::default(); intake.tenants.len()],
        related: vec![false; intake.tenants.len()],
        agreed_before: 0,
        statements: Statements::new(intake.statements.len()),
        counts: Counts::default(),
        resellers: screened.resellers,
    };
    let newest = newest_by_statement(intake, draft);
    let order = in_order(intake);
    let mut domains = Domains::new(order.iter().map(|number| intake.tenants[*number as usize]).collect());
    let mut cursor = intake.statement_spool.cursor();
    let mut attesting = Attesting::default();
    for number in order {
        context.watch.planned(1)?;
        let live = live_statements(intake, number, &newest, &mut cursor)?;
        let (attested, live): (Vec<Live>, Vec<Live>) =
            live.into_iter().partition(|one| one.statement.agreement.is_some());
        let key = uuid::Uuid::from_u128(intake.tenants[number as usize]).to_string();
        if live.is_empty() && attested.is_empty() {
            continue;
        }
        // An attestation states nothing of the customer itself.
        let stored = snapshot.customer(&key)?.map(|found| (found.row.relationship, found.row.customer_id));
        let (before, mut customer_id) = stored.unwrap_or_default();
        let mut now = before;
        if !live.is_empty() {
            planned.decide(context, (number, &key, &live), &mut domains, snapshot, draft)?;
            customer_id = planned.keys[number as usize];
            now = before.or_else(|| planned.related[number as usize].then(|| relationship(&live)));
        }
        let related = customer_id.filter(|_| now.is_some_and(is_reseller));
        attesting.take(context, related, &attested, &mut planned.statements);
    }
    planned.agreed_before = attesting.write(context, &mut planned.statements, snapshot, draft)?;
    domains.warn(context, snapshot, draft)?;
    planned.statements.close(context, draft)?;
    Ok(planned)
}

/// By statement: the newest time of a row that makes it and still counts. 0 if there is none.
fn newest_by_statement(intake: &Intake, draft: &Draft<'_>) -> Vec<u32> {
    let mut newest = vec![0_u32; intake.statements.len()];
    for (row, statement) in (0..).zip(&intake.rows.statement) {
        if *statement != NONE && draft.is_open(row) {
            let time = &mut newest[*statement as usize];
            *time = (*time).max(intake.rows.as_of[row as usize]).max(1);
        }
    }
    newest
}

/// The numbers of the customers in the order of their tenant ids.
fn in_order(intake: &Intake) -> Vec<u32> {
    let mut order: Vec<u32> = (0..u32::try_from(intake.tenants.len()).unwrap_or(u32::MAX)).collect();
    order.sort_unstable_by_key(|number| intake.tenants[*number as usize]);
    order
}

/// The statements about a customer that still count, the oldest first.
fn live_statements(
    intake: &Intake,
    number: u32,
    newest: &[u32],
    cursor: &mut Cursor<'_, Statement>,
) -> Result<Vec<Live>, PlanError> {
    let mut live = Vec::new();
    for number in intake.statements_of(number as usize) {
        let as_of = newest[number as usize];
        if as_of > 0 {
            let statement = cursor.get(intake.statements[number as usize].place)?;
            live.push(Live { number, as_of: as_of.into(), statement });
        }
    }
    live.sort_by_key(|live| (live.as_of, live.statement.row));
    Ok(live)
}

impl Customers {
    /// Decides about one customer that files state something of.
    fn decide(
        &mut self,
        context: &Context<'_>,
        (number, key, live): (u32, &str, &[Live]),
        domains: &mut Domains,
        snapshot: &mut impl Snapshot,
        draft: &mut Draft<'_>,
    ) -> Result<(), PlanError> {
        let found = snapshot.customer(key)?;
        let stored = found.map(|found| &found.row);
        if stored.is_some_and(|row| ended_since(row, live)) {
            live.iter().for_each(|one| self.statements.end(one.number));
            return Ok(());
        }
        if stored.is_some_and(|row| row.agreement_proven) {
            self.proofs[number as usize] = Proof::Stored;
        }
        let by_source = statements_by_source(context, live);
        let baselines = found.map_or(&[][..], |found| &found.baselines);
        let sources = Kind::CUSTOMER.unpack(baselines)?;
        let subject = Subject { number, key, live, by_source: &by_source, stored, baselines };
        match decide(&by_source, stored, sources, context.country(), context.policy) {
            CustomerDecision::Rejected(violations) => {
                let hint = "the customer cannot be sold to; --on-violation flag imports it with new business blocked";
                let file = live[0].statement.file;
                let issues: Vec<_> = violations
                    .iter()
                    .map(|violation| {
                        let mut issue = violation.issue(Severity::Error, key, hint);
                        issue.column = context.column(file, violation.field);
                        issue
                    })
                    .collect();
                live.iter().for_each(|one| self.statements.reject(one.number, &issues));
            }
            CustomerDecision::Taken(mut taken) => {
                taken.relates &= !stored.is_some_and(|row| stays_removed(context, row, live));
                self.related[number as usize] = taken.relates;
                self.take(context, &subject, &taken, draft)?;
                if let Value::Text(domain) = &taken.after[at::DOMAIN] {
                    domains.claim(domain, live, snapshot)?;
                }
            }
        }
        Ok(())
    }

    /// Writes the decision about a customer that is imported.
    fn take(
        &mut self,
        context: &Context<'_>,
        subject: &Subject<'_>,
        taken: &Taken,
        draft: &mut Draft<'_>,
    ) -> Result<(), PlanError> {
        self.mark_statements(context, subject, taken);
        let id = customer_id(subject, draft)?;
        self.keys[subject.number as usize] = Some(id);
        self.counts.count(taken.record);
        write_record(subject, taken, id, draft)?;
        if taken.relates {
            let relationship = relationship(subject.live);
            let relationship_id = next(&mut draft.keys.relationship);
            draft.ops.relationships.append(&NewRelationship { id: relationship_id, customer_id: id, relationship })?;
            if taken.record != Change::Created {
                draft.created("RELATIONSHIP", subject.key, subject.first_line())?;
            }
        }
        if taken.touches() {
            draft.touched.push(id);
        }
        write_baselines(subject, taken, id, draft)?;
        for (statement, result) in subject.by_source.iter().zip(&taken.results) {
            report_outranked(context, subject, (statement, result), draft)?;
        }
        let (file, line) = (subject.live[0].statement.file, subject.live[0].statement.line);
        let flagged = taken.violations.iter().map(|violation| {
            let mut issue =
                violation.issue(Severity::Warning, subject.key, "new business with this customer is refused");
            issue.column = context.column(file, violation.field);
            issue
        });
        let removed = subject.stored.filter(|row| row.relationship.is_none() && !taken.relates).map(|_| {
            let message = "the relationship with this customer was removed and is not restored; only its subscriptions are updated";
            let issue = new_issue(Severity::Warning, "customer.relationship.removed", message).value(subject.key);
            issue.hint("to sell to it again, import a customer list that contains it, or send it an invitation")
        });
        for mut issue in flagged.chain(warnings(subject.live, &taken.after, subject.stored)).chain(removed) {
            if issue.line == 0 {
                (issue.file, issue.line) = (file, line);
            }
            draft.issues.add(&issue)?;
        }
        Ok(())
    }

    /// Records which statements are in effect, which are outdated, and what is held.
    fn mark_statements(&mut self, context: &Context<'_>, subject: &Subject<'_>, taken: &Taken) {
        for (statement, result) in subject.by_source.iter().zip(&taken.results) {
            statement.holders().for_each(|number| self.statements.hold_true(number));
            let own = |one: &&Live| context.source_id(one.statement.file) == result.source;
            if result.superseded {
                subject.live.iter().filter(own).for_each(|one| self.statements.supersede(one.number));
            }
            let Some(last) = subject.live.iter().rfind(own) else { continue };
            for (field, decision) in &result.held {
                let spec = &CUSTOMER[*field];
                let value = statement.baseline.fields[*field].as_ref().and_then(|stated| stated.value.shown());
                let mut issue = held_issue(spec, decision, value.as_deref());
                issue.column = context.column(last.statement.file, spec.column);
                self.statements.hold_back(last.number, issue);
            }
        }
    }
}

/// Names and countries in which another portal's value takes precedence, except for other spellings of the same value.
fn report_outranked(
    context: &Context<'_>,
    subject: &Subject<'_>,
    (statement, result): (&SourceStatement, &SourceResult),
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    let Some(last) = subject.live.iter().rfind(|one| context.source_id(one.statement.file) == result.source) else {
        return Ok(());
    };
    for (field, counts) in &result.outranked {
        let spec = &CUSTOMER[*field];
        let says = statement.baseline.fields[*field].as_ref().and_then(|stated| stated.value.shown());
        let counts = counts.shown();
        let plain = |text: &Option<String>| text.as_deref().map(partnergraph_domain::search_key);
        if plain(&says) == plain(&counts) {
            continue;
        }
        let mut issue = outranked_issue(spec, &(says, counts), context.column(last.statement.file, spec.column));
        (issue.file, issue.line) = (last.statement.file, last.statement.line);
        draft.issues.add(&issue)?;
    }
    Ok(())
}

/// The customer's key. An unknown customer is created, with its tenant if that is unknown too.
fn customer_id(subject: &Subject<'_>, draft: &mut Draft<'_>) -> Result<CustomerKey, PlanError> {
    if let Some(id) = subject.stored.and_then(|row| row.customer_id) {
        return Ok(id);
    }
    let tenant_id = subject.key.to_owned();
    if subject.stored.is_none() {
        draft.ops.tenants.append(&NewTenant { tenant_id: tenant_id.clone() })?;
    }
    let id = next(&mut draft.keys.customer);
    draft.ops.customers.append(&NewCustomer { id, tenant_id })?;
    Ok(id)
}

/// The partner's record of the customer.
fn write_record(
    subject: &Subject<'_>,
    taken: &Taken,
    customer_id: CustomerKey,
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    let (was_blocked, is_blocked) = &taken.blocked;
    let stored = subject.stored.and_then(|row| row.record.as_ref());
    let record = |id: CustomerRecordKey| {
        let columns = changed(stored.map(|record| &record.columns), &taken.before, &taken.after)?;
        Ok::<_, PlanError>(record_of(id, customer_id, columns, is_blocked.clone()))
    };
    match (taken.record, stored) {
        (Change::Updated, Some(held)) => {
            draft.ops.changed_records.append(&ChangedRecord(record(held.id)?))?;
            for (field, (before, after)) in taken.before.iter().zip(&taken.after).enumerate() {
                if before != after {
                    let by = subject.line_of(field, after);
                    draft.changed(
                        "CUSTOMER",
                        subject.key,
                        CUSTOMER[field].name,
                        (before.shown(), after.shown()),
                        by,
                    )?;
                }
            }
            if was_blocked != is_blocked {
                let change = (was_blocked.clone(), is_blocked.clone());
                draft.changed("CUSTOMER", subject.key, "newBusinessBlocked", change, subject.first_line())?;
            }
        }
        (_, None) => {
            let id = next(&mut draft.keys.record);
            draft.ops.records.append(&NewRecord(record(id)?))?;
            draft.created("CUSTOMER", subject.key, subject.first_line())?;
        }
        (_, Some(_)) => {}
    }
    Ok(())
}

/// What the sources state about the customer from now on.
fn write_baselines(
    subject: &Subject<'_>,
    taken: &Taken,
    id: CustomerKey,
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    for result in &taken.results {
        let baseline = taken.sources.iter().find(|(source, _)| *source == result.source);
        if let (Some(known), Some((source, baseline))) = (result.written, baseline) {
            draft.baseline(Kind::CUSTOMER.row(*source, id, baseline), known)?;
        }
    }
    let unwritten = |source| taken.results.iter().any(|result| result.source == source && result.written.is_none());
    for (source, baseline) in reappearing(subject.baselines, &taken.sources, unwritten) {
        draft.baseline(Kind::CUSTOMER.row(source, id, baseline), true)?;
    }
    Ok(())
}
