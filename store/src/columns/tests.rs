//! Limits how many files name a column.

use std::fs;
use std::path::{Path, PathBuf};

use super::{CustomerRecordColumns, PartnerColumns, Profile, SubscriptionColumns};

/// The maximum number of files that name a column; CONTRIBUTING.md lists them.
const MOST: usize = 8;

/// The declared columns.
const DECLARED: [&[&str]; 4] =
    [CustomerRecordColumns::NAMES, SubscriptionColumns::NAMES, PartnerColumns::NAMES, Profile::NAMES];

/// Columns that more files name, with the reason.
const EXCEPTIONS: [(&str, &str); 26] = [
    ("address_line1", "a billing profile has its own"),
    ("auto_renew_enabled", "a line of a requested order has its own"),
    ("billing_cycle", "a line of a requested order has its own"),
    ("billing_type", "usage-based subscriptions are not counted as licences"),
    ("city", "a billing profile has its own"),
    ("cloud", "everything in a tenant has one"),
    ("commitment_end_date", "a move counts and reports the terms that end soon"),
    ("company_name", "a customer record has its own, and exports and the graph show it"),
    ("country", "everything in a market has one"),
    ("domain", "customers and tenants have one"),
    ("enrolled", "tokens and the provider directory depend on it, and the history has an event of that name"),
    ("friendly_name", "exports and the graph show it"),
    ("global_mpn_id", "the register of MPN profiles has one"),
    ("is_trial", "a trial is not counted as licences"),
    ("mpn_id", "it identifies the partners of a transaction"),
    ("name", "many tables have one"),
    ("offer_id", "an order line has its own"),
    ("offer_name", "an order line has its own, and exports and the graph show it"),
    ("order_id", "it is also the name of a foreign key"),
    ("postal_code", "a billing profile has its own"),
    ("publisher_name", "a line of a requested order has its own"),
    ("quantity", "it is summed, and an order line has its own"),
    ("status", "deleted subscriptions are not counted, and many tables have one"),
    ("tags", "exports contain them, and lists can be filtered by them"),
    ("term_duration", "a line of a requested order has its own"),
    ("vetting_status", "it decides which of several accounts is used"),
];

/// Files that act on a column instead of passing it from the tables to the schema: exports that contain it, commands and
/// mutations that set it, rules that check it.
const ACTING: [&str; 7] = [
    "importer/",
    "src/cli/",
    "graphql/mutations/",
    "store/src/write/",
    "domain/src/rules",
    "domain/src/checks",
    "domain/src/facts",
];

#[test]
fn a_column_is_named_in_few_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let files = sources(root);
    assert!(files.len() > 200, "{} files", files.len());
    let mut wrong = Vec::new();
    for column in DECLARED.into_iter().flatten() {
        let named: Vec<&str> =
            files.iter().filter(|(_, text)| names(text, column)).map(|(path, _)| path.as_str()).collect();
        let is_exception = EXCEPTIONS.iter().any(|(name, _)| name == column);
        if (named.len() > MOST) != is_exception {
            wrong.push(format!("{column} is named in {} files: {}", named.len(), named.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "A column is named in at most {MOST} files, except for:\n{}", wrong.join("\n"));
}

/// All files that pass columns through, without tests and without the files that act on columns.
fn sources(root: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["domain/src", "store/src", "graphql", "src", "migrations"].map(|folder| root.join(folder)).into();
    let mut paths = vec![root.join("schema.graphql")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { paths.push(path) }
        }
    }
    for path in paths {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let is_source = name.ends_with(".rs") || name.ends_with(".sql") || name == "schema.graphql";
        let is_test = name.split(['/', '.']).any(|part| matches!(part, "tests" | "testing"));
        if is_source && !is_test && !ACTING.iter().any(|acting| name.starts_with(acting)) {
            found.push((name, fs::read_to_string(path).unwrap()));
        }
    }
    found
}

/// Whether a text contains the name of a column, as the tables or the schema spell it.
fn names(text: &str, column: &str) -> bool {
    let mut parts = column.split('_');
    let mut camel = parts.next().unwrap().to_owned();
    for part in parts {
        camel.push_str(&part[..1].to_ascii_uppercase());
        camel.push_str(&part[1..]);
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    [column, camel.as_str()].iter().any(|name| {
        text.match_indices(name)
            .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part))
    })
}
