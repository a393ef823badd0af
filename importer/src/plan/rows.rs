//! Decides the rows that no subscription decided: those that are about a customer only.

use super::PlanError;
use super::context::Context;
use super::draft::Draft;
use super::statements::Statements;
use super::subscriptions::Subscriptions;
use crate::intake::{NONE, Outcome};
use crate::profiles::States;

/// Every row is decided.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(super) subscriptions: Subscriptions,
}

/// Decides the rows that are still open, and those whose customer's data is held in part.
pub(crate) fn settle(
    context: &Context<'_>,
    mut subscriptions: Subscriptions,
    draft: &mut Draft<'_>,
) -> Result<Settled, PlanError> {
    let statements = &mut subscriptions.customers.statements;
    for file in &context.intake.files {
        let charges = matches!(file.profile.states, States::Charges | States::Usage);
        for row in file.rows.clone() {
            let statement = context.intake.rows.statement[row as usize];
            if statement != NONE {
                settle_row(statements, row, (statement, charges), draft)?;
            }
        }
    }
    Ok(Settled { subscriptions })
}

/// The outcome of a row that depends on its customer only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Credit {
    /// It is the first row with the statement that is in effect.
    Applied,
    /// Another row states the same.
    Repeats,
    /// Newer data is known.
    Superseded,
    /// Its subscription has decided it, or it was rejected.
    Settled,
}

fn credit(outcome: Outcome, statements: &Statements, statement: u32) -> Credit {
    match outcome {
        Outcome::Open if statements.waits_for_its_row(statement) => Credit::Applied,
        Outcome::Open if statements.is_superseded(statement) => Credit::Superseded,
        Outcome::Open => Credit::Repeats,
        Outcome::Applied | Outcome::Merged | Outcome::Rejected | Outcome::Conflict => Credit::Settled,
    }
}

fn settle_row(
    statements: &mut Statements,
    row: u32,
    (statement, charges): (u32, bool),
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    match credit(draft.outcome(row), statements, statement) {
        Credit::Applied => {
            draft.set(row, Outcome::Applied);
            statements.credit(statement);
        }
        Credit::Superseded => {
            draft.set(row, Outcome::Merged);
            draft.superseded(row)?;
        }
        Credit::Repeats => {
            draft.set(row, Outcome::Merged);
            // The lines of an invoice repeat their customer. Reporting this would be of no use.
            if !charges {
                draft.merged(row)?;
            }
        }
        Credit::Settled => {}
    }
    if !matches!(draft.outcome(row), Outcome::Applied | Outcome::Merged) {
        return Ok(());
    }
    if charges {
        statements.credit(statement);
    }
    if let Some(issues) = statements.take_held(statement) {
        draft.set(row, Outcome::Conflict);
        issues.into_iter().try_for_each(|issue| draft.report(row, issue))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_gives_credit_to_one_row() {
        let mut statements = Statements::new(4);
        statements.hold_true(0);
        statements.hold_true(1);
        statements.supersede(1);
        statements.hold_true(2);
        statements.credit(2);
        let cases = [
            ("it holds", Outcome::Open, 0, Credit::Applied),
            ("its source stated something newer", Outcome::Open, 1, Credit::Superseded),
            ("another row has the credit", Outcome::Open, 2, Credit::Repeats),
            ("another statement says the same", Outcome::Open, 3, Credit::Repeats),
            ("its subscription settled it", Outcome::Applied, 0, Credit::Settled),
            ("it was rejected", Outcome::Rejected, 0, Credit::Settled),
        ];
        for (name, outcome, statement, expected) in cases {
            assert_eq!(credit(outcome, &statements, statement), expected, "{name}");
        }
    }
}
