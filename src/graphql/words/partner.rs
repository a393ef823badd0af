//! As GraphQL enums: the words of partners, their people, their enrolment and their partnerships.

use async_graphql::Enum;

/// The Microsoft cloud that a directory lives in.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::Cloud")]
pub enum Cloud {
    /// The worldwide public cloud.
    #[graphql(name = "PUBLIC")]
    Public,
    /// Microsoft Cloud for US Government.
    #[graphql(name = "US_GOVERNMENT")]
    UsGovernment,
    /// Microsoft Cloud Germany.
    #[graphql(name = "GERMANY")]
    Germany,
}

/// What a partner account is for; each account has exactly one type (T-01).
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::PartnerType")]
pub enum PartnerType {
    /// A distributor: buys from Microsoft and sells through indirect resellers (T-02).
    #[graphql(name = "INDIRECT_PROVIDER")]
    IndirectProvider,
    /// Sells to customers and has no billing relation with Microsoft; needs a provider to transact (T-03).
    #[graphql(name = "INDIRECT_RESELLER")]
    IndirectReseller,
    /// Buys from Microsoft and sells to the customer itself (T-04).
    #[graphql(name = "DIRECT_BILL")]
    DirectBill,
}

/// What a partner offers or is able to do.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::Capability")]
pub enum Capability {
    /// Supports customers.
    #[graphql(name = "SUPPORT")]
    Support,
    /// Bills customers.
    #[graphql(name = "BILLING")]
    Billing,
    /// Runs services for customers.
    #[graphql(name = "MANAGED_SERVICES")]
    ManagedServices,
    /// Trains and helps resellers technically (V-03).
    #[graphql(name = "TRAINING")]
    Training,
    /// Helps resellers with marketing (V-03).
    #[graphql(name = "MARKETING")]
    Marketing,
    /// Gives resellers financing and credit terms (V-03).
    #[graphql(name = "FINANCING")]
    Financing,
    /// Is connected to Microsoft's interfaces; asked of a direct-bill partner (T-05).
    #[graphql(name = "API_INTEGRATION")]
    ApiIntegration,
}

/// What a person may do in an organisation.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::Role")]
pub enum Role {
    /// Administers the whole directory, a partner's or a customer's.
    #[graphql(name = "GLOBAL_ADMIN")]
    GlobalAdmin,
    /// Administers the users of a partner.
    #[graphql(name = "USER_ADMIN")]
    UserAdmin,
    /// Acts for a partner towards customers, with full rights.
    #[graphql(name = "ADMIN_AGENT")]
    AdminAgent,
    /// Sells for a partner.
    #[graphql(name = "SALES_AGENT")]
    SalesAgent,
    /// Helps a partner's customers: reads, and edits customer details.
    #[graphql(name = "HELPDESK_AGENT")]
    HelpdeskAgent,
    /// Runs this installation; belongs to no partner and no customer.
    #[graphql(name = "OPERATOR")]
    Operator,
}

/// How far the review of an enrolment is (E-09).
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::VettingStatus")]
pub enum VettingStatus {
    /// No enrolment was made.
    #[graphql(name = "NONE")]
    None,
    /// Under review.
    #[graphql(name = "PENDING")]
    Pending,
    /// Authorised to act as a partner.
    #[graphql(name = "AUTHORIZED")]
    Authorized,
    /// Turned down.
    #[graphql(name = "REJECTED")]
    Rejected,
}

/// What the review waits for, or what it failed on (E-15, E-16).
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::VettingSubStatus")]
pub enum VettingSubStatus {
    /// Nothing.
    #[graphql(name = "NONE")]
    None,
    /// The data were entered and nothing was looked at yet.
    #[graphql(name = "ENTRY")]
    Entry,
    /// The primary contact has to say that they signed up.
    #[graphql(name = "EMAIL_OWNERSHIP")]
    EmailOwnership,
    /// The primary contact's address has to be the company's.
    #[graphql(name = "EMAIL_DOMAIN")]
    EmailDomain,
    /// Whether the person may act for the company.
    #[graphql(name = "EMPLOYMENT_VERIFICATION")]
    EmploymentVerification,
    /// The last decision is open.
    #[graphql(name = "DECISION")]
    Decision,
    /// Something else.
    #[graphql(name = "OTHER")]
    Other,
    /// Whether the company has an established profile.
    #[graphql(name = "BUSINESS_VERIFICATION")]
    BusinessVerification,
}

/// The life of a partnership between a provider and a reseller.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::PartnershipState")]
pub enum PartnershipState {
    /// Asked for by the provider.
    #[graphql(name = "REQUESTED")]
    Requested,
    /// Accepted by the reseller; the only state in which business may be done.
    #[graphql(name = "ACTIVE")]
    Active,
    /// Known from an import only: listed, but no active partnership for any rule.
    #[graphql(name = "IMPORTED")]
    Imported,
    /// Turned down by the reseller.
    #[graphql(name = "DECLINED")]
    Declined,
    /// Not accepted in time.
    #[graphql(name = "EXPIRED")]
    Expired,
    /// Ended.
    #[graphql(name = "REMOVED")]
    Removed,
}

/// By whom a partnership was ended.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::RemovalChannel")]
pub enum RemovalChannel {
    /// By the provider itself.
    #[graphql(name = "SELF_SERVICE")]
    SelfService,
    /// By an operator, at either side's request.
    #[graphql(name = "MICROSOFT_SUPPORT")]
    MicrosoftSupport,
}

/// What an MPN ID stands for.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::MpnKind")]
pub enum MpnKind {
    /// A whole company; never counts on a transaction.
    #[graphql(name = "GLOBAL")]
    Global,
    /// One location of it; this is the one that counts (B-05).
    #[graphql(name = "LOCATION")]
    Location,
}

/// What a mail of the platform's own is about.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::MailKind")]
pub enum MailKind {
    /// Asks the primary contact of an enrolment two questions (E-08, E-16).
    #[graphql(name = "CONTACT_VERIFICATION")]
    ContactVerification,
    /// Tells the primary contact that the state of the enrolment changed (E-09).
    #[graphql(name = "ENROLMENT_NEWS")]
    EnrolmentNews,
}

/// How two organisations belong together.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "partnergraph_domain::OrganizationLinkKind")]
pub enum OrganizationLinkKind {
    /// Accounts of one legal company.
    #[graphql(name = "SAME_COMPANY")]
    SameCompany,
    /// Companies of one group.
    #[graphql(name = "AFFILIATE")]
    Affiliate,
}
