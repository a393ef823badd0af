//! Enums for subscriptions and orders.

closed_enums! {
    /// The status of a subscription.
    #[derive(Default)]
    SubscriptionStatus, "the status of a subscription" {
        /// Unknown.
        #[default]
        None = "NONE",
        /// Active.
        Active = "ACTIVE",
        /// Being provisioned.
        Pending = "PENDING",
        /// Suspended. Can be resumed.
        Suspended = "SUSPENDED",
        /// Deleted. Cannot be changed any more.
        Deleted = "DELETED",
        /// The term has ended.
        Expired = "EXPIRED",
        /// Disabled. Its data is kept for a while.
        Disabled = "DISABLED",
    }

    /// Licence-based or usage-based billing.
    #[derive(Default)]
    BillingType, "a billing type" {
        /// Unknown.
        #[default]
        None = "NONE",
        /// Usage-based. The subscription has no quantity (N-04).
        Usage = "USAGE",
        /// Licence-based.
        License = "LICENSE",
    }

    /// How often a subscription is charged.
    #[derive(Default)]
    BillingCycle, "a billing cycle" {
        /// Monthly.
        Monthly = "MONTHLY",
        /// Annually.
        Annual = "ANNUAL",
        /// Every three years.
        Triennial = "TRIENNIAL",
        /// Every two years.
        Biennial = "BIENNIAL",
        /// Once.
        OneTime = "ONE_TIME",
        /// Never, or unknown.
        #[default]
        None = "NONE",
    }

    /// The duration of a subscription's term commitment.
    TermDuration, "the duration of a term" {
        /// One month.
        P1M = "P1M",
        /// One year.
        P1Y = "P1Y",
        /// Three years.
        P3Y = "P3Y",
    }

    /// The portal through which an order or a change is made (B-01).
    OrderChannel, "the channel of an order" {
        /// Partner Center.
        PartnerCenter = "PARTNER_CENTER",
        /// The Microsoft 365 portal.
        M365Portal = "M365_PORTAL",
        /// The Azure portal. Nothing can be sold through it.
        AzurePortal = "AZURE_PORTAL",
    }

    /// The role of a company in the sales chain of a subscription.
    SalesRole, "a part in a sale" {
        /// Microsoft, the start of every chain.
        Microsoft = "MICROSOFT",
        /// The indirect provider, which buys from Microsoft and sells through resellers.
        IndirectProvider = "INDIRECT_PROVIDER",
        /// The direct-bill partner, which buys from Microsoft and sells directly.
        DirectBill = "DIRECT_BILL",
        /// The indirect reseller.
        IndirectReseller = "INDIRECT_RESELLER",
        /// The customer, the end of every chain.
        Customer = "CUSTOMER",
    }
}
