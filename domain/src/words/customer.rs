//! Words of customers, their relationships, invitations and agreements.

words! {
    /// What a partner is to a customer.
    RelationshipToPartner, "what a partner is to a customer" {
        /// Nothing, or only a grant of delegated administration is left.
        None = "NONE",
        /// The partner sells to the customer.
        Reseller = "RESELLER",
        /// The partner advises the customer.
        Advisor = "ADVISOR",
        /// The partner resells under a syndication agreement.
        Syndication = "SYNDICATION",
        /// Microsoft's own support.
        MicrosoftSupport = "MICROSOFT_SUPPORT",
    }

    /// How a reseller is connected with a customer, as a filter.
    Via, "how a reseller is connected with a customer" {
        /// Either way.
        Any = "ANY",
        /// At account level: an association, or the reseller's own relationship.
        Account = "ACCOUNT",
        /// As partner of record of at least one subscription or entitlement.
        Subscription = "SUBSCRIPTION",
    }

    /// The kind of a grant of delegated administration.
    GrantKind, "the kind of a grant of delegated administration" {
        /// Delegated administration privileges, without an end.
        Dap = "DAP",
        /// Granular delegated administration privileges, with an end date.
        Gdap = "GDAP",
    }

    /// What an invitation, once accepted, brings about.
    InvitationKind, "the kind of an invitation" {
        /// A partnership between a provider and a reseller.
        Partnership = "PARTNERSHIP",
        /// A reseller relationship between one partner and a customer.
        Customer = "CUSTOMER",
        /// Reseller relationships of a reseller and one of its providers with a customer, both or neither (C-19).
        JointCustomer = "JOINT_CUSTOMER",
        /// Delegated administration restored in a relationship that exists (C-18).
        DelegatedAdmin = "DELEGATED_ADMIN",
    }

    /// The life of an invitation.
    InvitationState, "the state of an invitation" {
        /// Drafted; the partner has yet to send it (P-05, C-29).
        Draft = "DRAFT",
        /// Marked done: the partner says that it was sent.
        Done = "DONE",
        /// Accepted.
        Accepted = "ACCEPTED",
        /// Turned down.
        Declined = "DECLINED",
        /// Not accepted in time.
        Expired = "EXPIRED",
        /// Taken back by the partner.
        Revoked = "REVOKED",
    }

    /// The portal in which a customer accepts an invitation (C-13).
    AcceptancePortal, "a portal in which a customer accepts" {
        /// The Microsoft 365 admin center, for the public cloud.
        M365AdminCenter = "M365_ADMIN_CENTER",
        /// The Office admin portal, for the government and the German cloud.
        OfficeAdminPortal = "OFFICE_ADMIN_PORTAL",
    }

    /// Which agreement was signed.
    AgreementType, "the type of an agreement" {
        /// The agreement every transacting partner signs (M-01).
        MicrosoftPartnerAgreement = "MICROSOFT_PARTNER_AGREEMENT",
        /// The agreement every customer signs (C-10).
        MicrosoftCustomerAgreement = "MICROSOFT_CUSTOMER_AGREEMENT",
    }

    /// What a partner may do for a customer (C-03).
    CustomerRight, "a right of a partner" {
        /// Order for it.
        Order = "ORDER",
        /// Administer its services.
        ManageServices = "MANAGE_SERVICES",
        /// Manage the Azure subscriptions that the partner provisioned.
        ManageAzure = "MANAGE_AZURE",
    }

    /// How a partner raises a service request for a customer (C-17).
    ServiceRequestPath, "a way to raise a service request" {
        /// Through delegated administration.
        DelegatedAdmin = "DELEGATED_ADMIN",
        /// By telephone to Microsoft's support.
        MicrosoftSupportPhone = "MICROSOFT_SUPPORT_PHONE",
    }

    /// How a partner came by a new customer (C-27).
    AcquisitionChannel, "how a partner came by a customer" {
        /// By its own marketing.
        OwnMarketing = "OWN_MARKETING",
        /// Referred by Microsoft.
        MicrosoftReferral = "MICROSOFT_REFERRAL",
        /// Through an indirect provider.
        IndirectProvider = "INDIRECT_PROVIDER",
        /// In another way.
        Other = "OTHER",
    }

    /// What becomes of delegated administration when a relationship with a customer is removed (D-02).
    #[derive(Default)]
    DelegatedAdminPolicy, "a policy of delegated administration" {
        /// It stays as it is, as the source documents say. The default.
        #[default]
        Keep = "KEEP",
        /// It ends with the relationship, as later documentation says.
        Remove = "REMOVE",
    }
}
