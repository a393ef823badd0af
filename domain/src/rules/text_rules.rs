//! Rules about the texts of an invitation: an address to send it to, and a message that contains its link.

use crate::{RuleId, Verdict};

/// The placeholder for the personal link, for authors who write before there is a link.
pub const LINK_PLACEHOLDER: &str = "{link}";

/// Whether a text is an e-mail address: a name, an `@` and a domain with a dot, without white space.
///
/// Whether the address exists is for the mail system to decide. A stricter check would refuse addresses that work.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.trim().rsplit_once('@') else { return false };
    let labels_are_sound = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    !name.is_empty() && !name.contains('@') && labels_are_sound && !text.trim().contains(char::is_whitespace)
}

/// Whether a text is a domain name: at least two labels of letters, digits and hyphens, separated by dots.
#[must_use]
pub fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}

/// Decides whether an invitation has an address to be sent to.
pub(super) fn email_given(rule: RuleId, email: &str) -> Verdict {
    if email.trim().is_empty() {
        return Verdict::given(false, rule, "EMAIL_MISSING", "An e-mail address is needed to send the invitation.");
    }
    Verdict::given(is_email(email), rule, "EMAIL_INVALID", format!("{} is not a valid e-mail address.", email.trim()))
}

/// Decides whether an edited message still contains the personal link, or the placeholder for it. No message means the
/// default text.
pub(super) fn message_keeps_link(rule: RuleId, message: Option<&str>, link: &str) -> Verdict {
    let holds = message.is_none_or(|text| text.contains(LINK_PLACEHOLDER) || contains_link(text, link));
    let message = format!(
        "The message does not contain the personal link. Keep the link, or write {LINK_PLACEHOLDER} in its place."
    );
    Verdict::given(holds, rule, "LINK_MISSING", message)
}

/// Whether the text contains the whole link, and not only as the beginning of another one.
fn contains_link(text: &str, link: &str) -> bool {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '=' | '%' | '&');
    !link.is_empty() && text.match_indices(link).any(|(at, _)| !text[at + link.len()..].starts_with(goes_on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{passes, refuses};
    use proptest::prelude::*;

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        for text in ["anna@contoso.example", " anna.nowak+csp@mail.contoso.example "] {
            assert!(is_email(text), "{text}");
        }
        for text in ["", "anna", "anna@", "@contoso.example", "anna@contoso", "a b@contoso.example", "a@@b.c", "a@b..c"]
        {
            assert!(!is_email(text), "{text}");
        }
    }

    #[test]
    fn a_domain_has_labels_between_dots() {
        for text in ["contoso.example", "contoso.onmicrosoft.com", "żółw.example", "a-1.b.example"] {
            assert!(is_domain(text), "{text}");
        }
        let long = format!("{}.example", "a".repeat(64));
        for text in ["", "contoso", ".example", "contoso..example", "-a.example", "a b.example", "a@b.example", &long] {
            assert!(!is_domain(text), "{text}");
        }
    }

    #[test]
    fn the_message_contains_the_whole_link() {
        let link = "https://graph.example/i/abc";
        passes("P-04", message_keeps_link(RuleId::P_04, Some("See https://graph.example/i/abc."), link));
        passes("P-04", message_keeps_link(RuleId::P_04, Some("See {link}"), link));
        refuses("P-04", message_keeps_link(RuleId::P_04, Some("See https://graph.example/i/abcd"), link));
        refuses("P-04", message_keeps_link(RuleId::P_04, Some(""), link));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_checks_panic(text in "\\PC{0,40}", link in "\\PC{0,10}") {
            let _ = is_email(&text);
            let _ = contains_link(&text, &link);
        }
    }
}
