use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, StoredPlan};
use partnergraph_importer::discard_waiting_plan;
use partnergraph_store::database::Length;
use partnergraph_store::imports::plans;
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn};

use super::{ImportRunPayload, own};
use crate::task::{self, Attempt};
use partnergraph_domain::ImportRunKey;
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;

/// The plan to discard.
#[derive(InputObject, Debug, Clone)]
pub struct DiscardImportInput {
    /// The global id of the import run that holds the plan. It must have been started with PLAN and be PLANNED.
    import_run: ID,
    /// Validate without saving.
    #[graphql(default)]
    validate_only: bool,
}

/// `discardImport`.
#[derive(Debug, Default)]
pub struct DiscardImport;

#[Object]
impl DiscardImport {
    /// Discards an import run's plan without applying it. The run becomes FAILED with the error code `plan.discarded`.
    /// Its report, issues and planned changes remain. Anyone who can import can discard.
    async fn discard_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `discardImport`.")] input: DiscardImportInput,
    ) -> Nullable<ImportRunPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome = task::write_for(operation, mode, Length::Long, move |conn, actor, now| {
                discard(conn, actor, now, &input)
            })
            .await?;
            ImportRunPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn discard(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &DiscardImportInput) -> Attempt<ImportRunKey> {
    let run = own(conn, actor, &input.import_run)?;
    let importer = facts::partner(conn, run.partner_id)?;
    let status = run.status;
    let plan = if plans::is_stored(conn, run.id)? { StoredPlan::Yes } else { StoredPlan::No };
    task::refuse_if(checks::discard_import(&facts::actor(actor)?, &importer, status, plan))?;
    // The check has read the status in this same transaction.
    discard_waiting_plan(conn, run.id, now)?;
    Ok(run.id)
}
