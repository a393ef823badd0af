use async_graphql::SimpleObject;
use partnergraph_domain::SalesRole;

/// A link in the sales chain of a subscription.
#[derive(SimpleObject, Debug, Clone)]
pub struct SalesLink {
    /// The name of the company. Null for a customer whose name is unknown.
    pub name: Option<String>,
    /// The company's role in the chain.
    pub role: SalesRole,
}
