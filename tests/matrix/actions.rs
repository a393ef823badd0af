//! What `actions` says is what the mutations answer: for every actor, every object that it sees and every action, in the world
//! as it is and after each of several changes to it.

mod attempts;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use partnergraph_domain::{ActionName, IntoEnumIterator};
use partnergraph_store::{Backend, derive};
use rstest::rstest;
use serde_json::{Value, json};

use crate::matrix::Stage;
use crate::matrix::actions::attempts::{Attempt, attempt};
use crate::matrix::actors::{ACTORS, Actor};
use crate::support::{Postgres, Sqlite};

/// Everything that has actions, as the operator lists it.
const EVERYTHING: &str = "{ customers(first: 100) { nodes { id } } subscriptions(first: 100) { nodes { id } } \
     partners(first: 100) { nodes { id } } indirectResellers(first: 100) { edges { partnership { id } } } \
     formerPartnerships(first: 100) { nodes { id } } }";

const READ: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id \
     ... on Customer { actions { name allowed verdicts { rule code message } } } \
     ... on CustomerSubscription { quantity actions { name allowed verdicts { rule code message } } } \
     ... on Partner { actions { name allowed verdicts { rule code message } } } \
     ... on Partnership { provider { id } reseller { id } actions { name allowed verdicts { rule code message } } } } }";

/// Changes to the world, each on top of the last. Many rules refuse only in such a state.
const TWISTS: &[(&str, &str)] = &[
    ("nothing renews", "UPDATE subscriptions SET auto_renew_enabled = {false}"),
    ("the partner of record is fixed", "UPDATE subscriptions SET partner_of_record_fixed = {true}"),
    ("subscriptions are suspended", "UPDATE subscriptions SET status = 'SUSPENDED', partner_of_record_fixed = {false}"),
    ("subscriptions are deleted", "UPDATE subscriptions SET status = 'DELETED'"),
    (
        "subscriptions have one licence and renew",
        "UPDATE subscriptions SET status = 'ACTIVE', auto_renew_enabled = {true}, quantity = CASE WHEN quantity IS NULL THEN NULL ELSE 1 END",
    ),
    ("customers are blocked", "UPDATE customer_records SET new_business_blocked = 'Q-06 Q-14'"),
    (
        "countries are unknown",
        "UPDATE customer_records SET new_business_blocked = NULL, country = NULL; UPDATE customers SET country = NULL",
    ),
    ("customers are elsewhere", "UPDATE customer_records SET country = 'JP'"),
    (
        "nobody accepted the customer agreement",
        "UPDATE customer_records SET country = 'PL'; DELETE FROM customer_agreements",
    ),
    (
        "customers are for own use",
        "UPDATE customers SET internal_use_of = (SELECT MIN(id) FROM partners WHERE partner_type = 'INDIRECT_RESELLER')",
    ),
    ("partners left the agreement", "UPDATE partner_agreements SET ended_at = '2026-02-02 08:00:00'"),
    ("partnerships are known from an import", "UPDATE partnerships SET state = 'IMPORTED' WHERE removed_at IS NULL"),
    (
        "partnerships are removed",
        "UPDATE partnerships SET state = 'REMOVED', removed_at = '2026-02-02 08:00:00', removal_channel = 'SELF_SERVICE' WHERE removed_at IS NULL",
    ),
    (
        "partners left their customers",
        "UPDATE reseller_relationships SET removed_at = '2026-02-02 08:00:00' WHERE removed_at IS NULL",
    ),
];

/// The objects that have actions.
fn everything(stage: &Stage) -> Vec<String> {
    let operator = ACTORS.iter().find(|actor| actor.name == "operator").unwrap();
    let answer = stage.client.answer(stage.world.token_of(operator), EVERYTHING, json!({}));
    let mut found = Vec::new();
    let mut values = vec![&answer["data"]];
    while let Some(value) = values.pop() {
        match value {
            Value::Array(list) => values.extend(list),
            Value::Object(members) => {
                found.extend(members.get("id").and_then(Value::as_str).map(str::to_owned));
                values.extend(members.values());
            }
            _ => {}
        }
    }
    found.push(stage.world.value("gone-id").text);
    found.sort_unstable();
    found.dedup();
    assert!(found.len() > 20 && found.len() <= 100, "{}", found.len());
    found
}

/// Rule and message, which an action and a mutation have in common.
fn refusals(list: &Value) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.as_array().unwrap().iter().map(|it| (text(&it["rule"]) + &text(&it["code"]), text(&it["message"]))).collect()
}

/// How often each action was allowed and refused, and what differs.
#[derive(Default)]
struct Findings {
    allowed: BTreeMap<String, u32>,
    done: BTreeMap<String, u32>,
    refused: BTreeMap<String, u32>,
    differences: String,
}

