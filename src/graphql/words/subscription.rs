//! As GraphQL enums: the words of subscriptions and orders.

use async_graphql::Enum;

/// The state of a subscription.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::SubscriptionStatus")]
pub enum SubscriptionStatus {
    /// Not known.
    #[graphql(name = "NONE")]
    None,
    /// In use.
    #[graphql(name = "ACTIVE")]
    Active,
    /// Being provisioned.
    #[graphql(name = "PENDING")]
    Pending,
    /// Suspended; may be resumed.
    #[graphql(name = "SUSPENDED")]
    Suspended,
    /// Deleted; never changes again.
    #[graphql(name = "DELETED")]
    Deleted,
    /// Its term has ended.
    #[graphql(name = "EXPIRED")]
    Expired,
    /// Disabled; its data are kept for a while.
    #[graphql(name = "DISABLED")]
    Disabled,
}

/// By what a subscription is charged.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::BillingType")]
pub enum BillingType {
    /// Not known.
    #[graphql(name = "NONE")]
    None,
    /// By use; such a subscription has no quantity (N-04).
    #[graphql(name = "USAGE")]
    Usage,
    /// By licence.
    #[graphql(name = "LICENSE")]
    License,
}

/// How often a subscription is charged.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::BillingCycle")]
pub enum BillingCycle {
    /// Every month.
    #[graphql(name = "MONTHLY")]
    Monthly,
    /// Every year.
    #[graphql(name = "ANNUAL")]
    Annual,
    /// Every three years.
    #[graphql(name = "TRIENNIAL")]
    Triennial,
    /// Every two years.
    #[graphql(name = "BIENNIAL")]
    Biennial,
    /// Once.
    #[graphql(name = "ONE_TIME")]
    OneTime,
    /// Never, or not known.
    #[graphql(name = "NONE")]
    None,
}

/// For how long a subscription is committed.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::TermDuration")]
pub enum TermDuration {
    /// One month.
    #[graphql(name = "P1M")]
    P1M,
    /// One year.
    #[graphql(name = "P1Y")]
    P1Y,
    /// Three years.
    #[graphql(name = "P3Y")]
    P3Y,
}

/// The portal through which an order or a change comes (B-01).
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::OrderChannel")]
pub enum OrderChannel {
    /// Partner Center.
    #[graphql(name = "PARTNER_CENTER")]
    PartnerCenter,
    /// The Microsoft 365 portal.
    #[graphql(name = "M365_PORTAL")]
    M365Portal,
    /// The Azure portal, through which nothing is sold.
    #[graphql(name = "AZURE_PORTAL")]
    AzurePortal,
}
