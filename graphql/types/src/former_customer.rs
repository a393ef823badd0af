use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use partnergraph_store::read::customers::{CustomerOrder, CustomerRow};
use partnergraph_store::read::relationships::{self, EndedRow};

use super::{Customer, RemovalRepresentation};
use partnergraph_operation::batch::{BatchRow, CellKey};
use partnergraph_operation::connection::{PageInfo, Slice};
use partnergraph_operation::context::Operation;
use partnergraph_operation::scalars::DateTime;

/// A page of customers with which you ended your relationship.
#[allow(missing_debug_implementations)]
pub struct FormerCustomerConnection(pub Slice<CustomerOrder>);

/// A page of customers with which you ended your relationship.
#[Object]
impl FormerCustomerConnection {
    /// The items with their cursors and the end of the relationship.
    fn edges(&self) -> Vec<FormerCustomerEdge> {
        self.0.members().map(|row| FormerCustomerEdge { cursor: self.0.cursor(&row), row }).collect()
    }

    /// The items.
    fn nodes(&self) -> Vec<Customer> {
        self.0.members().map(Customer).collect()
    }

    /// Information to aid in pagination.
    fn page_info(&self) -> PageInfo {
        self.0.info()
    }

    /// The total number of items in the list. Counted only if requested.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i64> {
        self.0.total(ctx).await
    }
}

/// An item in a page of customers with which you ended your relationship.
#[allow(missing_debug_implementations)]
pub struct FormerCustomerEdge {
    cursor: String,
    row: BatchRow<CustomerRow>,
}

impl FormerCustomerEdge {
    async fn end(&self, ctx: &Context<'_>) -> Result<Option<EndedRow>> {
        let operation = Operation::of(ctx);
        let batch = self.row.batch();
        let ended: Arc<Vec<EndedRow>> = batch
            .shared(CellKey::Name("ended relationships"), || async {
                let ids = batch.keys(|row| Some(row.customer_id));
                operation.read(move |conn, scope| relationships::ended(conn, scope, &ids)).await
            })
            .await?;
        Ok(ended.iter().find(|row| row.customer_id == self.row.customer_id).cloned())
    }
}

/// An item in a page of customers with which you ended your relationship.
#[Object]
impl FormerCustomerEdge {
    /// The item's cursor, for `after` and `before`.
    fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The customer.
    fn node(&self) -> Customer {
        Customer(self.row.clone())
    }

    /// When the relationship ended. For operators: when the last relationship of any partner with the customer ended. Null if it
    /// is unknown.
    async fn removed_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        Ok(self.end(ctx).await?.map(|end| end.removed_at.into()))
    }

    /// What was stated at that removal (D-03). Null if nothing was recorded.
    async fn representation(&self, ctx: &Context<'_>) -> Result<Option<RemovalRepresentation>> {
        let end = self.end(ctx).await?;
        RemovalRepresentation::stored(end.as_ref().and_then(|end| end.representation.as_deref()))
    }
}
