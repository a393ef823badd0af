use partnergraph_domain::drafts::{Draft, Inviter};
use partnergraph_domain::rules::text_rules::LINK_PLACEHOLDER;
use partnergraph_domain::{PartnerFacts, PartnerKey, Refusal};
use partnergraph_store::read::partners::{self, PartnerBy};
use partnergraph_store::write::invitations;
use partnergraph_store::{Conn, Scope, StoreResult};

use crate::task::bad_input;
use partnergraph_operation::policy::Policy;
use partnergraph_types::InvitationSecret;

/// The maximum length of an edited text, in characters. Mail applications still open a `mailto:` link of this length.
const LONGEST_MESSAGE: usize = 10_000;

/// A new token, its link, and the email that carries the link.
pub(crate) struct Letter {
    /// Stored only as a hash.
    pub(crate) token: String,
    /// The acceptance link. The token is in the fragment (after `#`), which is not sent to servers and so never appears
    /// in their logs.
    pub(crate) link: String,
}

impl Letter {
    /// A letter with a new token and a link to this installation.
    pub(crate) fn new(policy: &Policy) -> Self {
        let token = invitations::fresh_token();
        let link = format!("{}/invitation#token={token}", policy.public_url.trim_end_matches('/'));
        Self { token, link }
    }

    /// Returns the text to store, with a placeholder for the link, and the secret to return once, with the link.
    pub(crate) fn write(&self, draft: Draft, edited: Option<&str>) -> (String, InvitationSecret) {
        let text = edited.map_or(draft.body, |text| text.replace(&self.link, LINK_PLACEHOLDER));
        let body = text.replace(LINK_PLACEHOLDER, &self.link);
        (text, InvitationSecret { link: self.link.clone(), subject: draft.subject, body })
    }

    /// Checks the length of an edited text. The rules check the rest.
    pub(crate) fn refusal(edited: Option<&str>) -> Option<Refusal> {
        let message = format!("A message can have at most {LONGEST_MESSAGE} characters.");
        edited.is_some_and(|text| text.chars().count() > LONGEST_MESSAGE).then(|| bad_input(&message, &["message"]))
    }

    /// The inviting partner, as the email presents it.
    pub(crate) fn inviter(conn: &mut Conn, partner_id: PartnerKey, facts: &PartnerFacts) -> StoreResult<Inviter> {
        let row = partners::find(conn, &Scope::Operator, PartnerBy::Row(partner_id))?;
        Ok(Inviter { name: row.map(|row| row.profile.name).unwrap_or_default(), mpn_id: facts.mpn_id })
    }
}
