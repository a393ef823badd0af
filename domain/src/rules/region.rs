//! Who may sell to whom, and who may partner with whom: the rules about regions (R-01, Q-14, Q-15, P-17, C-07).
//!
//! Selling and partnering depend on the region. Which MPN ID can be linked to which tenant depends on the country
//! (R-02, see E-06).

use crate::regions::region_of;
use crate::{CountryCode, RuleId, Verdict, same_region};

/// The code of every refusal because of a region.
pub const REGION_DIFFERS: &str = "REGION_DIFFERS";

/// A country with its region, for messages.
fn place(country: CountryCode) -> String {
    region_of(country).map_or_else(|| format!("{country} (no region)"), |region| format!("{country} ({})", region.name))
}

/// Decides by region. If a country is not known, the rule is undecided.
fn within(rule: RuleId, ours: Option<CountryCode>, theirs: Option<CountryCode>, side: &str, what: &str) -> Verdict {
    match (ours, theirs) {
        (None, _) => Verdict::unknown(rule, "The partner's own country is not known."),
        (_, None) => Verdict::unknown(rule, format!("The country of the {side} is not known.")),
        (Some(ours), Some(theirs)) => {
            let message = format!("{what}: {} and {}.", place(ours), place(theirs));
            Verdict::given(same_region(ours, theirs), rule, REGION_DIFFERS, message)
        }
    }
}

/// two countries are in the same region if they are in the same list of markets.
pub fn r_01_same_region(a: CountryCode, b: CountryCode) -> Verdict {
    within(RuleId::R_01, Some(a), Some(b), "other", "The countries are not in the same region")
}

/// if a rule requires the same country, being in the same region is not enough.
pub fn r_02_same_country(a: CountryCode, b: CountryCode) -> Verdict {
    Verdict::given(a == b, RuleId::R_02, "COUNTRY_DIFFERS", format!("{a} and {b} are different countries."))
}

/// a partner can sell only to customers in its own region.
pub fn q_14_sells_within_region(seller: Option<CountryCode>, customer: Option<CountryCode>) -> Verdict {
    within(RuleId::Q_14, seller, customer, "customer", "A partner can sell only to customers in its own region")
}

/// a partner can have relationships only with partners in its own region.
pub fn q_15_partners_within_region(provider: Option<CountryCode>, reseller: Option<CountryCode>) -> Verdict {
    within(RuleId::Q_15, provider, reseller, "reseller", "Partners can work together only within the same region")
}

/// P-17: a partnership can be requested and accepted only within one region.
pub fn p_17_partnership_within_region(provider: Option<CountryCode>, reseller: Option<CountryCode>) -> Verdict {
    within(
        RuleId::P_17,
        provider,
        reseller,
        "other partner",
        "Both partners of a partnership must be in the same region",
    )
}

/// C-07: a customer can be invited only from the partner's country or region.
pub fn c_07_invites_within_region(partner: Option<CountryCode>, customer: Option<CountryCode>) -> Verdict {
    within(
        RuleId::C_07,
        partner,
        customer,
        "customer",
        "A customer can be invited only within the partner's country or region",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{country, leaves_open, passes, refuses};

    #[test]
    fn a_region_is_a_list_of_markets() {
        passes("R-01", r_01_same_region(country("PL"), country("PT")));
        refuses("R-01", r_01_same_region(country("PL"), country("US")));
        refuses("R-01", r_01_same_region(country("RU"), country("BY")));
        passes("R-02", r_02_same_country(country("PL"), country("PL")));
        refuses("R-02", r_02_same_country(country("PL"), country("PT")));
    }

    #[test]
    fn selling_and_partnering_stay_within_the_region() {
        let (poland, germany, japan) = (Some(country("PL")), Some(country("DE")), Some(country("JP")));
        passes("Q-14", q_14_sells_within_region(poland, germany));
        assert_eq!(refuses("Q-14", q_14_sells_within_region(poland, japan)).microsoft_code, Some(2030));
        passes("Q-15", q_15_partners_within_region(poland, germany));
        assert_eq!(refuses("Q-15", q_15_partners_within_region(poland, japan)).microsoft_code, Some(2201));
        passes("P-17", p_17_partnership_within_region(poland, germany));
        refuses("P-17", p_17_partnership_within_region(poland, japan));
        passes("C-07", c_07_invites_within_region(poland, germany));
        refuses("C-07", c_07_invites_within_region(poland, japan));
    }

    #[test]
    fn a_country_in_no_region_invites_within_itself() {
        let (russia, belarus) = (Some(country("RU")), Some(country("BY")));
        passes("C-07", c_07_invites_within_region(russia, russia));
        refuses("C-07", c_07_invites_within_region(russia, belarus));
    }

    #[test]
    fn an_unknown_country_is_never_passed() {
        let poland = Some(country("PL"));
        leaves_open("C-07", c_07_invites_within_region(poland, None));
        leaves_open("Q-14", q_14_sells_within_region(None, poland));
    }
}
