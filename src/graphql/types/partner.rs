use async_graphql::{ID, Object};
use partnergraph_store::read::partners::PartnerRow;

use crate::graphql::ids::GlobalId;
use crate::graphql::siblings::Member;

/// A partner account of the Cloud Solution Provider programme.
#[derive(Debug, Clone)]
pub struct Partner(pub Member<PartnerRow>);

#[Object]
impl Partner {
    /// The global id.
    async fn id(&self) -> ID {
        GlobalId::Partner(self.0.id).into()
    }
}
