//! Checks whether a text can be a domain.

/// The longest name that the domain name system allows.
const LONGEST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Whether a text can be a domain name: labels of letters, digits and hyphens, separated by dots, the last of which is
/// not a number. Internationalised names are accepted as written.
pub(super) fn can_be(text: &str) -> bool {
    let mut labels = 0;
    let mut last = "";
    for label in text.split('.') {
        labels += 1;
        last = label;
        let sound = !label.is_empty()
            && label.len() <= LONGEST_LABEL
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_') || is_mark(c));
        if !sound {
            return false;
        }
    }
    labels > 1
        && text.len() <= LONGEST
        && last.chars().nth(1).is_some()
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters of some scripts, and decomposed accents, consist of several characters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{d7f}' | '\u{e31}'..='\u{e4e}')
}

#[cfg(test)]
mod tests {
    use super::can_be;

    #[test]
    fn names_of_domains_are_distinguished_from_other_texts() {
        for text in
            ["contoso.com", "a-b.onmicrosoft.com", "łódź.pl", "xn--d-uga0v8h.pl", "x_1.example", "日本.jp", "1.co.uk"]
        {
            assert!(can_be(text), "{text}");
        }
        for text in [
            "contoso",
            "s.r.o",
            "s.r.o.",
            "a b.com",
            "a@b.com",
            "https://a.com",
            "a..com",
            "-a.com",
            "10.0.0.1",
            ".com",
            "",
            "a.com,b",
        ] {
            assert!(!can_be(text), "{text}");
        }
    }
}
