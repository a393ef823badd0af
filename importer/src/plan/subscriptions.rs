//! Subscriptions: in the order of their ids, each with all that the files say of it.

use partnergraph_domain::{Severity, SubscriptionStatus};
use partnergraph_store::imports::rows::{
    ChangedBaseline, ChangedReseller, ChangedSubscription, NewBaseline, NewHistory, NewSubscription,
};
use partnergraph_store::imports::stored::StoredSubscription;

use super::customers::{baseline_row, unpack};
use super::fold::{Folded, Sources, Told, fold};
use super::ops::next;
use super::subscription_rows::{row_of, stored_values};
use super::walk::{self, Walk, WithBaselines};
use super::{PlanError, Planner};
use crate::intake::{Entry, Outcome, SpooledFact};
use crate::issue::Issue;
use crate::profiles::{Completeness, Field};
use crate::reconcile::{FieldDecision, Group, RowFact, Standing, group, moment};
use crate::said::{Baseline, FieldSpec, SUBSCRIPTION, Said, Value, subscription as at};
use crate::spool::Cursor;

/// A subscription while its sources are folded in.
struct Subject {
    key: String,
    customer: u32,
    customer_id: i64,
    stored: Option<StoredSubscription>,
    values: Vec<Value>,
    before: Vec<Value>,
    sources: Sources,
    fixed: bool,
    /// The baselines to be written: source, whether it was there.
    written: Vec<(i64, bool)>,
    first_row: u32,
}

