//! The schema, and its text.

use std::sync::LazyLock;

use async_graphql::{SDLExportOptions, Schema, SchemaBuilder, ValidationMode};

use partnergraph_gate::ApiSchema;
use partnergraph_mutations::MutationRoot;
use partnergraph_operation::propagation::Propagation;
use partnergraph_queries::live::SubscriptionRoot;
use partnergraph_queries::{Query, direct_root};

static API: LazyLock<ApiSchema> = LazyLock::new(|| {
    ApiSchema::new(builder().finish(), builder().extension(Propagation).finish(), direct_root, &sdl())
});

/// The schema. It holds no database: what an operation reads through comes with the operation.
#[must_use]
pub fn schema() -> ApiSchema {
    API.clone()
}

fn builder() -> SchemaBuilder<Query, MutationRoot, SubscriptionRoot> {
    // The gate has validated the document; the library's own rules would refuse some of what the specification allows.
    Schema::build(Query::default(), MutationRoot::default(), SubscriptionRoot)
        .validation_mode(ValidationMode::Fast)
        .limit_recursive_depth(64)
}

/// The schema definition; `schema.graphql` at the root of the repository is exactly this.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new().include_specified_by().prefer_single_line_descriptions();
    let text = builder().finish().sdl_with_options(options);
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    with_costs(&lines) + DIRECTIVES
}

/// The directives by which the schema says what a field costs, as in the GraphQL cost directives specification.
const DIRECTIVES: &str = "\n\
\"The value of a field costs so much; every other costs 1.\"\n\
directive @cost(weight: String!) on FIELD_DEFINITION\n\
\"How many entries a list has: as many as an argument says, else as many as are assumed.\"\n\
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION\n";

/// What is said of a field whose type is a connection.
const CONNECTION: &str = r#"@listSize(assumedSize: 20, slicingArguments: ["first", "last"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)"#;
/// What is said of a field whose type is a list of objects.
const LIST: &str = "@listSize(assumedSize: 5)";
/// The same of `nodes(ids)`.
const NODES: &str = r#"@listSize(slicingArguments: ["ids"], requireOneSlicingArgument: false)"#;
/// The results of a bulk mutation, of which there may be 500.
const RESULTS: &str = "@listSize(assumedSize: 100)";
/// A total is counted by a statement of its own.
const TOTAL: &str = r#"@cost(weight: "10")"#;
/// What is counted for each entry of a list reads as much as a page does.
const COUNT: &str = r#"@cost(weight: "50")"#;
/// The relationship graph is walked whatever is selected of it.
const GRAPH: &str = r#"@cost(weight: "1000") @listSize(assumedSize: 100, slicingArguments: ["limit"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)"#;
/// Its nodes and edges, each of which takes a part in several statements.
const GRAPH_PART: &str = r#"@cost(weight: "4")"#;
/// Its drawings are as long as it is large.
const DRAWING: &str = r#"@cost(weight: "500")"#;

/// Adds to each field of an object type what it costs, where that is not 1.
fn with_costs(lines: &[&str]) -> String {
    let (mut text, mut in_type, mut in_description, mut field) = (String::new(), false, false, "");
    for line in lines {
        text.push_str(line);
        let bare = line.trim_start();
        if bare == "\"\"\"" {
            in_description = !in_description;
        } else if !in_description && !bare.starts_with('"') {
            if bare.len() == line.len() {
                in_type = line.starts_with("type ") || line.starts_with("interface ");
            } else if in_type && line.starts_with('\t') && !line.starts_with("\t\t") {
                if bare.starts_with(|first: char| first.is_ascii_lowercase()) {
                    field = bare.split(['(', ':']).next().unwrap_or_default();
                }
                if let Some(cost) = cost_of(field, bare) {
                    text.push(' ');
                    text.push_str(cost);
                }
            }
        }
        text.push('\n');
    }
    text
}

/// What the line that ends a field's definition says about its cost.
fn cost_of(field: &str, line: &str) -> Option<&'static str> {
    let ty = line.rsplit_once(": ")?.1.trim_end_matches('!');
    match (field, ty) {
        ("totalCount", "Int") => Some(TOTAL),
        ("customerCount" | "subscriptionCount" | "licenseCount", "Int") => Some(COUNT),
        ("relationshipGraph", _) => Some(GRAPH),
        (_, "[RelationshipGraphNode!]" | "[RelationshipGraphEdge!]") => Some(GRAPH_PART),
        ("mermaid" | "dot", "String") => Some(DRAWING),
        ("nodes", "[Node]") => Some(NODES),
        ("nodes" | "edges", _) => None,
        ("results", _) => Some(RESULTS),
        _ if ty.ends_with("Connection") => Some(CONNECTION),
        _ if ty.starts_with('[') && ty.ends_with(']') => Some(LIST),
        _ => None,
    }
}
