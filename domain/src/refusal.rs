//! The answer of a rule: it passes, refuses with everything that a caller needs, or cannot be decided.

use serde::Serialize;

use crate::{RuleId, catalogue};

/// One business refusal, as returned to the caller of a mutation (`userErrors`) or in the report of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The broken rule. `None` if it is not a rule of the catalogue (a stale version, a malformed value).
    pub rule: Option<RuleId>,
    /// A stable code for programs, in SCREAMING_SNAKE_CASE.
    pub code: &'static str,
    /// The error code with which Microsoft's own API refuses the same. `None` if there is none.
    pub microsoft_code: Option<u32>,
    /// One sentence for people: what is wrong and, if helpful, what to do.
    pub message: String,
    /// The path of the input field concerned. Empty for the whole input.
    pub field: Vec<String>,
    /// What could be done instead, one sentence each. Usually empty.
    pub options: Vec<String>,
}

impl Refusal {
    /// A refusal by a rule of the catalogue, with the Microsoft code of the rule's row.
    #[must_use]
    pub fn of(rule: RuleId, code: &'static str, message: impl Into<String>) -> Self {
        let microsoft_code = catalogue::rule(rule).and_then(|row| row.microsoft_code);
        Self { rule: Some(rule), microsoft_code, ..Self::plain(code, message) }
    }

    /// A refusal that is not based on a rule of the catalogue.
    #[must_use]
    pub fn plain(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { rule: None, code, microsoft_code: None, message, field: Vec::new(), options: Vec::new() }
    }

    /// The refusal of a change to an entity that has changed since the caller read that version (Microsoft's code 2055).
    /// `None` if it has not, or if the caller did not state a version.
    #[must_use]
    pub fn stale(if_version: Option<i64>, version: i64) -> Option<Self> {
        let expected = if_version.filter(|expected| *expected != version)?;
        let message =
            format!("The current version is {version}, not {expected}. Read the latest version and try again.");
        Some(Self::plain("STALE_VERSION", message).microsoft(2055).field(["ifVersion"]))
    }

    /// Something that does not exist or that the caller cannot see. The two are indistinguishable.
    #[must_use]
    pub fn not_found(what: &str, field: &str) -> Self {
        Self::plain("NOT_FOUND", format!("No such {what}.")).field([field])
    }

    /// Whether an access rule refuses the caller. A refusal without a rule does not count.
    #[must_use]
    pub fn is_about_access(&self) -> bool {
        self.rule.is_some_and(RuleId::is_about_access)
    }

    /// Replaces the Microsoft code of the rule's row.
    #[must_use]
    pub fn microsoft(mut self, code: u32) -> Self {
        self.microsoft_code = Some(code);
        self
    }

    /// Sets the path of the input field.
    #[must_use]
    pub fn field<S: Into<String>>(mut self, path: impl IntoIterator<Item = S>) -> Self {
        self.field = path.into_iter().map(Into::into).collect();
        self
    }

    /// Puts a path in front of the field path, such as the index of a line in a list.
    #[must_use]
    pub fn under<S: Into<String>>(mut self, path: impl IntoIterator<Item = S>) -> Self {
        self.field = path.into_iter().map(Into::into).chain(self.field).collect();
        self
    }

    /// Adds what could be done instead.
    #[must_use]
    pub fn options<S: Into<String>>(mut self, options: impl IntoIterator<Item = S>) -> Self {
        self.options = options.into_iter().map(Into::into).collect();
        self
    }
}

/// The answer of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The rule is met.
    Passed(RuleId),
    /// The rule is broken.
    Refused(Refusal),
    /// The rule cannot be decided, because a fact is missing. This never counts as passed.
    Unknown {
        /// The rule that could not be decided.
        rule: RuleId,
        /// The missing fact.
        message: String,
        /// The path of the input field concerned. Empty for the whole input.
        field: Vec<String>,
    },
}

impl Verdict {
    /// The code of a refusal by a rule that could not be decided.
    pub const UNDECIDED: &'static str = "UNDECIDED";

    /// Passed if `holds`, else refused by that rule with that code and message.
    pub fn given(holds: bool, rule: RuleId, code: &'static str, message: impl Into<String>) -> Self {
        if holds { Self::Passed(rule) } else { Self::Refused(Refusal::of(rule, code, message)) }
    }

