//! The catalogue of rules: `domain/data/rules.tsv`, compiled into the program.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::RuleId;
use crate::enums::closed_enums;

/// The kind of a catalogue row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleKind {
    /// A rule that is checked or otherwise ensured.
    Rule,
    /// A fact or a text. It refuses nothing.
    Info,
    /// A policy chosen where the sources disagree.
    Decision,
}

closed_enums! {
    /// The part of the domain that a rule belongs to, in the order of the catalogue.
    RuleArea, "an area of rules" {
        /// Who may do what.
        Access = "AUTHZ",
        /// The types of accounts, and what each may do.
        Types = "TYPES",
        /// Enrolment in the programme.
        Enrolment = "ENROL",
        /// The Microsoft Partner Agreement.
        PartnerAgreement = "MPA",
        /// Partnerships between providers and resellers.
        Partnership = "PARTNERSHIP",
        /// Removal of a partnership.
        PartnershipRemoval = "REMOVE-PARTNERSHIP",
        /// Relationships between partners and customers.
        CustomerRelationship = "CUSTOMER-REL",
        /// Removal of a customer relationship.
        CustomerRemoval = "REMOVE-CUSTOMER",
        /// Adding new customers.
        NewCustomer = "NEW-CUSTOMER",
        /// Subscriptions and their partners of record.
        Subscription = "SUBSCRIPTION",
        /// What an association with a reseller lets it do.
        Association = "ASSOCIATION",
        /// Support contacts.
        Support = "SUPPORT",
        /// Sales scenario 1 of the source documents.
        ScenarioOne = "SCENARIO 1",
        /// Sales scenario 2 of the source documents.
        ScenarioTwo = "SCENARIO 2",
        /// Sales scenario 3 of the source documents.
        ScenarioThree = "SCENARIO 3",
        /// Sales scenario 4 of the source documents.
        ScenarioFour = "SCENARIO 4",
        /// Sales scenario 5 of the source documents.
        ScenarioFive = "SCENARIO 5",
        /// Sales scenario 6 of the source documents.
        ScenarioSix = "SCENARIO 6",
        /// Sales scenario 7 of the source documents.
        ScenarioSeven = "SCENARIO 7",
        /// Sales scenario 8 of the source documents.
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
    /// The id, which refusals contain.
    pub id: RuleId,
    /// The part of the domain that it belongs to.
    pub area: RuleArea,
    /// Whether it is checked, informative or a policy.
    pub kind: RuleKind,
    /// The rule in one sentence.
    pub text: &'static str,
    /// The source documents that it was taken from.
    pub seed: &'static str,
    /// The error code with which Microsoft's own API refuses the same. `None` if there is none.
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
        assert_eq!(rules().len(), 159);
        assert_eq!(BY_ID.len(), 159);
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
