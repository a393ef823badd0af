use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use partnergraph_domain::rules::invitation::c_13_acceptance_portal;
use partnergraph_domain::{AcceptancePortal, Cloud, InvitationKind, InvitationState, PartnerKey, drafts};
use partnergraph_store::read::invitations::{InvitationOrder, InvitationRow};

use super::{Customer, Partner, customer_of, partner_of};
use partnergraph_operation::connection;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::{CountryCode, DateTime};
use partnergraph_operation::siblings::Member;

connection! { InvitationConnection, InvitationEdge, Invitation, InvitationOrder, "invitations" }

/// A mail that the partner may edit and sends itself: the system sends none (P-05, C-29).
#[derive(SimpleObject, Debug, Clone)]
pub struct EmailDraft {
    /// The address to send it to.
    pub to: String,
    /// The subject, which names whoever invites.
    pub subject: String,
    /// The text, with the personal link.
    pub body: String,
    /// A link that opens the mail in the default mail application, ready to be sent.
    pub mailto: String,
}

/// What is told of an invitation once, to whoever made it.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct InvitationSecret {
    /// The personal link, with the token.
    pub link: String,
    /// The subject of the draft.
    pub subject: String,
    /// The text of the draft, with the link.
    pub body: String,
}

/// An invitation: to a partnership, to a reseller relationship, or to restore delegated administration.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct Invitation {
    row: Member<InvitationRow>,
    secret: Option<Arc<InvitationSecret>>,
}

impl From<Member<InvitationRow>> for Invitation {
    fn from(row: Member<InvitationRow>) -> Self {
        Self { row, secret: None }
    }
}

impl Invitation {
    /// The invitation as the answer shows it that made it.
    pub fn fresh(row: InvitationRow, secret: Option<InvitationSecret>) -> Self {
        Self { row: Member::alone(row), secret: secret.map(Arc::new) }
    }

    async fn partner_named(&self, ctx: &Context<'_>, id: Option<PartnerKey>) -> Result<Option<Partner>> {
        let keys = |row: &InvitationRow| [Some(row.partner_id), row.joint_provider_id, row.invited_partner_id];
        partner_of(ctx, self.row.level(), keys, id).await
    }
}

/// An invitation: to a partnership, to a reseller relationship, or to restore delegated administration.
///
/// It is seen by the organisation that drafted it, a joint one by its provider as well, and by operators. Whoever is invited
/// answers with the token in the link.
#[Object]
impl Invitation {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::Invitation(self.row.id).into()
    }

    /// What it brings about once it is accepted.
    fn kind(&self) -> InvitationKind {
        self.row.kind
    }

    /// Where it stands now. One that is open reads `EXPIRED` as soon as its time is over.
    fn state(&self) -> InvitationState {
        self.row.state
    }

    /// When it was drafted.
    fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// Until when it can be answered.
    fn expires_at(&self) -> DateTime {
        self.row.expires_at.into()
    }

    /// The address that it is to be sent to.
    fn recipient(&self) -> &str {
        &self.row.recipient
    }

    /// The customer's country. Null where it is not known, and for a partnership.
    fn country(&self) -> Option<CountryCode> {
        self.row.country.map(CountryCode)
    }

    /// The cloud, which is that of the partner that invites (C-05, C-06).
    fn cloud(&self) -> Cloud {
        self.row.cloud
    }

    /// The portal in which a customer of that cloud accepts (C-13). Null for a partnership.
    fn portal(&self) -> Option<AcceptancePortal> {
        (self.row.kind != InvitationKind::Partnership).then(|| c_13_acceptance_portal(self.row.cloud))
    }

    /// Whether delegated administration privileges are asked for (C-08). False for a partnership.
    fn delegated_admin(&self) -> bool {
        self.row.delegated_admin
    }

    /// Whether they are asked for the provider of a joint invitation as well (C-21).
    fn provider_delegated_admin(&self) -> bool {
        self.row.provider_delegated_admin
    }

    /// The partner that invites.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        self.partner_named(ctx, Some(self.row.partner_id)).await
    }

    /// The provider of a joint invitation. Null for any other.
    async fn joint_provider(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        self.partner_named(ctx, self.row.joint_provider_id).await
    }

    /// The reseller that a request for a partnership names. Null where it names none: it is for whoever has the link.
    async fn reseller(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        self.partner_named(ctx, self.row.invited_partner_id).await
    }

    /// The customer that the invitation names. Null where it names none: it is for whoever has the link; and where the caller
    /// does not see the customer.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, self.row.level(), |row| row.customer_id, self.row.customer_id).await
    }

    /// Who drafted it.
    fn created_by(&self) -> &str {
        &self.row.created_by
    }

    /// When it was marked done. Null where it was not.
    fn done_at(&self) -> Option<DateTime> {
        self.row.done_at.map(DateTime)
    }

    /// When it was accepted. Null where it was not.
    fn accepted_at(&self) -> Option<DateTime> {
        self.row.accepted_at.map(DateTime)
    }

    /// When it was turned down. Null where it was not.
    fn declined_at(&self) -> Option<DateTime> {
        self.row.declined_at.map(DateTime)
    }

    /// When it was taken back. Null where it was not.
    fn revoked_at(&self) -> Option<DateTime> {
        self.row.revoked_at.map(DateTime)
    }

    /// The personal link. Told once, in the answer that made the invitation; null ever after.
    fn link(&self) -> Option<&str> {
        self.secret.as_ref().map(|secret| secret.link.as_str())
    }

    /// The mail to send. Told once, in the answer that made the invitation; null ever after, since it has the link.
    fn email_draft(&self) -> Option<EmailDraft> {
        let secret = self.secret.as_ref()?;
        Some(EmailDraft {
            to: self.row.recipient.clone(),
            subject: secret.subject.clone(),
            body: secret.body.clone(),
            mailto: drafts::mailto(&self.row.recipient, &secret.subject, &secret.body),
        })
    }

    /// Rises with every change.
    fn version(&self) -> i64 {
        self.row.version
    }
}
