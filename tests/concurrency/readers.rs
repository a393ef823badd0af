//! Readers never wait for a writer.

use std::time::Duration;

use partnergraph_store::{Access, Backend, StoreError};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::act::{Op, Version};
use crate::support::{Postgres, Sqlite};
use crate::world::{Org, World};

const CUSTOMERS: &str = "{ customers { totalCount } }";

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn mutations_that_wait_for_a_long_write_do_not_block_queries(#[case] backend: Backend) {
    let world = World::on(backend);
    let people = world.people(20);
    let provider = people.iter().find(|person| person.org == Org::Provider(0)).unwrap().clone();
    let act =
        world.board().act(&provider, Op::PutOnSubscription { subscription: 0, reseller: 0, version: Version::Unsaid });
    let act = act.unwrap();
    let server = world.server();
    let runtime = tokio::runtime::Runtime::new().unwrap();

    // Simulates a long import: the only writer, until it is told to end.
    let mut conn = world.graph.database.connect();
    let taken_back: Result<(), StoreError> = conn.transaction(Access::Write, |_| {
        let mutations: Vec<_> = (0..30)
            .map(|_| {
                let (server, names, act) = (server.clone(), world.names.clone(), act.clone());
                runtime.spawn(async move { server.perform(&names, &act).await })
            })
            .collect();
        runtime.block_on(async {
            // One query after another; eventually all mutations have been admitted.
            for _ in 0..100 {
                let response = server.response(&provider.token, CUSTOMERS, json!({}));
                let answer = timeout(Duration::from_secs(30), response).await.expect("a query waits for the writer");
                assert_eq!(answer["data"]["customers"]["totalCount"].as_i64().map(|count| count > 0), Some(true));
            }
        });
        assert!(mutations.iter().all(|mutation| !mutation.is_finished()));
        Err(StoreError::Stopped)
    });
    assert!(taken_back.is_err());
    let now = runtime.block_on(server.response(&provider.token, CUSTOMERS, json!({})));
    assert_ne!(now["data"], Value::Null);
}
