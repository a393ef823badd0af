use async_graphql::SimpleObject;
use partnergraph_domain::SalesRole;

/// One link of the chain through which a subscription is sold.
#[derive(SimpleObject, Debug, Clone)]
pub struct SalesLink {
    /// Who it is. Null for a customer whose name nobody has stated.
    pub name: Option<String>,
    /// Which part it has.
    pub role: SalesRole,
}
