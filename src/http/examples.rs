//! The contract's operations as documents: GraphiQL's example tabs, and the examples of the documentation.

use rust_embed::RustEmbed;
use serde::Serialize;

#[derive(RustEmbed)]
#[folder = "docs/operations/"]
#[include = "*.graphql"]
#[include = "*.json"]
struct Documents;

/// What newcomers try first; the others follow by name.
const FIRST: &[&str] =
    &["Viewer", "CustomersOfReseller", "CustomersFiltered", "Customer", "Subscriptions", "IndirectResellers"];

/// An operation to try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The operation's name.
    pub name: String,
    /// The document.
    pub query: String,
    /// Variables to begin with, as JSON; an empty object where it takes none.
    pub variables: String,
}

/// All of them, the most wanted first.
#[must_use]
pub fn examples() -> Vec<Example> {
    let text = |path: &str| Documents::get(path).map(|file| String::from_utf8_lossy(&file.data).into_owned());
    let mut examples: Vec<Example> = Documents::iter()
        .filter_map(|path| path.strip_suffix(".graphql").map(str::to_owned))
        .filter_map(|name| {
            let query = text(&format!("{name}.graphql"))?;
            let variables = text(&format!("{name}.json")).unwrap_or_else(|| "{}".to_owned());
            Some(Example { name, query, variables })
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
    fn the_first_example_says_who_one_is() {
        assert_eq!(examples().first().map(|example| example.name.clone()).as_deref(), Some("Viewer"));
    }
}
