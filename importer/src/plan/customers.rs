//! Customers: in the order of their tenant ids, each with all that the files say of it.

use std::collections::HashSet;

use partnergraph_domain::rules::scenario::DirectoryUse;
use partnergraph_domain::{RelationshipToPartner, Severity, checks, search_key, sort_key};
use partnergraph_store::imports::rows::{
    Baseline as BaselineRow, ChangedBaseline, ChangedRecord, NewBaseline, NewCustomer, NewRecord, NewRelationship,
    NewTenant, Record,
};
use partnergraph_store::imports::stored::{StoredBaseline, StoredCustomer};

use super::fold::{Sources, Told, fold};
use super::ops::next;
use super::rows::flag;
use super::walk::{self, Walk, WithBaselines};
use super::{PlanError, Planner};
use crate::fact::CustomerFact;
use crate::intake::{NONE, Outcome, Statement};
use crate::issue::Issue;
use crate::profiles::{Completeness, States};
use crate::reconcile::{FieldDecision, moment};
use crate::request::OnViolation;
use crate::said::{Baseline, CUSTOMER, FieldSpec, Said, Value, customer as at};
use crate::spool::Cursor;

/// A statement that still counts: its number, the newest time of its rows, and itself.
pub(crate) struct Live {
    pub(crate) number: u32,
    as_of: i64,
    pub(crate) said: Statement,
}

