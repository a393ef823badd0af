//! What becomes of one customer: pure functions over what the files say of it and what stands.

use partnergraph_domain::{CountryCode, ImportSourceKey, RelationshipToPartner, RuleId, Severity, search_key};
use partnergraph_store::imports::stored::StoredCustomer;

use super::context::Context;
use super::customer_rows::{stated_values, stored_values};
use super::draft::remark;
use super::fold::{self, Sources, fold};
use super::violations::{Violation, violations};
use super::{Change, Policy};
use crate::intake::Statement;
use crate::issue::Issue;
use crate::profiles::{Completeness, States};
use crate::reconcile::FieldDecision;
use crate::request::OnViolation;
use crate::said::{Baseline, CUSTOMER, Said, Value, customer as at};

/// A statement that still counts: its number, the newest time of its rows, and itself.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) number: u32,
    pub(crate) as_of: i64,
    pub(crate) said: Statement,
}

/// What one source says of a customer in this import.
#[derive(Debug)]
pub(crate) struct Told {
    /// The source's key.
    pub(crate) source: ImportSourceKey,
    pub(crate) said: Baseline,
    /// By field: the statement that says it.
    by: Vec<Option<u32>>,
    /// By field, whether of two words of one time the greater value holds: the lines of charges have no order.
    by_value: Vec<bool>,
    /// The source's first statement.
    first: u32,
}

impl Told {
    fn silent(source: ImportSourceKey, first: u32) -> Self {
        Self {
            source,
            said: Baseline::silent(CUSTOMER.len()),
            by: vec![None; CUSTOMER.len()],
            by_value: vec![false; CUSTOMER.len()],
            first,
        }
    }

    /// The statements that have a part in it: the first one where none says anything.
    pub(crate) fn holders(&self) -> impl Iterator<Item = u32> + '_ {
        let silent = self.by.iter().all(Option::is_none);
        self.by.iter().flatten().copied().chain(silent.then_some(self.first))
    }
}

/// What each source says of the customer, in the order in which they first speak.
pub(crate) fn told_by_source(context: &Context<'_>, live: &[Live]) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::with_capacity(1);
    for statement in live {
        let file = context.file(statement.said.file);
        let source = context.source_id(statement.said.file);
        let place = told.iter().position(|one| one.source == source).unwrap_or_else(|| {
            told.push(Told::silent(source, statement.number));
            told.len() - 1
        });
        let Told { said, by, by_value, .. } = &mut told[place];
        said.listed |= file.complete == Completeness::All && file.profile.states == States::Customers;
        for (field, value) in stated_values(&statement.said.customer).into_iter().enumerate() {
            let Some(value) = value else { continue };
            let rank = file.profile.rank(CUSTOMER[field].column);
            let is_charge = matches!(file.profile.states, States::Charges | States::Usage);
            let newer = said.said[field].as_ref().is_none_or(|before| {
                statement.as_of > before.as_of
                    || statement.as_of == before.as_of && (rank, &value) > (before.rank, &before.value)
            });
            if newer {
                said.said[field] = Some(Said { value, as_of: statement.as_of, rank });
                by[field] = Some(statement.number);
                by_value[field] = is_charge;
            }
        }
    }
    told
}

/// Whether somebody ended the relationship with the customer after everything that the files say of it.
pub(crate) fn ended_since(stored: &StoredCustomer, live: &[Live]) -> bool {
    let newest = live.iter().map(|one| one.as_of).max().unwrap_or(0);
    stored.relationship_id.is_none()
        && stored.relationship_removed_at.is_some_and(|removed_at| removed_at.and_utc().timestamp() >= newest)
}

/// What is decided about a customer.
#[derive(Debug)]
pub(crate) enum CustomerDecision {
    /// It is not taken in, as it breaks these rules.
    Rejected(Vec<Violation>),
    /// It is taken in.
    Taken(Box<Taken>),
}

