//! What is known about the statements about customers. Many rows may make the same statement.

use std::collections::{BTreeMap, HashMap, HashSet};

use partnergraph_domain::Severity;

use super::PlanError;
use super::context::Context;
use super::draft::{Draft, new_issue};
use crate::intake::Outcome;
use crate::issue::Issue;

/// It contains something that is in effect.
const HOLDS: u8 = 1;
/// Its source stated newer data before.
const SUPERSEDED: u8 = 2;
/// Its customer is not imported.
const REJECTED: u8 = 4;
/// A row of it has been counted as applied.
const SEEN: u8 = 8;

/// The statements by their number.
#[derive(Debug)]
pub(crate) struct Statements {
    flags: Vec<u8>,
    /// What is held of a statement. Reported by the first row that makes it.
    held: BTreeMap<u32, Vec<Issue>>,
    /// Why the customer of a statement is not imported.
    rejected: HashMap<u32, Vec<Issue>>,
    /// Statements about customers whose relationship was ended afterwards.
    ended: HashSet<u32>,
}

impl Statements {
    /// Nothing is known yet about this number of statements.
    pub(crate) fn new(count: usize) -> Self {
        Self { flags: vec![0; count], held: BTreeMap::new(), rejected: HashMap::new(), ended: HashSet::new() }
    }

    /// Marks that it contains something that is in effect.
    pub(crate) fn hold_true(&mut self, number: u32) {
        self.flags[number as usize] |= HOLDS;
    }

    /// Marks that newer data is known.
    pub(crate) fn supersede(&mut self, number: u32) {
        let flags = &mut self.flags[number as usize];
        *flags = (*flags | SUPERSEDED) & !HOLDS;
    }

    /// Marks that its customer is not imported.
    pub(crate) fn reject(&mut self, number: u32, issues: &[Issue]) {
        self.flags[number as usize] |= REJECTED;
        self.rejected.entry(number).or_default().extend_from_slice(issues);
    }

    /// Marks that the relationship with its customer was ended after it.
    pub(crate) fn end(&mut self, number: u32) {
        self.ended.insert(number);
    }

    /// Marks that part of it is held.
    pub(crate) fn hold_back(&mut self, number: u32, issue: Issue) {
        self.held.entry(number).or_default().push(issue);
    }

    /// Takes what is held of it, once.
    pub(crate) fn take_held(&mut self, number: u32) -> Option<Vec<Issue>> {
        self.held.remove(&number)
    }

    /// Whether its customer is not imported.
    pub(crate) fn is_rejected(&self, number: u32) -> bool {
        self.flags[number as usize] & REJECTED != 0
    }

    /// Whether newer data is known.
    pub(crate) fn is_superseded(&self, number: u32) -> bool {
        self.flags[number as usize] & SUPERSEDED != 0
    }

    /// Whether it is in effect and no row has been counted for it yet.
    pub(crate) fn waits_for_its_row(&self, number: u32) -> bool {
        self.flags[number as usize] & (HOLDS | SEEN) == HOLDS
    }

    /// Marks that a row has been counted for it.
    pub(crate) fn credit(&mut self, number: u32) {
        self.flags[number as usize] |= SEEN;
    }

    /// Called when all customers are decided: decides the rows whose customers are not imported.
    pub(crate) fn close(&mut self, context: &Context<'_>, draft: &mut Draft<'_>) -> Result<(), PlanError> {
        let (rejected, ended) = (std::mem::take(&mut self.rejected), std::mem::take(&mut self.ended));
        if rejected.is_empty() && ended.is_empty() {
            return Ok(());
        }
        for (row, statement) in (0..).zip(&context.intake.rows.statement) {
            if !draft.is_open(row) {
                continue;
            }
            if let Some(issues) = rejected.get(statement) {
                draft.set(row, Outcome::Rejected);
                issues.iter().try_for_each(|issue| draft.report(row, issue.clone()))?;
            } else if ended.contains(statement) {
                draft.set(row, Outcome::Merged);
                let message =
                    "the relationship with the customer was removed after the date of this row; it stays removed";
                let issue = new_issue(Severity::Info, "row.superseded", message);
                draft.report(row, issue.hint("a customer list with a later date creates the relationship again"))?;
            }
        }
        Ok(())
    }
}
