use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Error, Object, Result, SimpleObject};
use partnergraph_domain::{CustomerKey, PartnerKey, Via};
use partnergraph_store::read::customers::{CustomerRow, via_of};
use partnergraph_store::read::partners::{self, AssociationRow, PartnerOrder};

use super::Partner;
use partnergraph_operation::connection::{PageInfo, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::scalars::DateTime;
use partnergraph_operation::siblings::{CellKey, Member};

/// How an indirect reseller is connected with a customer.
#[derive(SimpleObject, Debug, Clone)]
pub struct CustomerAssociation {
    /// Since when. Where it is by subscriptions only, since the first of them. Null where that is not known.
    pub since: Option<DateTime>,
    /// At account level, through the partner of record of a subscription, or `ANY` for both.
    pub via: Via,
    /// Whether the customer made the reseller an owner of its Azure tenant (N-10).
    pub tenant_owner: bool,
    /// How many live subscriptions name the reseller as partner of record, for themselves or for an entitlement.
    pub subscription_count: i64,
    /// How many licences the subscriptions have that name the reseller for themselves, trials and usage left out.
    pub license_count: i64,
}

/// A page of the indirect resellers of a customer.
#[allow(missing_debug_implementations)]
pub struct CustomerResellerConnection {
    pub(super) slice: Slice<PartnerOrder>,
    pub(super) customer: Member<CustomerRow>,
}

/// A page of the indirect resellers of a customer.
#[Object]
impl CustomerResellerConnection {
    /// The entries with their cursors and associations.
    fn edges(&self) -> Vec<CustomerResellerEdge> {
        let edge = |row: Member<_>| CustomerResellerEdge {
            cursor: self.slice.cursor(&row),
            node: Partner(row),
            customer: self.customer.clone(),
        };
        self.slice.members().map(edge).collect()
    }

    /// The entries alone.
    fn nodes(&self) -> Vec<Partner> {
        self.slice.members().map(Partner).collect()
    }

    /// Where the page stands in the list.
    fn page_info(&self) -> PageInfo {
        self.slice.info()
    }

    /// How many entries the whole list has. Counted only when it is asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i64> {
        self.slice.total(ctx).await
    }
}

/// An indirect reseller of a customer.
#[allow(missing_debug_implementations)]
pub struct CustomerResellerEdge {
    cursor: String,
    node: Partner,
    customer: Member<CustomerRow>,
}

/// An indirect reseller of a customer.
#[Object]
impl CustomerResellerEdge {
    /// The place of the entry in the list, for `after` and `before`.
    fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The reseller.
    fn node(&self) -> &Partner {
        &self.node
    }

    /// How it is connected with the customer.
    async fn association(&self, ctx: &Context<'_>) -> Result<CustomerAssociation> {
        let operation = Operation::of(ctx);
        let level = self.customer.level();
        let associations: Arc<HashMap<(CustomerKey, PartnerKey), AssociationRow>> = level
            .shared(CellKey::Name("associations"), || async {
                let ids = level.keys(|row| Some(row.customer_id));
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
