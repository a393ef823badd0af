use async_graphql::{Context, ID, Object, Result};
use partnergraph_domain::ImportPhase;
use partnergraph_domain::{ImportMode, ImportStatus};
use partnergraph_store::read::imports::{self, ChangeOrder, IssueOrder, RunOrder, RunRow};
use partnergraph_store::read::json;
use partnergraph_store::read::page::Order;
use serde_json::Value;

use super::import_run_parts::{
    ImportAbsent, ImportChangeConnection, ImportControl, ImportCounts, ImportFile, ImportIssueConnection,
    ImportProgress, ImportRows,
};
use super::{Partner, partner_of};
use partnergraph_operation::connection;
use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::DateTime;
use partnergraph_operation::siblings::{CellKey, Member};

connection! { ImportRunConnection, ImportRunEdge, ImportRun, RunOrder, "import runs" }

/// One run of the importer over one or several files.
#[derive(Debug, Clone)]
pub struct ImportRun(pub Member<RunRow>);

impl From<Member<RunRow>> for ImportRun {
    fn from(row: Member<RunRow>) -> Self {
        Self(row)
    }
}

impl ImportRun {
    fn report(&self) -> Result<Value> {
        Ok(self.0.report.as_deref().map_or(Ok(Value::Null), |text| json(text, "a report"))?)
    }

    fn counts(&self, of: &str) -> Result<ImportCounts> {
        Ok(ImportCounts::of(&self.report()?[of]))
    }
}

/// One run of the importer over one or several files.
#[Object]
impl ImportRun {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::ImportRun(self.0.id).into()
    }

    /// How far it is. One that is PLANNED can be applied (`applyImport`), one that is APPLIED can be taken back (`revertImport`); a
    /// dry run ends CHECKED.
    fn status(&self) -> ImportStatus {
        self.0.status
    }

    /// How far it was meant to go.
    fn mode(&self) -> ImportMode {
        self.0.mode
    }

    /// The partner on whose behalf it runs. Null where the caller does not see it.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.level(), |row| [Some(row.partner_id), None, None], Some(self.0.partner_id)).await
    }

    /// Who started it.
    fn started_by(&self) -> &str {
        &self.0.started_by
    }

    /// When it was asked for.
    fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it began. Null while it waits.
    fn started_at(&self) -> Option<DateTime> {
        self.0.started_at.map(DateTime)
    }

    /// When it ended. Null while it has not.
    fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }

    /// Why it failed, or why its plan could not be applied the last time, as a stable word. Null where it did not.
    fn error_code(&self) -> Option<&str> {
        self.0.error_code.as_deref()
    }

    /// Why it failed, in one sentence. Null where it did not.
    fn error_message(&self) -> Option<&str> {
        self.0.error_message.as_deref()
    }

    /// How far it has got.
    fn progress(&self) -> ImportProgress {
        #[allow(clippy::cast_precision_loss)]
        let part = match (ImportPhase::named(&self.0.phase), self.0.rows_total) {
            (Some(ImportPhase::Reading), Some(total)) if total > 0 => self.0.rows_read as f64 / total as f64,
            _ => 0.0,
        };
        let percent = ImportPhase::named(&self.0.phase).map(|phase| phase.percent(part));
        ImportProgress {
            phase: self.0.phase.clone(),
            rows_read: self.0.rows_read,
            rows_total: self.0.rows_total,
            percent,
        }
    }

    /// Its files, in their order.
    async fn files(&self, ctx: &Context<'_>) -> Result<Vec<ImportFile>> {
        let operation = Operation::of(ctx);
        let level = self.0.level();
        let files = level
            .shared(CellKey::Name("files"), || async {
                let ids = level.keys(|row| Some(row.id));
                operation.read(move |conn, scope| imports::files(conn, scope, &ids)).await
            })
            .await?;
        let own = files.iter().filter(|file| file.run_id == self.0.id).cloned();
        Ok(own
            .map(|file| ImportFile {
                name: file.name,
                profile: file.profile,
                source: file.source,
                encoding: file.encoding,
                delimiter: file.delimiter,
                date_order: file.date_order,
                as_of: file.as_of.map(DateTime),
                sha256: file.sha256,
                rows: file.row_count,
            })
            .collect())
    }

    /// Where its rows went.
    fn rows(&self) -> Result<ImportRows> {
        Ok(ImportRows::of(&self.report()?))
    }

    /// What it did to customers.
    fn customers(&self) -> Result<ImportCounts> {
        self.counts("customers")
    }

    /// What it did to subscriptions.
    fn subscriptions(&self) -> Result<ImportCounts> {
        self.counts("subscriptions")
    }

    /// What it did to resellers.
    fn resellers(&self) -> Result<ImportCounts> {
        self.counts("resellers")
    }

    /// What it did to partners of record.
    fn associations(&self) -> Result<ImportCounts> {
        self.counts("associations")
    }

    /// What an earlier complete list of the same source had and this one lacks.
    fn absent(&self) -> Result<ImportAbsent> {
        Ok(ImportAbsent::of(&self.report()?))
    }

    /// Sums of each file.
    fn controls(&self) -> Result<Vec<ImportControl>> {
        let report = self.report()?;
        let controls = report["controls"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(controls.iter().map(ImportControl::of).collect())
    }

    /// What was found about its rows, in the order of files and lines; then what a revert left as it is (`revert.kept`).
    async fn issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first n items (at most 100). Default: 20, unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns the last n items (at most 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Result<ImportIssueConnection> {
        let args = PageArgs { first, last, after, before };
        Slice::below(
            ctx,
            &self.0,
            |row| row.id,
            args,
            |_| {
                let order = Order::<IssueOrder>::new(Vec::new());
                Ok((Fingerprint::of(Listing::IssuesOfRun, &order, &())?, imports::issues_of_runs(order)))
            },
        )
        .await
        .map(ImportIssueConnection)
    }

    /// What it changed, or would change, and what a revert put back.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first n items (at most 100). Default: 20, unless `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Returns the last n items (at most 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Result<ImportChangeConnection> {
        let args = PageArgs { first, last, after, before };
        Slice::below(
            ctx,
            &self.0,
            |row| row.id,
            args,
            |_| {
                let order = Order::<ChangeOrder>::new(Vec::new());
                Ok((Fingerprint::of(Listing::ChangesOfRun, &order, &())?, imports::changes_of_runs(order)))
            },
        )
        .await
        .map(ImportChangeConnection)
    }
}
