//! Adding a customer: always a new directory (C-30), in two steps, a review that returns a token and a submit that uses it
//! (N-05).

use crate::{RuleId, Verdict};

/// Whether an input names a tenant. Nothing else about the tenant is known here, so that every tenant gets the same answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamesTenant {
    /// It names one, which may or may not exist.
    Yes,
    /// It names none.
    No,
}

/// C-30: adding a customer always creates a new tenant. An existing tenant is invited, and its Global admin accepts.
pub fn c_30_new_tenant(names: NamesTenant) -> Verdict {
    let message = "Adding a customer always creates a new tenant. To add an existing tenant, invite it: pass its id to \
                   inviteCustomer. It becomes your customer when its Global admin accepts.";
    Verdict::given(names == NamesTenant::No, RuleId::C_30, "TENANT_IS_INVITED", message).field(["tenantId"])
}

/// The state of a review's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewToken {
    /// It is valid, and the submit has the input that was reviewed.
    Good,
    /// No such token, or another caller's.
    Unknown,
    /// The review was cancelled.
    Cancelled,
    /// It has expired.
    Expired,
    /// It was already submitted.
    Used,
    /// The input of the submit differs from what was reviewed.
    OtherInput,
}

/// N-05: a submit with the token of a review requires that the token is valid. A submit without a token is reviewed in
/// the same step.
///
/// `token` is `None` for a submit without one.
pub fn n_05_token_is_valid(token: Option<ReviewToken>) -> Verdict {
    let message = match token {
        None | Some(ReviewToken::Good) => return Verdict::Passed(RuleId::N_05),
        Some(ReviewToken::Unknown) => "There is no review with this token.",
        Some(ReviewToken::Cancelled) => "The review was cancelled; start over.",
        Some(ReviewToken::Expired) => "The review has expired; start over.",
        Some(ReviewToken::Used) => "The review has already been submitted.",
        Some(ReviewToken::OtherInput) => "The input differs from the one that was reviewed; review it again.",
    };
    Verdict::given(false, RuleId::N_05, "REVIEW_TOKEN_INVALID", message).field(["reviewToken"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{passes, refuses};

    #[test]
    fn a_tenant_is_invited_and_not_added() {
        passes("C-30", c_30_new_tenant(NamesTenant::No));
        assert_eq!(refuses("C-30", c_30_new_tenant(NamesTenant::Yes)).field, ["tenantId"]);
    }

    #[test]
    fn a_submit_needs_a_valid_token() {
        passes("N-05", n_05_token_is_valid(None));
        passes("N-05", n_05_token_is_valid(Some(ReviewToken::Good)));
        use ReviewToken::{Cancelled, Expired, OtherInput, Unknown, Used};
        for token in [Unknown, Cancelled, Expired, Used, OtherInput] {
            refuses("N-05", n_05_token_is_valid(Some(token)));
        }
    }
}
