use async_graphql::{Context, ID, Object, Result};
use partnergraph_domain::MailKind;
use partnergraph_store::read::outbox::{MailOrder, MailRow};

use super::{Partner, partner_of};
use partnergraph_operation::connection;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::DateTime;
use partnergraph_operation::siblings::Member;

connection! { OutboxMailConnection, OutboxMailEdge, OutboxMail, MailOrder, "the outbox" }

/// A mail that the platform itself owes, such as the question to the primary contact of an enrolment.
#[derive(Debug, Clone)]
pub struct OutboxMail(pub Member<MailRow>);

impl From<Member<MailRow>> for OutboxMail {
    fn from(row: Member<MailRow>) -> Self {
        Self(row)
    }
}

/// A mail that the platform itself owes, such as the question to the primary contact of an enrolment.
#[Object]
impl OutboxMail {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::OutboxMail(self.0.id).into()
    }

    /// What it is about.
    fn kind(&self) -> MailKind {
        self.0.kind
    }

    /// To whom.
    fn recipient(&self) -> &str {
        &self.0.recipient
    }

    /// Its subject.
    fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Its text. A token that was used is not in it any more.
    fn body(&self) -> &str {
        &self.0.body
    }

    /// The partner account that it is about. Null where it is about none.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.level(), |row| [row.partner_id, None, None], self.0.partner_id).await
    }

    /// When it was put into the outbox.
    fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it was sent. Null while it is not.
    fn sent_at(&self) -> Option<DateTime> {
        self.0.sent_at.map(DateTime::from)
    }

    /// How often it was tried to send it.
    fn attempts(&self) -> i64 {
        self.0.attempts
    }

    /// What went wrong at the last attempt. Null where nothing did, or nothing was tried.
    fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }
}
