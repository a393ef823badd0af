use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use partnergraph_domain::rules::invitation::c_13_acceptance_portal;
use partnergraph_domain::{AcceptancePortal, Cloud, InvitationKind, InvitationState, PartnerKey, drafts};
use partnergraph_store::read::invitations::{InvitationOrder, InvitationRow};

use super::{Customer, Partner, customer_of, partner_of};
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::{CountryCode, DateTime, Guid};

connection! { InvitationConnection, InvitationEdge, Invitation, InvitationOrder, "invitations" }

/// An email draft that the partner can edit and send itself. The platform does not send it (P-05, C-29).
#[derive(SimpleObject, Debug, Clone)]
pub struct EmailDraft {
    /// The recipient's email address.
    pub to: String,
    /// The subject, which names the inviting partner.
    pub subject: String,
    /// The text, including the personalised link.
    pub body: String,
    /// A `mailto:` link that opens the draft in the default mail application.
    pub mailto: String,
}

/// The parts of an invitation that are returned only once, to the caller that created it.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct InvitationSecret {
    /// The personalised link, including the token.
    pub link: String,
    /// The subject of the draft.
    pub subject: String,
    /// The text of the draft, including the link.
    pub body: String,
}

/// An invitation to a partnership or a reseller relationship, or to reinstate delegated admin privileges.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct Invitation {
    pub(super) row: BatchRow<InvitationRow>,
    secret: Option<Arc<InvitationSecret>>,
}

impl From<BatchRow<InvitationRow>> for Invitation {
    fn from(row: BatchRow<InvitationRow>) -> Self {
        Self { row, secret: None }
    }
}

impl Invitation {
    /// The invitation as returned by the mutation that created it.
    pub fn fresh(row: BatchRow<InvitationRow>, secret: Option<InvitationSecret>) -> Self {
        Self { row, secret: secret.map(Arc::new) }
    }

    async fn partner_named(&self, ctx: &Context<'_>, id: Option<PartnerKey>) -> Result<Option<Partner>> {
        let keys = |row: &InvitationRow| [Some(row.partner_id), row.joint_provider_id, named_reseller(row)];
        partner_of(ctx, self.row.batch(), keys, id).await
    }
}

/// The reseller that an invitation names. A partnership request is for it; a customer's invitation only associates it.
fn named_reseller(row: &InvitationRow) -> Option<PartnerKey> {
    if row.kind == InvitationKind::Partnership { row.invited_partner_id } else { row.reseller_id }
}

/// An invitation to a partnership or a reseller relationship, or to reinstate delegated admin privileges.
///
/// Visible to the organisation that drafted it, to operators and, for a joint invitation, to the joint provider. The invitee
/// responds with the token from the link.
#[Object]
impl Invitation {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::Invitation(self.row.id).into()
    }

    /// What is created when the invitation is accepted.
    fn kind(&self) -> InvitationKind {
        self.row.kind
    }

    /// The current state. An open invitation becomes `EXPIRED` as soon as it expires.
    fn state(&self) -> InvitationState {
        self.row.state
    }

    /// When the invitation was drafted.
    fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When the invitation expires.
    fn expires_at(&self) -> DateTime {
        self.row.expires_at.into()
    }

    /// The email address that the invitation is for.
    fn recipient(&self) -> &str {
        &self.row.recipient
    }

    /// The customer's country. Null if unknown, and for a partnership.
    fn country(&self) -> Option<CountryCode> {
        self.row.country.map(CountryCode)
    }

    /// The Microsoft cloud, which is that of the inviting partner (C-05, C-06).
    fn cloud(&self) -> Cloud {
        self.row.cloud
    }

    /// The portal in which customers of that cloud accept invitations (C-13). Null for a partnership.
    fn portal(&self) -> Option<AcceptancePortal> {
        (self.row.kind != InvitationKind::Partnership).then(|| c_13_acceptance_portal(self.row.cloud))
    }

    /// Whether the invitation requests delegated admin privileges (C-08). False for a partnership.
    fn delegated_admin(&self) -> bool {
        self.row.delegated_admin
    }

    /// Whether a joint invitation also requests delegated admin privileges for the provider (C-21).
    fn provider_delegated_admin(&self) -> bool {
        self.row.provider_delegated_admin
    }

    /// The inviting partner. Null if you cannot see it.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        self.partner_named(ctx, Some(self.row.partner_id)).await
    }

    /// The provider in a joint invitation. Null for other invitations, or if you cannot see it.
    async fn joint_provider(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        self.partner_named(ctx, self.row.joint_provider_id).await
    }

    /// The reseller that a partnership request names, or that a customer's invitation associates with the account. Null if it names
    /// none (anyone with the link can then accept a partnership request), or if you cannot see the reseller.
    async fn reseller(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        self.partner_named(ctx, named_reseller(&self.row)).await
    }

    /// The tenant that the invitation names, whether or not it is known; only its Global admin can accept (C-30). Null if it
    /// names none by its id.
    fn tenant_id(&self) -> Result<Option<Guid>> {
        Ok(self.row.invited_tenant_id.as_deref().map(Guid::stored).transpose()?)
    }

    /// The MPN ID of the partner whose internal use the tenant serves, as the invitation states it. Null for a third-party
    /// customer.
    fn internal_use_of_mpn_id(&self) -> Option<&str> {
        self.row.internal_use_of_mpn_id.as_deref()
    }

    /// The customer that the invitation names. Null if it names none (anyone with the link can then accept, unless it names a
    /// tenant), or if you cannot see the customer.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, self.row.batch(), |row| row.customer_id, self.row.customer_id).await
    }

    /// The user principal name of the user who drafted the invitation.
    fn created_by(&self) -> &str {
        &self.row.created_by
    }

    /// When the invitation was marked as sent. Null if it was not.
    fn done_at(&self) -> Option<DateTime> {
        self.row.done_at.map(DateTime)
    }

    /// When the invitation was accepted. Null if it was not.
    fn accepted_at(&self) -> Option<DateTime> {
        self.row.accepted_at.map(DateTime)
    }

    /// When the invitation was declined. Null if it was not.
    fn declined_at(&self) -> Option<DateTime> {
        self.row.declined_at.map(DateTime)
    }

    /// When the invitation was revoked. Null if it was not.
    fn revoked_at(&self) -> Option<DateTime> {
        self.row.revoked_at.map(DateTime)
    }

    /// The personalised link. Returned only by the mutation that creates the invitation; null afterwards.
    fn link(&self) -> Option<&str> {
        self.secret.as_ref().map(|secret| secret.link.as_str())
    }

    /// The email draft to send. Returned only by the mutation that creates the invitation, because it contains the link; null
    /// afterwards.
    fn email_draft(&self) -> Option<EmailDraft> {
        let secret = self.secret.as_ref()?;
        Some(EmailDraft {
            to: self.row.recipient.clone(),
            subject: secret.subject.clone(),
            body: secret.body.clone(),
            mailto: drafts::mailto(&self.row.recipient, &secret.subject, &secret.body),
        })
    }

    /// The version. Increases with every change.
    fn version(&self) -> i64 {
        self.row.version
    }
}
