//! Tests of the whole rule catalogue: for each rule that refuses something, a request that it allows and one that it refuses,
//! through the API, on both databases, in one world, without writing anything (`validateOnly`).
//!
//! `cases.rs` has the two requests for each rule. A rule without them, and without a reason why the API cannot show it, fails.

mod cases;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use partnergraph_domain::rules;
use partnergraph_domain::rules::registry::{Enforcement, REGISTRY};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Backend, Postgres, Sqlite};
use cases::{Case, ELSEWHERE, Try, cases};
use world::World;

/// The codes with which each rule refuses.
fn codes() -> BTreeMap<&'static str, Vec<&'static str>> {
    let text = include_str!("../../domain/data/refusal-codes.tsv");
    text.lines()
        .skip(1)
        .filter_map(|line| line.split_once('\t'))
        .map(|(id, codes)| (id, codes.split(' ').collect()))
        .collect()
}

/// The errors of a request, without its result.
fn errors(world: &World, attempt: &Try) -> Vec<Value> {
    let mutation = attempt.mutation;
    let input_type = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!(
        "mutation($input: {input_type}!) {{ {mutation}(input: $input) {{ userErrors {{ code message field rule microsoftCode }} }} }}"
    );
    let mut input = attempt.input.clone();
    input["validateOnly"] = json!(true);
    let data = world.api.data(world.token(attempt.who), &document, json!({ "input": input }));
    data[mutation]["userErrors"].as_array().unwrap().clone()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn each_rule_accepts_what_it_allows_and_refuses_what_it_forbids(#[case] backend: Backend) {
    let world = World::on(backend);
    let known = codes();
    let mut wrong = Vec::new();
    for Case { rule, passes, refuses } in cases(&world) {
        let against = errors(&world, &passes);
        if !against.is_empty() {
            wrong.push(format!("{rule} should let {} pass: {against:?}", passes.mutation));
        }
        let found = errors(&world, &refuses);
        match found.iter().find(|error| error["rule"] == rule) {
            None => wrong.push(format!("{rule} should refuse {}: {found:?}", refuses.mutation)),
            Some(error) => {
                let code = error["code"].as_str().unwrap();
                let microsoft = rules().iter().find(|row| row.id.as_str() == rule).unwrap().microsoft_code;
                let is_documented = known.get(rule).is_some_and(|codes| codes.contains(&code));
                if !is_documented || (microsoft.is_some() && error["microsoftCode"].is_null()) {
                    wrong.push(format!("{rule} refuses otherwise than the book of rules says: {error}"));
                }
                if error["message"].as_str().unwrap().len() < 10 {
                    wrong.push(format!("{rule} does not explain itself: {error}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_that_refuses_is_shown_or_has_a_reason_why_not() {
    let world = World::on(Sqlite);
    let shown: BTreeSet<&str> = cases(&world).iter().map(|case| case.rule).collect();
    let excused: BTreeSet<&str> = ELSEWHERE.iter().map(|(rule, _)| *rule).collect();
    let decides =
        REGISTRY.iter().filter(|entry| entry.enforcement == Enforcement::Decides).map(|entry| entry.id.as_str());
    let refuses: BTreeSet<&str> = decides.chain(codes().into_keys()).collect();
    let missing: Vec<_> = refuses.iter().filter(|rule| !shown.contains(*rule) && !excused.contains(*rule)).collect();
    assert!(missing.is_empty(), "rules without a case: {missing:?}");
    assert!(shown.is_disjoint(&excused), "rules with a case and an excuse");
}
