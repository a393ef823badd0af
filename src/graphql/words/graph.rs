//! As GraphQL enums: the words of the graph as a picture's source.

use async_graphql::Enum;

/// What a node of the graph is.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::GraphNodeKind")]
pub enum GraphNodeKind {
    /// A provider.
    #[graphql(name = "INDIRECT_PROVIDER")]
    IndirectProvider,
    /// A reseller.
    #[graphql(name = "INDIRECT_RESELLER")]
    IndirectReseller,
    /// A direct-bill partner.
    #[graphql(name = "DIRECT_BILL")]
    DirectBill,
    /// A customer.
    #[graphql(name = "CUSTOMER")]
    Customer,
    /// A subscription.
    #[graphql(name = "SUBSCRIPTION")]
    Subscription,
    /// Stands for what was left out beside one node.
    #[graphql(name = "MORE")]
    More,
}

/// What an edge of the graph says.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::GraphEdgeKind")]
pub enum GraphEdgeKind {
    /// From a provider to the reseller that it is partnered with; the label is the state.
    #[graphql(name = "PARTNERSHIP")]
    Partnership,
    /// From a partner to a customer; the label is what the partner is to it.
    #[graphql(name = "RESELLER_RELATIONSHIP")]
    ResellerRelationship,
    /// From a reseller to the customer account that it is associated with.
    #[graphql(name = "ASSOCIATION")]
    Association,
    /// From a seller to a subscription that it sold.
    #[graphql(name = "SELLS")]
    Sells,
    /// From a subscription to its customer.
    #[graphql(name = "SUBSCRIPTION_OF")]
    SubscriptionOf,
    /// From a reseller to a subscription whose partner of record it is.
    #[graphql(name = "PARTNER_OF_RECORD")]
    PartnerOfRecord,
    /// From a reseller to a subscription whose designated support contact it is.
    #[graphql(name = "SUPPORT_CONTACT")]
    SupportContact,
    /// From a partner to a customer that it administers; the label is the kind of the grant.
    #[graphql(name = "DELEGATED_ADMIN")]
    DelegatedAdmin,
    /// From a reseller to a customer whose Azure tenant it owns (N-10).
    #[graphql(name = "TENANT_OWNER")]
    TenantOwner,
    /// From a partner to the directory of its own use.
    #[graphql(name = "INTERNAL_USE")]
    InternalUse,
    /// From a node to what was left out beside it.
    #[graphql(name = "MORE")]
    More,
}
