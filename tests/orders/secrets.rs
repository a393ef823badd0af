//! The temporary password and the review's token are returned once and are stored nowhere (N-07).

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use diesel::QueryableByName;
use diesel::sql_types::Text;
use partnergraph_store::sql::sql;
use partnergraph_store::{Backend, Conn};
use rstest::rstest;
use serde_json::{Value, json};

use crate::orders::world::{World, expect_success, with};
use crate::support::{Postgres, Sqlite, Verbs};

/// Everything that the program logs, at the most verbose level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One log for all tests of this binary: a subscriber is set once for all threads.
fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .init();
        log
    })
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every row of every table as text.
fn dump(conn: &mut Conn) -> String {
    let names = match conn.backend() {
        Backend::Sqlite => "SELECT name AS line FROM sqlite_master WHERE type = 'table'",
        Backend::Postgres => "SELECT CAST(tablename AS text) AS line FROM pg_tables WHERE schemaname = 'public'",
    };
    let tables: Vec<Line> = conn.rows(&sql(names)).unwrap();
    assert!(tables.len() > 25);
    let mut text = String::new();
    for Line { line: table } in tables {
        let query = match conn.backend() {
            Backend::Postgres => format!("SELECT CAST(t AS text) AS line FROM {table} t"),
            Backend::Sqlite => {
                let columns = format!("SELECT name AS line FROM pragma_table_info('{table}')");
                let columns: Vec<Line> = conn.rows(&sql(columns)).unwrap();
                let cells: Vec<String> =
                    columns.iter().map(|column| format!("COALESCE(CAST(\"{}\" AS TEXT), '')", column.line)).collect();
                format!("SELECT {} AS line FROM \"{table}\"", cells.join(" || '|' || "))
            }
        };
        for row in conn.rows::<Line>(&sql(query)).unwrap() {
            text.push_str(&row.line);
            text.push('\n');
        }
    }
    text
}

/// Asserts that the text contains no secret, nor enough of its beginning to guess the rest.
#[track_caller]
fn assert_no_secret(what: &str, text: &str, secrets: &[&str]) {
    for secret in secrets {
        let beginning = &secret[..12];
        assert!(!text.contains(beginning), "{what} contains a secret");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn secrets_are_returned_once_and_stored_nowhere(#[case] backend: Backend) {
    let log = log();
    tracing::trace!("the log is captured");
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let reviewed = expect_success(
        as_provider.add_customer(with(world.addition(), json!({"mode": "REVIEW", "idempotencyKey": "r"}))),
    );
    let token = reviewed["review"]["token"].as_str().unwrap();
    let submit = with(world.addition(), json!({"reviewToken": token, "idempotencyKey": "s"}));
    let added = expect_success(as_provider.add_customer(submit.clone()));
    let password = added["credentials"]["temporaryPassword"].as_str().unwrap();
    let secrets = [token, password];

    // Later responses: the same requests again, refusals, the customer, its history, its node, and the customer's users.
    let id = json!({"id": added["customer"]["id"], "order": added["order"]["id"]});
    let everything = "query($id: ID!, $order: ID!) { viewer { user { userPrincipalName } }
        node(id: $id) { ... on Customer { companyName billingProfile { email } agreements { acceptedBy { email } }
          history(first: 50) { nodes { operationType resourceOldValue resourceNewValue changes { field before after } } }
          orders { nodes { orderedBy lines { offerName } } } } }
        order: node(id: $order) { id ... on Order { orderNumber } }
        customers { nodes { companyName tags } } }";
    let operator = world.graph.operator_token();
    let responses = [
        as_provider.add_customer(submit.clone()),
        as_provider.add_customer(with(submit.clone(), json!({"idempotencyKey": "t"}))),
        as_provider.add_customer(with(submit, json!({"idempotencyKey": "s", "companyName": "Another"}))),
        as_provider.add_customer(with(world.addition(), json!({"mode": "REVIEW", "idempotencyKey": "r"}))),
        as_provider.cancel_review(token),
        as_provider.submit_order(&json!({"id": added["customer"]["id"]}), json!([])),
        world.api.data(&world.token, everything, id.clone()),
        world.api.data(&operator, everything, id),
        world.api.response(
            &world.token,
            "mutation { addCustomer(input: {}) { credentials { temporaryPassword } } }",
            Value::Null,
        ),
    ];
    for response in &responses {
        assert_no_secret("a later response", &response.to_string(), &secrets);
    }
    let tables = dump(&mut world.graph.database.connect());
    assert!(tables.contains("$argon2id$") && tables.contains("admin@tailspin.example"));
    assert_no_secret("a table", &tables, &secrets);
    let logged = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(logged.contains("the log is captured"));
    assert_no_secret("the log", &logged, &secrets);
}
