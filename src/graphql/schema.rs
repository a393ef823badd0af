//! The schema and its SDL.

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

/// The schema. It holds no database connection; each operation brings its own.
#[must_use]
pub fn schema() -> ApiSchema {
    API.clone()
}

fn builder() -> SchemaBuilder<Query, MutationRoot, SubscriptionRoot> {
    // The gate has already validated the document; the library's own rules would refuse some documents that the specification
    // allows.
    Schema::build(Query::default(), MutationRoot::default(), SubscriptionRoot)
        .validation_mode(ValidationMode::Fast)
        .limit_recursive_depth(64)
}

/// The schema definition; `schema.graphql` at the root of the repository is identical to it.
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

/// The directives that state the cost of a field, as in the GraphQL cost directives specification.
const DIRECTIVES: &str = "\n\
\"The cost of a field's value. The default is 1.\"\n\
directive @cost(weight: String!) on FIELD_DEFINITION\n\
\"The number of items in a list: the value of a slicing argument, or else the assumed size.\"\n\
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION\n";

/// For fields whose type is a connection.
const CONNECTION: &str = r#"@listSize(assumedSize: 20, slicingArguments: ["first", "last"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)"#;
/// For fields whose type is a list of objects.
const LIST: &str = "@listSize(assumedSize: 5)";
/// For `nodes(ids)`.
const NODES: &str = r#"@listSize(slicingArguments: ["ids"], requireOneSlicingArgument: false)"#;
/// For the results of a bulk mutation, of which there can be 500.
const RESULTS: &str = "@listSize(assumedSize: 100)";
/// For total counts; each takes a statement of its own.
const TOTAL: &str = r#"@cost(weight: "10")"#;
/// For counts on each item of a list; they read as much as a page does.
const COUNT: &str = r#"@cost(weight: "50")"#;
/// For the relationship graph, which is always walked whatever is selected from it.
const GRAPH: &str = r#"@cost(weight: "1000") @listSize(assumedSize: 100, slicingArguments: ["limit"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)"#;
/// For its nodes and edges, each of which takes part in several statements.
const GRAPH_PART: &str = r#"@cost(weight: "4")"#;
/// For the actions on an object, whose facts take several statements for all objects of a page.
const ACTIONS: &str = r#"@cost(weight: "10") @listSize(assumedSize: 16)"#;
/// For what prevents one of them; usually nothing does.
const ACTION_VERDICTS: &str = "@listSize(assumedSize: 2)";
/// For the verdicts on a sale, whose facts take several statements.
const VERDICTS: &str = r#"@cost(weight: "3") @listSize(assumedSize: 30)"#;
/// For its drawings, whose length grows with the graph.
const DRAWING: &str = r#"@cost(weight: "500")"#;

/// Adds its cost to each field of an object type, if the cost is not 1.
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

/// The cost directive for a field, given the line that ends its definition.
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
        ("actions", _) => Some(ACTIONS),
        ("verdicts", "[ActionVerdict!]") => Some(ACTION_VERDICTS),
        ("verdicts", _) => Some(VERDICTS),
        _ if ty.ends_with("Connection") => Some(CONNECTION),
        _ if ty.starts_with('[') && ty.ends_with(']') => Some(LIST),
        _ => None,
    }
}
