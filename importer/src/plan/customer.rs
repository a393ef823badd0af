//! Decides about one customer, with pure functions over what the files state about it and the stored state.

use partnergraph_domain::{CountryCode, ImportSourceKey, RelationshipToPartner, RuleId, Severity, search_key};
use partnergraph_store::imports::stored::StoredCustomer;

use super::context::Context;
use super::customer_rows::{stated_values, stored_values};
use super::draft::new_issue;
use super::fold::{self, Sources, fold};
use super::violations::{Violation, violations};
use super::{Change, Policy};
use crate::baseline::{Baseline, CUSTOMER, StatedValue, Value, customer as at};
use crate::intake::Statement;
use crate::issue::Issue;
use crate::profiles::{Completeness, States};
use crate::reconcile::FieldDecision;
use crate::request::OnViolation;

/// A statement that still counts: its number, the newest time of its rows, and its content.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) number: u32,
    pub(crate) as_of: i64,
    pub(crate) statement: Statement,
}

/// What one source states about a customer in this import.
#[derive(Debug)]
pub(crate) struct SourceStatement {
    /// The source's key.
    pub(crate) source: ImportSourceKey,
    pub(crate) baseline: Baseline,
    /// By field: the statement that contains it.
    by: Vec<Option<u32>>,
    /// By field: whether of two values with the same time the greater one is used, because the lines of charges have no
    /// order.
    by_value: Vec<bool>,
    /// The source's first statement.
    first: u32,
}

impl SourceStatement {
    fn silent(source: ImportSourceKey, first: u32) -> Self {
        Self {
            source,
            baseline: Baseline::silent(CUSTOMER.len()),
            by: vec![None; CUSTOMER.len()],
            by_value: vec![false; CUSTOMER.len()],
            first,
        }
    }

    /// The statement that contains the value of a field.
    pub(crate) fn by(&self, field: usize) -> Option<u32> {
        self.by[field]
    }

    /// The statements that contribute. If none states anything, the first one.
    pub(crate) fn holders(&self) -> impl Iterator<Item = u32> + '_ {
        let silent = self.by.iter().all(Option::is_none);
        self.by.iter().flatten().copied().chain(silent.then_some(self.first))
    }
}

/// What each source states about the customer, ordered by their first statements.
pub(crate) fn statements_by_source(context: &Context<'_>, live: &[Live]) -> Vec<SourceStatement> {
    let mut statements: Vec<SourceStatement> = Vec::with_capacity(1);
    for one in live {
        let file = context.file(one.statement.file);
        let source = context.source_id(one.statement.file);
        let place = statements.iter().position(|known| known.source == source).unwrap_or_else(|| {
            statements.push(SourceStatement::silent(source, one.number));
            statements.len() - 1
        });
        let SourceStatement { baseline, by, by_value, .. } = &mut statements[place];
        baseline.listed |= file.complete == Completeness::All && file.profile.states == States::Customers;
        for (field, value) in stated_values(&one.statement.customer).into_iter().enumerate() {
            let Some(value) = value else { continue };
            let rank = file.profile.rank(CUSTOMER[field].column);
            let is_charge = matches!(file.profile.states, States::Charges | States::Usage);
            let newer = baseline.fields[field].as_ref().is_none_or(|before| {
                one.as_of > before.as_of || one.as_of == before.as_of && (rank, &value) > (before.rank, &before.value)
            });
            if newer {
                baseline.fields[field] = Some(StatedValue { value, as_of: one.as_of, rank });
                by[field] = Some(one.number);
                by_value[field] = is_charge;
            }
        }
    }
    statements
}

/// Whether someone ended the relationship with the customer after everything that the files state about it.
pub(crate) fn ended_since(stored: &StoredCustomer, live: &[Live]) -> bool {
    let newest = live.iter().map(|one| one.as_of).max().unwrap_or(0);
    stored.relationship.is_none()
        && stored.relationship_removed_at.is_some_and(|removed_at| removed_at.and_utc().timestamp() >= newest)
}

/// Whether a removed relationship with the customer stays removed: no customer list states it since. Invoices and lists of
/// subscriptions go on about what was sold before the removal, so they do not create it again (D-01, D-06).
pub(crate) fn stays_removed(context: &Context<'_>, stored: &StoredCustomer, live: &[Live]) -> bool {
    let restates = |one: &Live, removed: i64| {
        one.as_of > removed && context.file(one.statement.file).profile.states == States::Customers
    };
    let removed = stored.relationship_removed_at.filter(|_| stored.relationship.is_none());
    removed.is_some_and(|at| !live.iter().any(|one| restates(one, at.and_utc().timestamp())))
}

/// The decision about a customer.
#[derive(Debug)]
pub(crate) enum CustomerDecision {
    /// It is not imported, because it breaks these rules.
    Rejected(Vec<Violation>),
    /// It is imported.
    Taken(Box<Taken>),
}

