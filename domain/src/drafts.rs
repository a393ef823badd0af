//! The texts of invitations, which the system drafts and the partner sends (P-03, P-05, C-09, C-19, C-29).
//!
//! A draft names the inviting account and its MPN ID. It contains the placeholder [`LINK_PLACEHOLDER`] in place of the
//! personal link, so that no stored text contains the token.

use std::fmt::Write as _;

use crate::rules::text_rules::LINK_PLACEHOLDER;
use crate::{AcceptancePortal, MpnId};

/// The inviting account, as the recipient of the e-mail knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inviter {
    /// The name of the account.
    pub name: String,
    /// The MPN ID that it is linked to.
    pub mpn_id: MpnId,
}

impl Inviter {
    fn signature(&self) -> String {
        format!("{} (MPN ID {})", self.name, self.mpn_id)
    }
}

/// An e-mail that a person can edit and send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The subject.
    pub subject: String,
    /// The text, with the placeholder for the link.
    pub body: String,
}

/// P-03: the request for a partnership, personalised with the provider's account.
#[must_use]
pub fn partnership_request(provider: &Inviter) -> Draft {
    let who = provider.signature();
    Draft {
        subject: format!("{who} requests a partnership with you"),
        body: format!(
            "Hello,\n\n\
             {who} would like to work with you as your indirect provider in the Cloud Solution Provider programme.\n\n\
             If you accept, we appear in your list of indirect providers and you in our list of indirect resellers, we can \
             order and add subscriptions on behalf of your customers, and we get administrator access to your partner \
             account. You can remove that access at any time.\n\n\
             A Global admin or an Admin agent of your company can accept here:\n\n{LINK_PLACEHOLDER}\n\n\
             Your company must be enrolled in the programme as an indirect reseller. This link is for you only; please do not \
             share it.\n\n\
             Kind regards\n{who}\n"
        ),
    }
}

/// What an invitation asks a customer for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRequest {
    /// Delegated administration for the partner that invites.
    pub delegated_admin: bool,
    /// Delegated administration for the provider of a joint invitation.
    pub provider_delegated_admin: bool,
    /// The reseller to associate with the account. `None` for none.
    pub reseller: Option<Inviter>,
    /// The partner whose internal use the tenant serves, by its MPN ID. `None` for a third-party customer.
    pub internal_use_of: Option<MpnId>,
    /// Where the customer accepts (C-13).
    pub portal: AcceptancePortal,
}

impl InvitationRequest {
    /// What the customer allows and states by accepting, besides the relationship itself (N-02, Q-05).
    fn also(&self) -> String {
        let reseller = self.reseller.as_ref().map(|reseller| {
            format!(
                "We associate {} with your account. It manages for you what you buy from us, and gets administrator access to \
                 your subscriptions and services.\n\n",
                reseller.signature()
            )
        });
        let internal_use = self.internal_use_of.map(|buyer| {
            format!(
                "This invitation is for a tenant that serves the internal use of the partner with MPN ID {buyer}. Whoever \
                 accepts confirms that it does.\n\n"
            )
        });
        [reseller, internal_use].into_iter().flatten().collect()
    }
}

/// C-09 and C-19: the invitation of a customer, personalised with the partner, and with its provider if it is a joint
/// one.
#[must_use]
pub fn customer_invitation(inviter: &Inviter, joint: Option<&Inviter>, request: &InvitationRequest) -> Draft {
    let who = inviter.signature();
    let all = joint.map_or_else(|| who.clone(), |provider| format!("{who} and {}", provider.signature()));
    let mut body = format!("Hello,\n\n{all} would like to sell to you, and to manage what you buy, as your reseller");
    body.push_str(if joint.is_some() { " and its indirect provider.\n\n" } else { ".\n\n" });
    let holders: Vec<&Inviter> =
        [request.delegated_admin.then_some(inviter), joint.filter(|_| request.provider_delegated_admin)]
            .into_iter()
            .flatten()
            .collect();
    if holders.is_empty() {
        body.push_str(
            "We do not ask for delegated administration privileges: no one gets admin rights in your tenant.\n\n",
        );
    } else {
        let names: Vec<String> = holders.iter().map(|holder| holder.signature()).collect();
        // Writing to a string cannot fail.
        let _ = write!(
            body,
            "We ask for delegated administration privileges for Azure Active Directory and Office 365 for {}. You can remove \
             them at any time.\n\n",
            names.join(" and ")
        );
    }
    body.push_str(&request.also());
    let portal = portal_name(request.portal);
    let _ = write!(
        body,
        "A Global admin of your company can accept here, as in the {portal}:\n\n{LINK_PLACEHOLDER}\n\n\
         {AGREEMENT} This link is for you only; please do not share it.\n\n\
         Kind regards\n{all}\n"
    );
    Draft { subject: format!("{all}: invitation to a reseller relationship"), body }
}

