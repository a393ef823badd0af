//! The supported and unsupported sales chains (Q-01 to Q-17, without the regions).

use super::rule_ids;
use crate::{RuleId, Verdict};

rule_ids! { Q_06 = "Q-06" }

/// What a directory is used for in the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectoryUse {
    /// A partner does its business as a partner from there.
    PartnerCsp,
    /// A customer's, or one that is not known yet.
    Customer,
}

/// nothing is provisioned to a directory from which a partner does its business as a partner.
pub fn q_06_not_a_partner_directory(directory: DirectoryUse) -> Verdict {
    let rule: RuleId = Q_06;
    let message = "This is a partner's own directory in the programme; services cannot be provisioned to it. A partner buys for its own \
                   use with another directory.";
    Verdict::given(directory == DirectoryUse::Customer, rule, "PARTNER_TENANT", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{passes, refuses};

    #[test]
    fn services_do_not_go_to_a_partners_directory() {
        passes("Q-06", q_06_not_a_partner_directory(DirectoryUse::Customer));
        refuses("Q-06", q_06_not_a_partner_directory(DirectoryUse::PartnerCsp));
    }
}
