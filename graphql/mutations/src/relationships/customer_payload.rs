use async_graphql::{Result, SimpleObject};
use partnergraph_store::read::customers::{self, CustomerBy};

use crate::task::Outcome;
use partnergraph_domain::CustomerKey;
use partnergraph_operation::Operation;
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::Customer;

/// Result of a change to a customer.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct CustomerPayload {
    /// The customer after the change. Null if the change was rejected.
    customer: Option<Customer>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { CustomerPayload {
    /// `customer` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    customer_edge: customer => partnergraph_types::CustomerEdge,
} }

impl CustomerPayload {
    /// The payload, with its customer read again after the commit.
    pub(crate) async fn of(operation: &Operation, outcome: Outcome<CustomerKey>) -> Result<Self> {
        let id = match outcome {
            Ok(id) => id,
            Err(refusals) => return Ok(Self { customer: None, user_errors: user_errors(refusals) }),
        };
        let row = operation.read(move |conn, scope| customers::find(conn, scope, &CustomerBy::Row(id))).await?;
        Ok(Self { customer: row.map(|row| Customer(BatchRow::alone(row))), user_errors: Vec::new() })
    }
}
