use async_graphql::{Context, Object, Result, SimpleObject};
use partnergraph_domain::{ErrorPolicy, MovedPart};
use serde_json::Value;

use super::import_run::ImportRun;
use super::{Partner, partner_of};

/// What a run of `moveReseller` moved, or would move.
#[derive(Debug, Clone)]
pub struct ResellerMove {
    pub(super) run: ImportRun,
    /// The totals in the run's report.
    pub(super) totals: Value,
}

/// What one rule refuses in a move.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(name = "ResellerMoveRefusal")]
pub struct RefusedRows {
    /// The id of the rule. Null if no rule of the catalogue is concerned.
    rule: Option<String>,
    /// Why, as for the first of the rows. The run's issues have the reason for each row.
    message: String,
    /// The number of rows.
    rows: i64,
}

impl ResellerMove {
    fn number(&self, name: &str) -> i64 {
        self.totals[name].as_i64().unwrap_or(0)
    }
}

impl RefusedRows {
    fn of(json: &Value) -> Self {
        Self {
            rule: json["rule"].as_str().map(str::to_owned),
            message: json["message"].as_str().unwrap_or_default().to_owned(),
            rows: json["rows"].as_i64().unwrap_or(0),
        }
    }
}

/// What a run of `moveReseller` moved, or would move. The numbers are those of the plan; a revert does not change them.
#[Object]
impl ResellerMove {
    /// The reseller that loses. Null if you cannot see its account any more.
    async fn from(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        let row = &self.run.0;
        partner_of(ctx, row.batch(), |row| [Some(row.partner_id), row.move_from, row.move_to], row.move_from).await
    }

    /// The MPN ID of the reseller that loses.
    async fn from_mpn_id(&self) -> &str {
        self.totals["from"].as_str().unwrap_or_default()
    }

    /// The reseller that gains. Null if nobody does, or if you cannot see its account.
    async fn to(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        let row = &self.run.0;
        partner_of(ctx, row.batch(), |row| [Some(row.partner_id), row.move_from, row.move_to], row.move_to).await
    }

    /// The MPN ID of the reseller that gains. Null if nobody does.
    async fn to_mpn_id(&self) -> Option<&str> {
        self.totals["to"].as_str()
    }

    /// What is moved.
    async fn what(&self) -> Result<Vec<MovedPart>> {
        Ok(serde_json::from_value(self.totals["what"].clone())?)
    }

    /// What happens if a rule refuses some rows.
    async fn error_policy(&self) -> Result<ErrorPolicy> {
        Ok(serde_json::from_value(self.totals["error_policy"].clone())?)
    }

    /// The number of customers of which something is moved.
    async fn customers(&self) -> i64 {
        self.number("customers")
    }

    /// The number of subscriptions whose partner of record is moved.
    async fn subscriptions(&self) -> i64 {
        self.number("subscriptions")
    }

    /// The number of entitlements under Azure plans whose partner of record is moved.
    async fn entitlements(&self) -> i64 {
        self.number("entitlements")
    }

    /// The number of subscriptions whose support contact is moved.
    async fn support_contacts(&self) -> i64 {
        self.number("support_contacts")
    }

    /// The number of customer accounts whose association is moved.
    async fn accounts(&self) -> i64 {
        self.number("accounts")
    }

    /// The number of licences of the subscriptions whose partner of record is moved. Trials are not counted.
    async fn licenses(&self) -> i64 {
        self.number("licenses")
    }

    /// The number of these subscriptions whose term ended on the day of the plan or ends within the 30 days after it.
    async fn ending_soon(&self) -> i64 {
        self.number("ending_soon")
    }

    /// The number of reservations and savings plans that stay with the reseller, because their partner of record cannot be
    /// changed (B-03).
    async fn fixed(&self) -> i64 {
        self.number("fixed")
    }

    /// What rules refuse, by rule.
    async fn refused(&self) -> Vec<RefusedRows> {
        self.totals["refused"].as_array().into_iter().flatten().map(RefusedRows::of).collect()
    }
}
