//! Sends any document with any variables to the gate: the response has data, or errors with a code, and never an internal error.
#![no_main]

use std::sync::LazyLock;

use chrono::Utc;
use libfuzzer_sys::fuzz_target;
use partnergraph_gate::limits::MAX_ERRORS;
use partnergraph::graphql::schema;
use partnergraph_gate::{Gate, GateRequest};
use partnergraph_domain::Role;
use partnergraph_store::database::PoolSize;
use partnergraph_store::write::tokens;
use partnergraph_store::write::users::{self, Organization};
use partnergraph_store::{Access, Actor, Conn, Database, DatabaseUrl, StoreError, migrate};
use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// The token of an operator, who can query everything.
const TOKEN: &str = "pgr_fuzz";

struct World {
    gate: Gate,
    runtime: Runtime,
    _directory: TempDir,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let directory = TempDir::new().expect("a temporary directory");
    let url = DatabaseUrl::Sqlite(directory.path().join("fuzz.db"));
    let mut conn = Conn::open(&url).expect("a database");
    migrate::run(&mut conn).expect("its tables");
    let now = Utc::now().naive_utc();
    conn.transaction::<_, StoreError>(Access::Write, |conn| {
        let (roles, actor) = ([Role::Operator], Actor::command_line());
        let (user, _) = users::set_roles(conn, &actor, now, Organization::Platform, "fuzz@example.com", &roles)?;
        tokens::create(conn, now, user, &roles, TOKEN, None)
    })
    .expect("an operator");
    let database = Database::open(&url, PoolSize::default()).expect("a pool");
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    World { gate: Gate::new(schema(), database), runtime, _directory: directory }
});

// The document comes before a zero byte, and the variables, as JSON, after it.
fuzz_target!(|input: &[u8]| {
    let mut parts = input.splitn(2, |byte| *byte == 0);
    let query = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let variables: Map<String, Value> = serde_json::from_slice(parts.next().unwrap_or_default()).unwrap_or_default();
    for token in [None, Some(TOKEN.to_owned())] {
        let request = GateRequest { query: query.clone(), variables: variables.clone(), token, ..GateRequest::default() };
        let answer = WORLD.runtime.block_on(WORLD.gate.execute(request));
        assert!(answer.errors.len() <= MAX_ERRORS + 1, "no more errors than this are reported");
        for error in &answer.errors {
            let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code")).map(ToString::to_string);
            let code = code.expect("an error has a code");
            assert!(!code.contains("INTERNAL_SERVER_ERROR"), "{}", error.message);
        }
    }
});
