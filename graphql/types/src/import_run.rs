use async_graphql::{Context, ID, Object, Result};
use partnergraph_domain::ImportPhase;
use partnergraph_domain::{ImportMode, ImportStatus};
use partnergraph_store::read::imports::{self, ChangeOrder, IssueOrder, RunOrder, RunRow};
use partnergraph_store::read::page::{By, Order};
use partnergraph_store::read::{customers, json, subscriptions};
use serde_json::Value;

use super::import_run_parts::{
    ImportAbsent, ImportChangeConnection, ImportControl, ImportCounts, ImportFile, ImportIssueConnection,
    ImportProgress, ImportRows,
};
use super::reseller_move::ResellerMove;
use super::{CustomerConnection, CustomerSubscriptionConnection, Partner, partner_of};
use crate::filters::{Budget, ImportChangeFilter, ImportIssueFilter};
use partnergraph_operation::batch::{BatchRow, CellKey};
use partnergraph_operation::connection;
use partnergraph_operation::connection::{PageArgs, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::DateTime;

connection! { ImportRunConnection, ImportRunEdge, ImportRun, RunOrder, "import runs" }

/// An import run: one run of the importer over one or more files.
#[derive(Debug, Clone)]
pub struct ImportRun(pub BatchRow<RunRow>);

impl From<BatchRow<RunRow>> for ImportRun {
    fn from(row: BatchRow<RunRow>) -> Self {
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

/// An import run: one run of the importer over one or more files.
#[Object]
impl ImportRun {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::ImportRun(self.0.id).into()
    }

    /// The number of the run, by which the command line names it.
    fn number(&self) -> i64 {
        self.0.id.get()
    }

    /// The current status. A PLANNED run can be applied (`applyImport`), an APPLIED run can be reverted (`revertImport`), and a
    /// dry run ends as CHECKED.
    fn status(&self) -> ImportStatus {
        self.0.status
    }

    /// The mode in which the run was started.
    fn mode(&self) -> ImportMode {
        self.0.mode
    }

    /// The partner on whose behalf the import runs. Null if you cannot see it.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(
            ctx,
            self.0.batch(),
            |row| [Some(row.partner_id), row.move_from, row.move_to],
            Some(self.0.partner_id),
        )
        .await
    }

    /// Who started the run.
    fn started_by(&self) -> &str {
        &self.0.started_by
    }

    /// When the run was requested.
    fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When the run started. Null while it is waiting.
    fn started_at(&self) -> Option<DateTime> {
        self.0.started_at.map(DateTime)
    }

    /// When the run finished. Null if it has not finished.
    fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(DateTime)
    }

    /// A stable code for why the run failed, or why its plan could not be applied at the last attempt. Null if there was no
    /// failure.
    fn error_code(&self) -> Option<&str> {
        self.0.error_code.as_deref()
    }

    /// The reason behind `errorCode`, in one sentence. Null if there was no failure.
    fn error_message(&self) -> Option<&str> {
        self.0.error_message.as_deref()
    }

    /// The progress of the run.
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

    /// The files, in the order in which they were submitted.
    async fn files(&self, ctx: &Context<'_>) -> Result<Vec<ImportFile>> {
        let operation = Operation::of(ctx);
        let batch = self.0.batch();
        let files = batch
            .shared(CellKey::Name("files"), || async {
                let ids = batch.keys(|row| Some(row.id));
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

    /// Row counts by outcome.
    fn rows(&self) -> Result<ImportRows> {
        Ok(ImportRows::of(&self.report()?))
    }

    /// The number of customers created, updated, and left unchanged.
    fn customers(&self) -> Result<ImportCounts> {
        self.counts("customers")
    }

    /// The number of subscriptions created, updated, and left unchanged.
    fn subscriptions(&self) -> Result<ImportCounts> {
        self.counts("subscriptions")
    }

    /// The number of resellers created, updated, and left unchanged.
    fn resellers(&self) -> Result<ImportCounts> {
        self.counts("resellers")
    }

    /// The number of partners of record created, updated, and left unchanged.
    fn associations(&self) -> Result<ImportCounts> {
        self.counts("associations")
    }

    /// Records that an earlier complete list from the same portal contained and this one does not.
    fn absent(&self) -> Result<ImportAbsent> {
        Ok(ImportAbsent::of(&self.report()?))
    }

    /// The absent customers, ordered by name: those of the first 1,000 that you can still see. `absent.customersTotal` counts all.
    /// A customer with which you ended your relationship is in `formerCustomers` instead.
    async fn absent_customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Result<CustomerConnection> {
        let args = PageArgs { first, last, after, before };
        Slice::below(
            ctx,
            &self.0,
            |row| row.id,
            args,
            |scope| {
                let order = Order::new(vec![By { field: customers::CustomerOrder::CompanyName, descending: false }]);
                Ok((
                    Fingerprint::of(Listing::AbsentCustomersOfRun, &order, &())?,
                    customers::absent_from_runs(scope, order),
                ))
            },
        )
        .await
        .map(CustomerConnection)
    }

    /// The absent subscriptions, ordered by `subscriptionId`: those of the first 1,000 that you can read.
    /// `absent.subscriptionsTotal` counts all.
    async fn absent_subscriptions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
        #[graphql(desc = "Returns only the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns only the items before this cursor.")] before: Option<String>,
    ) -> Result<CustomerSubscriptionConnection> {
        let args = PageArgs { first, last, after, before };
        Slice::below(
            ctx,
            &self.0,
            |row| row.id,
            args,
            |scope| {
                let order =
                    Order::new(vec![By { field: subscriptions::SubscriptionOrder::SubscriptionId, descending: false }]);
                Ok((
                    Fingerprint::of(Listing::AbsentSubscriptionsOfRun, &order, &())?,
                    subscriptions::absent_from_runs(scope, order),
                ))
            },
        )
        .await
        .map(CustomerSubscriptionConnection)
    }

    /// What a run of `moveReseller` moves. Null for an import, and until the move is planned.
    #[graphql(name = "move")]
    async fn moved(&self) -> Result<Option<ResellerMove>> {
        let totals = match self.report()?.get_mut("move").map(Value::take) {
            Some(totals) if !totals.is_null() => totals,
            _ => return Ok(None),
        };
        Ok(Some(ResellerMove { run: self.clone(), totals }))
    }

    /// Control totals for each file.
    fn controls(&self) -> Result<Vec<ImportControl>> {
        let report = self.report()?;
        let controls = report["controls"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(controls.iter().map(ImportControl::of).collect())
    }

    /// The issues found in the rows, ordered by file and line, followed by anything that a revert left in place
    /// (`revert.kept`).
    async fn issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<ImportIssueFilter>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
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
                let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
                let fingerprint = Fingerprint::of(Listing::IssuesOfRun, &order, &filter)?;
                Ok((fingerprint, imports::issues_of_runs(&filter, order)))
            },
        )
        .await
        .map(ImportIssueConnection)
    }

    /// The changes that the import made or would make, and those that a revert undid.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns only the items that match.")] filter: Option<ImportChangeFilter>,
        #[graphql(desc = "Returns the first _n_ items (max 100). Defaults to 20 unless `last` is set.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Returns the last _n_ items (max 100).")] last: Option<i32>,
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
                let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
                let fingerprint = Fingerprint::of(Listing::ChangesOfRun, &order, &filter)?;
                Ok((fingerprint, imports::changes_of_runs(&filter, order)))
            },
        )
        .await
        .map(ImportChangeConnection)
    }
}