/// A customer that is imported.
#[derive(Debug)]
pub(crate) struct Taken {
    /// Rules that it breaks nevertheless.
    pub(crate) violations: Vec<Violation>,
    pub(crate) before: Vec<Value>,
    pub(crate) after: Vec<Value>,
    /// The rules that blocked new business with it before, and that block it from now on.
    pub(crate) blocked: (Option<String>, Option<String>),
    /// The outcome for the partner's record of the customer.
    pub(crate) record: Change,
    /// Whether a relationship with the partner is to be created.
    pub(crate) relates: bool,
    /// The result for each source, in the order of their statements.
    pub(crate) results: Vec<SourceResult>,
    /// What all sources state about it from now on.
    pub(crate) sources: Sources,
}

/// The result for one source's statement about a customer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SourceResult {
    pub(crate) source: ImportSourceKey,
    /// Whether newer data was known for everything that it would change.
    pub(crate) superseded: bool,
    pub(crate) held: Vec<(usize, FieldDecision)>,
    /// Fields in which another portal's value takes precedence, and that value.
    pub(crate) outranked: Vec<(usize, Value)>,
    /// Whether the source's baseline is written, and if so, whether there was one before.
    pub(crate) written: Option<bool>,
}

impl Taken {
    /// Whether the data derived from the customer is out of date.
    pub(crate) fn touches(&self) -> bool {
        self.record == Change::Created || self.before != self.after || self.relates
    }
}

/// Decides about one customer. `sources` is what all sources stated about it before this import.
pub(crate) fn decide(
    statements: &[SourceStatement],
    stored: Option<&StoredCustomer>,
    mut sources: Sources,
    country_of_importer: Option<CountryCode>,
    policy: Policy,
) -> CustomerDecision {
    let violations = violations(country_of_importer, statements, stored);
    if !violations.is_empty() && policy.on_violation == OnViolation::Reject {
        return CustomerDecision::Rejected(violations);
    }
    let before = stored_values(stored);
    let mut after = before.clone();
    let mut results = Vec::with_capacity(statements.len());
    for one in statements {
        let SourceStatement { source, baseline, .. } = one;
        let statement =
            fold::SourceStatement { source: *source, baseline, by_value: &one.by_value, withdrawn: None, dated: None };
        let folded = fold(&CUSTOMER, &mut after, &mut sources, statement, policy.on_conflict, |_| true);
        results.push(SourceResult {
            source: *source,
            superseded: folded.superseded,
            held: folded.held,
            outranked: folded.outranked,
            written: folded.baseline.map(|(_, known)| known),
        });
    }
    let rules: Vec<&str> = violations.iter().filter_map(|violation| violation.rule.map(RuleId::as_str)).collect();
    let is_blocked = (!rules.is_empty()).then(|| rules.join(" "));
    let held = stored.and_then(|row| row.record.as_ref());
    let was_blocked = held.and_then(|record| record.new_business_blocked.clone());
    let record = match held {
        None => Change::Created,
        Some(_) if before != after || was_blocked != is_blocked => Change::Updated,
        Some(_) => Change::Unchanged,
    };
    CustomerDecision::Taken(Box::new(Taken {
        violations,
        before,
        after,
        blocked: (was_blocked, is_blocked),
        record,
        relates: stored.is_none_or(|row| row.relationship.is_none()),
        results,
        sources,
    }))
}

/// What the partner is to the customer: the newest stated value other than none.
pub(crate) fn relationship(live: &[Live]) -> RelationshipToPartner {
    let mut stated = live.iter().rev().filter_map(|one| one.statement.customer.relationship);
    stated.find(|one| *one != RelationshipToPartner::None).unwrap_or(RelationshipToPartner::Reseller)
}

/// The warnings about a customer that is imported. An issue without a line refers to its first one.
pub(crate) fn warnings(live: &[Live], values: &[Value], stored: Option<&StoredCustomer>) -> Vec<Issue> {
    let mut warnings = Vec::new();
    if values[at::NAME] == Value::Null {
        let issue = new_issue(Severity::Warning, "customer.name.missing", "no file states this customer's name");
        warnings.push(issue.hint("a customer list states the name"));
    }
    let known = stored.is_some_and(|row| row.own_country.is_some());
    if values[at::COUNTRY] == Value::Null && !known {
        let message = "no file states this customer's country; new business with it is refused until it is known";
        let issue = new_issue(Severity::Warning, "customer.country.unknown", message);
        warnings.push(issue.hint(
            "import an invoice reconciliation file, which states the country, with `partnergraph import`, or set it with the API mutation `updateCustomer`",
        ));
    }
    if let Some((name, one)) = another_name(live) {
        let message = "the files give this customer different names; the newest is used";
        let mut issue = new_issue(Severity::Warning, "customer.name.differs", message).value(name);
        (issue.file, issue.line) = (one.file, one.line);
        warnings.push(issue.hint("use the same name for the customer in all portals"));
    }
    warnings
}

/// A name that differs from that of the first statement, and the statement that contains it.
fn another_name(live: &[Live]) -> Option<(&str, &Statement)> {
    let name = |one: &Live| one.statement.customer.company_name.as_deref().map(search_key);
    let (first, others) = live.split_first()?;
    if others.is_empty() {
        return None;
    }
    let first = name(first)?;
    let one = others.iter().find(|one| name(one).is_some_and(|name| name != first))?;
    Some((one.statement.customer.company_name.as_deref()?, &one.statement))
}
