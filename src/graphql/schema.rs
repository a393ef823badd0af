//! The schema, and its text.

use async_graphql::{SDLExportOptions, Schema};

use super::mutations::MutationRoot;
use super::query::Query;
use super::subscriptions::SubscriptionRoot;

/// The schema's type.
pub type ApiSchema = Schema<Query, MutationRoot, SubscriptionRoot>;

/// Builds the schema. It holds no database: what an operation reads through comes with the operation.
///
/// No extension is registered, because a single one switches every field to a slower path; limits, logging and metrics are
/// the [gate](super::gate)'s.
#[must_use]
pub fn schema() -> ApiSchema {
    Schema::build(Query::default(), MutationRoot::default(), SubscriptionRoot).finish()
}

/// The schema definition; `schema.graphql` at the root of the repository is exactly this.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new().include_specified_by().prefer_single_line_descriptions();
    let text = schema().sdl_with_options(options);
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}
