//! The catalogue of rules: `domain/data/rules.tsv`, built into the program.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::RuleId;
use crate::words::words;

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

words! {
    /// The part of the domain that a rule belongs to, in the order of the catalogue.
    RuleArea, "an area of rules" {
        /// Who may do what.
        Access = "AUTHZ",
        /// Which types of accounts there are, and what each may.
        Types = "TYPES",
        /// The way into the programme.
        Enrolment = "ENROL",
        /// The Microsoft Partner Agreement.
        PartnerAgreement = "MPA",
        /// Providers and their resellers.
        Partnership = "PARTNERSHIP",
        /// The end of a partnership.
        PartnershipRemoval = "REMOVE-PARTNERSHIP",
        /// Partners and their customers.
        CustomerRelationship = "CUSTOMER-REL",
        /// The end of a relationship with a customer.
        CustomerRemoval = "REMOVE-CUSTOMER",
        /// Customers that are added.
        NewCustomer = "NEW-CUSTOMER",
        /// Subscriptions and their partners of record.
        Subscription = "SUBSCRIPTION",
        /// Who supports a customer.
        Support = "SUPPORT",
        /// The first of the source documents' sales scenarios.
        ScenarioOne = "SCENARIO 1",
        /// The second of the source documents' sales scenarios.
        ScenarioTwo = "SCENARIO 2",
        /// The third of the source documents' sales scenarios.
        ScenarioThree = "SCENARIO 3",
        /// The fourth of the source documents' sales scenarios.
        ScenarioFour = "SCENARIO 4",
        /// The fifth of the source documents' sales scenarios.
        ScenarioFive = "SCENARIO 5",
        /// The sixth of the source documents' sales scenarios.
        ScenarioSix = "SCENARIO 6",
        /// The seventh of the source documents' sales scenarios.
        ScenarioSeven = "SCENARIO 7",
        /// The eighth of the source documents' sales scenarios.
        ScenarioEight = "SCENARIO 8",
        /// Regions and countries.
        Region = "REGION",
        /// The directory of providers.
        Directory = "DIRECTORY",
    }
}

/// One row of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The id that refusals carry.
    pub id: RuleId,
    /// The part of the domain it belongs to.
    pub area: RuleArea,
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
static BY_ID: LazyLock<HashMap<RuleId, &'static Rule>> =
    LazyLock::new(|| rules().iter().map(|rule| (rule.id, rule)).collect());

/// All rules, in the order of the catalogue.
#[must_use]
pub fn rules() -> &'static [Rule] {
    &RULES
}

/// The row with that id.
#[must_use]
pub fn rule(id: RuleId) -> Option<&'static Rule> {
    BY_ID.get(&id).copied()
}

fn parse(line: &'static str) -> Rule {
    let mut cells = line.split('\t');
    let mut cell = || cells.next().expect("every row of rules.tsv has six cells");
    Rule {
        id: cell().parse().expect("a test holds the rows of rules.tsv against the constants of `RuleId`"),
        area: cell().parse().expect("the tests read rules.tsv, and with it every area"),
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
        let m_02 = rule(RuleId::M_02).unwrap();
        assert_eq!((m_02.area, m_02.kind), (RuleArea::PartnerAgreement, RuleKind::Rule));
        assert_eq!((m_02.seed, m_02.microsoft_code), ("S4", Some(2203)));
        assert_eq!(rule(RuleId::X_08).unwrap().kind, RuleKind::Decision);
        assert_eq!(rule(RuleId::T_02).unwrap().kind, RuleKind::Info);
        assert_eq!(rule(RuleId::T_04).unwrap().microsoft_code, None);
    }
}
