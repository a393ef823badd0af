//! Enums for changes that a reseller requests from its provider (B-16).

closed_enums! {
    /// What a reseller asks its provider for.
    ChangeRequestKind, "the kind of a change request" {
        /// An order for a customer.
        Order = "ORDER",
        /// More licences of a subscription, or its automatic renewal.
        Update = "UPDATE",
        /// An upgrade of a subscription.
        Upgrade = "UPGRADE",
    }

    /// The state of a change request.
    ChangeRequestState, "the state of a change request" {
        /// Waiting for the provider's decision. This is the only open state.
        Requested = "REQUESTED",
        /// Approved by the provider and applied.
        Approved = "APPROVED",
        /// Declined by the provider.
        Declined = "DECLINED",
        /// Withdrawn by the reseller.
        Withdrawn = "WITHDRAWN",
        /// Not decided in time.
        Expired = "EXPIRED",
    }

    /// Which change requests of a reseller are approved without asking the provider's users.
    #[derive(Default)]
    AutoApproval, "what is approved automatically" {
        /// None.
        #[default]
        None = "NONE",
        /// Those for more licences of a subscription, but neither its renewal nor upgrades nor orders.
        Updates = "UPDATES",
        /// All.
        All = "ALL",
    }
}
