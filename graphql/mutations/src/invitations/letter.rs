use partnergraph_domain::drafts::{Draft, Inviter};
use partnergraph_domain::rules::text_rules::LINK_PLACEHOLDER;
use partnergraph_domain::{PartnerFacts, PartnerKey, Refusal};
use partnergraph_store::read::partners::{self, PartnerBy};
use partnergraph_store::write::invitations;
use partnergraph_store::{Conn, Scope, StoreResult};

use crate::task::bad_input;
use partnergraph_operation::policy::Policy;
use partnergraph_types::InvitationSecret;

/// The most characters of an edited text: what a mail application still opens from a link.
const LONGEST_MESSAGE: usize = 10_000;

/// A fresh token, its link, and the mail that carries it.
pub(crate) struct Letter {
    /// Stored as a hash only.
    pub(crate) token: String,
    /// Where the token leads. After the `#` nothing reaches a server's log.
    pub(crate) link: String,
}

impl Letter {
    /// A letter of this installation.
    pub(crate) fn new(policy: &Policy) -> Self {
        let token = invitations::fresh_token();
        let link = format!("{}/invitation#token={token}", policy.public_url.trim_end_matches('/'));
        Self { token, link }
    }

    /// The text to be kept, with a placeholder for the link, and what is told once, with the link.
    pub(crate) fn write(&self, draft: Draft, edited: Option<&str>) -> (String, InvitationSecret) {
        let text = edited.map_or(draft.body, |text| text.replace(&self.link, LINK_PLACEHOLDER));
        let body = text.replace(LINK_PLACEHOLDER, &self.link);
        (text, InvitationSecret { link: self.link.clone(), subject: draft.subject, body })
    }

    /// What is against an edited text besides the rules.
    pub(crate) fn refusal(edited: Option<&str>) -> Option<Refusal> {
        let message = format!("A message has at most {LONGEST_MESSAGE} characters.");
        edited.is_some_and(|text| text.chars().count() > LONGEST_MESSAGE).then(|| bad_input(&message, &["message"]))
    }

    /// Who invites, as the reader of the mail knows it.
    pub(crate) fn inviter(conn: &mut Conn, partner_id: PartnerKey, facts: &PartnerFacts) -> StoreResult<Inviter> {
        let row = partners::find(conn, &Scope::Operator, PartnerBy::Row(partner_id))?;
        Ok(Inviter { name: row.map(|row| row.profile.name).unwrap_or_default(), mpn_id: facts.mpn_id })
    }
}
