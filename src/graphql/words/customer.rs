//! As GraphQL enums: the words of customers, their relationships, invitations and agreements.

use async_graphql::Enum;

/// What a partner is to a customer.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::RelationshipToPartner")]
pub enum RelationshipToPartner {
    /// Nothing, or only a grant of delegated administration is left.
    #[graphql(name = "NONE")]
    None,
    /// The partner sells to the customer.
    #[graphql(name = "RESELLER")]
    Reseller,
    /// The partner advises the customer.
    #[graphql(name = "ADVISOR")]
    Advisor,
    /// The partner resells under a syndication agreement.
    #[graphql(name = "SYNDICATION")]
    Syndication,
    /// Microsoft's own support.
    #[graphql(name = "MICROSOFT_SUPPORT")]
    MicrosoftSupport,
}

/// How a reseller is connected with a customer, as a filter.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::Via")]
pub enum Via {
    /// Either way.
    #[graphql(name = "ANY")]
    Any,
    /// At account level: an association, or the reseller's own relationship.
    #[graphql(name = "ACCOUNT")]
    Account,
    /// As partner of record of at least one subscription or entitlement.
    #[graphql(name = "SUBSCRIPTION")]
    Subscription,
}

/// The kind of a grant of delegated administration.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::GrantKind")]
pub enum GrantKind {
    /// Delegated administration privileges, without an end.
    #[graphql(name = "DAP")]
    Dap,
    /// Granular delegated administration privileges, with an end date.
    #[graphql(name = "GDAP")]
    Gdap,
}

/// What an invitation, once accepted, brings about.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::InvitationKind")]
pub enum InvitationKind {
    /// A partnership between a provider and a reseller.
    #[graphql(name = "PARTNERSHIP")]
    Partnership,
    /// A reseller relationship between one partner and a customer.
    #[graphql(name = "CUSTOMER")]
    Customer,
    /// Reseller relationships of a reseller and one of its providers with a customer, both or neither (C-19).
    #[graphql(name = "JOINT_CUSTOMER")]
    JointCustomer,
    /// Delegated administration restored in a relationship that exists (C-18).
    #[graphql(name = "DELEGATED_ADMIN")]
    DelegatedAdmin,
}

/// The life of an invitation.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::InvitationState")]
pub enum InvitationState {
    /// Drafted; the partner has yet to send it (P-05, C-29).
    #[graphql(name = "DRAFT")]
    Draft,
    /// Marked done: the partner says that it was sent.
    #[graphql(name = "DONE")]
    Done,
    /// Accepted.
    #[graphql(name = "ACCEPTED")]
    Accepted,
    /// Turned down.
    #[graphql(name = "DECLINED")]
    Declined,
    /// Not accepted in time.
    #[graphql(name = "EXPIRED")]
    Expired,
    /// Taken back by the partner.
    #[graphql(name = "REVOKED")]
    Revoked,
}

/// The portal in which a customer accepts an invitation (C-13).
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::AcceptancePortal")]
pub enum AcceptancePortal {
    /// The Microsoft 365 admin center, for the public cloud.
    #[graphql(name = "M365_ADMIN_CENTER")]
    M365AdminCenter,
    /// The Office admin portal, for the government and the German cloud.
    #[graphql(name = "OFFICE_ADMIN_PORTAL")]
    OfficeAdminPortal,
}

/// Which agreement was signed.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::AgreementType")]
pub enum AgreementType {
    /// The agreement every transacting partner signs (M-01).
    #[graphql(name = "MICROSOFT_PARTNER_AGREEMENT")]
    MicrosoftPartnerAgreement,
    /// The agreement every customer signs (C-10).
    #[graphql(name = "MICROSOFT_CUSTOMER_AGREEMENT")]
    MicrosoftCustomerAgreement,
}

/// What a partner may do for a customer (C-03).
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::CustomerRight")]
pub enum CustomerRight {
    /// Order for it.
    #[graphql(name = "ORDER")]
    Order,
    /// Administer its services.
    #[graphql(name = "MANAGE_SERVICES")]
    ManageServices,
    /// Manage the Azure subscriptions that the partner provisioned.
    #[graphql(name = "MANAGE_AZURE")]
    ManageAzure,
}

/// How a partner raises a service request for a customer (C-17).
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::ServiceRequestPath")]
pub enum ServiceRequestPath {
    /// Through delegated administration.
    #[graphql(name = "DELEGATED_ADMIN")]
    DelegatedAdmin,
    /// By telephone to Microsoft's support.
    #[graphql(name = "MICROSOFT_SUPPORT_PHONE")]
    MicrosoftSupportPhone,
}

/// How a partner came by a new customer (C-27).
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::AcquisitionChannel")]
pub enum AcquisitionChannel {
    /// By its own marketing.
    #[graphql(name = "OWN_MARKETING")]
    OwnMarketing,
    /// Referred by Microsoft.
    #[graphql(name = "MICROSOFT_REFERRAL")]
    MicrosoftReferral,
    /// Through an indirect provider.
    #[graphql(name = "INDIRECT_PROVIDER")]
    IndirectProvider,
    /// In another way.
    #[graphql(name = "OTHER")]
    Other,
}
