//! What an operation costs, as the gate uses it and as clients are told.

use async_graphql::Response;
use serde_json::json;

use super::cost::Cost;
use super::limits;

/// What an operation costs, for those who ask.
#[derive(Clone, Copy)]
pub(super) struct Report {
    /// Whether the client asked for it.
    pub(super) asked: bool,
    pub(super) requested: Cost,
    pub(super) max: u64,
}

impl Report {
    /// How much room the answer takes while it is put together.
    pub(super) fn units(self) -> u64 {
        self.requested.data.saturating_add(self.requested.introspection / 4).max(1)
    }

    /// Whether it takes long enough to put the answer together that nobody should have to wait for it.
    pub(super) fn is_heavy(self) -> bool {
        self.units() > limits::LIGHT_COST
    }

    pub(super) fn add_to(self, response: &mut Response) {
        if self.asked
            && let Ok(cost) =
                async_graphql::Value::from_json(json!({ "requested": self.requested.data, "max": self.max }))
        {
            response.extensions.insert("cost".to_owned(), cost);
        }
    }
}
