//! Memory does not grow, whatever is requested and how often.

use rstest::rstest;
use serde_json::json;

use crate::server::Server;
use crate::support::{Backend, Postgres, Sqlite};

/// The number of different filters.
const FILTERS: u32 = 1_500;

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_shapes_of_filters_do_not_use_more_memory(#[case] backend: Backend) {
    let server = Server::on(backend, &[]);
    let query = "query ($f: CustomerFilter) { customers(filter: $f, first: 1) { totalCount } }";
    let mut settled = 0;
    for number in 0..FILTERS {
        // Each number results in another shape: its bits determine the comparison of each term. Each is sent twice, so that its
        // statement is kept.
        let term = |bit: u32| {
            let field = ["companyName", "domain"][(number >> bit & 1) as usize];
            let comparison = ["startsWith", "contains"][(number >> (bit + 1) & 1) as usize];
            json!({ field: { comparison: "q" } })
        };
        let filter = json!({ "or": (0..60).map(|n| term(n % 11)).collect::<Vec<_>>() });
        for _ in 0..2 {
            let answer = server.ask(&server.token, query, json!({ "f": filter })).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        if number == FILTERS / 3 {
            settled = server.resident();
        }
    }
    let grown = server.resident().saturating_sub(settled) / 1024 / 1024;
    assert!(grown < 40, "the server grew by {grown} MiB over {} shapes of filters", FILTERS * 2 / 3);
}