/// A customer that is taken in.
#[derive(Debug)]
pub(crate) struct Taken {
    /// Rules that it breaks all the same.
    pub(crate) violations: Vec<Violation>,
    pub(crate) before: Vec<Value>,
    pub(crate) after: Vec<Value>,
    /// The rules for which new business with it was refused, and is from now on.
    pub(crate) blocked: (Option<String>, Option<String>),
    /// What becomes of the partner's record of it.
    pub(crate) record: Change,
    /// Whether a relationship with the partner is to be made.
    pub(crate) relates: bool,
    /// What became of each source's word, in the order of what they told.
    pub(crate) words: Vec<Word>,
    /// What all sources say of it from now on.
    pub(crate) sources: Sources,
}

/// What became of one source's word about a customer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) source: ImportSourceKey,
    /// Whether something newer was known of all that it would change.
    pub(crate) superseded: bool,
    pub(crate) held: Vec<(usize, FieldDecision)>,
    /// Fields in which another portal's word counts for more, and that word.
    pub(crate) outranked: Vec<(usize, Value)>,
    /// Whether the source's baseline is written, and then whether there was one.
    pub(crate) written: Option<bool>,
}

impl Taken {
    /// Whether what is derived from the customer is out of date.
    pub(crate) fn touches(&self) -> bool {
        self.record == Change::Created || self.before != self.after || self.relates
    }
}

/// Decides about one customer. `sources` is what all sources said of it before this import.
pub(crate) fn decide(
    told: &[Told],
    stored: Option<&StoredCustomer>,
    mut sources: Sources,
    country_of_importer: Option<CountryCode>,
    policy: Policy,
) -> CustomerDecision {
    let violations = violations(country_of_importer, told, stored);
    if !violations.is_empty() && policy.on_violation == OnViolation::Reject {
        return CustomerDecision::Rejected(violations);
    }
    let before = stored_values(stored);
    let mut after = before.clone();
    let mut words = Vec::with_capacity(told.len());
    for one in told {
        let Told { source, said, .. } = one;
        let word = fold::Told { source: *source, said, by_value: &one.by_value, withdrawn: None };
        let folded = fold(&CUSTOMER, &mut after, &mut sources, word, policy.on_conflict, |_| true);
        words.push(Word {
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
        relates: stored.is_none_or(|row| row.relationship_id.is_none()),
        words,
        sources,
    }))
}

/// What the partner is to the customer: the newest word that says that it is anything.
pub(crate) fn relationship(live: &[Live]) -> RelationshipToPartner {
    let mut stated = live.iter().rev().filter_map(|one| one.said.customer.relationship);
    stated.find(|one| *one != RelationshipToPartner::None).unwrap_or(RelationshipToPartner::Reseller)
}

/// What is to be told of a customer that is taken in. A remark without a line goes to its first one.
pub(crate) fn warnings(live: &[Live], values: &[Value], stored: Option<&StoredCustomer>) -> Vec<Issue> {
    let mut warnings = Vec::new();
    if values[at::NAME] == Value::Null {
        let issue = remark(Severity::Warning, "customer.name.missing", "no file states this customer's name");
        warnings.push(issue.hint("a customer list states the name"));
    }
    let known = stored.is_some_and(|row| row.own_country.is_some());
    if values[at::COUNTRY] == Value::Null && !known {
        let message = "no file states this customer's country; new business with it is refused until it is known";
        let issue = remark(Severity::Warning, "customer.country.unknown", message);
        warnings.push(issue.hint("import an invoice reconciliation file, which states the country, or set the country on the customer"));
    }
    if let Some((name, one)) = another_name(live) {
        let message = "the files give this customer different names; the newest is used";
        let mut issue = remark(Severity::Warning, "customer.name.differs", message).value(name);
        (issue.file, issue.line) = (one.file, one.line);
        warnings.push(issue.hint("use the same name for the customer in all portals"));
    }
    warnings
}

/// A name that is another than the one of the first statement, and the statement that has it.
fn another_name(live: &[Live]) -> Option<(&str, &Statement)> {
    let name = |one: &Live| one.said.customer.company_name.as_deref().map(search_key);
    let (first, others) = live.split_first()?;
    if others.is_empty() {
        return None;
    }
    let first = name(first)?;
    let one = others.iter().find(|one| name(one).is_some_and(|name| name != first))?;
    Some((one.said.customer.company_name.as_deref()?, &one.said))
}
