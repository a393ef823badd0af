//! The catalogue of rules: `domain/data/rules.tsv`, built into the program.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::RuleId;

/// What a row of the catalogue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleKind {
    /// Something that is checked or kept.
    Rule,
    /// A fact or a text; it refuses nothing.
    Info,
    /// A policy chosen where the sources disagree.
    Decision,
}

/// One row of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The id that refusals carry.
    pub id: RuleId,
    /// The part of the domain it belongs to, such as `AUTHZ` or `SCENARIO 4`.
    pub area: &'static str,
    /// Whether it is checked, told or chosen.
    pub kind: RuleKind,
    /// The rule in one sentence.
    pub text: &'static str,
    /// The source documents it was taken from.
    pub seed: &'static str,
    /// The error code with which Microsoft's own interface refuses the same; `None` where it has none.
    pub microsoft_code: Option<u32>,
}

static TSV: &str = include_str!("../data/rules.tsv");
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| TSV.lines().skip(1).map(parse).collect());
static BY_ID: LazyLock<HashMap<&'static str, &'static Rule>> =
    LazyLock::new(|| rules().iter().map(|rule| (rule.id.0, rule)).collect());

/// All rules, in the order of the catalogue.
#[must_use]
pub fn rules() -> &'static [Rule] {
    &RULES
}

/// The rule with that id, or `None`.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    BY_ID.get(id).copied()
}

fn parse(line: &'static str) -> Rule {
    let mut cells = line.split('\t');
    let mut cell = || cells.next().expect("every row of rules.tsv has six cells");
    Rule {
        id: RuleId(cell()),
        area: cell(),
        kind: match cell() {
            "INFO" => RuleKind::Info,
            "DECISION" => RuleKind::Decision,
            _ => RuleKind::Rule,
        },
        text: cell(),
        seed: cell(),
        microsoft_code: cell().trim().parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_has_every_row_once() {
        assert_eq!(rules().len(), 152);
        assert_eq!(BY_ID.len(), 152);
    }

    #[test]
    fn a_row_is_read_with_its_code() {
        let m_02 = rule("M-02").unwrap();
        assert_eq!((m_02.area, m_02.kind, m_02.seed, m_02.microsoft_code), ("MPA", RuleKind::Rule, "S4", Some(2203)));
        assert_eq!(rule("X-08").unwrap().kind, RuleKind::Decision);
        assert_eq!(rule("T-02").unwrap().kind, RuleKind::Info);
        assert_eq!(rule("T-04").unwrap().microsoft_code, None);
        assert!(rule("Z-01").is_none());
    }
}
