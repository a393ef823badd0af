//! Mutations with several items, done in one transaction, each item with its own result.

use async_graphql::Result;
use chrono::NaiveDateTime;
pub use partnergraph_domain::ErrorPolicy;
use partnergraph_domain::Refusal;
use partnergraph_operation::Operation;
use partnergraph_operation::errors::{code, error};
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_store::{Actor, Conn};

use super::task::{self, Attempt, Mode, Outcome};

/// The maximum number of items in one request.
const MOST: usize = 500;

/// Does the work for each item, in order, in one transaction.
///
/// # Errors
/// `BAD_USER_INPUT`, if there are too many items, or one is only to be validated: they are saved or validated together. Any error of
/// the transaction.
pub(super) async fn write<I: Send + 'static, T: Send + 'static>(
    operation: &Operation,
    (items, policy, mode): (Vec<I>, ErrorPolicy, Mode),
    is_only_validated: impl Fn(&I) -> bool,
    work: impl Fn(&mut Conn, &Actor, NaiveDateTime, &I) -> Attempt<T> + Send + 'static,
) -> Result<Several<T>> {
    check(&items, is_only_validated)?;
    let count = items.len();
    let all = move |conn: &mut Conn, actor: &Actor, now| each(&items, policy, |item| work(conn, actor, now, item));
    Ok(settled(count, task::write(operation, mode, all).await?))
}

fn check<I>(items: &[I], is_only_validated: impl Fn(&I) -> bool) -> Result<()> {
    if items.len() > MOST {
        return Err(error(code::BAD_INPUT, format!("at most {MOST} items are allowed in one request")));
    }
    if let Some(index) = items.iter().position(is_only_validated) {
        let message = format!("`validateOnly` of item {index} is set; set that of the whole input instead");
        return Err(error(code::BAD_INPUT, message));
    }
    Ok(())
}

/// Does the work for each item, in order. Refusals are placed under the item's position in `items`.
fn each<I, T>(items: &[I], policy: ErrorPolicy, mut work: impl FnMut(&I) -> Attempt<T>) -> Attempt<Vec<Outcome<T>>> {
    let mut outcomes = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let place = ["items".to_owned(), index.to_string()];
        // A refused item writes nothing and affects only itself. A database error stops all items.
        let outcome = task::settled(work(item))?;
        outcomes.push(
            outcome.map_err(|refusals| {
                refusals.into_iter().map(|refusal| refusal.under(place.clone())).collect::<Vec<_>>()
            }),
        );
    }
    if policy == ErrorPolicy::RejectEverything {
        let refused: Vec<Refusal> =
            outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).flatten().cloned().collect();
        task::refuse_if(refused)?;
    }
    Ok(outcomes)
}

/// What an item changed, if it was saved, and why it was rejected.
pub(super) fn reported<T>(outcome: Outcome<Option<T>>) -> (Option<T>, Vec<UserError>) {
    match outcome {
        Ok(changed) => (changed, Vec::new()),
        Err(refusals) => (None, user_errors(refusals)),
    }
}

/// The outcomes of all items.
#[derive(Debug)]
pub(super) struct Several<T> {
    /// For each item what it changed, or its refusals. `Ok(None)` if it was not saved only because another item was rejected.
    pub(super) outcomes: Vec<Outcome<Option<T>>>,
    /// Number of items that succeeded.
    pub(super) succeeded: i32,
    /// Number of items that failed.
    pub(super) failed: i32,
}

/// The outcomes of all items, from the outcome of the transaction.
fn settled<T>(items: usize, outcome: Outcome<Vec<Outcome<T>>>) -> Several<T> {
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    match outcome {
        Ok(outcomes) => {
            let outcomes: Vec<_> = outcomes.into_iter().map(|outcome| outcome.map(Some)).collect();
            let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
            Several { succeeded: number(outcomes.len() - failed), failed: number(failed), outcomes }
        }
        // All items were rolled back; each reports its own refusals.
        Err(refusals) => {
            let mut outcomes: Vec<Outcome<Option<T>>> = (0..items).map(|_| Ok(None)).collect();
            for refusal in refusals {
                let place = refusal.field.get(1).and_then(|index| index.parse::<usize>().ok());
                match place.and_then(|index| outcomes.get_mut(index)) {
                    Some(Err(refused)) => refused.push(refusal),
                    Some(outcome) => *outcome = Err(vec![refusal]),
                    None => {}
                }
            }
            Several { outcomes, succeeded: 0, failed: number(items) }
        }
    }
}
