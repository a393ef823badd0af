//! Words of the audit log.

words! {
    /// What was done, in the words of Partner Center's activity log where it has one for it.
    OperationType, "the type of an operation" {
        /// A customer was added, by an order or an import.
        AddCustomer = "ADD_CUSTOMER",
        /// Details of a customer were changed.
        UpdateCustomer = "UPDATE_CUSTOMER",
        /// An order was submitted.
        CreateOrder = "CREATE_ORDER",
        /// A subscription was changed: name, licences, status or renewal.
        UpdateSubscription = "UPDATE_SUBSCRIPTION",
        /// A subscription was upgraded, wholly or in part (B-15).
        UpgradeSubscription = "UPGRADE_SUBSCRIPTION",
        /// The support contact of a subscription was set or cleared.
        UpdateSupportContact = "UPDATE_SUPPORT_CONTACT",
        /// A partner of record was put on a subscription that had none.
        CreateMpnAssociation = "CREATE_MPN_ASSOCIATION",
        /// The partner of record of a subscription was replaced by another.
        UpdateMpnAssociation = "UPDATE_MPN_ASSOCIATION",
        /// The partner of record was taken off a subscription.
        RemoveMpnAssociation = "REMOVE_MPN_ASSOCIATION",
        /// A reseller was associated with a customer account.
        CreateCustomerAssociation = "CREATE_CUSTOMER_ASSOCIATION",
        /// A reseller's association with a customer account was ended.
        RemoveCustomerAssociation = "REMOVE_CUSTOMER_ASSOCIATION",
        /// A partnership was requested, or began.
        CreatePartnerRelationship = "CREATE_PARTNER_RELATIONSHIP",
        /// A partnership was accepted or taken up again.
        ExtendPartnerRelationship = "EXTEND_PARTNER_RELATIONSHIP",
        /// Something within a partnership changed, such as the provider's admin access.
        UpdatePartnerRelationship = "UPDATE_PARTNER_RELATIONSHIP",
        /// A partnership was ended.
        RemovePartnerRelationship = "REMOVE_PARTNER_RELATIONSHIP",
        /// A reseller relationship with a customer began.
        CreatePartnerCustomerRelationship = "CREATE_PARTNER_CUSTOMER_RELATIONSHIP",
        /// A reseller relationship with a customer changed, as by a renegotiation.
        UpdatePartnerCustomerRelationship = "UPDATE_PARTNER_CUSTOMER_RELATIONSHIP",
        /// A reseller relationship with a customer was ended.
        RemovePartnerCustomerRelationship = "REMOVE_PARTNER_CUSTOMER_RELATIONSHIP",
        /// An invitation was drafted.
        CreateInvitation = "CREATE_INVITATION",
        /// An invitation was marked done, or its time ran out.
        UpdateInvitation = "UPDATE_INVITATION",
        /// An invitation was accepted.
        AcceptInvitation = "ACCEPT_INVITATION",
        /// An invitation was turned down.
        DeclineInvitation = "DECLINE_INVITATION",
        /// An invitation was taken back.
        RevokeInvitation = "REVOKE_INVITATION",
        /// An agreement was signed.
        CreateAgreement = "CREATE_AGREEMENT",
        /// Delegated administration was granted.
        DapAdminRelationshipApproved = "DAP_ADMIN_RELATIONSHIP_APPROVED",
        /// Delegated administration was handed to another partner of the customer.
        DapAdminRelationshipReassigned = "DAP_ADMIN_RELATIONSHIP_REASSIGNED",
        /// Delegated administration was ended.
        DapAdminRelationshipTerminated = "DAP_ADMIN_RELATIONSHIP_TERMINATED",
        /// A customer made a reseller an owner of its Azure tenant (N-10).
        CreateTenantOwner = "CREATE_TENANT_OWNER",
        /// A customer took a reseller's ownership of its Azure tenant away.
        RemoveTenantOwner = "REMOVE_TENANT_OWNER",
        /// A partner enrolled.
        CreatePartner = "CREATE_PARTNER",
        /// A partner's profile, its verification or its review changed.
        UpdatePartner = "UPDATE_PARTNER",
        /// An MPN profile was entered in the register.
        CreateMpnProfile = "CREATE_MPN_PROFILE",
        /// An MPN profile in the register changed.
        UpdateMpnProfile = "UPDATE_MPN_PROFILE",
        /// Two organisations were recorded as one company or as affiliates.
        LinkOrganizations = "LINK_ORGANIZATIONS",
        /// A user was added.
        CreateUser = "CREATE_USER",
        /// A user's roles or name changed.
        UpdateUser = "UPDATE_USER",
        /// A user was removed.
        DeleteUser = "DELETE_USER",
        /// An import was applied.
        ApplyImport = "APPLY_IMPORT",
        /// An import was reverted.
        RevertImport = "REVERT_IMPORT",
    }

    /// How an operation ended.
    OperationStatus, "the status of an operation" {
        /// Done.
        Succeeded = "SUCCEEDED",
        /// Not done.
        Failed = "FAILED",
        /// Still going on.
        Progress = "PROGRESS",
    }
}
