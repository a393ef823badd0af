//! The formats of other portals, as data: one TOML file each in `importer/profiles`.
//!
//! A new portal needs a new file and no new code. A user's own map has the same form.

mod date_order;
mod field;
mod header;
mod parse;
mod suggest;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

pub use date_order::DateOrder;
pub use field::Field;
pub use header::Nearest;
pub(crate) use header::{Layout, Twice, Width, fit, folded, is_nearly, nearest, resembling};
pub use parse::MapError;
pub use suggest::suggest;

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../profiles/", $name, ".toml"))),)+]
    };
}

/// Name and text of every built-in profile, in the order of the list.
const BUILT_IN: &[(&str, &str)] = built_in![
    "partner-center-customers",
    "partner-center-subscriptions",
    "new-commerce-reconciliation",
    "license-reconciliation",
    "daily-rated-usage",
    "usage-aggregated",
    "bam-customers",
    "bam-subscriptions",
    "bam-nce-subscriptions",
    "customer-agreements",
    "gdap-customers",
    "gdap-relationships",
    "dap-terminate",
    "powershell-customers",
    "powershell-subscriptions",
    "resellers",
    "mpn-profiles",
];

static PROFILES: LazyLock<Vec<Arc<Profile>>> = LazyLock::new(|| {
    BUILT_IN
        .iter()
        .map(|(name, text)| {
            Arc::new(Profile::parse(name, text).expect("the built-in profiles parse; a test reads each"))
        })
        .collect()
});

/// What the rows of a format are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum States {
    /// The current state of customers.
    Customers,
    /// The current state of subscriptions and their customers.
    Subscriptions,
    /// Charges: evidence of subscriptions, several lines for each.
    Charges,
    /// Meters of metered subscriptions.
    Usage,
    /// The identity of customers. The rest of the file consists of instructions, not of facts.
    Identities,
    /// Granular delegated admin relationships.
    Gdap,
    /// Attestations that customers accepted the Microsoft Customer Agreement (C-31).
    Agreements,
    /// The indirect resellers of a provider.
    Resellers,
    /// Entries of the register of MPN profiles.
    MpnProfiles,
}

impl States {
    /// All of them.
    pub(crate) const ALL: &[Self] = &[
        Self::Customers,
        Self::Subscriptions,
        Self::Charges,
        Self::Usage,
        Self::Identities,
        Self::Gdap,
        Self::Agreements,
        Self::Resellers,
        Self::MpnProfiles,
    ];

    /// The value in a profile, and what the rows are, for people who write a map.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Customers => ("customers", "customers"),
            Self::Subscriptions => ("subscriptions", "subscriptions"),
            Self::Charges => ("charges", "charges for subscriptions"),
            Self::Usage => ("usage", "meters of usage"),
            Self::Identities => ("identities", "instructions about customers"),
            Self::Gdap => ("gdap", "granular delegated admin relationships"),
            Self::Agreements => ("agreements", "attestations of the customer agreement"),
            Self::Resellers => ("resellers", "indirect resellers of the provider"),
            Self::MpnProfiles => ("mpn_profiles", "entries of the register of MPN profiles"),
        }
    }

    /// What the rows are, for people who write a map.
    pub(crate) const fn meaning(self) -> &'static str {
        self.words().1
    }

    /// Whether the rows are about customers and not about their subscriptions.
    pub(crate) const fn are_of_customers(self) -> bool {
        matches!(self, Self::Customers | Self::Identities | Self::Gdap | Self::Agreements)
    }

    /// Whether the rows are about partners and name no customer.
    pub(crate) const fn are_of_partners(self) -> bool {
        matches!(self, Self::Resellers | Self::MpnProfiles)
    }
}

impl fmt::Display for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().0)
    }
}

/// Whether a list is complete, so that an entry it lacks is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    /// Entries may be missing.
    #[default]
    No,
    /// The list is complete.
    All,
    /// The list is complete for the customer that `--customer` names.
    Customer,
}

/// Whether a term's end date is its last day or the day after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndDates {
    /// The last day.
    #[default]
    Inclusive,
    /// The day after the last day.
    Exclusive,
}

/// What a blank cell of the reseller column means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlankReseller {
    /// Nothing.
    #[default]
    Silent,
    /// That there is no reseller.
    None,
}

