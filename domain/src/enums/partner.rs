//! Enums for partners, their users, enrolment and partnerships.

closed_enums! {
    /// The Microsoft cloud that hosts a tenant.
    #[derive(Default)]
    Cloud, "a cloud" {
        /// The worldwide public cloud.
        #[default]
        Public = "PUBLIC",
        /// Microsoft Cloud for US Government.
        UsGovernment = "US_GOVERNMENT",
        /// Microsoft Cloud Germany.
        Germany = "GERMANY",
    }

    /// Whether a tenant is a partner's or a customer's.
    TenantKind, "the kind of a tenant" {
        /// A partner's CSP tenant.
        Partner = "PARTNER",
        /// A customer's tenant.
        Customer = "CUSTOMER",
    }

    /// The type of a partner account. Each account has exactly one type (T-01).
    PartnerType, "the type of a partner" {
        /// A distributor that buys from Microsoft and sells through indirect resellers (T-02).
        IndirectProvider = "INDIRECT_PROVIDER",
        /// A reseller that sells to customers and has no billing relationship with Microsoft. It needs an indirect provider to
        /// transact (T-03).
        IndirectReseller = "INDIRECT_RESELLER",
        /// A partner that buys from Microsoft and sells directly to customers (T-04).
        DirectBill = "DIRECT_BILL",
    }

    /// Something that a partner offers or is capable of.
    Capability, "a capability" {
        /// Customer support.
        Support = "SUPPORT",
        /// Customer billing.
        Billing = "BILLING",
        /// Managed services for customers.
        ManagedServices = "MANAGED_SERVICES",
        /// Technical training and assistance for resellers (V-03).
        Training = "TRAINING",
        /// Marketing help for resellers (V-03).
        Marketing = "MARKETING",
        /// Financing and credit terms for resellers (V-03).
        Financing = "FINANCING",
        /// Integration with Microsoft's APIs, which is required of a direct-bill partner (T-05).
        ApiIntegration = "API_INTEGRATION",
    }

    /// A role of a user in an organisation.
    Role, "a role" {
        /// Administers a whole tenant, either a partner's or a customer's.
        GlobalAdmin = "GLOBAL_ADMIN",
        /// Manages the users of a partner.
        UserAdmin = "USER_ADMIN",
        /// Acts for a partner towards its customers, with full rights.
        AdminAgent = "ADMIN_AGENT",
        /// Sells for a partner.
        SalesAgent = "SALES_AGENT",
        /// Assists a partner's customers: can read, and can edit customer details.
        HelpdeskAgent = "HELPDESK_AGENT",
        /// Operates this installation. Belongs to no partner or customer.
        Operator = "OPERATOR",
    }

    /// The status of an enrolment review (E-09).
    #[derive(Default)]
    VettingStatus, "a vetting status" {
        /// There has been no enrolment.
        #[default]
        None = "NONE",
        /// Under review.
        Pending = "PENDING",
        /// Authorised to act as a partner.
        Authorized = "AUTHORIZED",
        /// The enrolment was rejected.
        Rejected = "REJECTED",
    }

    /// What an enrolment review is waiting for, or why the enrolment was rejected (E-15, E-16).
    #[derive(Default)]
    VettingSubStatus, "a vetting sub-status" {
        /// Nothing.
        #[default]
        None = "NONE",
        /// The first check of the details that were entered.
        Entry = "ENTRY",
        /// The primary contact's confirmation that they signed up.
        EmailOwnership = "EMAIL_OWNERSHIP",
        /// The primary contact's confirmation that the email address belongs to the company.
        EmailDomain = "EMAIL_DOMAIN",
        /// The person's authority to act for the company.
        EmploymentVerification = "EMPLOYMENT_VERIFICATION",
        /// The final decision.
        Decision = "DECISION",
        /// Something else.
        Other = "OTHER",
        /// The company's established profile.
        BusinessVerification = "BUSINESS_VERIFICATION",
    }

    /// Why a review rejects an enrolment (E-15).
    ReviewGround, "what a review finds wanting" {
        /// The company has no established profile.
        Profile = "PROFILE",
        /// The person is not authorised to act for the company.
        Authority = "AUTHORITY",
    }

    /// The state of a partnership between a provider and a reseller.
    PartnershipState, "the state of a partnership" {
        /// Requested by the provider.
        Requested = "REQUESTED",
        /// Accepted by the reseller. This is the only state in which business can be done.
        Active = "ACTIVE",
        /// Known only from an import. It is listed, but no rule treats it as active.
        Imported = "IMPORTED",
        /// Declined by the reseller.
        Declined = "DECLINED",
        /// The request expired or was revoked before it was accepted.
        Expired = "EXPIRED",
        /// Removed.
        Removed = "REMOVED",
    }

    /// Who ended a partnership.
    RemovalChannel, "a channel of removal" {
        /// The provider itself.
        SelfService = "SELF_SERVICE",
        /// An operator, at the request of either party.
        MicrosoftSupport = "MICROSOFT_SUPPORT",
    }

    /// The kind of an MPN ID.
    MpnKind, "the kind of an MPN ID" {
        /// A global account, which identifies a whole company. It cannot be used on transactions.
        Global = "GLOBAL",
        /// A location account, which identifies one of the company's locations. It is the one used on transactions (B-05).
        Location = "LOCATION",
    }

    /// The kind of an email from the platform.
    MailKind, "the kind of a mail" {
        /// Asks the primary contact of an enrolment two questions (E-08, E-16).
        ContactVerification = "CONTACT_VERIFICATION",
        /// Tells the primary contact that the status of the enrolment has changed (E-09).
        EnrolmentNews = "ENROLMENT_NEWS",
    }

    /// How two organisations are related.
    OrganizationLinkKind, "the kind of a link between organisations" {
        /// Accounts of the same legal company.
        SameCompany = "SAME_COMPANY",
        /// Companies of the same group.
        Affiliate = "AFFILIATE",
    }
}
