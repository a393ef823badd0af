use async_graphql::{Context, Enum, Object, Result};
use partnergraph_store::read::imports::{self, RunRow};
use partnergraph_store::read::partner_of_record::PeriodRow;

use super::ImportRun;
use partnergraph_operation::batch::{Batch, BatchRow, CellKey};
use partnergraph_operation::context::Operation;
use partnergraph_operation::scalars::DateTime;

/// A period during which one reseller was the partner of record of a subscription.
#[derive(Debug, Clone)]
pub struct PartnerOfRecordPeriod(pub BatchRow<PeriodRow>);

/// A period during which one reseller was the partner of record of a subscription.
#[Object]
impl PartnerOfRecordPeriod {
    /// The MPN ID of the reseller. Null if it has none.
    fn mpn_id(&self) -> Option<&str> {
        self.0.mpn_id.as_deref()
    }

    /// The name of the reseller.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// When the period began. Null if it began before the earliest known date.
    fn from(&self) -> Option<DateTime> {
        self.0.valid_from.map(DateTime)
    }

    /// When the period ended. Null if the reseller is still the partner of record.
    fn to(&self) -> Option<DateTime> {
        self.0.valid_to.map(DateTime)
    }

    /// What made the reseller the partner of record. Null if unknown.
    fn source(&self) -> Option<PartnerOfRecordSource> {
        let known = self.0.run_id.is_some() || self.0.set_by.is_some();
        known.then(|| PartnerOfRecordSource(self.0.clone()))
    }
}

/// Whether an import or a user made a reseller the partner of record.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartnerOfRecordSourceKind {
    /// A row of an imported file.
    Import,
    /// A user, through an order or a change to the subscription.
    Mutation,
}

/// What made a reseller the partner of record.
#[derive(Debug, Clone)]
pub struct PartnerOfRecordSource(BatchRow<PeriodRow>);

/// What made a reseller the partner of record.
#[Object]
impl PartnerOfRecordSource {
    /// Whether an import or a user made the change.
    fn kind(&self) -> PartnerOfRecordSourceKind {
        if self.0.set_by.is_some() { PartnerOfRecordSourceKind::Mutation } else { PartnerOfRecordSourceKind::Import }
    }

    /// The run that made the change: an import, or a user's `moveReseller`. Null for other changes by a user, and if you cannot see
    /// the run.
    async fn run(&self, ctx: &Context<'_>) -> Result<Option<ImportRun>> {
        let Some(id) = self.0.run_id else { return Ok(None) };
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let runs = batch
            .shared(CellKey::Name("runs"), || async {
                let wanted = batch.keys(|row| row.run_id);
                let scope = operation.import_scope()?;
                let rows: Vec<RunRow> = operation.read(move |conn, _| imports::by_ids(conn, &scope, &wanted)).await?;
                Ok(Batch::new(rows))
            })
            .await?;
        let at = runs.rows().binary_search_by_key(&id, |row| row.id);
        Ok(at.ok().and_then(|at| BatchRow::at(&runs, at)).map(ImportRun))
    }

    /// The user principal name of the user who made the change. Null if `kind` is not `MUTATION`.
    fn user(&self) -> Option<&str> {
        self.0.set_by.as_deref()
    }
}
