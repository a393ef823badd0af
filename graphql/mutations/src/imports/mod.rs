//! Operations on existing import runs. `startImport` creates them.

mod apply_import;
mod discard_import;
mod move_reseller;
mod revert_import;
pub(super) mod work;

use async_graphql::{ID, MergedObject, Result, SimpleObject};
use partnergraph_domain::{ImportRunKey, RuleId, checks};
use partnergraph_store::read::imports::{self, RunRow};
use partnergraph_store::{Actor, Conn, Scope};

pub use apply_import::*;
pub use discard_import::*;
pub use move_reseller::*;
pub use revert_import::*;

use super::task::{Attempt, Outcome, not_for_caller, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::ImportRun;

/// The mutations for import runs.
#[derive(MergedObject, Default)]
#[allow(missing_debug_implementations)]
pub struct ImportMutations(ApplyImport, DiscardImport, RevertImport, MoveReseller);

/// Result of an operation on an import run.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct ImportRunPayload {
    /// The run after the operation. Applying continues in the background; follow it with `importRun` or
    /// `importProgress`. Null if the operation was rejected.
    import_run: Option<ImportRun>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { ImportRunPayload {
    /// `importRun` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    import_run_edge: import_run => partnergraph_types::ImportRunEdge,
} }

impl ImportRunPayload {
    fn rejected(user_errors: Vec<UserError>) -> Self {
        Self { import_run: None, user_errors }
    }

    async fn of(operation: &Operation, outcome: Outcome<ImportRunKey>) -> Result<Self> {
        Ok(match outcome {
            Ok(run_id) => {
                let row = operation.read(move |conn, scope| imports::find(conn, scope, run_id)).await?;
                Self { import_run: row.map(|row| ImportRun(BatchRow::alone(row))), user_errors: Vec::new() }
            }
            Err(refusals) => Self::rejected(user_errors(refusals)),
        })
    }
}

/// Finds the run with this global id within the caller's scope. A role that cannot import cannot see runs either, so it
/// gets the same refusal whether or not the run exists.
fn own(conn: &mut Conn, actor: &Actor, id: &ID) -> Attempt<RunRow> {
    if matches!(actor.scope, Scope::Partner { .. }) && !checks::read_imports(&actor.roles) {
        let message = "Only Global admins and Admin agents can work with imports.";
        return Err(not_for_caller(RuleId::A_02, message).into());
    }
    let missing = || not_found("import run", "importRun");
    let Ok(GlobalId::ImportRun(id)) = id.parse() else { return Err(missing().into()) };
    Ok(imports::find(conn, &actor.scope, id)?.ok_or_else(missing)?)
}
