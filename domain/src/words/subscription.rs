//! Words of subscriptions and orders.

words! {
    /// The state of a subscription.
    SubscriptionStatus {
        /// Not known.
        None = "NONE",
        /// In use.
        Active = "ACTIVE",
        /// Being provisioned.
        Pending = "PENDING",
        /// Suspended; may be resumed.
        Suspended = "SUSPENDED",
        /// Deleted; never changes again.
        Deleted = "DELETED",
        /// Its term has ended.
        Expired = "EXPIRED",
        /// Disabled; its data are kept for a while.
        Disabled = "DISABLED",
    }

    /// By what a subscription is charged.
    BillingType {
        /// Not known.
        None = "NONE",
        /// By use; such a subscription has no quantity (N-04).
        Usage = "USAGE",
        /// By licence.
        License = "LICENSE",
    }

    /// How often a subscription is charged.
    BillingCycle {
        /// Every month.
        Monthly = "MONTHLY",
        /// Every year.
        Annual = "ANNUAL",
        /// Every three years.
        Triennial = "TRIENNIAL",
        /// Every two years.
        Biennial = "BIENNIAL",
        /// Once.
        OneTime = "ONE_TIME",
        /// Never, or not known.
        None = "NONE",
    }

    /// For how long a subscription is committed.
    TermDuration {
        /// One month.
        P1M = "P1M",
        /// One year.
        P1Y = "P1Y",
        /// Three years.
        P3Y = "P3Y",
    }

    /// The portal through which an order or a change comes (B-01).
    OrderChannel {
        /// Partner Center.
        PartnerCenter = "PARTNER_CENTER",
        /// The Microsoft 365 portal.
        M365Portal = "M365_PORTAL",
        /// The Azure portal, through which nothing is sold.
        AzurePortal = "AZURE_PORTAL",
    }

    /// A link of the chain along which a subscription is sold.
    ChainRole {
        /// Microsoft, where every chain begins.
        Microsoft = "MICROSOFT",
        /// The provider that buys from Microsoft.
        IndirectProvider = "INDIRECT_PROVIDER",
        /// The direct-bill partner that buys from Microsoft.
        DirectBill = "DIRECT_BILL",
        /// The reseller that sells to the customer.
        IndirectReseller = "INDIRECT_RESELLER",
        /// The customer, where every chain ends.
        Customer = "CUSTOMER",
    }
}
