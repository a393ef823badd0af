use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::rules::enrolment::{ContactAnswer, e_16_after_answer};
use partnergraph_domain::{PartnerKey, Refusal, checks};
use partnergraph_store::write::enrolment::{self, Vetting};
use partnergraph_store::write::facts;
use partnergraph_store::write::profile::Profile;
use partnergraph_store::write::verifications::{self, VerificationRow};
use partnergraph_store::{Actor, Conn};

use super::{PartnerPayload, mails};
use crate::task::{self, Attempt, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::nullable::Nullable;

/// The answers of a primary contact.
#[derive(InputObject, Debug, Clone)]
pub struct VerifyPrimaryContactInput {
    /// The token from the email.
    token: String,
    /// Whether the contact signed up, or a colleague did so with the contact's knowledge.
    signed_up: bool,
    /// Whether the email address belongs to the company.
    email_belongs_to_company: bool,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `verifyPrimaryContact`.
#[derive(Debug, Default)]
pub struct VerifyPrimaryContact;

#[Object]
impl VerifyPrimaryContact {
    /// Answers the two questions that the primary contact of an enrolment received by email (E-08). If either answer is
    /// no, the enrolment is rejected (E-16).
    ///
    /// The token proves that the email was received, so any signed-in user can answer with it. It can be used once,
    /// before it expires. A used or expired token is reported as such only to users of the tenant that enrols; for
    /// everyone else, it does not exist.
    async fn verify_primary_contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `verifyPrimaryContact`.")] input: VerifyPrimaryContactInput,
    ) -> Nullable<PartnerPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| verify(conn, actor, now, &input)).await?;
            PartnerPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn verify(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &VerifyPrimaryContactInput,
) -> Attempt<PartnerKey> {
    let unknown = || not_found("verification", "token");
    let row = verifications::by_token(conn, &input.token)?.ok_or_else(unknown)?;
    let vetting = enrolment::vetting(conn, row.partner_id)?;
    let refusals = match closed(&row, now) {
        Some(refusal) => vec![refusal],
        None => checks::verify_primary_contact(vetting.status),
    };
    if !refusals.is_empty() {
        let partner = facts::partner(conn, row.partner_id)?;
        let is_own = partner.tenant_id.is_some() && facts::actor(actor)?.tenant_id == partner.tenant_id;
        return Err(if is_own { refusals.into() } else { unknown().into() });
    }
    let answer = ContactAnswer { signed_up: input.signed_up, email_belongs_to_company: input.email_belongs_to_company };
    verifications::answer(conn, now, &row, answer)?;
    let (status, sub_status) = e_16_after_answer(answer);
    let profile = Profile::of(conn, row.partner_id)?;
    let news = mails::news(&profile, (status, sub_status), None);
    enrolment::move_on(conn, actor, now, row.partner_id, (Vetting { status, sub_status }, None), news.as_ref())?;
    Ok(row.partner_id)
}

/// A token can be used once, before it expires. The rule catalogue has no row for this.
fn closed(row: &VerificationRow, now: NaiveDateTime) -> Option<Refusal> {
    if row.answered_at.is_some() {
        let message = "This token was already used, or a newer email replaced it.";
        return Some(Refusal::plain("TOKEN_USED", message).field(["token"]));
    }
    (row.expires_at <= now).then(|| {
        let message = "This token has expired. Set the primary contact in the profile again to send a new email.";
        Refusal::plain("TOKEN_EXPIRED", message).field(["token"])
    })
}
