//! Two hundred clients at once.

use std::sync::{Arc, Mutex};

use partnergraph_store::Backend;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rand::RngExt as _;
use rstest::rstest;

use crate::act::{Board, Op, deeds_of};
use crate::replay::{Record, feed, replay};
use crate::support::{Postgres, Sqlite};
use crate::tables;
use crate::world::{Names, Person, Server, World};

const CLIENTS: usize = 200;
const DEEDS: usize = 15;

/// One server, and two as they stand behind a load balancer.
#[rstest]
#[case::sqlite(Sqlite, 1)]
#[case::sqlite_with_two_servers(Sqlite, 2)]
#[case::postgres(Postgres, 1)]
#[case::postgres_with_two_servers(Postgres, 2)]
fn two_hundred_clients_break_no_rule_and_are_told_the_truth(#[case] backend: Backend, #[case] servers: usize) {
    let seed = seed();
    eprintln!("seed {seed}; run it again with PARTNERGRAPH_TEST_SEED={seed}");
    let world = World::on(backend);
    let people = world.people(CLIENTS);
    let start = crate::world::last_event(&mut world.graph.database.connect()).unwrap();
    let servers: Vec<Server> = (0..servers).map(|_| world.server()).collect();

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let records = runtime.block_on(run(&world, &people, &servers, seed));
    let events = feed(&world, start);
    let end = replay(&world, &records, &events, start);
    tables::hold(&world, &end);

    // A run in which nothing happens would show nothing.
    let changed = events.len();
    let refused = records.iter().filter(|record| !record.answer.refused.is_empty()).count();
    eprintln!("{} acts, {changed} events, {refused} refused", records.len());
    assert!(changed > CLIENTS && refused > CLIENTS, "{changed} events, {refused} refused");
}

fn seed() -> u64 {
    match std::env::var("PARTNERGRAPH_TEST_SEED") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => rand::rng().random(),
    }
}

/// What a person does, from the seed and its place alone.
fn deeds(seed: u64, place: usize, person: &Person) -> Vec<Op> {
    let mut bytes = [0_u8; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&place.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let Some(deeds) = deeds_of(person.org) else { return Vec::new() };
    (0..DEEDS).map(|_| deeds.new_tree(&mut runner).unwrap().current()).collect()
}

async fn run(world: &World, people: &[Person], servers: &[Server], seed: u64) -> Vec<Record> {
    let board = Arc::new(Mutex::new(world.board()));
    let names = &world.names;
    let clients: Vec<_> = people
        .iter()
        .enumerate()
        .map(|(place, person)| {
            let server = servers[place % servers.len()].clone();
            let deeds = deeds(seed, place, person);
            tokio::spawn(client(names.clone(), server, person.clone(), deeds, board.clone()))
        })
        .collect();
    let mut records = Vec::new();
    for client in clients {
        records.extend(client.await.unwrap());
    }
    records
}

/// One after another, whatever the others do meanwhile.
async fn client(
    names: Arc<Names>,
    server: Server,
    person: Person,
    deeds: Vec<Op>,
    board: Arc<Mutex<Board>>,
) -> Vec<Record> {
    let mut records = Vec::new();
    for op in deeds {
        let Some(act) = board.lock().unwrap().act(&person, op) else { continue };
        let before = server.last_event().await;
        let answer = server.perform(&names, &act).await;
        let after = server.last_event().await;
        board.lock().unwrap().learn(&act, &answer);
        records.push(Record { act, answer, before, after });
    }
    records
}
