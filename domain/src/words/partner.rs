//! Words of partners, their people, their enrolment and their partnerships.

words! {
    /// The Microsoft cloud that a tenant lives in.
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

    /// Whose tenant it is.
    TenantKind, "the kind of a tenant" {
        /// A partner's CSP tenant.
        Partner = "PARTNER",
        /// A customer's tenant.
        Customer = "CUSTOMER",
    }

    /// What a partner account is for; each account has exactly one type (T-01).
    PartnerType, "the type of a partner" {
        /// A distributor: buys from Microsoft and sells through indirect resellers (T-02).
        IndirectProvider = "INDIRECT_PROVIDER",
        /// Sells to customers and has no billing relation with Microsoft; needs a provider to transact (T-03).
        IndirectReseller = "INDIRECT_RESELLER",
        /// Buys from Microsoft and sells to the customer itself (T-04).
        DirectBill = "DIRECT_BILL",
    }

    /// What a partner offers or is able to do.
    Capability, "a capability" {
        /// Supports customers.
        Support = "SUPPORT",
        /// Bills customers.
        Billing = "BILLING",
        /// Runs services for customers.
        ManagedServices = "MANAGED_SERVICES",
        /// Trains and helps resellers technically (V-03).
        Training = "TRAINING",
        /// Helps resellers with marketing (V-03).
        Marketing = "MARKETING",
        /// Gives resellers financing and credit terms (V-03).
        Financing = "FINANCING",
        /// Is connected to Microsoft's interfaces; asked of a direct-bill partner (T-05).
        ApiIntegration = "API_INTEGRATION",
    }

    /// What a person may do in an organisation.
    Role, "a role" {
        /// Administers the whole tenant, a partner's or a customer's.
        GlobalAdmin = "GLOBAL_ADMIN",
        /// Administers the users of a partner.
        UserAdmin = "USER_ADMIN",
        /// Acts for a partner towards customers, with full rights.
        AdminAgent = "ADMIN_AGENT",
        /// Sells for a partner.
        SalesAgent = "SALES_AGENT",
        /// Helps a partner's customers: reads, and edits customer details.
        HelpdeskAgent = "HELPDESK_AGENT",
        /// Runs this installation; belongs to no partner and no customer.
        Operator = "OPERATOR",
    }

    /// How far the review of an enrolment is (E-09).
    #[derive(Default)]
    VettingStatus, "a vetting status" {
        /// No enrolment was made.
        #[default]
        None = "NONE",
        /// Under review.
        Pending = "PENDING",
        /// Authorised to act as a partner.
        Authorized = "AUTHORIZED",
        /// Turned down.
        Rejected = "REJECTED",
    }

    /// What the review waits for, or what it failed on (E-15, E-16).
    #[derive(Default)]
    VettingSubStatus, "a vetting sub-status" {
        /// Nothing.
        #[default]
        None = "NONE",
        /// The data were entered and nothing was looked at yet.
        Entry = "ENTRY",
        /// The primary contact has to say that they signed up.
        EmailOwnership = "EMAIL_OWNERSHIP",
        /// The primary contact's address has to be the company's.
        EmailDomain = "EMAIL_DOMAIN",
        /// Whether the person may act for the company.
        EmploymentVerification = "EMPLOYMENT_VERIFICATION",
        /// The last decision is open.
        Decision = "DECISION",
        /// Something else.
        Other = "OTHER",
        /// Whether the company has an established profile.
        BusinessVerification = "BUSINESS_VERIFICATION",
    }

    /// What a review finds wanting (E-15).
    ReviewGround, "what a review finds wanting" {
        /// The company has no established profile.
        Profile = "PROFILE",
        /// The person has no authority to act for the company.
        Authority = "AUTHORITY",
    }

    /// The life of a partnership between a provider and a reseller.
    PartnershipState, "the state of a partnership" {
        /// Asked for by the provider.
        Requested = "REQUESTED",
        /// Accepted by the reseller; the only state in which business may be done.
        Active = "ACTIVE",
        /// Known from an import only: listed, but no active partnership for any rule.
        Imported = "IMPORTED",
        /// Turned down by the reseller.
        Declined = "DECLINED",
        /// Not accepted in time.
        Expired = "EXPIRED",
        /// Ended.
        Removed = "REMOVED",
    }

    /// By whom a partnership was ended.
    RemovalChannel, "a channel of removal" {
        /// By the provider itself.
        SelfService = "SELF_SERVICE",
        /// By an operator, at either side's request.
        MicrosoftSupport = "MICROSOFT_SUPPORT",
    }

    /// What an MPN ID stands for.
    MpnKind, "the kind of an MPN ID" {
        /// A whole company; never counts on a transaction.
        Global = "GLOBAL",
        /// One location of it; this is the one that counts (B-05).
        Location = "LOCATION",
    }

    /// What a mail of the platform's own is about.
    MailKind, "the kind of a mail" {
        /// Asks the primary contact of an enrolment two questions (E-08, E-16).
        ContactVerification = "CONTACT_VERIFICATION",
        /// Tells the primary contact that the state of the enrolment changed (E-09).
        EnrolmentNews = "ENROLMENT_NEWS",
    }

    /// How two organisations belong together.
    OrganizationLinkKind, "the kind of a link between organisations" {
        /// Accounts of one legal company.
        SameCompany = "SAME_COMPANY",
        /// Companies of one group.
        Affiliate = "AFFILIATE",
    }
}