    /// Undecided because a fact is missing.
    pub fn unknown(rule: RuleId, message: impl Into<String>) -> Self {
        Self::Unknown { rule, message: message.into(), field: Vec::new() }
    }

    /// The rule that answers. `None` only for a refusal that is not based on a rule of the catalogue.
    #[must_use]
    pub fn rule(&self) -> Option<RuleId> {
        match self {
            Self::Passed(rule) | Self::Unknown { rule, .. } => Some(*rule),
            Self::Refused(refusal) => refusal.rule,
        }
    }

    /// `Some(true)` if passed, `Some(false)` if refused, `None` if undecided.
    #[must_use]
    pub fn passed(&self) -> Option<bool> {
        match self {
            Self::Passed(_) => Some(true),
            Self::Refused(_) => Some(false),
            Self::Unknown { .. } => None,
        }
    }

    /// What prevents a write: the refusal, or one with the code [`Verdict::UNDECIDED`] if a fact is missing.
    #[must_use]
    pub fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Passed(_) => None,
            Self::Refused(refusal) => Some(refusal),
            Self::Unknown { rule, message, field } => Some(Refusal::of(rule, Self::UNDECIDED, message).field(field)),
        }
    }

    /// Puts a path in front of the field path, unless the verdict is passed.
    pub fn under<S: Into<String>>(self, path: impl IntoIterator<Item = S>) -> Self {
        match self {
            Self::Unknown { rule, message, field } => {
                Self::Unknown { rule, message, field: path.into_iter().map(Into::into).chain(field).collect() }
            }
            other => other.map(|refusal| refusal.under(path)),
        }
    }

    /// Applies `change` to a refusal. Other verdicts stay unchanged.
    pub fn map(self, change: impl FnOnce(Refusal) -> Refusal) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(change(refusal)),
            other => other,
        }
    }

    /// Sets the path of the input field, unless the verdict is passed.
    pub fn field<S: Into<String>>(self, path: impl IntoIterator<Item = S>) -> Self {
        match self {
            Self::Unknown { rule, message, .. } => {
                Self::Unknown { rule, message, field: path.into_iter().map(Into::into).collect() }
            }
            other => other.map(|refusal| refusal.field(path)),
        }
    }
}

impl From<Refusal> for Verdict {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Everything that prevents a write, in the order in which the rules were applied.
#[must_use]
pub fn refusals(verdicts: impl IntoIterator<Item = Verdict>) -> Vec<Refusal> {
    verdicts.into_iter().filter_map(Verdict::refusal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const M_02: RuleId = RuleId::M_02;

    #[test]
    fn a_refusal_takes_microsofts_code_from_the_catalogue() {
        let refusal = Refusal::of(M_02, "AGREEMENT_MISSING", "no agreement").field(["reseller", "mpnId"]);
        assert_eq!(refusal.microsoft_code, Some(2203));
        assert_eq!(refusal.clone().under(["lines", "0"]).field, ["lines", "0", "reseller", "mpnId"]);
        assert_eq!(refusal.microsoft(1).microsoft_code, Some(1));
        assert_eq!(Refusal::plain("STALE_VERSION", "changed since").rule, None);
    }

    #[test]
    fn a_refusal_is_about_access_by_its_rule_and_not_by_its_code() {
        assert!(Refusal::of(RuleId::A_02, "ROLE_NOT_ALLOWED", "for others").is_about_access());
        assert!(!Refusal::of(RuleId::P_08, "ROLE_NOT_ALLOWED", "for others").is_about_access());
        assert!(!Refusal::plain("ROLE_NOT_ALLOWED", "for operators").is_about_access());
    }

    #[test]
    fn what_cannot_be_decided_stops_a_write() {
        let unknown = Verdict::unknown(RuleId::C_07, "the customer's country is not known");
        assert_eq!(unknown.passed(), None);
        let refusal = unknown.clone().field(["country"]).refusal().unwrap();
        assert_eq!((refusal.code, &refusal.field[..]), (Verdict::UNDECIDED, &["country".to_owned()][..]));
        let verdicts = [Verdict::Passed(M_02), unknown, Verdict::given(false, M_02, "AGREEMENT_MISSING", "no")];
        assert_eq!(refusals(verdicts).len(), 2);
    }
}
