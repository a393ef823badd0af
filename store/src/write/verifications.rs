//! The question to the primary contact of an enrolment, and its answer (E-08, E-16).

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

/// What every token of a verification begins with.
pub const PREFIX: &str = "pgv_";

/// A fresh token: 256 bits of the operating system's randomness.
#[must_use]
pub fn fresh_token() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// A question that is put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question<'a> {
    /// The account that enrols.
    pub partner_id: PartnerKey,
    /// The token, which the mail alone holds.
    pub token: &'a str,
    /// Until when it can be answered.
    pub expires_at: NaiveDateTime,
    /// The mail that puts it.
    pub mail: Mail,
}

/// Puts the question. What was asked about the same account before cannot be answered any more.
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

/// A question that was put.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = contact_verifications)]
pub struct VerificationRow {
    /// Its row.
    pub id: VerificationKey,
    /// About which account.
    pub partner_id: PartnerKey,
    /// To whom.
    pub recipient: String,
    outbox_id: Option<MailKey>,
    /// Until when it can be answered.
    pub expires_at: NaiveDateTime,
    /// When it was answered, or put anew; `None` while it is open.
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

/// The question that was put last about an account.
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

/// Keeps the answer, and takes the token out of the mail.
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
