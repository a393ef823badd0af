//! The schema, from introspection.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The introspection query with everything that is used here.
pub const QUERY: &str = "{ __schema { queryType { name } mutationType { name } subscriptionType { name } \
     types { kind name possibleTypes { name } inputFields { name type { ...named } } \
     fields { name type { ...named } args { name defaultValue type { ...named } } } } } } \
     fragment named on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// A type, without list and non-null wrappers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Object,
    /// An interface or a union: one of several objects.
    Abstract,
    Enum,
    Scalar,
    Input,
}

#[derive(Debug, Clone)]
pub struct Argument {
    pub name: String,
    pub type_name: String,
    pub required: bool,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    /// The type of the field, or of its items.
    pub type_name: String,
    pub arguments: Vec<Argument>,
}

impl Field {
    pub fn needs_arguments(&self) -> bool {
        self.arguments.iter().any(|argument| argument.required)
    }
}

#[derive(Debug, Clone)]
pub struct Type {
    pub kind: Kind,
    pub fields: Vec<Field>,
    pub inputs: Vec<String>,
    pub possible: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Shape {
    pub types: BTreeMap<String, Type>,
    pub query: String,
    pub mutation: String,
    pub subscription: Option<String>,
}

impl Shape {
    pub fn of(data: &Value) -> Self {
        let schema = &data["__schema"];
        let root = |name: &str| schema[name]["name"].as_str().map(str::to_owned);
        let types = schema["types"].as_array().unwrap().iter().map(|kind| (text(&kind["name"]), to_type(kind)));
        Self {
            types: types.filter(|(name, _)| !name.starts_with("__")).collect(),
            query: root("queryType").unwrap(),
            mutation: root("mutationType").unwrap(),
            subscription: root("subscriptionType"),
        }
    }

    pub fn get(&self, name: &str) -> &Type {
        self.types.get(name).unwrap_or_else(|| panic!("the schema has no type {name}"))
    }

    pub fn field(&self, type_name: &str, name: &str) -> Option<&Field> {
        self.types.get(type_name)?.fields.iter().find(|field| field.name == name)
    }

    /// The object types that a caller can read without changing anything, except the root types. A type that occurs only in the
    /// response of a mutation is covered by the mutation's row.
    pub fn readable(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open: Vec<String> = std::iter::once(&self.query).chain(&self.subscription).cloned().collect();
        while let Some(name) = open.pop() {
            let of = self.get(&name);
            let next = of.fields.iter().map(|field| field.type_name.clone()).chain(of.possible.iter().cloned());
            for next in next {
                let kind = self.get(&next).kind;
                if matches!(kind, Kind::Object | Kind::Abstract) && found.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
        found.retain(|name| self.get(name).kind == Kind::Object);
        found
    }
}

fn to_type(value: &Value) -> Type {
    let kind = match value["kind"].as_str().unwrap() {
        "OBJECT" => Kind::Object,
        "INTERFACE" | "UNION" => Kind::Abstract,
        "ENUM" => Kind::Enum,
        "SCALAR" => Kind::Scalar,
        "INPUT_OBJECT" => Kind::Input,
        other => panic!("the schema has a type of kind {other}"),
    };
    let list = |name: &str| value[name].as_array().cloned().unwrap_or_default();
    Type {
        kind,
        fields: list("fields").iter().map(to_field).collect(),
        inputs: list("inputFields").iter().map(|field| text(&field["name"])).collect(),
        possible: list("possibleTypes").iter().map(|kind| text(&kind["name"])).collect(),
    }
}

fn to_field(value: &Value) -> Field {
    let argument = |argument: &Value| Argument {
        name: text(&argument["name"]),
        type_name: innermost(&argument["type"]),
        required: argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null(),
    };
    Field {
        name: text(&value["name"]),
        type_name: innermost(&value["type"]),
        arguments: value["args"].as_array().unwrap().iter().map(argument).collect(),
    }
}

fn innermost(mut of: &Value) -> String {
    while of["ofType"].is_object() {
        of = &of["ofType"];
    }
    text(&of["name"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
