//! The cost of an operation, as the gate uses it and as it is reported to clients.

use async_graphql::Response;
use serde_json::json;

use super::cost::Cost;
use super::limits;

/// The cost of an operation.
#[derive(Clone, Copy)]
pub(super) struct Report {
    /// Whether the client asked for the cost.
    pub(super) is_wanted: bool,
    pub(super) requested: Cost,
    pub(super) max: u64,
}

impl Report {
    /// How much memory the response takes while it is assembled, in units of cost.
    pub(super) fn units(self) -> u64 {
        self.requested.data.saturating_add(self.requested.introspection / 4).max(1)
    }

    /// Whether assembling the response takes so long that others should not have to wait for it.
    pub(super) fn is_heavy(self) -> bool {
        self.units() > limits::LIGHT_COST
    }

    pub(super) fn add_to(self, response: &mut Response) {
        if self.is_wanted
            && let Ok(cost) =
                async_graphql::Value::from_json(json!({ "requested": self.requested.data, "max": self.max }))
        {
            response.extensions.insert("cost".to_owned(), cost);
        }
    }
}
