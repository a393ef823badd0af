//! Words of the graph as a picture's source.

words! {
    /// What a node of the graph is.
    GraphNodeKind, "the kind of a node" {
        /// A provider.
        IndirectProvider = "INDIRECT_PROVIDER",
        /// A reseller.
        IndirectReseller = "INDIRECT_RESELLER",
        /// A direct-bill partner.
        DirectBill = "DIRECT_BILL",
        /// A customer.
        Customer = "CUSTOMER",
        /// A subscription.
        Subscription = "SUBSCRIPTION",
        /// Stands for what was left out beside one node.
        More = "MORE",
    }

    /// What an edge of the graph says.
    GraphEdgeKind, "the kind of an edge" {
        /// From a provider to the reseller that it is partnered with; the label is the state.
        Partnership = "PARTNERSHIP",
        /// From a partner to a customer; the label is what the partner is to it.
        ResellerRelationship = "RESELLER_RELATIONSHIP",
        /// From a reseller to the customer account that it is associated with.
        Association = "ASSOCIATION",
        /// From a seller to a subscription that it sold.
        Sells = "SELLS",
        /// From a subscription to its customer.
        SubscriptionOf = "SUBSCRIPTION_OF",
        /// From a reseller to a subscription whose partner of record it is.
        PartnerOfRecord = "PARTNER_OF_RECORD",
        /// From a reseller to a subscription whose designated support contact it is.
        SupportContact = "SUPPORT_CONTACT",
        /// From a partner to a customer that it administers; the label is the kind of the grant.
        DelegatedAdmin = "DELEGATED_ADMIN",
        /// From a reseller to a customer whose Azure tenant it owns (N-10).
        TenantOwner = "TENANT_OWNER",
        /// From a partner to the tenant of its own use.
        InternalUse = "INTERNAL_USE",
        /// From a node to what was left out beside it.
        More = "MORE",
    }
}
