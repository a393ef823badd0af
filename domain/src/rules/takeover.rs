//! An account takes over the placeholder of its MPN ID (E-17).

use crate::text::search_key;
use crate::{Refusal, RuleId, Verdict};

/// What is known of a takeover, and what the operator who decides says about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Takeover {
    /// Whether the company's name in the register of MPN profiles is the claimed one. `None` if the register has none.
    pub names_match: Option<bool>,
    /// Whether the takeover is confirmed.
    pub confirmed: bool,
    /// Why it is right although the names do not show it.
    pub reason: Option<String>,
}

/// Whether a company claims the name that the register of MPN profiles has for its MPN ID, whatever the case and the
/// spacing. `None` if the register has no name.
#[must_use]
pub fn names_match(claimed: &str, registered: Option<&str>) -> Option<bool> {
    let registered = search_key(registered?);
    (!registered.is_empty()).then(|| registered == search_key(claimed))
}

/// E-17: what imports recorded under an MPN ID is handed over only if somebody confirms it.
pub fn e_17_confirmed(takeover: &Takeover) -> Verdict {
    let message = "The account would take over the placeholder of its MPN ID, with everything that imports recorded under it. Check \
                   that the company owns the MPN ID, then confirm the takeover.";
    Verdict::given(takeover.confirmed, RuleId::E_17, "TAKEOVER_NOT_CONFIRMED", message).field(["confirmTakeover"])
}

/// E-17: if the register does not show that the MPN ID belongs to the company, somebody states why the takeover is right.
pub fn e_17_reason_given(takeover: &Takeover) -> Verdict {
    let is_given = takeover.reason.as_deref().is_some_and(|reason| !reason.trim().is_empty());
    let message = match takeover.names_match {
        None => "The register of MPN profiles has no company name for this MPN ID. Give the reason for the takeover.",
        Some(_) => {
            "The register of MPN profiles has another company name for this MPN ID. Give the reason for the takeover."
        }
    };
    let holds = takeover.names_match == Some(true) || is_given;
    Verdict::given(holds, RuleId::E_17, "TAKEOVER_REASON_MISSING", message).field(["takeoverReason"])
}

/// Every reason why the takeover cannot be authorised (E-17).
#[must_use]
pub fn e_17_refusals(takeover: &Takeover) -> Vec<Refusal> {
    crate::refusal::refusals([e_17_confirmed(takeover), e_17_reason_given(takeover)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{passes, refuses};

    fn takeover() -> Takeover {
        Takeover { names_match: Some(true), confirmed: true, reason: None }
    }

    #[test]
    fn a_takeover_is_confirmed() {
        passes("E-17", e_17_confirmed(&takeover()));
        let refusal = refuses("E-17", e_17_confirmed(&Takeover { confirmed: false, ..takeover() }));
        assert_eq!(refusal.field, ["confirmTakeover"]);
    }

    #[test]
    fn a_takeover_by_another_name_has_a_reason() {
        passes("E-17", e_17_reason_given(&takeover()));
        for names_match in [Some(false), None] {
            let unclear = Takeover { names_match, ..takeover() };
            let refusal = refuses("E-17", e_17_reason_given(&unclear));
            assert_eq!(refusal.field, ["takeoverReason"]);
            refuses("E-17", e_17_reason_given(&Takeover { reason: Some(" ".to_owned()), ..unclear.clone() }));
            passes("E-17", e_17_reason_given(&Takeover { reason: Some("Seen the papers.".to_owned()), ..unclear }));
        }
        assert_eq!(e_17_refusals(&Takeover::default()).len(), 2);
    }

    #[test]
    fn names_match_whatever_the_case_and_the_spacing() {
        assert_eq!(names_match("Fabrikam  Sp. z o.o.", Some("FABRIKAM SP. Z O.O. ")), Some(true));
        assert_eq!(names_match("Fabrikam", Some("Litware")), Some(false));
        assert_eq!(names_match("Fabrikam", Some(" ")), None);
        assert_eq!(names_match("", None), None);
    }
}