impl Findings {
    fn compare(&mut self, stage: &Stage, actor: &Actor, state: &str, node: &Value, action: &Value) {
        let name = action["name"].as_str().unwrap();
        let said = refusals(&action["verdicts"]);
        let allowed = action["allowed"].as_bool().unwrap();
        assert_eq!(allowed, said.is_empty(), "{action}");
        let Attempt { mutation, input, about_input } = attempt(stage, actor, node, name);
        let title = mutation[..1].to_uppercase() + &mutation[1..];
        let document = format!(
            "mutation($input: {title}Input!) {{ {mutation}(input: $input) {{ userErrors {{ rule code message field }} }} }}"
        );
        let answer = stage.client.answer(stage.world.token_of(actor), &document, json!({ "input": input }));
        let errors = &answer["data"][mutation]["userErrors"];
        assert!(errors.is_array(), "{name} by {}: {answer}", actor.name);
        let all = refusals(errors);
        let of_input: Vec<Value> =
            errors.as_array().unwrap().iter().filter(|error| about_input(error)).cloned().collect();
        let of_input = refusals(&Value::from(of_input));
        let count = |map: &mut BTreeMap<String, u32>| *map.entry(name.to_owned()).or_default() += 1;
        count(if allowed { &mut self.allowed } else { &mut self.refused });
        if errors.as_array().unwrap().is_empty() {
            count(&mut self.done);
        }
        let missing: Vec<_> = said.difference(&all).collect();
        let unsaid: Vec<_> = all.difference(&said).filter(|error| !of_input.contains(error)).collect();
        if !missing.is_empty() || !unsaid.is_empty() {
            let (kind, actor) = (&node["__typename"], actor.name);
            let _ = writeln!(
                self.differences,
                "{state}: {name} on {kind} by {actor}\n  only the action says: {missing:?}\n  only the mutation says: {unsaid:?}\n  {input}"
            );
        }
    }
}

/// Whether the actor takes part after the world was changed; the others differ only in their roles.
fn is_telling(actor: &Actor) -> bool {
    ["provider", "helpdesk", "reseller", "recorded", "direct", "customer", "operator"].contains(&actor.name)
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_action_says_what_its_mutation_answers(#[case] backend: Backend) {
    let stage = Stage::on(backend);
    let objects = everything(&stage);
    let mut findings = Findings::default();
    let mut rules: BTreeSet<String> = BTreeSet::new();
    let before = stage.world.state();
    let as_it_is = ("as it is", String::new());
    let twists = TWISTS.iter().map(|(state, change)| (*state, of_backend(backend, change)));
    for (state, change) in std::iter::once(as_it_is).chain(twists) {
        if !change.is_empty() {
            stage.world.batch(&change);
            stage.world.graph.write(|conn, _, _| derive::rebuild(conn));
        }
        for actor in ACTORS.iter().filter(|actor| actor.is_known() && (change.is_empty() || is_telling(actor))) {
            let answer = stage.client.answer(stage.world.token_of(actor), READ, json!({ "ids": objects }));
            assert_eq!(answer.get("errors"), None, "{}: {answer}", actor.name);
            for node in answer["data"]["nodes"].as_array().unwrap().iter().filter(|node| !node.is_null()) {
                for action in node["actions"].as_array().unwrap() {
                    let said = action["verdicts"].as_array().unwrap().iter();
                    rules.extend(said.map(|verdict| verdict["rule"].as_str().unwrap_or("-").to_owned()));
                    findings.compare(&stage, actor, state, node, action);
                }
            }
        }
        if change.is_empty() {
            assert_eq!(stage.world.state(), before, "something was written that was only to be validated");
        }
    }
    assert!(findings.differences.is_empty(), "{}", findings.differences);
    for name in ActionName::iter().map(|name| name.to_string()) {
        for (what, counted) in
            [("allowed", &findings.allowed), ("done", &findings.done), ("refused", &findings.refused)]
        {
            assert!(counted.contains_key(&name), "{name} is never {what}");
        }
    }
    for rule in [
        "A-01", "A-02", "A-05", "A-06", "A-07", "B-03", "B-16", "C-01", "C-02", "C-03", "M-01", "N-04", "Q-14", "T-04",
        "-",
    ] {
        assert!(rules.contains(rule), "{rule} never prevents an action: {rules:?}");
    }
}

/// Booleans are numbers in SQLite.
fn of_backend(backend: Backend, change: &str) -> String {
    let (yes, no) = match backend {
        Backend::Sqlite => ("1", "0"),
        Backend::Postgres => ("TRUE", "FALSE"),
    };
    change.replace("{true}", yes).replace("{false}", no)
}
