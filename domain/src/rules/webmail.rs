//! Web-mail services, whose addresses do not show that a person belongs to a company (E-07).
//!
//! The list is data: `domain/data/webmail-domains.txt`.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::{RuleId, Verdict};

static LIST: &str = include_str!("../../data/webmail-domains.txt");
static SERVICES: LazyLock<Services> = LazyLock::new(|| {
    let lines = || LIST.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Services {
        domains: lines().filter(|line| !line.ends_with(".*")).collect(),
        brands: lines().filter_map(|line| line.strip_suffix(".*")).collect(),
    }
});

struct Services {
    /// Domains that include everything below them.
    domains: HashSet<&'static str>,
    /// First labels of services that have a domain in many countries.
    brands: HashSet<&'static str>,
}

/// Whether a domain, or one above it, belongs to a web-mail service. Case and a trailing dot are ignored.
#[must_use]
pub fn is_webmail(domain: &str) -> bool {
    let domain = domain.trim().trim_end_matches('.').to_lowercase();
    let mut rest = domain.as_str();
    loop {
        if SERVICES.domains.contains(rest) {
            return true;
        }
        let Some((label, suffix)) = rest.split_once('.') else { return false };
        if SERVICES.brands.contains(label) && is_regional_suffix(suffix) {
            return true;
        }
        rest = suffix;
    }
}

/// Whether a suffix is one under which the service's own name is the service itself: `com`, `pl`, `co.uk`, `com.br`.
///
/// `outlook.contoso.com` belongs to a company, so longer suffixes do not count.
fn is_regional_suffix(suffix: &str) -> bool {
    let is_country = |label: &str| label.len() == 2;
    match suffix.split_once('.') {
        None => is_country(suffix) || matches!(suffix, "com" | "net" | "org"),
        Some((second, country)) => matches!(second, "co" | "com" | "ne" | "net" | "or" | "org") && is_country(country),
    }
}

/// E-07: the primary contact's address must not be one of a web-mail service.
pub fn e_07_not_webmail(email: &str) -> Verdict {
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    let message =
        format!("{} is a web-mail service; the primary contact needs a company e-mail address.", domain.trim());
    Verdict::given(!is_webmail(domain), RuleId::E_07, "WEBMAIL_ADDRESS", message).field(["primaryContact", "email"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{passes, refuses};
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("anna@gmail.com")]
    #[case("anna@GMail.com ")]
    #[case("anna@yahoo.co.uk")]
    #[case("anna@yahoo.com.br")]
    #[case("anna@mail.yahoo.co.jp")]
    #[case("anna@icloud.com")]
    #[case("anna@aol.de")]
    #[case("anna@outlook.pl")]
    #[case("anna@hotmail.fr")]
    #[case("anna@poczta.onet.pl.")]
    fn a_web_mail_address_is_refused(#[case] email: &str) {
        assert_eq!(refuses("E-07", e_07_not_webmail(email)).field, ["primaryContact", "email"]);
    }

    #[rstest]
    #[case("anna@contoso.com")]
    #[case("anna@outlook.contoso.com")]
    #[case("anna@notgmail.com")]
    #[case("anna@gmail.com.contoso.example")]
    #[case("anna@live.contoso.co.uk")]
    fn a_companys_address_passes(#[case] email: &str) {
        passes("E-07", e_07_not_webmail(email));
    }

    proptest! {
        #[test]
        fn what_lies_below_a_service_is_the_services(below in "[a-z]{1,8}(\\.[a-z]{1,8}){0,2}", regional in "[a-z]{2}") {
            let gmail = format!("{below}.gmail.com");
            let yahoo = format!("{below}.yahoo.{regional}");
            prop_assert!(is_webmail(&gmail));
            prop_assert!(is_webmail(&yahoo));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = e_07_not_webmail(&text);
        }
    }
}
