//! The diagrams of `docs/ARCHITECTURE.md` are those of the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Edges = BTreeSet<(String, String)>;

/// The packages of the program by their short names, each with the packages it depends on.
fn manifests() -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directories = ["", "domain", "store", "importer"].map(str::to_owned);
    let graphql =
        ["operation", "direct", "gate", "types", "queries", "mutations"].map(|name| format!("graphql/{name}"));
    directories
        .into_iter()
        .chain(graphql)
        .map(|directory| {
            let text = std::fs::read_to_string(root.join(&directory).join("Cargo.toml")).unwrap();
            let manifest: toml::Table = text.parse().unwrap();
            let dependencies = manifest["dependencies"].as_table().unwrap().keys();
            let dependencies = dependencies.filter_map(|name| name.strip_prefix("partnergraph-")).map(str::to_owned);
            let name = directory.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("service");
            (name.to_owned(), dependencies.collect())
        })
        .collect()
}

/// The arrows of the first two diagrams.
fn diagrams() -> [Edges; 2] {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ARCHITECTURE.md")).unwrap();
    let section = text.split("## Packages and their dependencies").nth(1).unwrap();
    let mut diagrams = section.split("```mermaid").skip(1).map(|diagram| {
        let arrows = diagram.split("```").next().unwrap().lines().filter(|line| line.contains("-->"));
        arrows
            .map(|line| {
                let name = |end: &str| end.split(['[', ' ']).next().unwrap().to_owned();
                let (from, to) = line.split_once("-->").unwrap();
                (name(from.trim()), name(to.trim()))
            })
            .collect()
    });
    [diagrams.next().unwrap(), diagrams.next().unwrap()]
}

#[test]
fn the_diagrams_of_the_packages_show_the_manifests() {
    let packages = manifests();
    let is_api = |name: &str| !["service", "domain", "store", "importer"].contains(&name);
    let edges = || packages.iter().flat_map(|(from, to)| to.iter().map(move |to| (from.clone(), to.clone())));
    let layer = |name: String| if is_api(&name) { "api".to_owned() } else { name };

    let layers: Edges = edges().map(|(from, to)| (layer(from), layer(to))).filter(|(from, to)| from != to).collect();
    let api: Edges = edges().filter(|(from, to)| (is_api(from) || from == "service") && is_api(to)).collect();
    assert_eq!(diagrams(), [layers, api]);
}

#[test]
fn only_mutations_know_the_importer_and_only_the_gate_knows_no_rules() {
    let packages = manifests();
    let graphql =
        || packages.iter().filter(|(name, _)| !["service", "domain", "store", "importer"].contains(&name.as_str()));
    let that = |holds: &dyn Fn(&BTreeSet<String>) -> bool| -> Vec<&str> {
        graphql().filter(|(_, to)| holds(to)).map(|(name, _)| name.as_str()).collect()
    };
    assert_eq!(that(&|to| to.contains("importer")), ["mutations"]);
    assert_eq!(that(&|to| !to.contains("domain")), ["gate"]);
}
