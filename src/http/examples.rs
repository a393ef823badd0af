//! The contract's operations as documents: GraphiQL's example tabs and the examples in the documentation.

use rust_embed::RustEmbed;
use serde::Serialize;

#[derive(RustEmbed)]
#[folder = "docs/operations/"]
#[include = "*.graphql"]
#[include = "*.json"]
struct Documents;

/// The examples that newcomers should try first; the others follow by name. These and all queries have a tab. The other mutations
/// are only in the page's menu, because sixty tabs would be too many.
const FIRST: &[&str] = &[
    "Viewer",
    "CustomersOfReseller",
    "CustomersFiltered",
    "Customer",
    "Subscriptions",
    "IndirectResellers",
    "SalesEligibility",
    "AssociateReseller",
    "RelationshipGraph",
    "RelationshipEvents",
];

/// An example operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The name of the operation.
    pub name: String,
    /// The document.
    pub query: String,
    /// Initial variables as JSON; an empty object if the operation has none.
    pub variables: String,
    /// Whether it has a tab on the first visit.
    pub tab: bool,
}

/// All examples, the most useful first.
#[must_use]
pub fn examples() -> Vec<Example> {
    let text = |path: &str| Documents::get(path).map(|file| String::from_utf8_lossy(&file.data).into_owned());
    let mut examples: Vec<Example> = Documents::iter()
        .filter_map(|path| path.strip_suffix(".graphql").map(str::to_owned))
        .filter_map(|name| {
            let query = text(&format!("{name}.graphql"))?;
            let variables = text(&format!("{name}.json")).unwrap_or_else(|| "{}".to_owned());
            let tab = FIRST.contains(&name.as_str()) || query.trim_start().starts_with("query");
            Some(Example { name, query, variables, tab })
        })
        .collect();
    let place = |example: &Example| FIRST.iter().position(|name| *name == example.name).unwrap_or(FIRST.len());
    examples.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.name.cmp(&b.name)));
    examples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_example_shows_the_viewer() {
        assert_eq!(examples().first().map(|example| example.name.clone()).as_deref(), Some("Viewer"));
    }

    #[test]
    fn mutations_only_try() {
        for example in examples().iter().filter(|example| example.query.trim_start().starts_with("mutation")) {
            let variables: serde_json::Value = serde_json::from_str(&example.variables).unwrap();
            assert_eq!(variables["input"]["validateOnly"], true, "{}", example.name);
        }
    }

    #[test]
    fn queries_have_tabs_and_mutations_are_in_the_menu() {
        let examples = examples();
        let has_tab = |name: &str| examples.iter().find(|example| example.name == name).unwrap().tab;
        assert!(has_tab("ProviderDirectory") && has_tab("AssociateReseller") && !has_tab("ReviewPartner"));
        assert!(examples.iter().filter(|example| example.tab).count() < 35);
    }
}
