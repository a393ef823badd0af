//! What one operation, and one token, may ask of the server.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{ConfigError, Values, at_least_one, parsed};
use partnergraph_gate::Trusted;

use crate::graphql::schema;

/// What operations may ask for.
#[derive(Debug, Clone)]
pub struct OperationLimits {
    /// What one operation may cost: the values that its answer can hold at most.
    pub max_cost: u64,
    /// How long it has.
    pub deadline: Duration,
    /// What one token may ask for in a minute, in units of cost; 0 for any amount.
    pub budget_per_minute: u32,
    /// The documents that are run, and no others; `None` where any may be sent.
    pub trusted: Option<Arc<Trusted>>,
}

impl OperationLimits {
    pub(super) fn from_values(values: &Values) -> Result<Self, ConfigError> {
        let folder =
            values.get("trusted_documents").map(|(folder, _)| folder.as_str()).filter(|folder| !folder.is_empty());
        let trusted =
            folder.map(|folder| Trusted::read(Path::new(folder), &schema())).transpose().map_err(|message| {
                ConfigError::new(message, "trusted_documents is a folder of files *.graphql, each with one document")
            })?;
        Ok(Self {
            max_cost: at_least_one(values, "max_query_cost", "a number of values")?.into(),
            deadline: Duration::from_secs(at_least_one(values, "operation_seconds", "a number of seconds")?.into()),
            budget_per_minute: parsed(values, "query_budget_per_minute", "a number of values, or 0")?,
            trusted: trusted.map(Arc::new),
        })
    }
}
