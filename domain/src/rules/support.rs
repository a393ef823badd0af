//! The designated support contact of a subscription (K-02).

use crate::rules::partnership::is_active;
use crate::{ResellerChoice, RuleId, Verdict};

/// K-02: only a reseller in an active partnership with the seller can be designated.
pub fn k_02_contact_is_partner(contact: &ResellerChoice) -> Verdict {
    let message = format!(
        "MPN ID {} is not one of your resellers. A support contact must be a reseller with an active partnership.",
        contact.mpn_id
    );
    Verdict::given(is_active(contact.partnership), RuleId::K_02, "NOT_A_PARTNER", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PartnershipState;
    use crate::testing::{choice, passes, refuses, reseller};

    #[test]
    fn a_support_contact_comes_from_the_list_of_resellers() {
        passes("K-02", k_02_contact_is_partner(&choice(reseller())));
        for partnership in [None, Some(PartnershipState::Imported), Some(PartnershipState::Removed)] {
            let contact = ResellerChoice { partnership, ..choice(reseller()) };
            assert_eq!(refuses("K-02", k_02_contact_is_partner(&contact)).microsoft_code, Some(800_016));
        }
    }
}