impl Planner<'_> {
    /// Plans all customers.
    pub(crate) fn plan_customers(&mut self) -> Result<(), PlanError> {
        let intake = self.intake;
        // By statement: the newest time of a row that makes it and still counts; 0 for none.
        let mut newest = vec![0_u32; intake.statements.len()];
        for (row, statement) in intake.rows.statement.iter().enumerate() {
            if *statement != NONE && self.outcomes[row] == Outcome::Open {
                let time = &mut newest[*statement as usize];
                *time = (*time).max(intake.rows.as_of[row]).max(1);
            }
        }
        let mut order: Vec<u32> = (0..u32::try_from(intake.tenants.len()).unwrap_or(u32::MAX)).collect();
        order.sort_unstable_by_key(|customer| intake.tenants[*customer as usize]);
        self.tenants_in_order = order.iter().map(|customer| intake.tenants[*customer as usize]).collect();
        let mut cursor = intake.said.cursor();
        let mut walk = Walk::<WithBaselines<StoredCustomer>>::new();
        let mut rejected = Vec::new();
        let mut ended = HashSet::new();
        for customer in order {
            let live = self.live(customer, &newest, &mut cursor)?;
            if live.is_empty() {
                continue;
            }
            let key = uuid::Uuid::from_u128(intake.tenants[customer as usize]).to_string();
            let partner = self.partner.id;
            let conn = &mut *self.conn;
            let stored = walk.seek(&key, |from, limit| walk::customers(conn, partner, from, limit))?;
            let (stored, baselines) = match stored {
                Some(found) => (Some(found.row.clone()), found.baselines.clone()),
                None => (None, Vec::new()),
            };
            if stored.as_ref().is_some_and(|row| ended_since(row, &live)) {
                ended.extend(live.iter().map(|one| one.number));
                continue;
            }
            self.plan_customer(customer, &key, &live, stored, &baselines, &mut rejected)?;
        }
        self.warn_domains()?;
        self.reject_customers(&rejected)?;
        self.supersede_customers(&ended)
    }

    fn live(&self, customer: u32, newest: &[u32], cursor: &mut Cursor<'_, Statement>) -> Result<Vec<Live>, PlanError> {
        let mut live = Vec::new();
        for number in self.intake.statements_of(customer as usize) {
            let as_of = newest[number as usize];
            if as_of > 0 {
                let said = cursor.get(self.intake.statements[number as usize].place)?;
                live.push(Live { number, as_of: as_of.into(), said });
            }
        }
        live.sort_by_key(|live| (live.as_of, live.said.row));
        Ok(live)
    }

    fn plan_customer(
        &mut self,
        customer: u32,
        key: &str,
        live: &[Live],
        stored: Option<StoredCustomer>,
        baselines: &[StoredBaseline],
        rejected: &mut Vec<(u32, Issue)>,
    ) -> Result<(), PlanError> {
        let (said, holders) = self.said_of_customer(live);
        for holder in holders {
            self.flags[holder as usize] |= flag::HOLDS;
        }
        let stored = stored.as_ref();
        let blocked = self.violations(live, &said, stored);
        if !blocked.is_empty() && self.policy.on_violation == OnViolation::Reject {
            for statement in live {
                self.flags[statement.number as usize] |= flag::REJECTED;
                rejected.extend(blocked.iter().map(|issue| (statement.number, issue.clone())));
            }
            return Ok(());
        }
        let mut values = stored_values(stored);
        let before = values.clone();
        let mut sources = unpack(&CUSTOMER, baselines)?;
        let mut written = Vec::new();
        for (source, statement) in &said {
            let id = self.source_ids[*source];
            let told = Told { source: id, said: statement, by_value: &[], withdrawn: None };
            let folded = fold(&CUSTOMER, &mut values, &mut sources, told, self.policy.on_conflict, |_| true);
            self.hold_customer(live, *source, statement, &folded.held);
            if folded.superseded {
                for one in live {
                    if self.source_of(one) == *source {
                        let flags = &mut self.flags[one.number as usize];
                        *flags = (*flags | flag::SUPERSEDED) & !flag::HOLDS;
                    }
                }
            }
            written.extend(folded.baseline.map(|(baseline, known)| (id, baseline, known)));
        }
        let edited = !values.iter().zip(&before).all(|(a, b)| a == b);
        self.write_customer(customer, key, live, stored, (&before, &values, edited), &blocked)?;
        let id = self.customer_keys[customer as usize];
        for (source, baseline, known) in written {
            let row = baseline_row(&CUSTOMER, source, 'C', id, &baseline);
            if known {
                self.ops.changed_baselines.append(&ChangedBaseline(row))?;
            } else {
                self.ops.baselines.append(&NewBaseline(row))?;
            }
        }
        for (source, _) in &said {
            let source = self.source_ids[*source];
            self.reappear(baselines, source, 'C', id, &sources, &CUSTOMER)?;
        }
        if let Value::Text(domain) = &values[at::DOMAIN] {
            self.claim_domain(domain, live)?;
        }
        self.warn_customer(live, &values, stored)
    }

    fn source_of(&self, live: &Live) -> usize {
        self.intake.files[usize::from(live.said.file)].source
    }

    /// What each source says of the customer, and the statements that have a part in it.
    fn said_of_customer(&self, live: &[Live]) -> (Vec<(usize, Baseline)>, Vec<u32>) {
        let mut said: Vec<(usize, Baseline, Vec<Option<u32>>, u32)> = Vec::new();
        for statement in live {
            let file = &self.intake.files[usize::from(statement.said.file)];
            let place = said.iter().position(|(source, ..)| *source == file.source).unwrap_or_else(|| {
                said.push((
                    file.source,
                    Baseline::silent(CUSTOMER.len()),
                    vec![None; CUSTOMER.len()],
                    statement.number,
                ));
                said.len() - 1
            });
            let (_, baseline, by, _) = &mut said[place];
            baseline.listed |= file.complete == Completeness::All && file.profile.states == States::Customers;
            for (field, value) in values(&statement.said.customer).into_iter().enumerate() {
                let Some(value) = value else { continue };
                let rank = file.profile.rank(CUSTOMER[field].column);
                let newer = baseline.said[field].as_ref().is_none_or(|before| {
                    statement.as_of > before.as_of || (value != before.value && rank >= before.rank)
                });
                if newer {
                    baseline.said[field] = Some(Said { value, as_of: statement.as_of, rank });
                    by[field] = Some(statement.number);
                }
            }
        }
        let mut holders = Vec::new();
        for (_, _, by, first) in &said {
            let mut some = by.iter().flatten().copied().peekable();
            if some.peek().is_none() {
                holders.push(*first);
            }
            holders.extend(some);
        }
        (said.into_iter().map(|(source, baseline, ..)| (source, baseline)).collect(), holders)
    }

    /// The rules that the customer breaks: another region, a partner's directory.
    fn violations(&self, live: &[Live], said: &[(usize, Baseline)], stored: Option<&StoredCustomer>) -> Vec<Issue> {
        let stated = said.iter().filter_map(|(_, baseline)| baseline.said[at::COUNTRY].as_ref());
        let stated = stated.max_by_key(|said| (said.as_of, said.rank)).and_then(|said| said.value.shown());
        let known = || stored.and_then(|row| row.country.clone().or_else(|| row.own_country.clone()));
        let country = stated.or_else(known).and_then(|code| code.parse().ok());
        let directory = match stored {
            Some(row) if row.kind == "PARTNER" => DirectoryUse::PartnerCsp,
            _ => DirectoryUse::Customer,
        };
        let file = live[0].said.file;
        checks::imported_customer(self.country, country, directory)
            .into_iter()
            .map(|refusal| {
                let (code, field) = match refusal.rule.map(|rule| rule.0) {
                    Some("Q-06") => ("customer.is_partner_tenant", crate::profiles::Field::CustomerTenantId),
                    _ => ("customer.region", crate::profiles::Field::CustomerCountry),
                };
                let mut issue = Issue::new(Severity::Error, file, 0, code, refusal.message);
                issue.rule = refusal.rule.map(|rule| rule.0.into());
                issue.column = self.column(file, field);
                issue.value = country.map(|code: partnergraph_domain::CountryCode| code.to_string());
                issue.hint("such a customer cannot be sold to; --on-violation flag takes it in without new business")
            })
            .collect()
    }

    /// Writes what changed of the customer: its tenant, itself, the partner's record, the relationship.
    fn write_customer(
        &mut self,
        customer: u32,
        key: &str,
        live: &[Live],
        stored: Option<&StoredCustomer>,
        (before, values, edited): (&[Value], &[Value], bool),
        blocked: &[Issue],
    ) -> Result<(), PlanError> {
        let customer_id = match stored.and_then(|row| row.customer_id) {
            Some(id) => id,
            None => {
                if stored.is_none() {
                    self.ops.tenants.append(&NewTenant { tenant_id: key.to_owned() })?;
                }
                let id = next(&mut self.keys.customer);
                self.ops.customers.append(&NewCustomer { id, tenant_id: key.to_owned() })?;
                id
            }
        };
        self.customer_keys[customer as usize] = customer_id;
        let rules: Vec<&str> = blocked.iter().filter_map(|issue| issue.rule.as_deref()).collect();
        let was_blocked = stored.and_then(|row| row.new_business_blocked.clone());
        let is_blocked = (!rules.is_empty()).then(|| rules.join(" "));
        let record_id = stored.and_then(|row| row.record_id);
        let record = |id: i64| record_of(id, customer_id, values, is_blocked.clone());
        match record_id {
            None => {
                let id = next(&mut self.keys.record);
                self.ops.records.append(&NewRecord(record(id)))?;
                self.ops.created(&mut self.keys, "CUSTOMER", key)?;
                self.customers.created += 1;
            }
            Some(id) if edited || was_blocked != is_blocked => {
                self.ops.changed_records.append(&ChangedRecord(record(id)))?;
                for (spec, (before, after)) in CUSTOMER.iter().zip(before.iter().zip(values)) {
                    if before != after {
                        let change = (before.shown(), after.shown());
                        self.ops.changed(&mut self.keys, "CUSTOMER", key, "UPDATE", Some(spec.name), change)?;
                    }
                }
                if was_blocked != is_blocked {
                    let change = (was_blocked, is_blocked);
                    self.ops.changed(&mut self.keys, "CUSTOMER", key, "UPDATE", Some("newBusinessBlocked"), change)?;
                }
                self.customers.updated += 1;
            }
            Some(_) => self.customers.unchanged += 1,
        }
        let related = stored.is_some_and(|row| row.relationship_id.is_some());
        if !related {
            let mut stated = live.iter().rev().filter_map(|one| one.said.customer.relationship);
            let relationship = stated
                .find(|relationship| *relationship != RelationshipToPartner::None)
                .unwrap_or(RelationshipToPartner::Reseller);
            let id = next(&mut self.keys.relationship);
            let relationship = relationship.as_str().to_owned();
            self.ops.relationships.append(&NewRelationship { id, customer_id, relationship })?;
            if record_id.is_some() {
                self.ops.created(&mut self.keys, "RELATIONSHIP", key)?;
            }
        }
        if record_id.is_none() || edited || !related {
            self.touched.push(customer_id);
        }
        for issue in blocked {
            let mut issue = issue.clone();
            (issue.severity, issue.line) = (Severity::Warning, live[0].said.line);
            issue.hint = Some("new business with this customer is refused".to_owned());
            self.remarks.add(&issue)?;
        }
        Ok(())
    }

    /// What of a customer is held: its rows are a conflict, once.
    fn hold_customer(&mut self, live: &[Live], source: usize, statement: &Baseline, held: &[(usize, FieldDecision)]) {
        let Some(last) = live.iter().rfind(|one| self.source_of(one) == source) else { return };
        for (field, decision) in held {
            let spec = &CUSTOMER[*field];
            let mut issue = super::subscriptions::held_issue(spec, decision, statement.said[*field].as_ref());
            issue.column = self.column(last.said.file, spec.column);
            self.held.entry(last.number).or_default().push(issue);
        }
    }

    fn warn_customer(
        &mut self,
        live: &[Live],
        values: &[Value],
        stored: Option<&StoredCustomer>,
    ) -> Result<(), PlanError> {
        let (file, line) = (live[0].said.file, live[0].said.line);
        let mut warn = |code: &'static str, message: String, hint: &str, value: Option<&str>| {
            let issue = Issue::new(Severity::Warning, file, line, code, message).hint(hint);
            self.remarks.add(&value.into_iter().fold(issue, Issue::value))
        };
        if values[at::NAME] == Value::Null {
            warn(
                "customer.name.missing",
                "no file names this customer".to_owned(),
                "a customer list has its name",
                None,
            )?;
        }
        let known = stored.is_some_and(|row| row.own_country.is_some());
        if values[at::COUNTRY] == Value::Null && !known {
            let message = "no file states this customer's country; new business with it is refused until it is known";
            let hint = "an invoice reconciliation states the country, or set it on the customer";
            warn("customer.country.unknown", message.to_owned(), hint, None)?;
        }
        let names = |one: &Live| one.said.customer.company_name.as_deref().map(search_key);
        let differing =
            live.iter().find_map(|one| names(one).filter(|name| names(&live[0]).is_some_and(|n| n != *name)));
        if let Some(name) = differing {
            let message = "the files spell this customer's name in several ways; the newest is taken".to_owned();
            warn("customer.name.differs", message, "give the customer one name in the portals", Some(&name))?;
        }
        Ok(())
    }

    /// The rows of customers with whom the relationship was ended after what the files say of them: the end is the newer fact.
    fn supersede_customers(&mut self, ended: &HashSet<u32>) -> Result<(), PlanError> {
        if ended.is_empty() {
            return Ok(());
        }
        for row in 0..u32::try_from(self.outcomes.len()).unwrap_or(u32::MAX) {
            if self.is_open(row) && ended.contains(&self.intake.rows.statement[row as usize]) {
                self.set(row, Outcome::Merged);
                let message = "the relationship with the customer was removed after that; it stays removed";
                self.remark(Severity::Info, row, "row.superseded", message, |issue| {
                    issue.hint("a file of a later date makes the relationship anew")
                })?;
            }
        }
        Ok(())
    }

    /// Rejects the rows of customers that are not taken in.
    fn reject_customers(&mut self, rejected: &[(u32, Issue)]) -> Result<(), PlanError> {
        if rejected.is_empty() {
            return Ok(());
        }
        let mut reasons = std::collections::HashMap::<u32, Vec<&Issue>>::new();
        for (statement, issue) in rejected {
            reasons.entry(*statement).or_default().push(issue);
        }
        for row in 0..u32::try_from(self.outcomes.len()).unwrap_or(u32::MAX) {
            let Some(issues) = reasons.get(&self.intake.rows.statement[row as usize]) else { continue };
            if !self.is_open(row) {
                continue;
            }
            self.set(row, Outcome::Rejected);
            let place = self.place(row)?;
            for issue in issues {
                let mut issue = (*issue).clone();
                (issue.file, issue.line) = (place.file, place.line);
                self.remarks.add(&issue)?;
            }
        }
        Ok(())
    }

    /// An entity that a list lacked and that is named again, where nothing else of its baseline changes.
    pub(crate) fn reappear(
        &mut self,
        stored: &[StoredBaseline],
        source: i64,
        entity: char,
        id: i64,
        now: &Sources,
        specs: &'static [FieldSpec],
    ) -> Result<(), PlanError> {
        let absent = stored.iter().find(|row| row.source_id == source && row.absent_since_run.is_some());
        let baseline = now.iter().find(|(one, _)| *one == source);
        if let (Some(_), Some((_, baseline))) = (absent, baseline) {
            let row = baseline_row(specs, source, entity, id, baseline);
            self.ops.changed_baselines.append(&ChangedBaseline(row))?;
        }
        Ok(())
    }
}

