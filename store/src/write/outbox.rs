//! E-mails from the platform itself; sent from here, or read here by an operator.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{MailKey, MailKind, PartnerKey};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::outbox;

/// An e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// What it is about.
    pub kind: MailKind,
    /// The recipient.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// Its body.
    pub body: String,
}

/// Adds an e-mail about a partner account to the outbox, and returns its key.
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

/// Removes a secret from a stored e-mail once it has served its purpose, so that operators no longer see it. The secret is found
/// by its prefix, and ends at the first character that a token cannot contain.
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
    fn a_secret_is_removed_wherever_it_occurs() {
        let text = "Open https://a.example/verify#token=pgv_aB-c_9\nor give pgv_aB-c_9.";
        assert_eq!(without(text, "pgv_"), "Open https://a.example/verify#token=[used]\nor give [used].");
        assert_eq!(without("nothing", "pgv_"), "nothing");
    }
}
