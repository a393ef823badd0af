//! As GraphQL enums: the words of the audit log.

use async_graphql::Enum;

/// What was done, in the words of Partner Center's activity log where it has one for it.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::OperationType")]
pub enum OperationType {
    /// A customer was added, by an order or an import.
    #[graphql(name = "ADD_CUSTOMER")]
    AddCustomer,
    /// Details of a customer were changed.
    #[graphql(name = "UPDATE_CUSTOMER")]
    UpdateCustomer,
    /// An order was submitted.
    #[graphql(name = "CREATE_ORDER")]
    CreateOrder,
    /// A subscription was changed: name, licences, status or renewal.
    #[graphql(name = "UPDATE_SUBSCRIPTION")]
    UpdateSubscription,
    /// A subscription was upgraded, wholly or in part (B-15).
    #[graphql(name = "UPGRADE_SUBSCRIPTION")]
    UpgradeSubscription,
    /// The support contact of a subscription was set or cleared.
    #[graphql(name = "UPDATE_SUPPORT_CONTACT")]
    UpdateSupportContact,
    /// A partner of record was put on a subscription that had none.
    #[graphql(name = "CREATE_MPN_ASSOCIATION")]
    CreateMpnAssociation,
    /// The partner of record of a subscription was replaced by another.
    #[graphql(name = "UPDATE_MPN_ASSOCIATION")]
    UpdateMpnAssociation,
    /// The partner of record was taken off a subscription.
    #[graphql(name = "REMOVE_MPN_ASSOCIATION")]
    RemoveMpnAssociation,
    /// A reseller was associated with a customer account.
    #[graphql(name = "CREATE_CUSTOMER_ASSOCIATION")]
    CreateCustomerAssociation,
    /// A reseller's association with a customer account was ended.
    #[graphql(name = "REMOVE_CUSTOMER_ASSOCIATION")]
    RemoveCustomerAssociation,
    /// A partnership was requested, or began.
    #[graphql(name = "CREATE_PARTNER_RELATIONSHIP")]
    CreatePartnerRelationship,
    /// A partnership was accepted or taken up again.
    #[graphql(name = "EXTEND_PARTNER_RELATIONSHIP")]
    ExtendPartnerRelationship,
    /// Something within a partnership changed, such as the provider's admin access.
    #[graphql(name = "UPDATE_PARTNER_RELATIONSHIP")]
    UpdatePartnerRelationship,
    /// A partnership was ended.
    #[graphql(name = "REMOVE_PARTNER_RELATIONSHIP")]
    RemovePartnerRelationship,
    /// A reseller relationship with a customer began.
    #[graphql(name = "CREATE_PARTNER_CUSTOMER_RELATIONSHIP")]
    CreatePartnerCustomerRelationship,
    /// A reseller relationship with a customer changed, as by a renegotiation.
    #[graphql(name = "UPDATE_PARTNER_CUSTOMER_RELATIONSHIP")]
    UpdatePartnerCustomerRelationship,
    /// A reseller relationship with a customer was ended.
    #[graphql(name = "REMOVE_PARTNER_CUSTOMER_RELATIONSHIP")]
    RemovePartnerCustomerRelationship,
    /// An invitation was drafted.
    #[graphql(name = "CREATE_INVITATION")]
    CreateInvitation,
    /// An invitation was marked done, or its time ran out.
    #[graphql(name = "UPDATE_INVITATION")]
    UpdateInvitation,
    /// An invitation was accepted.
    #[graphql(name = "ACCEPT_INVITATION")]
    AcceptInvitation,
    /// An invitation was turned down.
    #[graphql(name = "DECLINE_INVITATION")]
    DeclineInvitation,
    /// An invitation was taken back.
    #[graphql(name = "REVOKE_INVITATION")]
    RevokeInvitation,
    /// An agreement was signed.
    #[graphql(name = "CREATE_AGREEMENT")]
    CreateAgreement,
    /// Delegated administration was granted.
    #[graphql(name = "DAP_ADMIN_RELATIONSHIP_APPROVED")]
    DapAdminRelationshipApproved,
    /// Delegated administration was handed to another partner of the customer.
    #[graphql(name = "DAP_ADMIN_RELATIONSHIP_REASSIGNED")]
    DapAdminRelationshipReassigned,
    /// Delegated administration was ended.
    #[graphql(name = "DAP_ADMIN_RELATIONSHIP_TERMINATED")]
    DapAdminRelationshipTerminated,
    /// A customer made a reseller an owner of its Azure tenant (N-10).
    #[graphql(name = "CREATE_TENANT_OWNER")]
    CreateTenantOwner,
    /// A customer took a reseller's ownership of its Azure tenant away.
    #[graphql(name = "REMOVE_TENANT_OWNER")]
    RemoveTenantOwner,
    /// A partner enrolled.
    #[graphql(name = "CREATE_PARTNER")]
    CreatePartner,
    /// A partner's profile, its verification or its review changed.
    #[graphql(name = "UPDATE_PARTNER")]
    UpdatePartner,
    /// An MPN profile was entered in the register.
    #[graphql(name = "CREATE_MPN_PROFILE")]
    CreateMpnProfile,
    /// An MPN profile in the register changed.
    #[graphql(name = "UPDATE_MPN_PROFILE")]
    UpdateMpnProfile,
    /// Two organisations were recorded as one company or as affiliates.
    #[graphql(name = "LINK_ORGANIZATIONS")]
    LinkOrganizations,
    /// A user was added.
    #[graphql(name = "CREATE_USER")]
    CreateUser,
    /// A user's roles or name changed.
    #[graphql(name = "UPDATE_USER")]
    UpdateUser,
    /// A user was removed.
    #[graphql(name = "DELETE_USER")]
    DeleteUser,
    /// An import was applied.
    #[graphql(name = "APPLY_IMPORT")]
    ApplyImport,
    /// An import was reverted.
    #[graphql(name = "REVERT_IMPORT")]
    RevertImport,
}

/// How an operation ended.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::OperationStatus")]
pub enum OperationStatus {
    /// Done.
    #[graphql(name = "SUCCEEDED")]
    Succeeded,
    /// Not done.
    #[graphql(name = "FAILED")]
    Failed,
    /// Still going on.
    #[graphql(name = "PROGRESS")]
    Progress,
}
