//! Enums for the drawn relationship graph.

closed_enums! {
    /// The kind of a node in the relationship graph.
    GraphNodeKind, "the kind of a node" {
        /// An indirect provider.
        IndirectProvider = "INDIRECT_PROVIDER",
        /// An indirect reseller.
        IndirectReseller = "INDIRECT_RESELLER",
        /// A direct-bill partner.
        DirectBill = "DIRECT_BILL",
        /// A customer.
        Customer = "CUSTOMER",
        /// A subscription.
        Subscription = "SUBSCRIPTION",
        /// Represents the neighbours of one node that were left out.
        More = "MORE",
    }

    /// The kind of an edge in the relationship graph.
    GraphEdgeKind, "the kind of an edge" {
        /// From a provider to a reseller that it has a partnership with. The label is the state of the partnership.
        Partnership = "PARTNERSHIP",
        /// From a partner to a customer. The label is the partner's relationship with the customer.
        ResellerRelationship = "RESELLER_RELATIONSHIP",
        /// From a reseller to a customer account that it is associated with.
        Association = "ASSOCIATION",
        /// From a seller to a subscription that it sold.
        Sells = "SELLS",
        /// From a subscription to its customer.
        SubscriptionOf = "SUBSCRIPTION_OF",
        /// From a reseller to a subscription that it is partner of record of.
        PartnerOfRecord = "PARTNER_OF_RECORD",
        /// From a reseller to a subscription that it is the designated support contact of.
        SupportContact = "SUPPORT_CONTACT",
        /// From a partner to a customer that granted it delegated admin privileges. The label is the kind of the grant.
        DelegatedAdmin = "DELEGATED_ADMIN",
        /// From a reseller to a customer whose Azure tenant it owns (N-10).
        TenantOwner = "TENANT_OWNER",
        /// From a partner to a tenant that serves its own use.
        InternalUse = "INTERNAL_USE",
        /// From a node to the node of kind `MORE` that represents those of its neighbours that were left out.
        More = "MORE",
    }
}
