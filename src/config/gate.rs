//! Limits on a single operation and on a token.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{ConfigError, Values, at_least_one, parsed};
use partnergraph_gate::Trusted;

use crate::graphql::schema;

/// Limits on GraphQL operations.
#[derive(Debug, Clone)]
pub struct OperationLimits {
    /// The maximum cost of an operation: the number of values that its response can hold.
    pub max_cost: u64,
    /// The time limit of an operation.
    pub deadline: Duration,
    /// How much cost a token can use in a minute; 0 for no limit.
    pub budget_per_minute: u32,
    /// The documents that can be run; `None` if any document can be sent.
    pub trusted: Option<Arc<Trusted>>,
}

impl OperationLimits {
    pub(super) fn from_values(values: &Values) -> Result<Self, ConfigError> {
        let folder =
            values.get("trusted_documents").map(|(folder, _)| folder.as_str()).filter(|folder| !folder.is_empty());
        let trusted =
            folder.map(|folder| Trusted::read(Path::new(folder), &schema())).transpose().map_err(|message| {
                ConfigError::new(message, "set trusted_documents to a folder of *.graphql files with one document each")
            })?;
        Ok(Self {
            max_cost: at_least_one(values, "max_query_cost", "a number of values")?.into(),
            deadline: Duration::from_secs(at_least_one(values, "operation_seconds", "a number of seconds")?.into()),
            budget_per_minute: parsed(values, "query_budget_per_minute", "a number of values, or 0")?,
            trusted: trusted.map(Arc::new),
        })
    }
}
