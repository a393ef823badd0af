//! Every field and every mutation, for every kind of actor, compared with a table of expected results.
//!
//! The fields and mutations come from the schema itself, so a new one without a row fails. The data files contain how an object
//! of each type is reached (`data/routes.txt`), the arguments of fields that need them (`data/calls.txt`) and an input with which
//! a mutation succeeds for an authorised actor (`data/inputs.txt`), one per line. Types that occur only in the response of a
//! mutation are covered by the mutation's row, and what all responses have in common by a separate test.

mod actions;
mod actors;
mod changes;
mod client;
mod data;
mod fields;
mod furniture;
mod ids;
mod laws;
mod selection;
mod shape;
mod table;
mod world;

use std::fmt::Write as _;

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::json;

use crate::matrix::actors::{ACTORS, Actor};
use crate::matrix::client::Client;
use crate::matrix::fields::{Cell, Probe};
use crate::matrix::laws::Law;
use crate::matrix::shape::Shape;
use crate::matrix::table::Table;
use crate::matrix::world::World;
use crate::support::{Postgres, Sqlite};

/// A world, its API and its schema.
struct Stage {
    world: World,
    client: Client,
    shape: Shape,
}

impl Stage {
    fn on(backend: Backend) -> Self {
        let world = World::on(backend);
        let client = Client::on(&world.graph.database);
        let shape = Shape::of(&client.answer(None, shape::QUERY, json!({}))["data"]);
        Self { world, client, shape }
    }

    fn probes(&self) -> Vec<Probe> {
        fields::probes(&self.shape).unwrap_or_else(|missing| panic!("a line is missing:\n{}", missing.join("\n")))
    }

    fn changes(&self) -> Vec<changes::Change> {
        changes::changes(&self.shape).unwrap_or_else(|missing| panic!("a line is missing:\n{}", missing.join("\n")))
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn every_field_returns_to_every_actor_what_the_table_says(#[case] backend: Backend) {
    let stage = Stage::on(backend);
    let mut answered = Table::default();
    let mut leaks = Law::new("leaks");
    for probe in stage.probes() {
        let mut columns: Vec<Vec<Cell>> = Vec::with_capacity(ACTORS.len());
        for actor in ACTORS {
            let (cells, response) = fields::ask(&stage.client, &stage.world, &stage.shape, &probe, actor);
            for secret in stage.world.secrets_from(actor).iter().filter(|secret| response.contains(secret.as_str())) {
                leaks.breaks(&probe.rows[0].key, &format!("{} meets {secret} by {}", actor.name, probe.route));
            }
            columns.push(cells);
        }
        for (at, row) in probe.rows.iter().enumerate() {
            let cells: Vec<Cell> = columns.iter().map(|column| column[at].clone()).collect();
            answered.0.push((row.key.clone(), fields::cell_texts(&cells)));
        }
    }
    table::check(table::FIELDS, &answered, backend);
    leaks.holds();
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn every_mutation_returns_to_every_actor_what_the_table_says(#[case] backend: Backend) {
    let stage = Stage::on(backend);
    let (world, client) = (&stage.world, &stage.client);
    let before = world.state();
    let mut answered = Table::default();
    let mut leaks = String::new();
    for change in stage.changes() {
        let mut cells = Vec::with_capacity(ACTORS.len());
        for actor in ACTORS {
            let (cell, response) = changes::ask(client, world.token_of(actor), &change, |name| world.value(name).text);
            let response = world.without_echo(&response, &change.input);
            for secret in world.secrets_from(actor).iter().filter(|secret| response.contains(secret.as_str())) {
                let _ = writeln!(leaks, "{} meets {secret} by {}", actor.name, change.key);
            }
            cells.push(cell);
        }
        answered.0.push((change.key, cells));
    }
    assert_eq!(world.state(), before, "something was written that was only to be validated");
    table::check(table::MUTATIONS, &answered, backend);
    assert!(leaks.is_empty(), "{leaks}");
}

/// What the caller cannot see looks as if it did not exist: the responses are identical, except for what the caller itself wrote.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn what_an_actor_cannot_know_of_looks_as_if_it_did_not_exist(#[case] backend: Backend) {
    let stage = Stage::on(backend);
    let (world, client) = (&stage.world, &stage.client);
    let (probes, changes) = (stage.probes(), stage.changes());
    let real = |name: &str| world.value(name).text;
    let mut compared = 0;
    let mut law = Law::new("unseen");
    let mut compare = |key: &str, actor: &Actor, request: &str, (real, ghost): (String, String)| {
        let (real, ghost) = (world.without_echo(&real, request), world.without_echo(&ghost, request));
        if real != ghost {
            law.breaks(key, &format!("for {}:\n  {real}\n  {ghost}", actor.name));
        }
        compared += 1;
    };
    for actor in ACTORS.iter().filter(|actor| actor.is_known()) {
        let token = world.token_of(actor);
        let ghost = |name: &str| world.value_or_ghost(name, actor);
        for probe in &probes {
            for row in &probe.rows {
                let request = format!("{} {}", probe.route, row.call);
                if world.knows_all(&request, actor) {
                    continue;
                }
                let rows = std::slice::from_ref(row);
                let answers = (
                    fields::answer(client, token, probe, rows, real).to_string(),
                    fields::answer(client, token, probe, rows, ghost).to_string(),
                );
                compare(&row.key, actor, &request, answers);
            }
        }
        for change in changes.iter().filter(|change| !world.knows_all(&change.input, actor)) {
            let answer = |value: &dyn Fn(&str) -> String| {
                changes::without_what_is_new(&changes::ask(client, token, change, value).1)
            };
            let answers = (answer(&real), answer(&ghost));
            compare(&change.key, actor, &change.input, answers);
        }
    }
    assert!(compared > 1000, "{compared}");
    law.holds();
}

/// Every response of a mutation has user errors of the same shape, or results that have.
#[test]
fn the_user_errors_of_all_mutations_have_the_same_shape() {
    let stage = Stage::on(Sqlite);
    let shape = &stage.shape;
    for field in &shape.get(&shape.mutation).fields {
        let has = |name: &str| shape.field(name, "userErrors").is_some_and(|errors| errors.type_name == "UserError");
        let results = shape.field(&field.type_name, "results").is_some_and(|results| has(&results.type_name));
        assert!(has(&field.type_name) || results, "{} answers without userErrors", field.name);
    }
    let fields: Vec<&str> = shape.get("UserError").fields.iter().map(|field| field.name.as_str()).collect();
    for name in ["code", "message", "field", "rule", "microsoftCode"] {
        assert!(fields.contains(&name), "UserError has no {name}");
    }
}
