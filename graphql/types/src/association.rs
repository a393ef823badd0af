use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Error, Object, Result, SimpleObject};
use partnergraph_domain::{CustomerKey, PartnerKey, Via};
use partnergraph_store::read::customers::{CustomerRow, via_of};
use partnergraph_store::read::partners::{self, AssociationRow, PartnerOrder};

use super::Partner;
use partnergraph_operation::batch::{BatchRow, CellKey};
use partnergraph_operation::connection::{PageInfo, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::scalars::DateTime;

/// How an indirect reseller is associated with a customer.
#[derive(SimpleObject, Debug, Clone)]
pub struct CustomerAssociation {
    /// When the association began. If the reseller is associated through subscriptions only, the date of the first one. Null if
    /// unknown.
    pub since: Option<DateTime>,
    /// Whether the reseller is associated at account level, through the partner of record of a subscription, or both (`ANY`).
    pub via: Via,
    /// Whether the customer has made the reseller an owner of its Azure tenant (N-10).
    pub tenant_owner: bool,
    /// The number of live subscriptions that name the reseller as partner of record, either on the subscription itself or on
    /// one of its entitlements.
    pub subscription_count: i64,
    /// The number of licences on the subscriptions whose own partner of record is the reseller. Excludes trials and usage-based
    /// subscriptions.
    pub license_count: i64,
}

/// A page of a customer's indirect resellers.
#[allow(missing_debug_implementations)]
pub struct CustomerResellerConnection {
    pub(super) slice: Slice<PartnerOrder>,
    pub(super) customer: BatchRow<CustomerRow>,
}

/// A page of a customer's indirect resellers.
#[Object]
impl CustomerResellerConnection {
    /// The items with their cursors and associations.
    fn edges(&self) -> Vec<CustomerResellerEdge> {
        let edge = |row: BatchRow<_>| CustomerResellerEdge {
            cursor: self.slice.cursor(&row),
            node: Partner(row),
            customer: self.customer.clone(),
        };
        self.slice.members().map(edge).collect()
    }

    /// The items.
    fn nodes(&self) -> Vec<Partner> {
        self.slice.members().map(Partner).collect()
    }

    /// Information to aid in pagination.
    fn page_info(&self) -> PageInfo {
        self.slice.info()
    }

    /// The total number of items in the list. Counted only if requested.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i64> {
        self.slice.total(ctx).await
    }
}

/// An indirect reseller of a customer.
#[allow(missing_debug_implementations)]
pub struct CustomerResellerEdge {
    cursor: String,
    node: Partner,
    customer: BatchRow<CustomerRow>,
}

/// An indirect reseller of a customer.
#[Object]
impl CustomerResellerEdge {
    /// The item's cursor, for `after` and `before`.
    fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The reseller.
    fn node(&self) -> &Partner {
        &self.node
    }

    /// How the reseller is associated with the customer.
    async fn association(&self, ctx: &Context<'_>) -> Result<CustomerAssociation> {
        let operation = Operation::of(ctx);
        let batch = self.customer.batch();
        let associations: Arc<HashMap<(CustomerKey, PartnerKey), AssociationRow>> = batch
            .shared(CellKey::Name("associations"), || async {
                let ids = batch.keys(|row| Some(row.customer_id));
                let rows = operation.read(move |conn, scope| partners::associations(conn, scope, &ids)).await?;
                Ok(rows.into_iter().map(|row| ((row.customer_id, row.reseller_id), row)).collect())
            })
            .await?;
        let row = associations.get(&(self.customer.customer_id, self.node.0.id));
        let row = row.ok_or_else(|| Error::new("a reseller without an association"))?;
        Ok(CustomerAssociation {
            since: row.since.map(DateTime),
            via: via_of(row.by_account, row.subscription_count),
            tenant_owner: row.tenant_owner,
            subscription_count: row.subscription_count,
            license_count: row.license_count,
        })
    }
}
