//! Heavy queries of one client do not delay others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rstest::rstest;
use serde_json::json;

use crate::server::Server;
use crate::support::{Backend, Postgres, Sqlite};

/// Close to the maximum cost of an operation.
const HEAVY: &str = "{ customers(first: 100) { nodes { id companyName tenantId domain country subscriptions(first: 25) { nodes { \
    id subscriptionId offerName friendlyName quantity status billingType termDuration commitmentEndDate version } } } } }";

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heavy_queries_of_one_organisation_do_not_delay_others(#[case] backend: Backend) {
    let server = Arc::new(Server::on(backend, &[]));
    let page = "{ customers(first: 1) { nodes { companyName } } }";
    let (idle, idle_page) =
        (server.median("", "{ __typename }", 51).await, server.median(&server.other, page, 51).await);
    let over = Arc::new(AtomicBool::new(false));
    let crowd: Vec<_> = (0..24)
        .map(|_| {
            let (server, over) = (server.clone(), over.clone());
            tokio::spawn(async move {
                let mut answered = 0;
                while !over.load(Ordering::Relaxed) {
                    let answer = server.ask(&server.token, HEAVY, json!({})).await;
                    answered += usize::from(answer.status == 200);
                }
                answered
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (busy, busy_page) =
        (server.median("", "{ __typename }", 51).await, server.median(&server.other, page, 51).await);
    over.store(true, Ordering::Relaxed);
    let mut answered = 0;
    for client in crowd {
        answered += client.await.unwrap();
    }
    assert!(answered > 0, "the heavy queries are answered as well");
    // The clients and the server share the machine's processors here, so the median has a lower bound.
    let floor = Duration::from_millis(20);
    assert!(busy < (idle * 10).max(floor), "`{{__typename}}` took {busy:?}, idle {idle:?}");
    assert!(busy_page < (idle_page * 5).max(floor * 2), "another's page took {busy_page:?}, idle {idle_page:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mutation_that_times_out_while_writing_is_rolled_back_and_reported() {
    let server = Server::on(Postgres, &[("PARTNERGRAPH_OPERATION_SECONDS", "1")]);
    let mut other = server.connect();
    other.batch("BEGIN; LOCK TABLE customer_records IN SHARE MODE").unwrap();
    let rename = |name: &str| {
        let input = "{customer: {tenantId: \"00000000-0000-4000-8000-000000000010\"}, companyName: \"NAME\"}"
            .replace("NAME", name);
        format!("mutation {{ updateCustomer(input: {input}) {{ customer {{ companyName }} userErrors {{ code }} }} }}")
    };
    let held_up = server.ask(&server.token, &rename("Late"), json!({})).await;
    assert_eq!(held_up.code(), "DEADLINE_EXCEEDED", "{}", held_up.text);
    assert!(held_up.took < Duration::from_secs(5), "{:?}", held_up.took);
    other.batch("ROLLBACK").unwrap();
    let name = "{ customer(by: {tenantId: \"00000000-0000-4000-8000-000000000010\"}) { companyName } }";
    let unchanged = server.ask(&server.token, name, json!({})).await;
    assert!(unchanged.text.contains("Customer 10"), "{}", unchanged.text);
    let done = server.ask(&server.token, &rename("Renamed"), json!({})).await;
    assert!(done.text.contains("Renamed"), "{}", done.text);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_that_reads_everything_is_a_heavy_query(#[case] backend: Backend) {
    let server = Server::on(backend, &[]);
    let filter =
        "{or: [{offerName: {contains: \"zq\"}}, {not: {customer: {subscriptions: {offerName: {contains: \"M3\"}}}}}]}";
    let query = format!("{{ subscriptions(first: 1, filter: {filter}) {{ totalCount }} }}");
    let costs = server.costs(&server.token, &query).await;
    assert!(costs > 1_000, "{costs}");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mutation_that_cannot_write_in_time_fails_and_does_not_delay_readers(#[case] backend: Backend) {
    let server = Server::on(backend, &[("PARTNERGRAPH_OPERATION_SECONDS", "1")]);
    // Another write is running, such as an import.
    let mut writer = server.connect();
    match backend {
        Sqlite => writer.batch("BEGIN IMMEDIATE").unwrap(),
        Postgres => writer.batch("BEGIN; SELECT pg_advisory_xact_lock(724200901)").unwrap(),
    }
    let mutation = "mutation { updatePartnerProfile(input: {capabilities: []}) { userErrors { code } } }";
    let page = "{ customers(first: 1) { nodes { companyName } } }";
    let (refused, read) = tokio::join!(server.ask(&server.token, mutation, json!({})), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.ask(&server.token, page, json!({})).await
    });
    assert_eq!(refused.code(), "BUSY", "{}", refused.text);
    assert!(refused.took < Duration::from_secs(5), "{:?}", refused.took);
    assert_eq!(read.status, 200);
    assert!(read.took < Duration::from_millis(700), "{:?}", read.took);
    writer.batch("ROLLBACK").unwrap();
    let done = server.ask(&server.token, mutation, json!({})).await;
    assert_ne!(done.code(), "BUSY", "{}", done.text);
}
