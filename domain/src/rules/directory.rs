//! The directory of indirect providers (V-01, V-02, V-04).

use crate::regions::{Region, region_of};
use crate::{Actor, CountryCode, PartnerFacts, PartnerType, Role, RuleId, Verdict};

/// V-01: the provider directory lists enrolled indirect providers. Anyone with a token can search it.
#[must_use]
pub fn v_01_listed(partner: &PartnerFacts) -> bool {
    partner.partner_type == PartnerType::IndirectProvider && partner.enrolled
}

/// V-02: only an operator can change a provider's entry in the directory.
pub fn v_02_changed_by_operator(actor: &Actor) -> Verdict {
    let message = "A provider cannot change its own entry in the directory of providers. Ask the operator of this platform, \
                   who acts as your Microsoft representative.";
    Verdict::given(actor.has_any(&[Role::Operator]), RuleId::V_02, "DIRECTORY_PROFILE_READ_ONLY", message)
        .field(["directory"])
}

/// V-04: the directory shows the requested region, or else the caller's own. If neither is known, it shows every
/// region.
#[must_use]
pub fn v_04_region(requested: Option<&'static Region>, caller: Option<CountryCode>) -> Option<&'static Region> {
    requested.or_else(|| caller.and_then(region_of))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::region_by_code;
    use crate::testing::{admin_of, country, operator, passes, provider, refuses, reseller, shows};

    #[test]
    fn enrolled_providers_are_listed() {
        shows("V-01", v_01_listed(&provider()));
        shows("V-01", !v_01_listed(&reseller()));
        shows("V-01", !v_01_listed(&PartnerFacts { enrolled: false, ..provider() }));
    }

    #[test]
    fn an_operator_changes_what_the_directory_says_of_a_provider() {
        passes("V-02", v_02_changed_by_operator(&operator()));
        refuses("V-02", v_02_changed_by_operator(&admin_of(&provider())));
    }

    #[test]
    fn the_directory_begins_with_the_askers_region() {
        let japan = region_by_code("JAPAN");
        shows("V-04", v_04_region(None, Some(country("PL"))) == region_by_code("EUROPE"));
        shows("V-04", v_04_region(japan, Some(country("PL"))) == japan);
        shows("V-04", v_04_region(None, None).is_none());
    }
}
