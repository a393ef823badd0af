use partnergraph_domain::CustomerKey;
use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Error, Result};
use partnergraph_store::read::customers::{self, CustomerRow, StandingRow};

use partnergraph_operation::context::Operation;
use partnergraph_operation::siblings::{CellKey, Member};

/// What the caller is to a customer, read for all siblings at once.
pub(super) async fn standing(ctx: &Context<'_>, customer: &Member<CustomerRow>) -> Result<StandingRow> {
    let operation = Operation::of(ctx);
    let level = customer.level();
    let standings: Arc<HashMap<CustomerKey, StandingRow>> = level
        .shared(CellKey::Name("standings"), || async {
            let ids = level.keys(|row| Some(row.customer_id));
            let now = operation.now();
            let rows = operation.read(move |conn, scope| customers::standings(conn, scope, &ids, now)).await?;
            Ok(rows.into_iter().map(|row| (row.customer_id, row)).collect())
        })
        .await?;
    standings.get(&customer.customer_id).cloned().ok_or_else(|| Error::new("a customer without a tenant"))
}
