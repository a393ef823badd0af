//! The file format of a story.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::support::operation;

/// A story.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    pub(crate) title: String,
    /// A summary for readers of the file.
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
    pub(crate) is: Kind,
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
    /// The company that an account belongs to, if it is not a company of its own.
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
pub(crate) enum Kind {
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
    pub(crate) description: String,
    /// A member of the cast, as its Global admin; `name/ROLE` for a user with another role.
    pub(crate) by: String,
    /// The name of a file in `docs/operations`.
    operation: Option<String>,
    /// A GraphQL document, if no documented operation selects what the story is about.
    document: Option<String>,
    /// The input of a mutation. A text that begins with `$` refers to a kept value, or to a field of a member of the cast.
    pub(crate) input: Option<Value>,
    /// All variables of a query.
    pub(crate) variables: Option<Value>,
    /// The status of a run for which the step waits.
    pub(crate) until: Option<String>,
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
    /// The operation of the step, as the snapshot names it.
    pub(crate) fn operation_name(&self) -> String {
        self.operation.clone().or_else(|| self.document.clone()).unwrap()
    }

    /// The text of the GraphQL document.
    pub(crate) fn text(&self) -> String {
        match (&self.operation, &self.document) {
            (Some(name), None) => operation(name),
            (None, Some(document)) => document.clone(),
            _ => panic!("“{}” needs either an operation or a document", self.description),
        }
    }
}
