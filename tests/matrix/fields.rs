//! Every field, requested by every actor.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::matrix::actors::{ACTORS, Actor};
use crate::matrix::client::{Client, code};
use crate::matrix::data::{self, Line};
use crate::matrix::selection::{Shown, short, shown};
use crate::matrix::shape::Shape;
use crate::matrix::world::World;

/// The placeholder for the fields of the type in its route.
const HERE: &str = "@";

/// How long a subscription that has a result may take; it is delivered at once.
const PATIENCE: Duration = Duration::from_secs(20);
/// After how long a subscription is considered to be waiting for events. Nothing happens during the test, so a slow machine does
/// not change the result.
const STILLNESS: Duration = Duration::from_millis(60);

/// How an object of a type is reached, and the requested fields.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The document around the fields, with [`HERE`] in it and `$names` not yet filled in.
    pub route: String,
    /// The response keys that lead to the fields.
    path: Vec<String>,
    /// Whether the fields are subscriptions, which are requested one by one.
    is_live: bool,
    pub rows: Vec<Row>,
}

/// A row of the table: a field with its arguments.
#[derive(Debug, Clone)]
pub struct Row {
    pub key: String,
    pub type_name: String,
    pub call: String,
}

/// The result of a row for an actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// The object itself does not exist for the actor.
    Hidden,
    Error(String),
    /// The text shown in the table, and the content.
    Value(Shown, String),
}

/// The rows of all types, from the schema and the data files.
pub fn probes(shape: &Shape) -> Result<Vec<Probe>, Vec<String>> {
    let routes = data::lines("data/routes.txt");
    let calls = data::lines("data/calls.txt");
    let mut missing = against(shape, &routes, &calls);
    let mut probes = vec![Probe {
        route: format!("{{ {HERE} }}"),
        path: Vec::new(),
        is_live: false,
        rows: rows(shape, &shape.query, "", &calls, &mut missing),
    }];
    if let Some(name) = &shape.subscription {
        probes.push(Probe {
            route: format!("subscription {{ {HERE} }}"),
            path: Vec::new(),
            is_live: true,
            rows: rows(shape, name, "", &calls, &mut missing),
        });
    }
    for line in routes.iter().filter(|line| is_there(shape, line)) {
        probes.push(Probe {
            route: format!("{{ {} }}", line.text),
            path: path(&line.text),
            is_live: false,
            rows: rows(shape, &line.name, &line.variant, &calls, &mut missing),
        });
    }
    if missing.is_empty() { Ok(probes) } else { Err(missing) }
}

/// Whether the schema has the type of a route and the first field of the route.
fn is_there(shape: &Shape, line: &Line) -> bool {
    let begins = path(&line.text).first().is_some_and(|field| shape.field(&shape.query, field).is_some());
    shape.types.contains_key(&line.name) && begins
}

/// What is missing in the data files, and which of their types and fields do not exist.
fn against(shape: &Shape, routes: &[Line], calls: &[Line]) -> Vec<String> {
    let mut missing = Vec::new();
    for name in shape.readable() {
        if !routes.iter().any(|line| line.name == name && is_there(shape, line)) {
            missing.push(format!("data/routes.txt: no route to {name}"));
        }
    }
    for line in routes.iter().filter(|line| !line.waits && !is_there(shape, line)) {
        missing.push(format!("data/routes.txt: the schema has no {} by {}", line.name, line.text));
    }
    for line in calls.iter().filter(|line| !line.waits) {
        let known = line.name.split_once('.').is_some_and(|(of, field)| shape.field(of, field).is_some());
        if !known {
            missing.push(format!("data/calls.txt: the schema has no {}", line.name));
        }
    }
    missing
}

fn rows(shape: &Shape, type_name: &str, variant: &str, calls: &[Line], missing: &mut Vec<String>) -> Vec<Row> {
    let mut rows = Vec::new();
    let head = data::key(type_name, variant);
    for field in &shape.get(type_name).fields {
        let name = format!("{type_name}.{}", field.name);
        let selection = short(shape, &field.type_name);
        let configured: Vec<&Line> = calls.iter().filter(|line| line.name == name).collect();
        if field.needs_arguments() && configured.is_empty() {
            missing.push(format!("data/calls.txt: {name} needs arguments"));
        }
        let row = |variant: &str, arguments: &str| Row {
            key: data::key(&format!("{head}.{}", field.name), variant),
            type_name: field.type_name.clone(),
            call: format!("{}{arguments}{selection}", field.name),
        };
        if !field.needs_arguments() {
            rows.push(row("", ""));
        }
        rows.extend(configured.iter().map(|line| row(&line.variant, &format!("({})", line.text))));
    }
    rows
}

