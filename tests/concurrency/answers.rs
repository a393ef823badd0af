//! Converts a response to the model's terms.

use std::collections::BTreeSet;

use serde_json::Value;

/// The response to an act.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Answer {
    /// The rules that refuse it, or the code of a refusal without a rule.
    pub(crate) refused: BTreeSet<String>,
    /// A top-level error, which none of these acts must cause.
    pub(crate) failed: Option<String>,
    /// The ids of the created subscriptions.
    pub(crate) subscriptions: Vec<String>,
    /// The token in the drafted link.
    pub(crate) token: Option<String>,
    /// The global id of the change request.
    pub(crate) request: Option<String>,
    /// The global id of the run, which goes on after the response.
    pub(crate) run: Option<String>,
    /// A subscription in the response.
    pub(crate) seen: Option<Seen>,
}

/// A subscription as a response shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) subscription: String,
    pub(crate) version: i64,
    /// The MPN ID of the partner of record.
    pub(crate) partner_of_record: Option<String>,
}

impl Answer {
    pub(crate) fn of(response: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        if let Some(errors) = response.get("errors") {
            return Self { failed: Some(errors.to_string()), ..Self::default() };
        }
        let payload = response["data"].as_object().and_then(|data| data.values().next()).unwrap();
        let refused = payload["userErrors"].as_array().unwrap().iter();
        let shown = &payload["customerSubscription"];
        Self {
            refused: refused.map(|error| text(&error["rule"]).or_else(|| text(&error["code"])).unwrap()).collect(),
            failed: None,
            subscriptions: payload["subscriptions"]
                .as_array()
                .map(|list| list.iter().filter_map(|made| text(&made["subscriptionId"])).collect())
                .unwrap_or_default(),
            token: payload["invitation"]["link"].as_str().map(token_of),
            request: text(&payload["changeRequest"]["id"]),
            run: text(&payload["importRun"]["id"]),
            seen: text(&shown["subscriptionId"]).map(|subscription| Seen {
                subscription,
                version: shown["version"].as_i64().unwrap(),
                partner_of_record: text(&shown["partnerOfRecord"]["mpnId"]),
            }),
        }
    }
}

/// The token at the end of a link.
pub(crate) fn token_of(link: &str) -> String {
    link.split_once("#token=").unwrap_or_else(|| panic!("no token in {link}")).1.to_owned()
}
