//! Enums for customers, their relationships, invitations and agreements.

closed_enums! {
    /// A partner's relationship with a customer.
    RelationshipToPartner, "what a partner is to a customer" {
        /// No relationship, or only a grant of delegated admin privileges remains.
        None = "NONE",
        /// The partner sells to the customer.
        Reseller = "RESELLER",
        /// The partner advises the customer.
        Advisor = "ADVISOR",
        /// The partner resells under a syndication agreement.
        Syndication = "SYNDICATION",
        /// The partner is Microsoft's own support.
        MicrosoftSupport = "MICROSOFT_SUPPORT",
    }

    /// How a reseller is associated with a customer.
    Via, "how a reseller is connected with a customer" {
        /// In a filter: either of the two. As a value: both of them.
        Any = "ANY",
        /// At account level, through an association or the reseller's own relationship with the customer.
        Account = "ACCOUNT",
        /// As partner of record of at least one subscription or entitlement.
        Subscription = "SUBSCRIPTION",
    }

    /// The kind of a grant of delegated admin privileges.
    GrantKind, "the kind of a grant of delegated administration" {
        /// Delegated admin privileges (DAP), without an end date.
        Dap = "DAP",
        /// Granular delegated admin privileges (GDAP), with an end date.
        Gdap = "GDAP",
    }

    /// What is created when an invitation is accepted.
    InvitationKind, "the kind of an invitation" {
        /// A partnership between a provider and a reseller.
        Partnership = "PARTNERSHIP",
        /// A reseller relationship between one partner and a customer.
        Customer = "CUSTOMER",
        /// Reseller relationships of a customer with both a reseller and one of its providers: both or neither (C-19).
        JointCustomer = "JOINT_CUSTOMER",
        /// Delegated admin privileges, reinstated in an existing relationship (C-18).
        DelegatedAdmin = "DELEGATED_ADMIN",
    }

    /// The state of an invitation.
    InvitationState, "the state of an invitation" {
        /// Drafted. The partner has yet to send it (P-05, C-29).
        Draft = "DRAFT",
        /// Marked as sent by the partner.
        Done = "DONE",
        /// Accepted.
        Accepted = "ACCEPTED",
        /// Declined.
        Declined = "DECLINED",
        /// Not accepted before it expired.
        Expired = "EXPIRED",
        /// Revoked by the partner.
        Revoked = "REVOKED",
    }

    /// The portal in which a customer accepts an invitation (C-13).
    AcceptancePortal, "a portal in which a customer accepts" {
        /// The Microsoft 365 admin center, for the public cloud.
        M365AdminCenter = "M365_ADMIN_CENTER",
        /// The Office admin portal, for the US Government and German clouds.
        OfficeAdminPortal = "OFFICE_ADMIN_PORTAL",
    }

    /// The type of an agreement.
    AgreementType, "the type of an agreement" {
        /// The agreement that every transacting partner signs (M-01).
        MicrosoftPartnerAgreement = "MICROSOFT_PARTNER_AGREEMENT",
        /// The agreement that every customer accepts (C-10).
        MicrosoftCustomerAgreement = "MICROSOFT_CUSTOMER_AGREEMENT",
    }

    /// How a partner knows that a customer accepted the Microsoft Customer Agreement.
    AgreementEvidence, "the evidence of an agreement" {
        /// A Global admin of the customer accepted it.
        Accepted = "ACCEPTED",
        /// The partner attested who accepted it, and when (C-31).
        Attested = "ATTESTED",
        /// The partner's import shows a purchase that is not possible without the agreement (C-32).
        Portal = "PORTAL",
    }

    /// A right of a partner over a customer (C-03).
    CustomerRight, "a right of a partner" {
        /// Place orders for the customer.
        Order = "ORDER",
        /// Manage the customer's services.
        ManageServices = "MANAGE_SERVICES",
        /// Manage the Azure subscriptions that the partner provisioned.
        ManageAzure = "MANAGE_AZURE",
    }

    /// How a partner raises a service request for a customer (C-17).
    ServiceRequestPath, "a way to raise a service request" {
        /// Through delegated admin privileges.
        DelegatedAdmin = "DELEGATED_ADMIN",
        /// By phone to Microsoft support.
        MicrosoftSupportPhone = "MICROSOFT_SUPPORT_PHONE",
    }

    /// How a partner acquired a new customer (C-27).
    AcquisitionChannel, "how a partner came by a customer" {
        /// Through the partner's own marketing.
        OwnMarketing = "OWN_MARKETING",
        /// Referred by Microsoft.
        MicrosoftReferral = "MICROSOFT_REFERRAL",
        /// Through an indirect provider.
        IndirectProvider = "INDIRECT_PROVIDER",
        /// Through another channel.
        Other = "OTHER",
    }

    /// What happens to delegated admin privileges when a relationship with a customer is removed (D-02).
    #[derive(Default)]
    DelegatedAdminPolicy, "a policy of delegated administration" {
        /// They remain unchanged, as the source documents say. This is the default.
        #[default]
        Keep = "KEEP",
        /// They end with the relationship, as later documentation says.
        Remove = "REMOVE",
    }
}
