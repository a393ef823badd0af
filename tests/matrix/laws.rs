//! Laws that hold for the tables whatever their contents, so that a table that is updated without review cannot hide a leak.
//!
//! The laws about contents are checked in `main.rs`, where the responses are available: that no actor sees a text that is kept
//! from it, and that what it cannot know of gets the same response as what does not exist.

use crate::matrix::actors::{ACTORS, Actor, Home, Token};
use crate::matrix::data;
use crate::matrix::table::{self, Table};

/// The breaches of a law: rows by key, with a description. `data/exceptions.txt` excuses rows, and all rows of a type, from a law
/// by its name. An excuse that is no longer needed is an error too.
pub struct Law {
    name: &'static str,
    excuses: Vec<String>,
    used: Vec<String>,
    broken: Vec<String>,
}

impl Law {
    pub fn new(name: &'static str) -> Self {
        let lines = data::lines("data/exceptions.txt");
        let of = |line: data::Line| {
            let (law, row) = line.name.split_once(' ').map(|(law, row)| (law.to_owned(), row.to_owned()))?;
            let row = if line.variant.is_empty() { row } else { data::key(row.trim(), &line.variant) };
            (law == name).then_some(row)
        };
        Self { name, excuses: lines.into_iter().filter_map(of).collect(), used: Vec::new(), broken: Vec::new() }
    }

    pub fn breaks(&mut self, key: &str, what: &str) {
        let covers = |row: &&String| {
            row.strip_prefix('*').map_or_else(
                || key == *row || key.strip_prefix(row.as_str()).is_some_and(|rest| rest.starts_with(['.', '['])),
                |end| key.ends_with(end),
            )
        };
        match self.excuses.iter().find(covers) {
            Some(row) => self.used.push(row.clone()),
            None => self.broken.push(format!("{key}: {what}")),
        }
    }

    pub fn holds(self) {
        assert!(self.broken.is_empty(), "{} is broken:\n{}", self.name, self.broken.join("\n"));
        let idle: Vec<&String> = self.excuses.iter().filter(|row| !self.used.contains(row)).collect();
        assert!(idle.is_empty(), "data/exceptions.txt excuses from `{}` what needs no excuse: {idle:?}", self.name);
    }
}

fn actors(home: Home) -> impl Iterator<Item = &'static Actor> {
    ACTORS.iter().filter(move |actor| actor.home == home && actor.is_known())
}

fn refused(table: &Table) {
    for (key, cells) in &table.0 {
        for (actor, cell) in ACTORS.iter().zip(cells) {
            let expected = if actor.is_known() { *cell != "!UNAUTHENTICATED" } else { cell == "!UNAUTHENTICATED" };
            assert!(expected, "{key} for {}: {cell}", actor.name);
        }
    }
}

#[test]
fn every_field_needs_a_valid_token() {
    refused(&table::expected(table::FIELDS));
    refused(&table::expected(table::MUTATIONS));
}

#[test]
fn no_field_fails() {
    let mut law = Law::new("errors");
    for (key, cells) in table::expected(table::FIELDS).0 {
        for (actor, cell) in ACTORS.iter().zip(cells) {
            if actor.is_known() && cell.starts_with('!') {
                law.breaks(&key, &format!("{cell} for {}", actor.name));
            }
        }
    }
    law.holds();
}

#[test]
fn a_total_counts_what_the_caller_sees() {
    let mut law = Law::new("totals");
    for (key, cells) in table::expected(table::FIELDS).0 {
        if cells.iter().any(|cell| cell.contains("]/")) {
            law.breaks(&key, &cells.join(" "));
        }
    }
    law.holds();
}

#[test]
fn nothing_is_hidden_from_an_operator() {
    let mut law = Law::new("operator");
    let fields = table::expected(table::FIELDS);
    for (key, _) in &fields.0 {
        if fields.cell(key, "operator") == Some("hidden") {
            law.breaks(key, "hidden");
        }
    }
    law.holds();
}

#[test]
fn every_object_is_visible_to_some_actor_and_every_mutation_succeeds_for_one() {
    let mut law = Law::new("reached");
    for (key, cells) in table::expected(table::FIELDS).0 {
        if !cells.iter().any(|cell| cell != "hidden" && !cell.starts_with('!')) {
            law.breaks(&key, "its route leads nowhere for any actor");
        }
    }
    for (key, cells) in table::expected(table::MUTATIONS).0 {
        if !cells.iter().any(|cell| cell == "ok") {
            law.breaks(&key, "refused to everybody");
        }
    }
    law.holds();
}

/// The helpdesk reads and edits the details of customers. A user who lost a role, and a customer's user without one, cannot
/// change anything.
#[test]
fn a_user_without_the_role_changes_nothing() {
    let mut law = Law::new("roles");
    let mutations = table::expected(table::MUTATIONS);
    for (key, _) in &mutations.0 {
        for actor in ["helpdesk", "roleless", "employee", "expired", "none"] {
            if mutations.cell(key, actor) == Some("ok") {
                law.breaks(key, actor);
            }
        }
    }
    law.holds();
}

#[test]
fn a_mutation_fails_only_with_business_refusals() {
    let mut law = Law::new("business");
    for (key, cells) in table::expected(table::MUTATIONS).0 {
        for (actor, cell) in ACTORS.iter().zip(cells) {
            if actor.is_known() && cell.starts_with('!') {
                law.breaks(&key, &format!("{cell} for {}", actor.name));
            }
        }
    }
    law.holds();
}

/// A newcomer, whose tenant has no account yet, and a user who lost all roles.
#[test]
fn an_actor_without_account_or_role_sees_nothing_of_the_graph() {
    let fields = table::expected(table::FIELDS);
    let mut law = Law::new("nothing");
    for actor in ["newcomer", "roleless"] {
        for (key, _) in &fields.0 {
            let cell = fields.cell(key, actor).unwrap_or_default();
            let is_nothing = matches!(cell, "hidden" | "null" | "[]" | "0" | "waits")
                || cell.starts_with('!')
                || cell.trim_matches(['[', ']']).split(',').all(|part| part == "null");
            if !is_nothing {
                law.breaks(key, &format!("{cell} for the {actor}"));
            }
        }
    }
    law.holds();
}

#[test]
fn users_of_one_organisation_see_the_same() {
    let mut law = Law::new("colleagues");
    let fields = table::expected(table::FIELDS);
    for (key, _) in &fields.0 {
        for home in [Home::Provider, Home::Customer] {
            let with_role = actors(home).filter(|actor| !matches!(actor.token, Token::RoleTaken(_)));
            let seen: Vec<&str> = with_role.filter_map(|actor| fields.cell(key, actor.name)).collect();
            if !seen.windows(2).all(|pair| pair[0] == pair[1]) {
                law.breaks(key, &format!("{seen:?}"));
            }
        }
    }
    law.holds();
}
