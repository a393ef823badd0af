//! The file format of a story.

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
    /// What it is about, for readers of the file.
    #[allow(dead_code)]
    about: String,
    /// The cast, in order of creation.
    pub(crate) cast: Vec<Role>,
    /// The subscriptions that exist at the start.
    #[serde(default)]
    pub(crate) sold: Vec<Sold>,
    #[serde(rename = "act")]
    pub(crate) acts: Vec<Act>,
}

/// A member of the cast.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    /// The name used in the steps.
    #[serde(rename = "as")]
    pub(crate) name: String,
    pub(crate) is: Is,
    /// The display name; defaults to the name.
    pub(crate) company_name: Option<String>,
    #[serde(default = "poland")]
    pub(crate) country: String,
    /// The providers with which a reseller has an active partnership at the start.
    #[serde(default)]
    pub(crate) partner_of: Vec<String>,
    /// The partners whose customer it is at the start.
    #[serde(default)]
    pub(crate) customer_of: Vec<String>,
    /// The company of an account, if it is not its own.
    pub(crate) company: Option<String>,
    /// Whether a customer has accepted the customer agreement.
    #[serde(default = "yes")]
    pub(crate) agreed: bool,
    /// Whether a partner has signed the partner agreement.
    #[serde(default = "yes")]
    pub(crate) signed: bool,
}

/// A subscription that exists at the start.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sold {
    /// The name used in the steps.
    #[serde(rename = "as")]
    pub(crate) name: String,
    /// The seller.
    pub(crate) by: String,
    /// The customer.
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

/// The kind of a member of the cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Is {
    IndirectProvider,
    IndirectReseller,
    DirectBill,
    Customer,
    /// An unknown tenant, and its Global admin.
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

/// A step.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// One sentence that describes it.
    pub(crate) told: String,
    /// A member of the cast, as its Global admin; `name/ROLE` for a user with another role.
    pub(crate) by: String,
    /// A file of `docs/operations`.
    does: Option<String>,
    /// A document of its own, if none of those requests what the story is about.
    asks: Option<String>,
    /// The input of a mutation. A text that begins with `$` refers to a kept value, or to a field of a member of the cast.
    pub(crate) input: Option<Value>,
    /// All variables of a query.
    pub(crate) variables: Option<Value>,
    /// Names for parts of the response, each with its path. For a text with a link, its token is kept.
    #[serde(default)]
    pub(crate) keep: BTreeMap<String, String>,
    /// The rules that refuse it, or the codes of refusals without a rule; for `SalesEligibility`, the rules that do not pass.
    /// Empty by default.
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
    /// The name of the step in the snapshot.
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
