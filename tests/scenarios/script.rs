//! A story's file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

/// A story.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    pub(crate) title: String,
    /// What it is about, for whoever reads the file.
    #[allow(dead_code)]
    about: String,
    /// Who is in it, in the order in which they came to be.
    pub(crate) cast: Vec<Role>,
    /// The subscriptions that there are at the start.
    #[serde(default)]
    pub(crate) sold: Vec<Sold>,
    #[serde(rename = "act")]
    pub(crate) acts: Vec<Act>,
}

/// Somebody in a story.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    /// By which name the steps call it.
    #[serde(rename = "as")]
    pub(crate) name: String,
    pub(crate) is: Is,
    /// As others know it; the same name where nothing is said.
    pub(crate) company_name: Option<String>,
    #[serde(default = "poland")]
    pub(crate) country: String,
    /// The providers with which a reseller has an active partnership at the start.
    #[serde(default)]
    pub(crate) partner_of: Vec<String>,
    /// The partners whose customer it is at the start.
    #[serde(default)]
    pub(crate) customer_of: Vec<String>,
    /// The company to which an account belongs, where it is not its own.
    pub(crate) company: Option<String>,
    /// Whether a partner has signed the partner agreement.
    #[serde(default = "yes")]
    pub(crate) signed: bool,
}

/// A subscription that stands at the start.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sold {
    /// By which name the steps call it.
    #[serde(rename = "as")]
    pub(crate) name: String,
    /// Who sold it.
    pub(crate) by: String,
    /// To which customer.
    pub(crate) to: String,
    /// The name of the offer.
    pub(crate) offer: String,
    pub(crate) quantity: i64,
    /// Its partner of record.
    pub(crate) reseller: Option<String>,
    /// Its support contact.
    pub(crate) support: Option<String>,
}

fn poland() -> String {
    "PL".to_owned()
}

fn yes() -> bool {
    true
}

/// What somebody in a story is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Is {
    IndirectProvider,
    IndirectReseller,
    DirectBill,
    Customer,
    /// A tenant that nobody knows yet, and its Global admin.
    Tenant,
    Operator,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Act {
    pub(crate) title: String,
    #[serde(rename = "step")]
    pub(crate) steps: Vec<Step>,
}

/// Something that somebody does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// What is told, in one sentence.
    pub(crate) told: String,
    /// One of the cast, as its Global admin; `name/ROLE` for somebody with another role.
    pub(crate) by: String,
    /// A file of `docs/operations`.
    does: Option<String>,
    /// A document of its own, where none of those asks what the story is about.
    asks: Option<String>,
    /// The input of a mutation. A text that begins with `$` stands for what was kept, or for a field of one of the cast.
    pub(crate) input: Option<Value>,
    /// All variables of a query.
    pub(crate) variables: Option<Value>,
    /// Names for parts of the answer, each with the way there. Of a text with a link, its token is kept.
    #[serde(default)]
    pub(crate) keep: BTreeMap<String, String>,
    /// The rules that refuse it, or the codes of refusals without one; of `SalesEligibility`, the rules that do not pass. Nothing where
    /// nothing is said.
    #[serde(default)]
    pub(crate) refused: Vec<String>,
}

impl Script {
    pub(crate) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

impl Step {
    /// What the step is called in the snapshot.
    pub(crate) fn name(&self) -> String {
        self.does.clone().or_else(|| self.asks.clone()).unwrap()
    }

    pub(crate) fn document(&self) -> String {
        match (&self.does, &self.asks) {
            (Some(name), None) => fs::read_to_string(operation(name)).unwrap(),
            (None, Some(document)) => document.clone(),
            _ => panic!("“{}” either does something or asks something", self.told),
        }
    }
}

fn operation(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/operations/{name}.graphql"))
}