/// C-18: the request to an existing customer to grant delegated administration again.
#[must_use]
pub fn delegated_admin_request(inviter: &Inviter, request: &InvitationRequest) -> Draft {
    let who = inviter.signature();
    let (portal, also) = (portal_name(request.portal), request.also());
    // An account that a reseller is associated with, or a tenant that is marked, does change.
    let rest = if also.is_empty() { "Nothing else changes, and you" } else { "You" };
    Draft {
        subject: format!("{who}: request for delegated administration privileges"),
        body: format!(
            "Hello,\n\n\
             {who} is already your reseller and requests delegated administration privileges for Azure Active Directory and \
             Office 365. {rest} can remove them at any time.\n\n{also}\
             A Global admin of your company can agree here, as in the {portal}:\n\n{LINK_PLACEHOLDER}\n\n\
             {AGREEMENT} This link is for you only; please do not share it.\n\n\
             Kind regards\n{who}\n"
        ),
    }
}

/// C-10: what a customer that has not accepted the agreement yet is asked to do.
const AGREEMENT: &str =
    "If you have not accepted the Microsoft Customer Agreement yet, you are asked to do so in the same step.";

fn portal_name(portal: AcceptancePortal) -> &'static str {
    match portal {
        AcceptancePortal::M365AdminCenter => "Microsoft 365 admin center",
        AcceptancePortal::OfficeAdminPortal => "Office admin portal",
    }
}

/// A `mailto:` link that opens the e-mail ready to send (RFC 6068).
#[must_use]
pub fn mailto(to: &str, subject: &str, body: &str) -> String {
    let body = body.replace("\r\n", "\n").replace('\n', "\r\n");
    format!("mailto:{}?subject={}&body={}", encoded(to).replace("%40", "@"), encoded(subject), encoded(&body))
}

/// Percent-encodes everything except unreserved characters. The `+` that forms use for a space would appear as a plus
/// sign in the e-mail.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::shows;

    fn inviter(name: &str, mpn_id: u64) -> Inviter {
        Inviter { name: name.to_owned(), mpn_id: MpnId(mpn_id) }
    }

    #[test]
    fn a_draft_names_everybody_who_invites_and_keeps_the_place_of_the_link() {
        let (reseller, provider) = (inviter("Fabrikam", 4_500_002), inviter("Northwind", 4_500_001));
        let request = partnership_request(&provider);
        shows(
            "P-03",
            request.subject.contains("Northwind (MPN ID 4500001)") && request.body.contains(LINK_PLACEHOLDER),
        );
        let request = InvitationRequest {
            delegated_admin: true,
            provider_delegated_admin: false,
            reseller: None,
            internal_use_of: None,
            portal: AcceptancePortal::M365AdminCenter,
        };
        let joint = customer_invitation(&reseller, Some(&provider), &request);
        for name in ["Fabrikam (MPN ID 4500002)", "Northwind (MPN ID 4500001)"] {
            shows("C-19", joint.subject.contains(name) && joint.body.contains(name));
        }
        assert!(
            joint.body.contains("privileges for Azure Active Directory and Office 365 for Fabrikam (MPN ID 4500002).")
        );
        let alone =
            customer_invitation(&reseller, None, &InvitationRequest { delegated_admin: false, ..request.clone() });
        shows("C-09", alone.body.contains(LINK_PLACEHOLDER) && !alone.body.contains("Northwind"));
        assert!(alone.body.contains("We do not ask for delegated administration"));
        let again = delegated_admin_request(&reseller, &request);
        let text = format!("{}{}", again.subject, again.body);
        shows("C-18", text.contains("Fabrikam (MPN ID 4500002)") && !text.contains("would like to sell"));
        assert!(again.body.contains(LINK_PLACEHOLDER) && again.body.contains("Nothing else changes"));
        let own_use =
            InvitationRequest { reseller: Some(reseller), internal_use_of: Some(MpnId(4_500_003)), ..request };
        for draft in [customer_invitation(&provider, None, &own_use), delegated_admin_request(&provider, &own_use)] {
            assert!(draft.body.contains("We associate Fabrikam (MPN ID 4500002) with your account."));
            assert!(draft.body.contains("the internal use of the partner with MPN ID 4500003."));
            assert!(!draft.body.contains("Nothing else changes"));
        }
    }

    #[test]
    fn a_mail_link_is_ready_to_open() {
        let link = mailto("a+b&c@contoso.example", "Cześć, you", "One\nTwo & {link}");
        assert_eq!(
            link,
            "mailto:a%2Bb%26c@contoso.example?subject=Cze%C5%9B%C4%87%2C%20you&body=One%0D%0ATwo%20%26%20%7Blink%7D"
        );
    }
}