impl Planner<'_> {
    /// Plans all subscriptions.
    pub(crate) fn plan_subscriptions(&mut self) -> Result<(), PlanError> {
        let intake = self.intake;
        let mut cursor = intake.facts.cursor();
        let mut walk = Walk::<WithBaselines<StoredSubscription>>::new();
        for entries in intake.entries.chunk_by(Entry::same) {
            let open: Vec<&Entry> = entries.iter().filter(|entry| self.is_open(entry.row)).collect();
            let Some(first) = open.first() else { continue };
            let customer = first.customer;
            let customer_id = self.customer_keys[customer as usize];
            let key = first.subscription().to_string();
            let conn = &mut *self.conn;
            let found = walk.seek(&key, |from, limit| walk::subscriptions(conn, from, limit))?;
            let (stored, baselines) = match found {
                Some(found) => (Some(found.row.clone()), found.baselines.clone()),
                None => (None, Vec::new()),
            };
            if stored.as_ref().is_some_and(|row| row.customer_id != customer_id) {
                self.hold_customer_of(&open, &key)?;
                continue;
            }
            self.count_overlap(&open, stored.is_some());
            let values = stored_values(stored.as_ref(), |id| self.resellers.mpn_of(id));
            let mut subject = Subject {
                before: values.clone(),
                values,
                sources: unpack(&SUBSCRIPTION, &baselines)?,
                fixed: stored.as_ref().is_some_and(|row| row.partner_of_record_fixed),
                stored,
                key,
                customer,
                customer_id,
                written: Vec::new(),
                first_row: first.row,
            };
            for (source, rows) in self.by_source(&open, &mut cursor)? {
                self.fold_source(&mut subject, source, &rows)?;
            }
            self.write_subscription(&subject)?;
            for source in subject.sources.iter().map(|(id, _)| *id).collect::<Vec<_>>() {
                let named = self.source_ids.contains(&source) && !subject.written.iter().any(|(one, _)| *one == source);
                if let (true, Some(row)) = (named, &subject.stored) {
                    self.reappear(&baselines, source, 'S', row.id, &subject.sources, &SUBSCRIPTION)?;
                }
            }
            self.warn_subscription(&subject)?;
        }
        Ok(())
    }

    /// The rows of a group by their source, in the order in which the sources first appear.
    pub(crate) fn by_source(
        &self,
        entries: &[&Entry],
        cursor: &mut Cursor<'_, SpooledFact>,
    ) -> Result<Vec<(usize, Vec<RowFact>)>, PlanError> {
        let mut sources: Vec<(usize, Vec<RowFact>)> = Vec::with_capacity(1);
        for entry in entries {
            let SpooledFact { line: _, as_of, fact } = cursor.get(entry.fact())?;
            let row = RowFact { row: entry.row, file: entry.file(), as_of, fact };
            let source = self.intake.files[usize::from(entry.file())].source;
            match sources.iter_mut().find(|(known, _)| *known == source) {
                Some((_, rows)) => rows.push(row),
                None => sources.push((source, vec![row])),
            }
        }
        sources.sort_by_key(|(source, _)| *source);
        Ok(sources)
    }

    /// Puts what one source says beside what stands, and says what became of its rows.
    fn fold_source(&mut self, subject: &mut Subject, source: usize, rows: &[RowFact]) -> Result<(), PlanError> {
        let files = &self.intake.files;
        let id = self.source_ids[source];
        let known = subject.sources.iter().find(|(one, _)| *one == id).map(|(_, known)| known.clone());
        let mut said = group(rows, |file| &*files[usize::from(file)].profile, known.as_ref(), &|_| false);
        said.said.listed =
            said.states && rows.iter().any(|row| files[usize::from(row.file)].complete != Completeness::No);
        let charges: Vec<_> = rows.iter().filter_map(|row| Some((row.as_of, row.fact.charge.as_deref()?))).collect();
        self.name_upgraded(subject.customer, &subject.key, &charges, &mut said);
        let told = Told { source: id, said: &said.said, by_value: &said.by_value, withdrawn: said.is_revived.then_some(at::STATUS) };
        let fixed = subject.fixed && subject.stored.as_ref().is_some_and(|row| row.reseller_id.is_some());
        let folded = fold(
            &SUBSCRIPTION,
            &mut subject.values,
            &mut subject.sources,
            told,
            self.policy.on_conflict,
            |field| field != at::RESELLER || !fixed,
        );
        subject.fixed |= said.kind.has_fixed_partner_of_record();
        // A charge proves that something is in use where nobody says otherwise, and so does standing in a list; neither is a
        // statement of its source.
        if (said.in_use || said.states) && subject.values[at::STATUS] == Value::Null {
            subject.values[at::STATUS] = Value::Text(SubscriptionStatus::Active.as_str().to_owned());
        }
        if let Some((_, known)) = &folded.baseline {
            subject.written.push((id, *known));
        }
        self.count_file(rows, &said);
        self.settle(rows, &said, &folded)
    }

    fn count_overlap(&mut self, open: &[&Entry], known: bool) {
        let mut last = None;
        for entry in open {
            if last != Some(entry.file()) {
                let overlap = &mut self.overlaps[usize::from(entry.file())];
                *(if known { &mut overlap.known } else { &mut overlap.new }) += 1;
            }
            last = Some(entry.file());
        }
    }

    fn count_file(&mut self, rows: &[RowFact], said: &Group) {
        let mut last = None;
        for row in rows {
            if last != Some(row.file) {
                self.controls[usize::from(row.file)].subscriptions += 1;
            }
            last = Some(row.file);
        }
        let seats = said.said.said[at::QUANTITY].as_ref().and_then(|said| said.value.int()).unwrap_or(0);
        let file = rows[said.by[at::QUANTITY].unwrap_or_else(|| said.first())].file;
        self.controls[usize::from(file)].seats += seats;
    }

    /// What became of each row.
    fn settle(&mut self, rows: &[RowFact], said: &Group, folded: &Folded) -> Result<(), PlanError> {
        for (row, standing) in rows.iter().zip(&said.standing) {
            match standing {
                Standing::Holds if folded.superseded => {
                    self.set(row.row, Outcome::Merged);
                    self.superseded(row.row)?;
                }
                Standing::Holds => self.set(row.row, Outcome::Applied),
                Standing::Evidence => self.set(row.row, Outcome::Merged),
                Standing::Repeats => {
                    self.set(row.row, Outcome::Merged);
                    self.remark(Severity::Info, row.row, "row.merged", "another row says the same", |issue| issue)?;
                }
                Standing::Superseded => {
                    self.set(row.row, Outcome::Merged);
                    self.superseded(row.row)?;
                }
            }
        }
        for (field, decision) in &folded.held {
            let spec = &SUBSCRIPTION[*field];
            let row = &rows[said.by[*field].unwrap_or_else(|| said.first())];
            let mut issue = held_issue(spec, decision, said.said.said[*field].as_ref());
            if *field == at::RESELLER
                && *decision == FieldDecision::HoldEdited
                && said.kind.has_fixed_partner_of_record()
            {
                issue.rule = Some("B-03".into());
            }
            issue.column = self.column(row.file, spec.column);
            let place = self.place(row.row)?;
            (issue.file, issue.line) = (place.file, place.line);
            self.remarks.add(&issue)?;
            self.set(row.row, Outcome::Conflict);
        }
        Ok(())
    }

    /// Writes the subscription, if it is new or anything of it changed.
    fn write_subscription(&mut self, subject: &Subject) -> Result<(), PlanError> {
        let mpn = subject.values[at::RESELLER].shown();
        let had = subject.before[at::RESELLER].shown();
        let reseller_id = match &mpn {
            Some(mpn) => self.reseller_key(mpn, subject.first_row)?,
            None => None,
        };
        self.count_association(had.as_deref(), mpn.as_deref());
        let id = match &subject.stored {
            None => {
                let id = next(&mut self.keys.subscription);
                let row =
                    row_of(subject.key.clone(), id, subject.customer_id, reseller_id, subject.fixed, &subject.values);
                self.ops.subscriptions.append(&NewSubscription(row))?;
                self.ops.created(&mut self.keys, "SUBSCRIPTION", &subject.key)?;
                self.subscriptions.created += 1;
                self.touched.push(subject.customer_id);
                id
            }
            Some(stored) => {
                self.change_subscription(subject, stored, reseller_id)?;
                stored.id
            }
        };
        self.write_history(subject, id, had.as_deref(), mpn.as_deref())?;
        for (source, known) in &subject.written {
            let Some((_, baseline)) = subject.sources.iter().find(|(one, _)| one == source) else { continue };
            let row = baseline_row(&SUBSCRIPTION, *source, 'S', id, baseline);
            if *known {
                self.ops.changed_baselines.append(&ChangedBaseline(row))?;
            } else {
                self.ops.baselines.append(&NewBaseline(row))?;
            }
        }
        Ok(())
    }

    fn change_subscription(
        &mut self,
        subject: &Subject,
        stored: &StoredSubscription,
        reseller_id: Option<i64>,
    ) -> Result<(), PlanError> {
        if subject.values == subject.before && subject.fixed == stored.partner_of_record_fixed {
            self.subscriptions.unchanged += 1;
            return Ok(());
        }
        let row =
            row_of(subject.key.clone(), stored.id, subject.customer_id, reseller_id, subject.fixed, &subject.values);
        self.ops.changed_subscriptions.append(&ChangedSubscription(row))?;
        if subject.values[at::RESELLER] != subject.before[at::RESELLER] {
            self.ops.changed_resellers.append(&ChangedReseller {
                id: stored.id,
                reseller_id,
                since: None,
                run: None,
                by: None,
            })?;
        }
        for (spec, (before, after)) in SUBSCRIPTION.iter().zip(subject.before.iter().zip(&subject.values)) {
            if before != after {
                let change = (before.shown(), after.shown());
                self.ops.changed(&mut self.keys, "SUBSCRIPTION", &subject.key, "UPDATE", Some(spec.name), change)?;
            }
        }
        if subject.fixed != stored.partner_of_record_fixed {
            let change = (Some(stored.partner_of_record_fixed.to_string()), Some(subject.fixed.to_string()));
            let field = Some("partnerOfRecordFixed");
            self.ops.changed(&mut self.keys, "SUBSCRIPTION", &subject.key, "UPDATE", field, change)?;
        }
        self.subscriptions.updated += 1;
        self.touched.push(subject.customer_id);
        Ok(())
    }

    fn count_association(&mut self, had: Option<&str>, has: Option<&str>) {
        match (had, has) {
            (None, Some(_)) => self.associations.created += 1,
            (Some(a), Some(b)) if a == b => self.associations.unchanged += 1,
            (Some(_), _) => self.associations.updated += 1,
            (None, None) => {}
        }
    }

    /// The partners of record before the one that holds go to history, and their customers are listed as moved.
    fn write_history(
        &mut self,
        subject: &Subject,
        id: i64,
        had: Option<&str>,
        has: Option<&str>,
    ) -> Result<(), PlanError> {
        let mut before: Vec<(String, Option<String>, String, u32)> = Vec::new();
        if let Some(had) = had
            && has != Some(had)
            && !before.iter().any(|(mpn, ..)| mpn == had)
        {
            let said = subject.sources.iter().filter_map(|(_, source)| source.said[at::RESELLER].as_ref());
            let to = said.map(|said| said.as_of).max().unwrap_or(0);
            let to = moment(chrono::DateTime::from_timestamp(to, 0).unwrap_or_default().naive_utc());
            before.insert(0, (had.to_owned(), None, to, subject.first_row));
        }
        let seats = subject.values[at::QUANTITY].int().unwrap_or(0);
        for (mpn, valid_from, valid_to, row) in before {
            if Some(mpn.as_str()) == has {
                continue;
            }
            if let Some(reseller_id) = self.reseller_key(&mpn, row)? {
                let id_of_history = next(&mut self.keys.history);
                let history = NewHistory {
                    id: id_of_history,
                    subscription_pk: id,
                    reseller_id,
                    valid_from,
                    valid_to,
                    run_id: None,
                    set_by: None,
                };
                self.ops.history.append(&history)?;
            }
            if let Some(has) = has {
                self.moved.add(subject.customer, &mpn, has, row, seats);
            }
        }
        Ok(())
    }

    fn warn_subscription(&mut self, subject: &Subject) -> Result<(), PlanError> {
        let today =
            chrono::DateTime::from_timestamp(self.intake.newest, 0).unwrap_or_default().date_naive().to_string();
        let active = subject.values[at::STATUS] == Value::Text(SubscriptionStatus::Active.as_str().to_owned());
        if let Value::Text(end) = &subject.values[at::END]
            && active
            && *end < today
        {
            let message = format!("the term ended on {end} and nothing says that it was renewed; it is left as it is");
            self.remark(Severity::Info, subject.first_row, "subscription.presumed_expired", message, |issue| {
                issue.value(&subject.key)
            })?;
        }
        Ok(())
    }

    /// Rows that name another customer than the one to whom the subscription was sold.
    fn hold_customer_of(&mut self, open: &[&Entry], key: &str) -> Result<(), PlanError> {
        for entry in open {
            self.set(entry.row, Outcome::Conflict);
            let column = self.column(entry.file(), Field::CustomerTenantId);
            let message = "the subscription is known as another customer's; nothing of the line is applied";
            self.remark(Severity::Error, entry.row, "conflict.edited", message, |mut issue| {
                issue.column = column;
                issue.value(key).hint("find out whose it is; a subscription does not move between customers")
            })?;
        }
        Ok(())
    }
}

/// The remark about a field that is held.
pub(crate) fn held_issue(spec: &FieldSpec, decision: &FieldDecision, said: Option<&Said>) -> Issue {
    let (code, message) = match decision {
        FieldDecision::HoldSources => {
            ("conflict.sources", format!("two portals state different values of {} at the same time", spec.name))
        }
        _ => ("conflict.edited", format!("{} was changed here and in the file as well; it is held", spec.name)),
    };
    let issue = Issue::new(Severity::Error, 0, 0, code, message)
        .hint("import again with --on-conflict file to take the file's value, or with --on-conflict keep");
    let value = said.and_then(|said| said.value.shown());
    value.iter().fold(issue, |issue, value| issue.value(value))
}
