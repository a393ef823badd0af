use async_graphql::{ID, Object, Result};
use partnergraph_store::read::subscriptions::SubscriptionRow;

use crate::graphql::ids::GlobalId;
use crate::graphql::scalars::Guid;
use crate::graphql::siblings::Member;

/// A subscription of a customer.
#[derive(Debug, Clone)]
pub struct CustomerSubscription(pub Member<SubscriptionRow>);

#[Object]
impl CustomerSubscription {
    /// The global id.
    async fn id(&self) -> Result<ID> {
        Ok(GlobalId::CustomerSubscription(Guid::stored(&self.0.subscription_id)?.into()).into())
    }

    /// Its id as the portals show it.
    async fn subscription_id(&self) -> Result<Guid> {
        Ok(Guid::stored(&self.0.subscription_id)?)
    }

    /// Rises with every change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}
