//! The sixth stage: what a complete list contained before and lacks now. Nothing of it is deleted.

use std::collections::HashSet;

use chrono::NaiveDate;
use partnergraph_domain::ImportSourceKey;
use partnergraph_store::imports::rows::{Absent, BaselineKey};
use partnergraph_store::imports::stored::Listed;

use super::PlanError;
use super::baselines::Kind;
use super::context::Context;
use super::draft::Draft;
use super::grants::Granted;
use super::snapshot::Snapshot;
use crate::intake::{IntakeFile, NONE, Outcome};
use crate::profiles::Completeness;

/// Number of stored rows that are read at a time.
const CHUNK: i64 = 2_048;
/// The most absences that are listed by name. All are counted.
const SHOWN: usize = 1_000;

/// The keys of absent customers and subscriptions that are counted.
type Found = HashSet<(Entity, u128)>;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Entity {
    Customer,
    Subscription,
}

/// What complete lists lack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Absences {
    pub(crate) customers: Vec<String>,
    pub(crate) subscriptions: Vec<String>,
    pub(crate) customers_total: u64,
    pub(crate) subscriptions_total: u64,
}

/// Finds what complete lists lack.
pub(crate) fn absences(
    context: &Context<'_>,
    _granted: &Granted,
    snapshot: &mut impl Snapshot,
    draft: &mut Draft<'_>,
) -> Result<Absences, PlanError> {
    let mut absences = Absences::default();
    // Lists of two sources can lack the same.
    let (mut done, mut found) = (HashSet::new(), Found::new());
    for file in &context.intake.files {
        let of_customers = file.profile.states.are_of_customers();
        if file.complete == Completeness::No || !done.insert((file.source, of_customers, file.customer)) {
            continue;
        }
        if of_customers {
            absences.find_customers(context, file, &mut found, (snapshot, draft))?;
        } else {
            absences.find_subscriptions(context, file, &mut found, (snapshot, draft))?;
        }
    }
    Ok(absences)
}

/// The day of the newest list that is complete for the same scope as this one.
fn newest(context: &Context<'_>, file: &IntakeFile) -> NaiveDate {
    let lists = context
        .intake
        .files
        .iter()
        .filter(|one| (one.source, one.complete, one.customer) == (file.source, file.complete, file.customer));
    lists.map(|list| list.description.as_of).max().unwrap_or_default()
}

/// Whether a list of that day shows that something is absent: not if the source stated it later.
fn is_later<K>(row: &Listed<K>, day: NaiveDate) -> bool {
    row.as_of.date() > day
}

/// The tenants that the complete lists of a source name, in order.
fn named_customers(context: &Context<'_>, source: usize, draft: &Draft<'_>) -> Vec<u128> {
    let intake = context.intake;
    let lists = intake.files.iter().filter(|one| one.source == source && one.complete == Completeness::All);
    let counts = |row: &u32| intake.rows.statement[*row as usize] != NONE && draft.outcome(*row) != Outcome::Rejected;
    let mut named: Vec<u128> =
        lists.flat_map(|list| list.rows.clone()).filter(counts).map(|row| intake.tenant_of_row(row)).collect();
    named.sort_unstable();
    named
}

impl Absences {
    /// Customers that an earlier list of the source contained and that none of its lists contains now.
    fn find_customers(
        &mut self,
        context: &Context<'_>,
        file: &IntakeFile,
        found: &mut Found,
        (snapshot, draft): (&mut impl Snapshot, &mut Draft<'_>),
    ) -> Result<(), PlanError> {
        let named = named_customers(context, file.source, draft);
        let day = newest(context, file);
        let source_id = context.source_ids[file.source];
        let mut after = String::new();
        loop {
            let listed = snapshot.listed_customers(source_id, &after, CHUNK)?;
            let Some(last) = listed.last() else { return Ok(()) };
            after.clone_from(&last.key);
            for row in &listed {
                let key = row.key.parse::<uuid::Uuid>().map(|id| id.as_u128()).unwrap_or_default();
                if !is_later(row, day) && Kind::CUSTOMER.was_listed(&row.fields)? && named.binary_search(&key).is_err()
                {
                    if found.insert((Entity::Customer, key)) {
                        self.customers_total += 1;
                        show(&mut self.customers, &row.key);
                    }
                    mark_absent(source_id, row, draft)?;
                }
            }
        }
    }

    /// Subscriptions that an earlier list contained. If the list is complete for one customer, only that customer's.
    fn find_subscriptions(
        &mut self,
        context: &Context<'_>,
        file: &IntakeFile,
        found: &mut Found,
        (snapshot, draft): (&mut impl Snapshot, &mut Draft<'_>),
    ) -> Result<(), PlanError> {
        let customer = file.customer.filter(|_| file.complete == Completeness::Customer).map(|id| id.to_string());
        let source_id = context.source_ids[file.source];
        let day = newest(context, file);
        let mut after = String::new();
        loop {
            let listed = snapshot.listed_subscriptions(source_id, &after, CHUNK)?;
            let Some(last) = listed.last() else { return Ok(()) };
            after.clone_from(&last.key);
            for row in &listed {
                if customer.as_ref().is_some_and(|customer| *customer != row.tenant_id) {
                    continue;
                }
                let Ok(key) = row.key.parse::<uuid::Uuid>() else { continue };
                let entries = &context.intake.entries;
                let named = entries.binary_search_by_key(&key, |entry| entry.subscription()).is_ok();
                if !is_later(row, day) && Kind::SUBSCRIPTION.was_listed(&row.fields)? && !named {
                    if found.insert((Entity::Subscription, key.as_u128())) {
                        self.subscriptions_total += 1;
                        show(&mut self.subscriptions, &row.key);
                    }
                    mark_absent(source_id, row, draft)?;
                }
            }
        }
    }
}

/// Marks it as absent, unless it already was.
fn mark_absent<K: BaselineKey>(
    source_id: ImportSourceKey,
    row: &Listed<K>,
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    if row.absent_since_run.is_none() {
        draft.ops.absences.append(&Absent { source_id, of: row.entity_id.into() })?;
    }
    Ok(())
}

fn show(list: &mut Vec<String>, key: &str) {
    if list.len() < SHOWN {
        list.push(key.to_owned());
    }
}
