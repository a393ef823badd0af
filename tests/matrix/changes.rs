//! Every mutation, sent by every actor with an input that succeeds for an authorised one, and validated only (`validateOnly`).

use serde_json::{Value, json};

use crate::matrix::client::{Client, code};
use crate::matrix::data::{self, Line};
use crate::matrix::selection::deep;
use crate::matrix::shape::Shape;

/// How deep to look into a response: payload, result of an item, its errors.
const DEPTH: usize = 2;

/// Values that are returned only once, and never if nothing is written.
const TOLD_ONCE: &[&str] = &["temporaryPassword", "link", "token", "emailDraft", "credentials"];

/// A mutation with an input.
#[derive(Debug, Clone)]
pub struct Change {
    pub key: String,
    document: String,
    /// The input as JSON, with `$names` not yet filled in.
    pub input: String,
}

/// The mutations of the schema with the inputs of the data file.
pub fn changes(shape: &Shape) -> Result<Vec<Change>, Vec<String>> {
    let lines = data::lines("data/inputs.txt");
    let mut missing = Vec::new();
    let mut changes = Vec::new();
    for field in &shape.get(&shape.mutation).fields {
        let inputs: Vec<&Line> = lines.iter().filter(|line| line.name == field.name).collect();
        if inputs.is_empty() {
            missing.push(format!("data/inputs.txt: no input for {}", field.name));
        }
        let [argument] = field.arguments.as_slice() else {
            missing.push(format!("{} does not take one input", field.name));
            continue;
        };
        if !shape.get(&argument.type_name).inputs.iter().any(|name| name == "validateOnly") {
            missing.push(format!("{} has no validateOnly", argument.type_name));
        }
        let document = format!(
            "mutation($input: {}!) {{ {}({}: $input){} }}",
            argument.type_name,
            field.name,
            argument.name,
            deep(shape, &field.type_name, DEPTH)
        );
        changes.extend(inputs.iter().map(|line| Change {
            key: data::key(&line.name, &line.variant),
            document: document.clone(),
            input: line.text.clone(),
        }));
    }
    for line in lines.iter().filter(|line| !line.waits && shape.field(&shape.mutation, &line.name).is_none()) {
        missing.push(format!("data/inputs.txt: the schema has no {}", line.name));
    }
    if missing.is_empty() { Ok(changes) } else { Err(missing) }
}

/// The actor's response in one line, and the full text of it.
pub fn ask(client: &Client, token: Option<&str>, change: &Change, value: impl Fn(&str) -> String) -> (String, String) {
    let answer = client.answer(token, &change.document, json!({ "input": input(change, value) }));
    let response = answer.to_string();
    if let Some(code) = code(&answer) {
        return (format!("!{code}"), response);
    }
    let mut errors = Vec::new();
    let mut secrets = Vec::new();
    look(&answer["data"], &mut errors, &mut secrets);
    assert!(secrets.is_empty(), "{}: nothing is written, and it tells {secrets:?}", change.key);
    (if errors.is_empty() { "ok".to_owned() } else { errors.join(" ") }, response)
}

/// The response without what differs each time that something is created: its number and its times.
pub fn without_what_is_new(response: &str) -> String {
    fn blank(value: &mut Value) {
        match value {
            Value::Array(entries) => entries.iter_mut().for_each(blank),
            Value::Object(members) => {
                let of = members.get("__typename").and_then(Value::as_str).unwrap_or_default().to_owned();
                for (name, below) in members.iter_mut() {
                    let is_new = match of.as_str() {
                        "Invitation" => ["id", "createdAt", "expiresAt"].contains(&name.as_str()),
                        "InvitationEdge" => name == "cursor",
                        _ => false,
                    };
                    if is_new {
                        *below = json!("new");
                    }
                    blank(below);
                }
            }
            _ => {}
        }
    }
    let mut response: Value = serde_json::from_str(response).expect("JSON");
    blank(&mut response);
    response.to_string()
}

fn input(change: &Change, value: impl Fn(&str) -> String) -> Value {
    let text = data::fill(&change.input, value);
    let mut input: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}: {text}", change.key));
    input["validateOnly"] = true.into();
    input
}

/// Collects the refusals of a response as `rule/code/microsoftCode`, and values that should not have been returned.
fn look(value: &Value, errors: &mut Vec<String>, secrets: &mut Vec<String>) {
    match value {
        Value::Array(entries) => entries.iter().for_each(|entry| look(entry, errors, secrets)),
        Value::Object(members) => {
            for (name, below) in members {
                match below {
                    Value::Array(refusals) if name == "userErrors" => errors.extend(refusals.iter().map(refusal)),
                    Value::Null => {}
                    _ if TOLD_ONCE.contains(&name.as_str()) => secrets.push(name.clone()),
                    below => look(below, errors, secrets),
                }
            }
        }
        _ => {}
    }
}

fn refusal(error: &Value) -> String {
    let code = error["code"].as_str().unwrap_or_default();
    let rule = error["rule"].as_str().unwrap_or("-");
    let microsoft = error["microsoftCode"].as_i64().map_or("-".to_owned(), |code| code.to_string());
    format!("{rule}/{code}/{microsoft}")
}
