//! What a complete list had before and lacks now. Nothing of it is deleted.

use std::collections::HashSet;

use partnergraph_store::imports::rows::Absent;
use partnergraph_store::imports::stored::{self, Listed};

use super::customers::unpack_listed;
use super::{PlanError, Planner};
use crate::intake::{NONE, Outcome};
use crate::profiles::{Completeness, States};
use crate::said::{CUSTOMER, SUBSCRIPTION};

/// Stored rows that are looked at at once.
const CHUNK: i64 = 2_048;
/// So many are listed by name; all are counted.
const SHOWN: usize = 1_000;

/// What complete lists lack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Absences {
    pub(crate) customers: Vec<String>,
    pub(crate) subscriptions: Vec<String>,
    pub(crate) customers_total: u64,
    pub(crate) subscriptions_total: u64,
}

impl Planner<'_> {
    pub(crate) fn plan_absences(&mut self) -> Result<Absences, PlanError> {
        let mut absences = Absences::default();
        let mut done = HashSet::new();
        let intake = self.intake;
        for (number, file) in intake.files.iter().enumerate() {
            let of_customers = matches!(file.profile.states, States::Customers | States::Identities | States::Gdap);
            if file.complete == Completeness::No || !done.insert((file.source, of_customers, file.customer)) {
                continue;
            }
            if of_customers {
                self.absent_customers(number, &mut absences)?;
            } else {
                self.absent_subscriptions(number, &mut absences)?;
            }
        }
        Ok(absences)
    }

    /// Customers that an earlier list of the source had and that none of its lists has now.
    fn absent_customers(&mut self, file: usize, absences: &mut Absences) -> Result<(), PlanError> {
        let intake = self.intake;
        let source = intake.files[file].source;
        let mut named: Vec<u128> = Vec::new();
        for one in intake.files.iter().filter(|one| one.source == source && one.complete == Completeness::All) {
            for row in one.rows.clone() {
                if intake.rows.statement[row as usize] != NONE && self.outcomes[row as usize] != Outcome::Rejected {
                    named.push(intake.tenant_of_row(row));
                }
            }
        }
        named.sort_unstable();
        let mut after = String::new();
        loop {
            let listed = stored::listed_customers(self.conn, self.source_ids[source], &after, CHUNK)?;
            let Some(last) = listed.last() else { return Ok(()) };
            after.clone_from(&last.key);
            for row in &listed {
                let key = row.key.parse::<uuid::Uuid>().map(|id| id.as_u128()).unwrap_or_default();
                if unpack_listed(&CUSTOMER, &row.fields)? && named.binary_search(&key).is_err() {
                    absences.customers_total += 1;
                    show(&mut absences.customers, &row.key);
                    self.mark_absent(source, 'C', row)?;
                }
            }
        }
    }

    /// Subscriptions that an earlier list had; of one customer, where the list is complete for one only.
    fn absent_subscriptions(&mut self, file: usize, absences: &mut Absences) -> Result<(), PlanError> {
        let intake = self.intake;
        let (source, of) = (intake.files[file].source, intake.files[file].customer);
        let customer = of.filter(|_| intake.files[file].complete == Completeness::Customer).map(|id| id.to_string());
        let mut after = String::new();
        loop {
            let listed = stored::listed_subscriptions(self.conn, self.source_ids[source], &after, CHUNK)?;
            let Some(last) = listed.last() else { return Ok(()) };
            after.clone_from(&last.key);
            for row in &listed {
                if customer.as_ref().is_some_and(|customer| *customer != row.tenant_id) {
                    continue;
                }
                let Ok(key) = row.key.parse::<uuid::Uuid>() else { continue };
                let named = intake.entries.binary_search_by_key(&key, |entry| entry.subscription()).is_ok();
                if unpack_listed(&SUBSCRIPTION, &row.fields)? && !named {
                    absences.subscriptions_total += 1;
                    show(&mut absences.subscriptions, &row.key);
                    self.mark_absent(source, 'S', row)?;
                }
            }
        }
    }

    fn mark_absent(&mut self, source: usize, entity: char, row: &Listed) -> Result<(), PlanError> {
        if row.absent_since_run.is_none() {
            let source_id = self.source_ids[source];
            self.ops.absences.append(&Absent { source_id, entity, entity_id: row.entity_id })?;
        }
        Ok(())
    }
}

fn show(list: &mut Vec<String>, key: &str) {
    if list.len() < SHOWN {
        list.push(key.to_owned());
    }
}
