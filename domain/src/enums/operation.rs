//! Enums for the audit log.

closed_enums! {
    /// The type of an operation. The names are those of Partner Center's activity log where it has a matching operation.
    OperationType, "the type of an operation" {
        /// A customer was added, by an order or an import.
        AddCustomer = "ADD_CUSTOMER",
        /// Details of a customer were changed.
        UpdateCustomer = "UPDATE_CUSTOMER",
        /// An order was submitted.
        CreateOrder = "CREATE_ORDER",
        /// A subscription was changed: name, licences, status or renewal.
        UpdateSubscription = "UPDATE_SUBSCRIPTION",
        /// A subscription was upgraded, fully or partially (B-15).
        UpgradeSubscription = "UPGRADE_SUBSCRIPTION",
        /// The support contact of a subscription was set or cleared.
        UpdateSupportContact = "UPDATE_SUPPORT_CONTACT",
        /// A partner of record was assigned to a subscription that had none.
        CreateMpnAssociation = "CREATE_MPN_ASSOCIATION",
        /// The partner of record of a subscription was replaced.
        UpdateMpnAssociation = "UPDATE_MPN_ASSOCIATION",
        /// The partner of record of a subscription was removed.
        RemoveMpnAssociation = "REMOVE_MPN_ASSOCIATION",
        /// A reseller was associated with a customer account.
        CreateCustomerAssociation = "CREATE_CUSTOMER_ASSOCIATION",
        /// A reseller's association with a customer account was removed.
        RemoveCustomerAssociation = "REMOVE_CUSTOMER_ASSOCIATION",
        /// A partnership was requested or created.
        CreatePartnerRelationship = "CREATE_PARTNER_RELATIONSHIP",
        /// A partnership was accepted or reactivated.
        ExtendPartnerRelationship = "EXTEND_PARTNER_RELATIONSHIP",
        /// Something else about a partnership changed, such as the provider's administrator access.
        UpdatePartnerRelationship = "UPDATE_PARTNER_RELATIONSHIP",
        /// A partnership was removed.
        RemovePartnerRelationship = "REMOVE_PARTNER_RELATIONSHIP",
        /// A reseller relationship with a customer was created.
        CreatePartnerCustomerRelationship = "CREATE_PARTNER_CUSTOMER_RELATIONSHIP",
        /// A reseller relationship with a customer changed, for example through a renegotiation.
        UpdatePartnerCustomerRelationship = "UPDATE_PARTNER_CUSTOMER_RELATIONSHIP",
        /// A reseller relationship with a customer was removed.
        RemovePartnerCustomerRelationship = "REMOVE_PARTNER_CUSTOMER_RELATIONSHIP",
        /// An invitation was drafted.
        CreateInvitation = "CREATE_INVITATION",
        /// An invitation was marked as sent, or it expired.
        UpdateInvitation = "UPDATE_INVITATION",
        /// An invitation was accepted.
        AcceptInvitation = "ACCEPT_INVITATION",
        /// An invitation was declined.
        DeclineInvitation = "DECLINE_INVITATION",
        /// An invitation was revoked.
        RevokeInvitation = "REVOKE_INVITATION",
        /// A reseller requested a change from its provider (B-16).
        CreateChangeRequest = "CREATE_CHANGE_REQUEST",
        /// A provider approved a change request.
        ApproveChangeRequest = "APPROVE_CHANGE_REQUEST",
        /// A provider declined a change request.
        DeclineChangeRequest = "DECLINE_CHANGE_REQUEST",
        /// A reseller withdrew its change request.
        WithdrawChangeRequest = "WITHDRAW_CHANGE_REQUEST",
        /// An agreement was signed.
        CreateAgreement = "CREATE_AGREEMENT",
        /// Delegated admin privileges were granted.
        DapAdminRelationshipApproved = "DAP_ADMIN_RELATIONSHIP_APPROVED",
        /// Delegated admin privileges were reassigned to another of the customer's partners.
        DapAdminRelationshipReassigned = "DAP_ADMIN_RELATIONSHIP_REASSIGNED",
        /// Delegated admin privileges were terminated.
        DapAdminRelationshipTerminated = "DAP_ADMIN_RELATIONSHIP_TERMINATED",
        /// A customer made a reseller an owner of its Azure tenant (N-10).
        CreateTenantOwner = "CREATE_TENANT_OWNER",
        /// A customer removed a reseller as an owner of its Azure tenant.
        RemoveTenantOwner = "REMOVE_TENANT_OWNER",
        /// A partner enrolled.
        CreatePartner = "CREATE_PARTNER",
        /// A partner's profile, verification or enrolment review changed.
        UpdatePartner = "UPDATE_PARTNER",
        /// An MPN profile was added to the register.
        CreateMpnProfile = "CREATE_MPN_PROFILE",
        /// An MPN profile in the register was changed.
        UpdateMpnProfile = "UPDATE_MPN_PROFILE",
        /// Two organisations were recorded as the same company or as affiliates.
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

    /// The status of an operation.
    OperationStatus, "the status of an operation" {
        /// The operation succeeded.
        Succeeded = "SUCCEEDED",
        /// The operation failed.
        Failed = "FAILED",
        /// The operation is in progress.
        Progress = "PROGRESS",
    }
}