/// Whose portal writes a format. Customers that only other vendors' portals name wait for an invitation from their
/// reseller (C-24, C-25).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortalFamily {
    /// Partner Center, the Microsoft 365 admin center or the Azure portal.
    Microsoft,
    /// Any other portal, or a tool's working file that a person compiled.
    #[default]
    Other,
}

/// One spelling of a column's name. `DisplayName#2` is the second column of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spelling {
    pub(crate) text: String,
    pub(crate) folded: String,
    pub(crate) nth: usize,
}

impl Spelling {
    fn new(text: &str) -> Self {
        let (name, nth) = match text.rsplit_once('#') {
            Some((name, nth)) => match nth.parse() {
                Ok(nth) if nth > 0 => (name, nth),
                _ => (text, 1),
            },
            None => (text, 1),
        };
        Self { text: text.to_owned(), folded: folded(name), nth }
    }
}

/// The format of one portal.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The value of `--profile`.
    pub name: String,
    /// A description for people.
    pub title: String,
    /// The portal that writes it.
    pub portal: String,
    /// The vendor of that portal.
    pub portal_family: PortalFamily,
    /// The source under which the import keeps its baselines. Several formats of one portal may share it.
    pub family: String,
    /// What its rows are.
    pub states: States,
    /// Whether its lists are complete.
    pub complete: Completeness,
    /// The default date order, if the file does not show it.
    pub date_order: DateOrder,
    /// Whether its file states that order.
    pub(crate) states_date_order: bool,
    /// What it means by its end dates.
    pub end_dates: EndDates,
    /// What a blank reseller cell means.
    pub blank_reseller: BlankReseller,
    /// Whether all its subscriptions are of new commerce, whether or not it names their offers.
    pub new_commerce: bool,
    /// The fields that date a row; the first one that is not blank counts. If there are none, the file's date is used.
    pub dated_by: Vec<Field>,
    /// The fields that a file of this format must have.
    pub key: Vec<Field>,
    pub(crate) columns: Vec<(Field, Vec<Spelling>)>,
    pub(crate) ignored: Vec<Spelling>,
    default_rank: u8,
    ranks: BTreeMap<Field, u8>,
    text: String,
}

impl Profile {
    /// The rank of a field: if two portals differ, the value of the higher-ranked one is used.
    #[must_use]
    pub fn rank(&self, field: Field) -> u8 {
        self.ranks.get(&field).copied().unwrap_or(self.default_rank)
    }

    /// Whether the format names the customer in its rows. If not, `--customer` is required.
    #[must_use]
    pub fn names_customer(&self) -> bool {
        self.columns.iter().any(|(field, _)| *field == Field::CustomerTenantId)
    }

    /// The file as written, including comments. `profiles show` prints it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The format's name for the field: the first of its spellings.
    #[must_use]
    pub fn column_of(&self, field: Field) -> Option<&str> {
        let (_, spellings) = self.columns.iter().find(|(mapped, _)| *mapped == field)?;
        spellings.first().map(|spelling| spelling.text.as_str())
    }
}

/// The built-in profiles.
#[must_use]
pub fn list() -> &'static [Arc<Profile>] {
    &PROFILES
}

/// The profile with that name, in any case.
#[must_use]
pub fn show(name: &str) -> Option<Arc<Profile>> {
    PROFILES.iter().find(|profile| profile.name.eq_ignore_ascii_case(name)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_parses_and_maps_its_key() {
        assert_eq!(list().len(), BUILT_IN.len());
        for profile in list() {
            assert!(!profile.key.is_empty(), "{}", profile.name);
            assert!(profile.dated_by.iter().all(|field| field.is_date()), "{}", profile.name);
        }
    }

    #[test]
    fn every_profile_file_is_built_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/profiles");
        let files = std::fs::read_dir(folder).expect("the folder of profiles").count();
        assert_eq!(files, BUILT_IN.len());
    }

    #[test]
    fn a_profile_is_found_in_any_case() {
        assert_eq!(show("BAM-Customers").map(|profile| profile.family.clone()).as_deref(), Some("bam-customers"));
        assert!(show("nothing").is_none());
    }
}
