//! The actions that a caller can take on an entity.

closed_enums! {
    /// Something that a caller may do with a customer, a subscription, a partner account or a partnership.
    ActionName, "an action" {
        /// Name a reseller as partner of record of a subscription, or associate it with a customer account: `associateReseller`.
        AssociateReseller = "ASSOCIATE_RESELLER",
        /// Remove the partner of record of a subscription, or a reseller from a customer account: `dissociateReseller`.
        DissociateReseller = "DISSOCIATE_RESELLER",
        /// Order subscriptions for a customer: `submitOrder`.
        SubmitOrder = "SUBMIT_ORDER",
        /// Attest that a customer accepted the Microsoft Customer Agreement: `confirmCustomerAgreement`.
        ConfirmCustomerAgreement = "CONFIRM_CUSTOMER_AGREEMENT",
        /// Change the details of a customer: `updateCustomer`.
        UpdateCustomer = "UPDATE_CUSTOMER",
        /// Invite a customer that you know: `inviteCustomer` with `customer`.
        InviteCustomer = "INVITE_CUSTOMER",
        /// End your relationship with a customer: `removeCustomerRelationship`.
        RemoveCustomerRelationship = "REMOVE_CUSTOMER_RELATIONSHIP",
        /// Record a renegotiation with a customer: `recordRenegotiation`.
        RecordRenegotiation = "RECORD_RENEGOTIATION",
        /// As the customer, remove the admin permissions of a partner: `revokeDelegatedAdmin`.
        RevokeDelegatedAdmin = "REVOKE_DELEGATED_ADMIN",
        /// As the customer, move the admin permissions of a partner to another one: `reassignDelegatedAdmin`.
        ReassignDelegatedAdmin = "REASSIGN_DELEGATED_ADMIN",
        /// As the customer, make a reseller an owner of the Azure tenant: `grantTenantOwner`.
        GrantTenantOwner = "GRANT_TENANT_OWNER",
        /// As the customer, remove a reseller's ownership of the Azure tenant: `revokeTenantOwner`.
        RevokeTenantOwner = "REVOKE_TENANT_OWNER",
        /// Ask a provider to order for a customer: `requestChange` with `order`.
        RequestOrder = "REQUEST_ORDER",
        /// Designate the support contact of a subscription: `assignSupportContact`.
        AssignSupportContact = "ASSIGN_SUPPORT_CONTACT",
        /// Clear the support contact of a subscription: `clearSupportContact`.
        ClearSupportContact = "CLEAR_SUPPORT_CONTACT",
        /// Change the friendly name of a subscription: `updateSubscription` with `friendlyName`.
        RenameSubscription = "RENAME_SUBSCRIPTION",
        /// Add licences to a subscription: `updateSubscription` with a greater `quantity`.
        AddLicenses = "ADD_LICENSES",
        /// Reduce the licences of a subscription: `updateSubscription` with a smaller `quantity`.
        ReduceLicenses = "REDUCE_LICENSES",
        /// Suspend a subscription: `updateSubscription` with the status `SUSPENDED`.
        SuspendSubscription = "SUSPEND_SUBSCRIPTION",
        /// Resume a subscription: `updateSubscription` with the status `ACTIVE`.
        ResumeSubscription = "RESUME_SUBSCRIPTION",
        /// End a subscription permanently: `updateSubscription` with the status `DELETED`.
        CancelSubscription = "CANCEL_SUBSCRIPTION",
        /// Switch on the automatic renewal of a subscription: `updateSubscription` with `autoRenewEnabled: true`.
        EnableAutoRenew = "ENABLE_AUTO_RENEW",
        /// Switch off the automatic renewal of a subscription: `updateSubscription` with `autoRenewEnabled: false`.
        DisableAutoRenew = "DISABLE_AUTO_RENEW",
        /// Upgrade a subscription to another offer: `upgradeSubscription`.
        UpgradeSubscription = "UPGRADE_SUBSCRIPTION",
        /// Ask the seller for more licences of a subscription: `requestChange` with `update` and a greater `quantity`.
        RequestLicenses = "REQUEST_LICENSES",
        /// Ask the seller for the automatic renewal of a subscription: `requestChange` with `update` and `autoRenewEnabled: true`.
        RequestAutoRenew = "REQUEST_AUTO_RENEW",
        /// Ask the seller for an upgrade of a subscription: `requestChange` with `upgrade`.
        RequestUpgrade = "REQUEST_UPGRADE",
        /// Request a partnership with a reseller: `requestPartnership` with `reseller`.
        RequestPartnership = "REQUEST_PARTNERSHIP",
        /// Change the profile of a partner account: `updatePartnerProfile`.
        UpdatePartnerProfile = "UPDATE_PARTNER_PROFILE",
        /// Accept the Microsoft Partner Agreement for your own account: `acceptPartnerAgreement`.
        AcceptPartnerAgreement = "ACCEPT_PARTNER_AGREEMENT",
        /// Decide the review of an enrolment: `reviewPartner`.
        ReviewPartner = "REVIEW_PARTNER",
        /// Record how the company of an account is linked with another one: `linkOrganizations`.
        LinkOrganizations = "LINK_ORGANIZATIONS",
        /// Change what you set about a reseller: `updatePartnership`.
        UpdatePartnership = "UPDATE_PARTNERSHIP",
        /// End a partnership: `removePartnership`.
        RemovePartnership = "REMOVE_PARTNERSHIP",
        /// As the reseller, remove the provider's admin access: `removeProviderAdminAccess`.
        RemoveProviderAdminAccess = "REMOVE_PROVIDER_ADMIN_ACCESS",
    }
}
