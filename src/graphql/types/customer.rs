use async_graphql::{ID, Object, Result};
use partnergraph_store::read::customers::CustomerRow;

use crate::graphql::ids::GlobalId;
use crate::graphql::scalars::Guid;
use crate::graphql::siblings::Member;

/// A customer.
#[derive(Debug, Clone)]
pub struct Customer(pub Member<CustomerRow>);

#[Object]
impl Customer {
    /// The global id.
    async fn id(&self) -> Result<ID> {
        Ok(GlobalId::Customer(Guid::stored(&self.0.tenant_id)?.into()).into())
    }
}
