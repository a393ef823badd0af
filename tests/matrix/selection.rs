//! Which parts of a value are selected, and the text that represents the value in a table.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::matrix::shape::{Field, Kind, Shape, Type};

/// The name of an object: the first of these fields that it has.
const LABELS: &[&str] = &[
    "name",
    "companyName",
    "friendlyName",
    "operationType",
    "userPrincipalName",
    "subject",
    "mpnId",
    "field",
    "code",
    "type",
    "kind",
    "state",
    "status",
];

/// The maximum length of a cell.
const LONGEST: usize = 48;

/// The selection of a field of that type that is shown as a short text; empty for a leaf.
pub fn short(shape: &Shape, type_name: &str) -> String {
    let of = shape.get(type_name);
    match of.kind {
        Kind::Object if is_connection(of) => {
            let nodes = of.fields.iter().find(|field| field.name == "nodes").map(|field| &field.type_name);
            format!(" {{ totalCount nodes{} }}", short(shape, nodes.unwrap()))
        }
        Kind::Object => match label(shape, of) {
            Some(label) => format!(" {{ label: {label} }}"),
            None => format!(" {{ {} }}", leaves_or_first(shape, of)),
        },
        Kind::Abstract => {
            let each = of.possible.iter().enumerate().map(|(index, name)| {
                let field = label(shape, shape.get(name)).unwrap_or("__typename");
                format!("... on {name} {{ label{index}: {field} }}")
            });
            format!(" {{ __typename {} }}", each.collect::<Vec<_>>().join(" "))
        }
        _ => String::new(),
    }
}

/// All fields of this type, down to that depth; pages of lists and fields that need an argument are omitted.
pub fn deep(shape: &Shape, type_name: &str, depth: usize) -> String {
    let of = shape.get(type_name);
    let mut selected = vec!["__typename".to_owned()];
    if of.kind == Kind::Object {
        for field in open_fields(of) {
            match shape.get(&field.type_name).kind {
                Kind::Enum | Kind::Scalar => selected.push(field.name.clone()),
                _ if depth > 0 && !is_connection(shape.get(&field.type_name)) => {
                    selected.push(format!("{}{}", field.name, deep(shape, &field.type_name, depth - 1)));
                }
                _ => {}
            }
        }
    }
    format!(" {{ {} }}", selected.join(" "))
}

fn open_fields(of: &Type) -> impl Iterator<Item = &Field> {
    of.fields.iter().filter(|field| !field.needs_arguments())
}

fn is_connection(of: &Type) -> bool {
    ["nodes", "totalCount"].iter().all(|name| of.fields.iter().any(|field| field.name == *name))
}

fn is_leaf(shape: &Shape, field: &Field) -> bool {
    matches!(shape.get(&field.type_name).kind, Kind::Enum | Kind::Scalar)
}

fn label<'a>(shape: &Shape, of: &'a Type) -> Option<&'a str> {
    let known = |name: &&str| open_fields(of).find(|field| field.name == **name && is_leaf(shape, field));
    LABELS.iter().find_map(known).map(|field| field.name.as_str())
}

fn leaves_or_first(shape: &Shape, of: &Type) -> String {
    let leaves: Vec<&str> =
        open_fields(of).filter(|field| is_leaf(shape, field)).map(|field| field.name.as_str()).collect();
    match open_fields(of).next() {
        Some(field) if leaves.is_empty() => format!("{}{}", field.name, short(shape, &field.type_name)),
        _ => leaves.join(" "),
    }
}

/// How a value is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Literally.
    Literal(String),
    /// It exists, and its content is compared with that of other actors.
    Compared(String),
}

/// The text for all values of a row's route.
pub fn shown(shape: &Shape, type_name: &str, values: &[Value]) -> Shown {
    let kind = shape.get(type_name).kind;
    let is_literal = matches!(kind, Kind::Enum) || matches!(type_name, "Int" | "Float" | "Boolean");
    match values {
        [one] => of_one(one, is_literal),
        _ if values.iter().all(Value::is_null) => Shown::Literal("null".to_owned()),
        many => {
            let shown: Vec<Shown> = many.iter().map(|value| of_one(value, is_literal)).collect();
            let literal: Option<Vec<&str>> = shown
                .iter()
                .map(|shown| if let Shown::Literal(text) = shown { Some(text.as_str()) } else { None })
                .collect();
            literal.map_or(Shown::Compared("value".to_owned()), |literal| {
                Shown::Literal(shortened(literal.join(","), literal.len()))
            })
        }
    }
}

fn of_one(value: &Value, is_literal: bool) -> Shown {
    match value {
        Value::Null => Shown::Literal("null".to_owned()),
        Value::Bool(_) | Value::Number(_) => Shown::Literal(value.to_string()),
        Value::String(text) if is_literal => Shown::Literal(text.clone()),
        Value::String(_) => Shown::Compared("value".to_owned()),
        Value::Array(entries) => of_list(entries, is_literal),
        Value::Object(members) => {
            if let (Some(Value::Array(nodes)), Some(total)) = (members.get("nodes"), members.get("totalCount")) {
                let more = if *total == nodes.len() { String::new() } else { format!("/{total}") };
                return match of_list(nodes, is_literal) {
                    Shown::Literal(text) => Shown::Literal(text + &more),
                    Shown::Compared(text) => Shown::Compared(text + &more),
                };
            }
            match members.iter().find(|(name, _)| name.starts_with("label")).map(|(_, value)| value) {
                Some(Value::String(text)) => Shown::Literal(text.replace(char::is_whitespace, "_")),
                Some(_) => Shown::Literal("unnamed".to_owned()),
                None => Shown::Compared("value".to_owned()),
            }
        }
    }
}

fn of_list(entries: &[Value], is_literal: bool) -> Shown {
    let shown: Option<Vec<String>> = entries
        .iter()
        .map(|entry| if let Shown::Literal(text) = of_one(entry, is_literal) { Some(text) } else { None })
        .collect();
    match shown {
        Some(shown) => Shown::Literal(shortened(format!("[{}]", shown.join(",")), shown.len())),
        None => Shown::Compared(format!("[{}]", entries.len())),
    }
}

/// A text that would be too long is shortened to its beginning and a digest.
fn shortened(text: String, entries: usize) -> String {
    if text.chars().count() <= LONGEST {
        return text;
    }
    format!("[{entries}]~{}", &hex::encode(Sha256::digest(text.as_bytes()))[..8])
}
