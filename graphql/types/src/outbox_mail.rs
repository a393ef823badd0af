use async_graphql::{Context, ID, Object, Result};
use partnergraph_domain::MailKind;
use partnergraph_store::read::outbox::{MailOrder, MailRow};

use super::{Partner, partner_of};
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::DateTime;

connection! { OutboxMailConnection, OutboxMailEdge, OutboxMail, MailOrder, "outbox emails" }

/// An email that the platform itself sends, such as the verification email to the primary contact of an enrolment.
#[derive(Debug, Clone)]
pub struct OutboxMail(pub BatchRow<MailRow>);

impl From<BatchRow<MailRow>> for OutboxMail {
    fn from(row: BatchRow<MailRow>) -> Self {
        Self(row)
    }
}

/// An email that the platform itself sends, such as the verification email to the primary contact of an enrolment.
#[Object]
impl OutboxMail {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::OutboxMail(self.0.id).into()
    }

    /// The kind of email.
    fn kind(&self) -> MailKind {
        self.0.kind
    }

    /// The recipient's email address.
    fn recipient(&self) -> &str {
        &self.0.recipient
    }

    /// The subject.
    fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The text. A token is removed from it once it has been used.
    fn body(&self) -> &str {
        &self.0.body
    }

    /// The partner account that the email is about. Null if it is about none.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.batch(), |row| [row.partner_id, None, None], self.0.partner_id).await
    }

    /// When the email was added to the outbox.
    fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When the email was sent. Null if it has not been sent.
    fn sent_at(&self) -> Option<DateTime> {
        self.0.sent_at.map(DateTime::from)
    }

    /// The number of attempts to send the email.
    fn attempts(&self) -> i64 {
        self.0.attempts
    }

    /// The error of the last attempt. Null if it succeeded, or if there was no attempt.
    fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }
}
