//! Any sequence of acts, one after another: each response matches the model. A failure is reduced to the shortest sequence.

use partnergraph_store::Backend;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use rstest::rstest;
use tokio::runtime::Runtime;

use crate::act::Op;
use crate::deeds::deeds_of;
use crate::model::Judgement;
use crate::replay::{Record, feed, replay};
use crate::support::{Postgres, Sqlite};
use crate::tables;
use crate::world::{Org, PROVIDERS, World, last_event};

/// The number of sequences; each has its own database.
const CASES: u32 = 16;
const LONGEST: usize = 40;
/// Enough users that every organisation has one.
const PEOPLE: usize = 50;

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_responses_to_any_sequence_match_the_model(#[case] backend: Backend) {
    let config = Config { cases: CASES, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let runtime = Runtime::new().unwrap();
    TestRunner::new(config)
        .run(&proptest::collection::vec(deed(), 1..=LONGEST), |script| play(&runtime, backend, &script))
        .unwrap();
}

/// An action and its actor, by index.
fn deed() -> impl Strategy<Value = (usize, Op)> {
    let doers: Vec<(usize, BoxedStrategy<Op>)> =
        (0..PEOPLE).map(|place| (place, deeds_of(World::org(place)))).collect();
    let deeds = doers.into_iter().map(|(place, deeds)| {
        let weight = if matches!(World::org(place), Org::Provider(_)) { 1 } else { 2 };
        (weight, deeds.prop_map(move |op| (place, op)).boxed())
    });
    proptest::strategy::Union::new_weighted(deeds.collect())
}

fn play(runtime: &Runtime, backend: Backend, script: &[(usize, Op)]) -> Result<(), TestCaseError> {
    let world = World::on(backend);
    let people = world.people(PEOPLE);
    let start = last_event(&mut world.graph.database.connect()).unwrap();
    let server = world.server();
    let (mut board, mut state, mut records) = (world.board(), world.start.clone(), Vec::new());
    for (place, op) in script {
        let Some(act) = board.act(&people[*place], *op) else { continue };
        let judged = state.judge(&act);
        let (before, answer, after) = runtime.block_on(async {
            let before = server.last_event().await;
            let answer = server.perform(&world.names, &act).await;
            (before, answer, server.last_event().await)
        });
        prop_assert_eq!(&answer.failed, &None, "{:?}", op);
        match judged {
            Judgement::Refused(refused) => prop_assert_eq!(&answer.refused, &refused, "{:?}", act),
            Judgement::Unchanged => prop_assert!(answer.refused.is_empty() && before == after, "{act:?}: {answer:?}"),
            Judgement::Changed(_) => {
                prop_assert!(answer.refused.is_empty() && before < after, "{act:?}: {answer:?}");
                state = state.after(&act, &answer);
            }
        }
        board.learn(&act, &answer);
        records.push(Record { act, answer, before, after });
    }
    let end = replay(&world, &records, &feed(&world, start), start);
    prop_assert_eq!(&end, &state);
    tables::hold(&world, &end);
    Ok(())
}

#[test]
fn every_organisation_has_somebody() {
    let orgs: Vec<Org> = (0..PEOPLE).map(World::org).collect();
    assert!((0..PROVIDERS).all(|place| orgs.contains(&Org::Provider(place))));
    assert!((0..crate::world::RESELLERS).all(|place| orgs.contains(&Org::Reseller(place))));
    assert!((0..crate::world::CUSTOMERS).all(|place| orgs.contains(&Org::Customer(place))));
}
