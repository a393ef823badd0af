//! `docs/RULES.md` is generated from the catalogue, the registry and the sources, so that it cannot be wrong.
//!
//! `UPDATE_RULES=1 cargo test -p partnergraph-domain --test rules_book` writes it again.

// Tests may unwrap, and their names document them.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use partnergraph_domain::rules::registry::{Keeping, REGISTRY};
use partnergraph_domain::{RuleKind, rules};

static CODES: &str = include_str!("../data/refusal-codes.tsv");
static NOT_ENFORCED: &str = include_str!("../data/not-enforced.tsv");

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The cells of a table by its first column.
fn table(text: &'static str) -> BTreeMap<&'static str, Vec<&'static str>> {
    let rows = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    rows.map(|cells| (cells[0], cells[1..].to_vec())).collect()
}

/// The file of a function below `src`, and the first paragraph of its description.
fn described(function: &str) -> (String, String) {
    let segments: Vec<&str> = function.split("::").map(str::trim).collect();
    let name = *segments.last().unwrap();
    let (file, text) = files(segments[0])
        .into_iter()
        .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
        .find(|(_, text)| text.contains(&format!("pub fn {name}(")))
        .unwrap_or_else(|| panic!("no file has the function {function}"));
    let before = text.split(&format!("pub fn {name}(")).next().unwrap();
    let mut lines: Vec<&str> = before.lines().rev().skip_while(|line| !line.starts_with("///")).collect();
    let end = lines.iter().position(|line| !line.starts_with("///")).unwrap_or(lines.len());
    lines.truncate(end);
    lines.reverse();
    let paragraph = lines.iter().take_while(|line| line.trim() != "///");
    let words: Vec<&str> = paragraph.map(|line| line.trim_start_matches("///").trim()).collect();
    let file = file.strip_prefix(package()).unwrap().to_string_lossy().into_owned();
    (file, without_ids(words.join(" ").trim_end_matches('.')))
}

/// A description without the ids that it begins with, because the first column has them.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| word.len() == 4 && word.as_bytes()[1] == b'-' || matches!(word, "and" | "and by");
    match text.split_once(": ") {
        Some((head, rest)) if head.split([' ', ',']).filter(|word| !word.is_empty()).all(is_id) => {
            rest[..1].to_uppercase() + &rest[1..]
        }
        _ => text.to_owned(),
    }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = package().join("src").join(folder);
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn book() -> String {
    let (codes, explained) = (table(CODES), table(NOT_ENFORCED));
    let mut text = String::from(
        "# The rules\n\n\
         Every rule of the catalogue (`domain/data/rules.tsv` has its wording and its source), where it lives, and the code that a caller\n\
         gets in `userErrors` when it is broken; Microsoft's own code stands behind it. `UNDECIDED` is what a rule of regions answers while a\n\
         country is not known. One function is asked by the mutations, by `salesEligibility` and by the importer alike. What the program keeps\n\
         without a function bears the reason why there is none, and the place where it shows.\n\n\
         This page is written by a test (`domain/tests/rules_book.rs`) and held against the sources by it.\n",
    );
    let mut sorted: Vec<_> = rules().iter().collect();
    // Later rules of a scenario are at the end of the catalogue, but belong with its first ones.
    sorted.sort_by_key(|rule| rules().iter().position(|first| first.area == rule.area));
    let mut area = None;
    for rule in sorted {
        if area != Some(rule.area) {
            area = Some(rule.area);
            let head = "| rule | | what the program does | where it lives | refused with |\n|---|---|---|---|---|";
            writeln!(text, "\n## {}\n\n{head}", rule.area).unwrap();
        }
        let kind = match rule.kind {
            RuleKind::Rule => "",
            RuleKind::Info => "info",
            RuleKind::Decision => "decision",
        };
        let id = rule.id.as_str();
        let (what, place) = match REGISTRY.iter().find(|entry| entry.id == rule.id) {
            Some(entry) => {
                let function = entry.function.replace(' ', "");
                let (file, says) = described(&function);
                (says, format!("`{function}` in `domain/{file}`"))
            }
            None => {
                let cells = &explained[id];
                (cells[1].to_owned(), format!("{} (no function)", cells[0]))
            }
        };
        let mut refused = codes.get(id).map_or_else(String::new, |cells| cells[0].replace(' ', ", "));
        if let (false, Some(code)) = (refused.is_empty(), rule.microsoft_code) {
            write!(refused, " ({code})").unwrap();
        }
        writeln!(text, "| {id} | {kind} | {what} | {place} | {refused} |").unwrap();
    }
    text
}

#[test]
fn the_book_of_rules_says_what_is_so() {
    let path = package().join("../docs/RULES.md");
    let written = book();
    if std::env::var_os("UPDATE_RULES").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == written,
        "docs/RULES.md is not current: UPDATE_RULES=1 cargo test -p partnergraph-domain --test rules_book"
    );
}

#[test]
fn every_rule_that_decides_has_its_codes_and_every_code_is_in_the_sources() {
    let codes = table(CODES);
    for entry in REGISTRY.iter().filter(|entry| entry.keeping == Keeping::Decides) {
        assert!(
            codes.contains_key(entry.id.as_str()),
            "{} refuses with a code that data/refusal-codes.tsv does not name",
            entry.id
        );
    }
    let sources: String = ["rules", "checks"]
        .into_iter()
        .flat_map(files)
        .chain([package().join("src/refusal.rs")])
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    for code in codes.values().flat_map(|cells| cells[0].split(' ')) {
        assert!(sources.contains(&format!("\"{code}\"")), "no source has the code {code}");
    }
}
