//! Replaces values that differ in every run by names.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::Value;
use uuid::Uuid;

use crate::scenarios::cast::Cast;

/// The names of values in one story's snapshot, in the order of first occurrence.
pub(crate) struct Names {
    /// The name for each value.
    known: BTreeMap<String, String>,
    /// The number of names of each kind.
    counts: BTreeMap<&'static str, u32>,
}

impl Names {
    pub(crate) fn of(cast: &Cast<'_>) -> Self {
        Self { known: cast.named_values().into_iter().collect(), counts: BTreeMap::new() }
    }

    /// The response with names in place of ids, tokens, passwords and times.
    pub(crate) fn replace_values(&mut self, response: Value) -> Value {
        self.find_names("", &response);
        self.rename(response)
    }

    /// Names the values that occur for the first time.
    fn find_names(&mut self, field: &str, value: &Value) {
        match value {
            Value::Array(list) => list.iter().for_each(|entry| self.find_names(field, entry)),
            // The `field` of a change in the history states what its values are.
            Value::Object(map) if map.contains_key("before") => {
                let field = map["field"].as_str().unwrap_or_default();
                ["before", "after"].iter().for_each(|side| self.find_names(field, &map[*side]));
            }
            Value::Object(map) => map.iter().for_each(|(field, entry)| self.find_names(field, entry)),
            Value::String(text) => {
                if let Some((_, token)) = text.split_once("token=") {
                    let end = token.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
                    self.name("token", &token[..end.unwrap_or(token.len())]);
                }
                match field {
                    "temporaryPassword" => self.name("password", text),
                    "token" => self.name("token", text),
                    "id" => self.name("id", text),
                    "orderNumber" | "orderId" => self.name("order", text),
                    "subscriptionId" | "parentSubscriptionId" => self.name("subscription", text),
                    _ if Uuid::parse_str(text).is_ok() => self.name("guid", text),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn name(&mut self, kind: &'static str, value: &str) {
        if self.known.contains_key(value) || value.is_empty() {
            return;
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        self.known.insert(value.to_owned(), format!("<{kind} {count}>"));
    }

    fn rename(&self, value: Value) -> Value {
        match value {
            Value::Array(list) => list.into_iter().map(|entry| self.rename(entry)).collect(),
            Value::Object(map) => map
                .into_iter()
                .map(|(field, entry)| {
                    let entry = match (&field[..], &entry) {
                        ("cursor" | "startCursor" | "endCursor", Value::String(_)) => Value::from("<cursor>"),
                        ("mailto", Value::String(link)) => self.rename(Value::from(without_body(link))),
                        ("body", Value::String(body)) => self.rename(Value::from(greeting_and_link(body))),
                        ("verdicts", Value::Array(verdicts)) => {
                            verdicts.iter().map(|verdict| self.verdict(verdict)).collect()
                        }
                        _ => self.rename(entry),
                    };
                    (field, entry)
                })
                .collect(),
            Value::String(text) => Value::String(self.rename_text(text)),
            other => other,
        }
    }

    /// A verdict. One that passes without a message is shortened to its rule.
    fn verdict(&self, verdict: &Value) -> Value {
        match (&verdict["rule"], &verdict["passed"], &verdict["message"]) {
            (Value::String(rule), Value::Bool(true), Value::Null) => Value::from(format!("{rule} passes")),
            _ => self.rename(verdict.clone()),
        }
    }

    fn rename_text(&self, text: String) -> String {
        if DateTime::parse_from_rfc3339(&text).is_ok() {
            return "<moment>".to_owned();
        }
        if NaiveDate::parse_from_str(&text, "%Y-%m-%d").is_ok() {
            return "<day>".to_owned();
        }
        let text = without_moments(&text);
        // A value can be part of a sentence or a link. Longest first, because one can be the beginning of another.
        let mut known: Vec<_> = self.known.iter().collect();
        known.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        known.into_iter().fold(text, |text, (value, name)| text.replace(value, name))
    }
}

/// A `mailto:` link with its decoded subject and without its body, which `tests/relationships/requests.rs` tests.
fn without_body(link: &str) -> String {
    let link = url::Url::parse(link).unwrap();
    let subject = link.query_pairs().find(|(name, _)| name == "subject").unwrap().1.into_owned();
    format!("mailto:{}?subject={subject}", link.path())
}

/// The first line of an e-mail and the link in it. The rest is tested beside the functions that write it. An e-mail without a
/// link is returned whole.
fn greeting_and_link(body: &str) -> String {
    let link = body.split_whitespace().find(|word| word.starts_with("http"));
    link.map_or_else(|| body.to_owned(), |link| format!("{} … {link}", body.lines().next().unwrap_or_default()))
}

/// The text with a name in place of each time in it, as in e-mails.
fn without_moments(text: &str) -> String {
    const WRITTEN: &str = "2026-01-31 12:00";
    let mut pieces = text.split(" UTC").peekable();
    let mut named = String::with_capacity(text.len());
    while let Some(piece) = pieces.next() {
        let before = piece.len().checked_sub(WRITTEN.len()).and_then(|at| Some((piece.get(..at)?, piece.get(at..)?)));
        match before {
            _ if pieces.peek().is_none() => named.push_str(piece),
            Some((before, moment)) if NaiveDateTime::parse_from_str(moment, "%Y-%m-%d %H:%M").is_ok() => {
                named.push_str(before);
                named.push_str("<moment>");
            }
            _ => {
                named.push_str(piece);
                named.push_str(" UTC");
            }
        }
    }
    named
}
