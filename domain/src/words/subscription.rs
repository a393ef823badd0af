//! Words of subscriptions and orders.

words! {
    /// The state of a subscription.
    #[derive(Default)]
    SubscriptionStatus, "the status of a subscription" {
        /// Not known.
        #[default]
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

    /// Whether a subscription is charged per licence or by usage.
    #[derive(Default)]
    BillingType, "a billing type" {
        /// Not known.
        #[default]
        None = "NONE",
        /// By usage; such a subscription has no quantity (N-04).
        Usage = "USAGE",
        /// Per licence.
        License = "LICENSE",
    }

    /// How often a subscription is charged.
    #[derive(Default)]
    BillingCycle, "a billing cycle" {
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
        #[default]
        None = "NONE",
    }

    /// For how long a subscription is committed.
    TermDuration, "the duration of a term" {
        /// One month.
        P1M = "P1M",
        /// One year.
        P1Y = "P1Y",
        /// Three years.
        P3Y = "P3Y",
    }

    /// The portal through which an order or a change comes (B-01).
    OrderChannel, "the channel of an order" {
        /// Partner Center.
        PartnerCenter = "PARTNER_CENTER",
        /// The Microsoft 365 portal.
        M365Portal = "M365_PORTAL",
        /// The Azure portal, through which nothing is sold.
        AzurePortal = "AZURE_PORTAL",
    }

    /// The part that somebody has in selling a subscription.
    SalesRole, "a part in a sale" {
        /// Microsoft, where every chain begins.
        Microsoft = "MICROSOFT",
        /// The indirect provider, which buys from Microsoft and sells through resellers.
        IndirectProvider = "INDIRECT_PROVIDER",
        /// The direct-bill partner, which buys from Microsoft and sells itself.
        DirectBill = "DIRECT_BILL",
        /// The indirect reseller.
        IndirectReseller = "INDIRECT_RESELLER",
        /// The customer, where every chain ends.
        Customer = "CUSTOMER",
    }
}