/// The response keys that lead to the type's fields: the last name before each brace, without arguments and fragments.
fn path(route: &str) -> Vec<String> {
    let mut path = Vec::new();
    let mut depth = 0_usize;
    let mut name = "";
    let mut in_fragment = false;
    let spaced =
        ["(", ")", "{", "}"].iter().fold(route.to_owned(), |text, sign| text.replace(sign, &format!(" {sign} ")));
    for token in spaced.split_whitespace() {
        match token {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ if depth > 0 => {}
            HERE => break,
            "..." => in_fragment = true,
            // A fragment narrows the type and adds no response key.
            "{" if in_fragment => in_fragment = false,
            "{" => path.push(name.to_owned()),
            _ => name = token,
        }
    }
    path
}

/// The actor's result for each row of a probe, and the full text of the responses.
pub fn ask(client: &Client, world: &World, shape: &Shape, probe: &Probe, actor: &Actor) -> (Vec<Cell>, String) {
    let value = |name: &str| world.value(name).text;
    let token = world.token_of(actor);
    let all = |rows: &[Row]| answer(client, token, probe, rows, value);
    // An unauthenticated actor gets an error for the whole document, so each field is requested on its own.
    if actor.is_known() && !probe.is_live {
        let answer = all(&probe.rows);
        if code(&answer).is_none() {
            let cells = probe.rows.iter().enumerate().map(|(at, row)| cell(shape, probe, row, at, &answer)).collect();
            return (cells, answer.to_string());
        }
    }
    let mut responses = String::new();
    let mut cells = Vec::new();
    for row in &probe.rows {
        let answer = all(std::slice::from_ref(row));
        responses.push_str(&answer.to_string());
        cells.push(cell(shape, probe, row, 0, &answer));
    }
    (cells, responses)
}

/// The whole response for the rows of a probe, with `$names` replaced by these values.
pub fn answer(
    client: &Client,
    token: Option<&str>,
    probe: &Probe,
    rows: &[Row],
    value: impl Fn(&str) -> String,
) -> Value {
    let document = document(probe, rows, value);
    if !probe.is_live {
        return client.answer(token, &document, json!({}));
    }
    // Without an event to continue after, there is nothing to deliver yet.
    let waits = document.contains("relationshipEvents") && !document.contains("after:");
    let patience = if waits && token.is_some() { STILLNESS } else { PATIENCE };
    client.first(token, &document, patience).unwrap_or_else(|| json!({ "data": { "waits": true } }))
}

fn document(probe: &Probe, rows: &[Row], value: impl Fn(&str) -> String) -> String {
    let fields = rows.iter().enumerate().map(|(at, row)| format!("a{at}: {}", row.call));
    data::fill(&probe.route.replace(HERE, &fields.collect::<Vec<_>>().join(" ")), value)
}

fn cell(shape: &Shape, probe: &Probe, row: &Row, at: usize, answer: &Value) -> Cell {
    if let Some(code) = code(answer) {
        return Cell::Error(code.to_owned());
    }
    if answer["data"]["waits"] == true {
        return Cell::Value(Shown::Literal("waits".to_owned()), String::new());
    }
    let mut found = vec![&answer["data"]];
    for name in &probe.path {
        let below = found.into_iter().filter_map(|value| value.get(name));
        found = below.flat_map(|value| value.as_array().map_or(vec![value], |list| list.iter().collect())).collect();
    }
    let alias = format!("a{at}");
    let values: Vec<Value> = found.into_iter().filter_map(|value| value.get(&alias)).cloned().collect();
    if values.is_empty() {
        return Cell::Hidden;
    }
    Cell::Value(shown(shape, &row.type_name, &values), Value::from(values).to_string())
}

/// The row as shown in the table: contents that are not shown literally are numbered by their value, in actor order.
pub fn cell_texts(cells: &[Cell]) -> Vec<String> {
    let mut contents: BTreeMap<&str, usize> = BTreeMap::new();
    let tell = |cell: &Cell, number: usize| match cell {
        Cell::Hidden => "hidden".to_owned(),
        Cell::Error(code) => format!("!{code}"),
        Cell::Value(Shown::Literal(text), _) => text.clone(),
        Cell::Value(Shown::Compared(text), _) if number == 1 => text.clone(),
        Cell::Value(Shown::Compared(text), _) => format!("{text}#{number}"),
    };
    let mut row = Vec::with_capacity(ACTORS.len());
    for cell in cells {
        let number = match cell {
            Cell::Value(Shown::Compared(_), content) => {
                let next = contents.len() + 1;
                *contents.entry(content).or_insert(next)
            }
            _ => 0,
        };
        row.push(tell(cell, number));
    }
    row
}
