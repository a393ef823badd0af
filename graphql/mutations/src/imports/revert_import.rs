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
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_operation::siblings::Member;
use partnergraph_types::ImportRun;

/// Which import to take back.
#[derive(InputObject, Debug, Clone)]
pub struct RevertImportInput {
    /// The global id of its run, which is APPLIED.
    import_run: ID,
    /// Validate without saving. The payload says how much would be restored, deleted
    /// and kept.
    #[graphql(default)]
    validate_only: bool,
}

/// An import that was taken back.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct RevertImportPayload {
    /// The run as it is now. Null where anything is refused.
    import_run: Option<ImportRun>,
    /// How many things have earlier values back. Null where anything is refused.
    restored: Option<i64>,
    /// How many things that the run had created are gone. Null where anything is refused.
    removed: Option<i64>,
    /// How many things and fields stay, because they were changed since or something hangs on them: they are the run's issues with the
    /// code `revert.kept`. Null where anything is refused.
    kept: Option<i64>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

/// `revertImport`.
#[derive(Debug, Default)]
pub struct RevertImport;

#[Object]
impl RevertImport {
    /// Takes back what an import did, in one transaction.
    ///
    /// Values, baselines and absences from before the run come back where they are still as the run left them; records
    /// it created are deleted unless other records depend on them or they were edited; the rest is listed among the
    /// run's issues. Runs can be reverted in any order; what another run in force also named stays. To undo several
    /// runs completely, revert the newest first. The same files bring everything in again. Whoever may import may
    /// revert.
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
                import_run: row.map(|row| ImportRun(Member::alone(row))),
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
        // The rules have seen the status in this very transaction.
        Ok(None) => Err(StoreError::Value { value: run.status.to_string(), expected: "an applied run" }.into()),
        Err(PlanError::Store(error)) => Err(error.into()),
        Err(error) => {
            Err(StoreError::Value { value: error.to_string(), expected: "a run that can be taken back" }.into())
        }
    }
}
