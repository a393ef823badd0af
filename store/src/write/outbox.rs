//! Mails that the platform itself owes; sent from here, or read here by an operator.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{MailKey, MailKind, PartnerKey};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::outbox;

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// What it is about.
    pub kind: MailKind,
    /// To whom.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
}

/// Puts a mail about a partner account into the outbox, and gives its row.
///
/// # Errors
/// Any database error.
pub fn put(conn: &mut Conn, now: NaiveDateTime, partner_id: PartnerKey, mail: &Mail) -> StoreResult<MailKey> {
    Ok(on!(conn, c => diesel::insert_into(outbox::table)
        .values((
            outbox::kind.eq(mail.kind),
            outbox::recipient.eq(&mail.recipient),
            outbox::subject.eq(&mail.subject),
            outbox::body.eq(&mail.body),
            outbox::partner_id.eq(partner_id),
            outbox::created_at.eq(now),
            outbox::attempts.eq(0_i64),
        ))
        .returning(outbox::id)
        .get_result(c))?)
}

/// Takes a secret out of a stored mail, once it has served its purpose: an operator's list must not go on showing it. `secret`
/// is found by the word that begins it, and ends with the letters that a token has.
///
/// # Errors
/// Any database error.
pub(super) fn blank(conn: &mut Conn, id: MailKey, prefix: &str) -> StoreResult<()> {
    let body: String = on!(conn, c => outbox::table.find(id).select(outbox::body).first(c))?;
    let blanked = without(&body, prefix);
    if blanked != body {
        on!(conn, c => diesel::update(outbox::table.find(id)).set(outbox::body.eq(blanked)).execute(c))?;
    }
    Ok(())
}

fn without(text: &str, prefix: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(prefix) {
        kept.push_str(&rest[..at]);
        kept.push_str("[used]");
        let secret = &rest[at..];
        let end = secret.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').unwrap_or(secret.len());
        rest = &secret[end..];
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn a_secret_is_taken_out_wherever_it_stands() {
        let text = "Open https://a.example/verify#token=pgv_aB-c_9\nor give pgv_aB-c_9.";
        assert_eq!(without(text, "pgv_"), "Open https://a.example/verify#token=[used]\nor give [used].");
        assert_eq!(without("nothing", "pgv_"), "nothing");
    }
}
