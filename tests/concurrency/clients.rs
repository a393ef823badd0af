//! Two hundred simultaneous clients.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use partnergraph_store::Backend;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rand::RngExt as _;
use rstest::rstest;
use tokio::sync::watch;

use crate::act::{Board, KINDS, Op};
use crate::deeds::deeds_of;
use crate::replay::{Record, feed, replay};
use crate::support::{Postgres, Sqlite};
use crate::tables;
use crate::world::{Names, Org, Person, Server, World};

const CLIENTS: usize = 200;
const DEEDS: usize = 15;

/// One server, and two as behind a load balancer.
#[rstest]
#[case::sqlite(Sqlite, 1)]
#[case::sqlite_with_two_servers(Sqlite, 2)]
#[case::postgres(Postgres, 1)]
#[case::postgres_with_two_servers(Postgres, 2)]
fn two_hundred_clients_break_no_rule_and_get_correct_responses(#[case] backend: Backend, #[case] servers: usize) {
    let seed = seed();
    // A run in which nothing happens proves nothing: every action must have been done and refused at least once. The rule that nobody
    // is both a provider's reseller and its customer is the most likely to be broken by two simultaneous users. Not every seed leads
    // to all of it, so a few more are played until it has occurred.
    let (mut played, mut both) = (Tally::new(), 0);
    for more in 0..5 {
        let (tally, refused) = play(backend, servers, seed.wrapping_add(more));
        both += refused;
        for (kind, [done, refused]) in tally {
            let so_far = played.entry(kind).or_default();
            *so_far = [so_far[0] + done, so_far[1] + refused];
        }
        if both > 0 && is_complete(&played) {
            return;
        }
    }
    panic!("Q-09 came up {both} times, and of each action that many were done and refused: {played:?}");
}

/// How often each kind of act was done and refused.
type Tally = BTreeMap<String, [usize; 2]>;

/// Whether each kind of act was done and refused. Only adding a tenant that exists is never done (C-30).
fn is_complete(tally: &Tally) -> bool {
    let complete = |(kind, [done, refused]): (&String, &[usize; 2])| (*done > 0) == (kind != "Add") && *refused > 0;
    tally.keys().eq(KINDS) && tally.iter().all(complete)
}

/// Plays one scenario and compares everything with the model; returns how often each kind of act was done and refused, and how often
/// Q-09 refused something.
fn play(backend: Backend, servers: usize, seed: u64) -> (Tally, usize) {
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

    let tally = tally(&records);
    for (kind, [done, refused]) in &tally {
        eprintln!("{kind}: {done} answered, {refused} refused");
    }
    let both = records.iter().filter(|record| record.answer.refused.contains("Q-09")).count();
    eprintln!("Q-09: {both} refused");
    (tally, both)
}

fn tally(records: &[Record]) -> Tally {
    let mut tally = Tally::new();
    for record in records {
        let kind = format!("{:?}", record.act.op).split([' ', '{']).next().unwrap().to_owned();
        tally.entry(kind).or_default()[usize::from(!record.answer.refused.is_empty())] += 1;
    }
    tally
}

fn seed() -> u64 {
    match std::env::var("PARTNERGRAPH_TEST_SEED") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => rand::rng().random(),
    }
}

/// The actions of a user, determined only by the seed and the user's index.
fn deeds(seed: u64, place: usize, person: &Person) -> Vec<Op> {
    let mut bytes = [0_u8; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&place.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let deeds = deeds_of(person.org);
    (0..DEEDS).map(|_| deeds.new_tree(&mut runner).unwrap().current()).collect()
}

async fn run(world: &World, people: &[Person], servers: &[Server], seed: u64) -> Vec<Record> {
    let board = Arc::new(Mutex::new(world.board()));
    let (post, _) = watch::channel(());
    let clients: Vec<_> = people
        .iter()
        .enumerate()
        .map(|(place, person)| {
            let client = Client {
                names: world.names.clone(),
                server: servers[place % servers.len()].clone(),
                person: person.clone(),
                board: board.clone(),
                post: match person.org {
                    Org::Provider(_) => Post::Sends(post.clone()),
                    Org::Reseller(_) | Org::Customer(_) => Post::Awaits(post.subscribe()),
                },
            };
            tokio::spawn(client.live(deeds(seed, place, person)))
        })
        .collect();
    // When the last provider is done, no more letters are sent, and whoever waits for one stops.
    drop(post);
    let mut records = Vec::new();
    for client in clients {
        records.extend(client.await.unwrap());
    }
    records
}

/// A user at work.
struct Client {
    names: Arc<Names>,
    server: Server,
    person: Person,
    board: Arc<Mutex<Board>>,
    post: Post,
}

/// Which end of the post a user has: a user that answers letters has to wait for one.
enum Post {
    Sends(watch::Sender<()>),
    Awaits(watch::Receiver<()>),
}

impl Client {
    /// Performs one action after another, concurrently with the other users.
    async fn live(mut self, deeds: Vec<Op>) -> Vec<Record> {
        let mut records = Vec::new();
        for op in deeds {
            let needs_letter = matches!(op, Op::AcceptRequest { .. } | Op::AcceptInvitation { .. });
            if needs_letter
                && let Post::Awaits(post) = &mut self.post
                && post.changed().await.is_err()
            {
                break;
            }
            let Some(act) = self.board.lock().unwrap().act(&self.person, op) else { continue };
            let before = self.server.last_event().await;
            let answer = self.server.perform(&self.names, &act).await;
            let after = self.server.last_event().await;
            self.board.lock().unwrap().learn(&act, &answer);
            if let (Post::Sends(post), Some(_)) = (&self.post, &answer.token) {
                post.send_replace(());
            }
            records.push(Record { act, answer, before, after });
        }
        records
    }
}
