use async_graphql::SimpleObject;
use partnergraph_domain::{InvitationKind, InvitationState, PartnerType};
use partnergraph_operation::scalars::{CountryCode, DateTime};

/// An invitation as the person who received its link reads it: who invites, and what an acceptance does.
#[derive(SimpleObject, Debug, Clone)]
pub struct ReceivedInvitation {
    /// What is created when the invitation is accepted: `PARTNERSHIP` is accepted with `acceptPartnership`, every other kind with
    /// `acceptInvitation`.
    pub kind: InvitationKind,
    /// The current state. An open invitation becomes `EXPIRED` as soon as it expires.
    pub state: InvitationState,
    /// When the invitation expires.
    pub expires_at: DateTime,
    /// The partner that invites.
    pub inviter: InvitingPartner,
    /// The provider of a joint invitation, which an acceptance authorises too (C-20). Null for other invitations.
    pub joint_provider: Option<InvitingPartner>,
    /// Whether the inviting partner gets delegated admin privileges (C-08). False for a partnership.
    pub delegated_admin: bool,
    /// Whether the provider of a joint invitation gets them too (C-21).
    pub provider_delegated_admin: bool,
    /// The reseller that is associated with the customer's account (N-02). Null if the invitation names none, and for a partnership.
    pub reseller: Option<InvitingPartner>,
    /// The MPN ID of the partner whose internal use the tenant serves, as the invitation states it. Whoever accepts confirms it
    /// with `confirmInternalUseOf`. Null for a third-party customer.
    pub internal_use_of_mpn_id: Option<String>,
    /// Whether the acceptance must include `acceptCustomerAgreement` (C-10). False if your tenant has accepted the Microsoft
    /// Customer Agreement (C-11), and for a partnership.
    pub agreement_required: bool,
}

/// A partner that an invitation names, as the draft of its email presents it.
#[derive(SimpleObject, Debug, Clone)]
pub struct InvitingPartner {
    /// The name.
    pub name: String,
    /// The location MPN ID. Null if there is none.
    pub mpn_id: Option<String>,
    /// The country. Null if unknown.
    pub country: Option<CountryCode>,
    /// The type of the account.
    #[graphql(name = "type")]
    pub partner_type: PartnerType,
}
