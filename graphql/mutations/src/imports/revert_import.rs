use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::checks;
use partnergraph_importer::{PlanError, Reverted, revert_run};
use partnergraph_store::database::Length;
use partnergraph_store::read::imports::{self, RunRow};
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn, StoreError};

use super::own;
use crate::task::{self, Attempt};
use partnergraph_operation::Operation;
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::ImportRun;

/// The import to revert.
#[derive(InputObject, Debug, Clone)]
pub struct RevertImportInput {
    /// The global id of the import run. It must be APPLIED.
    import_run: ID,
    /// Validate without saving.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of reverting an import.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct RevertImportPayload {
    /// The run after the operation. Null if it was rejected.
    import_run: Option<ImportRun>,
    /// The number of items whose earlier values were restored. Null if the operation was rejected.
    restored: Option<i64>,
    /// The number of items that the run had created and that were deleted. Null if the operation was rejected.
    removed: Option<i64>,
    /// The number of items and fields that were kept because they have changed since or other records depend on them.
    /// The run's issues list them with the code `revert.kept`. Null if the operation was rejected.
    kept: Option<i64>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { RevertImportPayload {
    /// `importRun` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    import_run_edge: import_run => partnergraph_types::ImportRunEdge,
} }

/// `revertImport`.
#[derive(Debug, Default)]
pub struct RevertImport;

#[Object]
impl RevertImport {
    /// Reverts an import, in one transaction.
    ///
    /// Values, baselines and absences from before the run are restored if they are still as the run left them. Records
    /// that the run created are deleted unless they were edited or other records depend on them. Everything that is
    /// kept is listed in the run's issues. Runs can be reverted in any order; values that another applied run also
    /// stated are kept. To undo several runs completely, revert the newest first. Importing the same files again
    /// restores everything. Anyone who can import can revert.
    async fn revert_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `revertImport`.")] input: RevertImportInput,
    ) -> Nullable<RevertImportPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome = task::write_for(operation, mode, Length::Long, move |conn, actor, now| {
                take_back(conn, actor, now, &input)
            })
            .await?;
            let (run, reverted) = match outcome {
                Ok(done) => done,
                Err(refusals) => {
                    let user_errors = user_errors(refusals);
                    return Ok(RevertImportPayload {
                        import_run: None,
                        restored: None,
                        removed: None,
                        kept: None,
                        user_errors,
                    });
                }
            };
            let row = operation.read(move |conn, scope| imports::find(conn, scope, run.id)).await?;
            let count = |number: u64| Some(i64::try_from(number).unwrap_or(i64::MAX));
            Ok(RevertImportPayload {
                import_run: row.map(|row| ImportRun(BatchRow::alone(row))),
                restored: count(reverted.restored),
                removed: count(reverted.removed),
                kept: count(reverted.kept),
                user_errors: Vec::new(),
            })
        };
        Nullable::from(answer.await)
    }
}

fn take_back(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &RevertImportInput,
) -> Attempt<(RunRow, Reverted)> {
    let run = own(conn, actor, &input.import_run)?;
    let importer = facts::partner(conn, run.partner_id)?;
    task::refuse_if(checks::revert_import(&facts::actor(actor)?, &importer, run.status))?;
    match revert_run(conn, (run.id, run.partner_id), actor, now) {
        Ok(Some(reverted)) => Ok((run, reverted)),
        // The check has read the status in this same transaction.
        Ok(None) => Err(StoreError::Value { value: run.status.to_string(), expected: "an applied run" }.into()),
        Err(PlanError::Store(error)) => Err(error.into()),
        Err(error) => {
            Err(StoreError::Value { value: error.to_string(), expected: "a run that can be reverted" }.into())
        }
    }
}
