use async_graphql::{Context, ID, InputObject, Object};
use partnergraph_domain::checks::{self, StoredPlan};
use partnergraph_domain::{ImportRunKey, ImportStatus, Refusal};
use partnergraph_importer::{ImportError, PlanError, check_plan, give_plan_up};
use partnergraph_store::database::Length;
use partnergraph_store::imports::{plans, runs};
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn, StoreError};

use super::work::{self, Task, Work};
use super::{ImportRunPayload, own};
use crate::task::{self, Attempt, Mode};
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;

/// The plan to apply.
#[derive(InputObject, Debug, Clone)]
pub struct ApplyImportInput {
    /// The global id of the import run that holds the plan. It must have been started with PLAN and be PLANNED.
    import_run: ID,
    /// Validate without saving. Also checks whether the plan is still valid.
    #[graphql(default)]
    validate_only: bool,
}

/// `applyImport`.
#[derive(Debug, Default)]
pub struct ApplyImport;

#[Object]
impl ApplyImport {
    /// Applies an import run's plan exactly as planned, in one transaction.
    ///
    /// Returns immediately; the run continues in the background: QUEUED, APPLYING, APPLIED. If anything that the plan
    /// was based on has changed since, the plan is rejected with PLAN_STALE and the run becomes FAILED with the error
    /// code `plan.stale`. Plan the files again in that case. Anyone who can import can apply.
    async fn apply_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `applyImport`.")] input: ApplyImportInput,
    ) -> Nullable<ImportRunPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome = task::write(operation, mode, move |conn, actor, _| claim(conn, actor, &input)).await?;
            let run_id = match outcome {
                Ok(Claim::Taken(run_id)) => run_id,
                Ok(Claim::Stale(run_id, refusal)) => {
                    if mode == Mode::Write {
                        let (now, message) = (operation.now(), refusal.message.clone());
                        let give_up = move |conn: &mut Conn| give_plan_up(conn, run_id, &message, now);
                        operation
                            .database()
                            .write_for::<_, StoreError>(operation.time_limit(), Length::Long, give_up)
                            .await?;
                        operation.renew().await;
                    }
                    return ImportRunPayload::of(operation, Err(vec![refusal])).await;
                }
                Err(refusals) => return ImportRunPayload::of(operation, Err(refusals)).await,
            };
            if mode == Mode::Write {
                let work = Work { run_id, task: Task::Apply, actor: operation.actor()?.clone() };
                work::start(operation.database().url().clone(), work)?;
            }
            ImportRunPayload::of(operation, Ok(run_id)).await
        };
        Nullable::from(answer.await)
    }
}

/// Outcome of claiming a plan in order to apply it.
enum Claim {
    /// The run is queued, and nobody else can claim it.
    Taken(ImportRunKey),
    /// What the plan was based on has changed.
    Stale(ImportRunKey, Refusal),
}

fn claim(conn: &mut Conn, actor: &Actor, input: &ApplyImportInput) -> Attempt<Claim> {
    let run = own(conn, actor, &input.import_run)?;
    let importer = facts::partner(conn, run.partner_id)?;
    let status = run.status;
    let plan = if plans::is_stored(conn, run.id)? { StoredPlan::Yes } else { StoredPlan::No };
    task::refuse_if(checks::apply_import(&facts::actor(actor)?, &importer, status, plan))?;
    match check_plan(conn, run.id) {
        Ok(()) => {}
        Err(error @ ImportError::Plan(PlanError::Stale(_))) => {
            return Ok(Claim::Stale(run.id, stale(&error)));
        }
        Err(ImportError::Plan(PlanError::Store(error))) => return Err(error.into()),
        Err(error) => {
            return Err(StoreError::Value { value: error.to_string(), expected: "a stored plan" }.into());
        }
    }
    runs::turn(conn, run.id, &[ImportStatus::Planned], ImportStatus::Queued, "waiting")?;
    Ok(Claim::Taken(run.id))
}

/// `plan.stale`, as a refusal of the mutation.
fn stale(error: &ImportError) -> Refusal {
    let message = format!("plan.stale: {error}. Plan again.");
    Refusal::plain("PLAN_STALE", message).field(["importRun"])
}
