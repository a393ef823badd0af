use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::actions;
use partnergraph_domain::{ActionName, Refusal};
use partnergraph_store::{Actor, Conn, StoreResult};

use partnergraph_operation::batch::{Batch, CellKey};
use partnergraph_operation::context::Operation;

/// Something that can be done with an object, and whether you may do it now.
///
/// The verdicts are those of the mutation, as far as they do not depend on what its input would still have to state, such as the
/// reseller to associate or the offer to order. So an allowed action can still be refused for its input.
#[derive(SimpleObject, Debug, Clone)]
pub struct Action {
    /// The action, with the mutation that performs it.
    name: ActionName,
    /// Whether nothing prevents it. An action that would change nothing, such as resuming an active subscription, is allowed.
    allowed: bool,
    /// Everything that prevents it: the `userErrors` that the mutation would return. Empty if the action is allowed.
    verdicts: Vec<ActionVerdict>,
}

/// Why you may not do something.
#[derive(SimpleObject, Debug, Clone)]
pub struct ActionVerdict {
    /// The id of the broken rule. Null if no rule is broken.
    rule: Option<String>,
    /// The stable code for programs: the `code` of the user error.
    code: &'static str,
    /// One sentence for people. It may change.
    message: String,
    /// The error code that Microsoft's own API returns for the same refusal. Null if there is none.
    microsoft_code: Option<i32>,
    /// Alternatives, one sentence each. Often empty.
    options: Vec<String>,
}

impl From<actions::Action> for Action {
    fn from(action: actions::Action) -> Self {
        Self {
            name: action.name,
            allowed: action.is_allowed(),
            verdicts: action.refusals.into_iter().map(ActionVerdict::from).collect(),
        }
    }
}

impl From<Refusal> for ActionVerdict {
    fn from(refusal: Refusal) -> Self {
        Self {
            rule: refusal.rule.map(|rule| rule.as_str().to_owned()),
            code: refusal.code,
            message: refusal.message,
            microsoft_code: refusal.microsoft_code.and_then(|code| i32::try_from(code).ok()),
            options: refusal.options,
        }
    }
}

/// Reads what decides about the actions on rows. Rows without actions are left out.
type Load<R, K, F> = fn(&mut Conn, &Actor, &[R], NaiveDateTime) -> StoreResult<HashMap<K, F>>;

/// What decides about the actions on all rows of a batch, read at once.
pub(super) async fn facts_of<R, K, F>(
    ctx: &Context<'_>,
    batch: &Batch<R>,
    load: Load<R, K, F>,
) -> Result<Arc<HashMap<K, F>>>
where
    R: Clone + Send + Sync + 'static,
    K: Eq + Hash + Send + Sync + 'static,
    F: Send + Sync + 'static,
{
    let operation = Operation::of(ctx);
    batch
        .shared(CellKey::Name("actions"), || async move {
            let (rows, actor, now) = (batch.rows().to_vec(), operation.actor()?.clone(), operation.now());
            operation.read(move |conn, _| load(conn, &actor, &rows, now)).await
        })
        .await
}

/// The actions, as the schema shows them.
pub(super) fn listed(found: Option<Vec<actions::Action>>) -> Vec<Action> {
    found.unwrap_or_default().into_iter().map(Action::from).collect()
}