/// Whether somebody ended the relationship with the customer after everything that the files say of it.
fn ended_since(stored: &StoredCustomer, live: &[Live]) -> bool {
    let newest = live.iter().map(|one| one.as_of).max().unwrap_or(0);
    stored.relationship_id.is_none()
        && stored.relationship_removed_at.is_some_and(|removed_at| removed_at.and_utc().timestamp() >= newest)
}

pub(crate) fn baseline_row(
    specs: &'static [FieldSpec],
    source_id: i64,
    entity: char,
    entity_id: i64,
    baseline: &Baseline,
) -> BaselineRow {
    let as_of = chrono::DateTime::from_timestamp(baseline.as_of(), 0).unwrap_or_default().naive_utc();
    BaselineRow { source_id, entity, entity_id, as_of: moment(as_of), fields: baseline.pack(specs) }
}

pub(crate) fn unpack(specs: &'static [FieldSpec], rows: &[StoredBaseline]) -> Result<Sources, PlanError> {
    rows.iter()
        .map(|row| Ok((row.source_id, Baseline::unpack(specs, row.as_of.and_utc().timestamp(), &row.fields)?)))
        .collect()
}

/// The record that has these values.
pub(crate) fn record_of(id: i64, customer_id: i64, values: &[Value], new_business_blocked: Option<String>) -> Record {
    let name = values[at::NAME].clone().text();
    let domain = values[at::DOMAIN].clone().text();
    Record {
        id,
        customer_id,
        name_key: name.as_deref().map(search_key).unwrap_or_default(),
        name_sort: sort_key(name.as_deref()),
        company_name: name,
        domain_key: domain.as_deref().map(search_key),
        domain,
        country: values[at::COUNTRY].clone().text(),
        tags: values[at::TAGS].clone().text().unwrap_or_else(|| "[]".to_owned()),
        new_business_blocked,
    }
}

