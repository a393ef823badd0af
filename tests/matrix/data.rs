//! The data files with the requests, one per line.
//!
//! `NAME [variant] = text`. A line that begins with `?` is ignored until the schema has what it names.

use std::fs;
use std::path::PathBuf;

/// A line of a data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The type, the field or the mutation.
    pub name: String,
    /// The variant, if there are several requests for it; empty otherwise.
    pub variant: String,
    pub text: String,
    /// Whether the schema may still lack it.
    pub waits: bool,
}

/// The path of a file of this test.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/matrix")).join(name)
}

/// The lines of a data file.
pub fn lines(name: &str) -> Vec<Line> {
    let text = fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| parse(line).unwrap_or_else(|| panic!("{name}: not `NAME [variant] = text`: {line}"))).collect()
}

fn parse(line: &str) -> Option<Line> {
    let (waits, line) = line.strip_prefix('?').map_or((false, line), |rest| (true, rest.trim()));
    let (head, text) = line.split_once(" = ")?;
    let (name, variant) = match head.split_once('[') {
        Some((name, rest)) => (name, rest.trim().strip_suffix(']')?),
        None => (head, ""),
    };
    Some(Line { name: name.trim().to_owned(), variant: variant.to_owned(), text: text.trim().to_owned(), waits })
}

/// The key of a field or mutation as in the tables: without blanks, which would end a cell.
pub fn key(name: &str, variant: &str) -> String {
    if variant.is_empty() { name.to_owned() } else { format!("{name}[{}]", variant.replace(' ', "_")) }
}

/// Replaces `$names` by values as JSON strings, which are also valid strings in a GraphQL document.
pub fn fill(text: &str, value: impl Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let end = rest[at + 1..]
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .map_or(rest.len(), |length| at + 1 + length);
        filled.push_str(&rest[..at]);
        filled.push_str(&serde_json::Value::from(value(&rest[at + 1..end])).to_string());
        rest = &rest[end..];
    }
    filled + rest
}

/// The `$names` in a text.
pub fn named(text: &str) -> Vec<String> {
    let names = std::cell::RefCell::new(Vec::new());
    fill(text, |name| {
        names.borrow_mut().push(name.to_owned());
        String::new()
    });
    names.into_inner()
}
