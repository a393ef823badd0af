//! The verification question to the primary contact of an enrolment, and the answer (E-08, E-16).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::rules::enrolment::ContactAnswer;
use partnergraph_domain::{MailKey, PartnerKey, VerificationKey};
use rand::Rng as _;

use super::outbox::{self, Mail};
use super::tokens;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::contact_verifications;

/// The prefix of every verification token.
pub const PREFIX: &str = "pgv_";

/// A new token: 256 bits of the operating system's randomness.
#[must_use]
pub fn fresh_token() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// A verification question to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question<'a> {
    /// The account that is enrolling.
    pub partner_id: PartnerKey,
    /// The token, which only the e-mail contains.
    pub token: &'a str,
    /// When it expires.
    pub expires_at: NaiveDateTime,
    /// The e-mail with the question.
    pub mail: Mail,
}

/// Sends the question. Earlier questions about the same account can no longer be answered.
///
/// # Errors
/// Any database error.
pub fn ask(conn: &mut Conn, now: NaiveDateTime, question: &Question<'_>) -> StoreResult<()> {
    let open: Vec<(VerificationKey, Option<MailKey>)> = on!(conn, c => contact_verifications::table
        .filter(
            contact_verifications::partner_id.eq(question.partner_id)
                .and(contact_verifications::answered_at.is_null()))
        .select((contact_verifications::id, contact_verifications::outbox_id))
        .load(c))?;
    for (id, outbox_id) in open {
        close(conn, now, id, outbox_id, None)?;
    }
    let outbox_id = outbox::put(conn, now, question.partner_id, &question.mail)?;
    on!(conn, c => diesel::insert_into(contact_verifications::table)
        .values((
            contact_verifications::partner_id.eq(question.partner_id),
            contact_verifications::recipient.eq(&question.mail.recipient),
            contact_verifications::token_hash.eq(tokens::hash(question.token)),
            contact_verifications::outbox_id.eq(outbox_id),
            contact_verifications::created_at.eq(now),
            contact_verifications::expires_at.eq(question.expires_at),
        ))
        .execute(c))?;
    Ok(())
}

/// A question that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = contact_verifications)]
pub struct VerificationRow {
    /// Its key.
    pub id: VerificationKey,
    /// The account.
    pub partner_id: PartnerKey,
    /// The recipient.
    pub recipient: String,
    outbox_id: Option<MailKey>,
    /// When it expires.
    pub expires_at: NaiveDateTime,
    /// When it was answered or replaced; `None` while it is open.
    pub answered_at: Option<NaiveDateTime>,
}

/// The question with that token.
///
/// # Errors
/// Any database error.
pub fn by_token(conn: &mut Conn, token: &str) -> StoreResult<Option<VerificationRow>> {
    Ok(on!(conn, c => contact_verifications::table
        .filter(contact_verifications::token_hash.eq(tokens::hash(token.trim())))
        .select(VerificationRow::as_select())
        .first(c)
        .optional())?)
}

/// The latest question about an account.
///
/// # Errors
/// Any database error.
pub fn latest(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<Option<VerificationRow>> {
    Ok(on!(conn, c => contact_verifications::table
        .filter(contact_verifications::partner_id.eq(partner_id))
        .order(contact_verifications::id.desc())
        .select(VerificationRow::as_select())
        .first(c)
        .optional())?)
}

/// Stores the answer, and removes the token from the e-mail.
///
/// # Errors
/// Any database error.
pub fn answer(conn: &mut Conn, now: NaiveDateTime, row: &VerificationRow, answer: ContactAnswer) -> StoreResult<()> {
    close(conn, now, row.id, row.outbox_id, Some(answer))
}

fn close(
    conn: &mut Conn,
    now: NaiveDateTime,
    id: VerificationKey,
    outbox_id: Option<MailKey>,
    answer: Option<ContactAnswer>,
) -> StoreResult<()> {
    on!(conn, c => diesel::update(contact_verifications::table.find(id))
        .set((
            contact_verifications::answered_at.eq(now),
            contact_verifications::signed_up.eq(answer.map(|answer| answer.signed_up)),
            contact_verifications::email_belongs_to_company.eq(answer.map(|answer| answer.email_belongs_to_company)),
        ))
        .execute(c))?;
    outbox_id.map_or(Ok(()), |id| outbox::blank(conn, id, PREFIX))
}