pub(crate) fn stored_values(stored: Option<&StoredCustomer>) -> Vec<Value> {
    let mut values = vec![Value::Null; CUSTOMER.len()];
    if let Some(row) = stored {
        values[at::NAME] = Value::from(row.company_name.clone());
        values[at::DOMAIN] = Value::from(row.domain.clone());
        values[at::COUNTRY] = Value::from(row.country.clone());
        values[at::TAGS] = Value::from(row.tags.clone());
    }
    values
}

fn values(fact: &CustomerFact) -> Vec<Option<Value>> {
    let text = |text: &Option<String>| text.as_ref().map(|text| Value::Text(text.clone()));
    let mut said = vec![None; CUSTOMER.len()];
    said[at::NAME] = text(&fact.company_name);
    said[at::DOMAIN] = text(&fact.domain);
    said[at::COUNTRY] = fact.country.map(|code| Value::Text(code.to_string()));
    said[at::TAGS] = fact.tags.as_ref().and_then(|tags| serde_json::to_string(tags).ok()).map(Value::Text);
    said
}

/// Whether a complete list had what the baseline is about.
pub(crate) fn unpack_listed(specs: &'static [FieldSpec], fields: &str) -> Result<bool, PlanError> {
    Ok(Baseline::unpack(specs, 0, fields)?.listed)
}
