//! Work ends when no one waits for its result any more, and releases its connection.

use std::time::{Duration, Instant};

use partnergraph_store::database::Length;
use partnergraph_store::database::PoolSize;
use partnergraph_store::sql::sql;
use partnergraph_store::{Conn, StoreError, StoreResult, TimeLimit};
use rstest::rstest;

use crate::support::{Backend, Postgres, Sqlite, TestDatabase};

/// A statement that runs for minutes.
fn endless(conn: &mut Conn) -> StoreResult<usize> {
    let count = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000000000) SELECT n FROM c WHERE n < 0";
    conn.execute(&sql(count))
}

fn quick(conn: &mut Conn) -> StoreResult<usize> {
    conn.execute(&sql("SELECT 1 WHERE 1 = 0"))
}

fn alone(backend: Backend) -> (TestDatabase, partnergraph_store::Database) {
    let test = TestDatabase::on(backend);
    let database = partnergraph_store::Database::open(test.url(), PoolSize { readers: 1, writers: 1 }).unwrap();
    (test, database)
}

fn soon(milliseconds: u64) -> Option<TimeLimit> {
    Some(TimeLimit::until(Instant::now() + Duration::from_millis(milliseconds)))
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_statement_ends_at_its_deadline(#[case] backend: Backend) {
    let (_test, database) = alone(backend);
    let started = Instant::now();
    let snapshot = database.snapshot(soon(300)).await.unwrap();
    assert!(matches!(snapshot.read(endless).await, Err(StoreError::TimeOver)));
    drop(snapshot);
    // The only connection is free again at once.
    let next = database.snapshot(soon(3_000)).await.unwrap();
    assert!(next.read(quick).await.is_ok());
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_statement_ends_when_its_client_disconnects(#[case] backend: Backend) {
    let (_test, database) = alone(backend);
    let time_limit = soon(60_000).unwrap();
    let snapshot = database.snapshot(Some(time_limit.clone())).await.unwrap();
    let reading = tokio::spawn(async move { snapshot.read(endless).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let started = Instant::now();
    // As an operation does when its client disconnects.
    reading.abort();
    time_limit.cancel();
    assert!(database.snapshot(soon(5_000)).await.unwrap().read(quick).await.is_ok());
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn waiting_for_a_connection_ends_at_the_deadline(#[case] backend: Backend) {
    let (_test, database) = alone(backend);
    let held = database.snapshot(None).await.unwrap();
    let started = Instant::now();
    assert!(matches!(database.snapshot(soon(200)).await.err(), Some(StoreError::TimeOver)));
    assert!(started.elapsed() < Duration::from_secs(2));
    drop(held);
    assert!(database.snapshot(soon(3_000)).await.unwrap().read(quick).await.is_ok());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_write_waits_until_its_deadline_but_a_started_write_is_finished(#[case] backend: Backend) {
    let (test, database) = alone(backend);
    let mut other = test.connect();
    match backend {
        Sqlite => other.batch("BEGIN IMMEDIATE").unwrap(),
        Postgres => other.batch("BEGIN; SELECT pg_advisory_xact_lock(724200901)").unwrap(),
    }
    let started = Instant::now();
    let refused = database.write_for(soon(300), Length::Short, quick).await;
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    other.batch("ROLLBACK").unwrap();
    let slow = |conn: &mut Conn| {
        std::thread::sleep(Duration::from_millis(500));
        quick(conn)
    };
    assert!(database.write_for(soon(300), Length::Short, slow).await.is_ok());
}

/// A statement of long work, such as reverting an import, may take longer than the request that asked for it.
#[tokio::test]
async fn postgres_ends_statements_at_the_deadline_unless_the_work_is_long() {
    let (_test, database) = alone(Postgres);
    let slow = |conn: &mut Conn| conn.batch("SELECT pg_sleep(1)");
    let ended = database.write_for(soon(300), Length::Short, slow).await;
    assert!(ended.is_err(), "{ended:?}");
    let finished = database.write_for(soon(300), Length::Long, slow).await;
    assert!(finished.is_ok(), "{finished:?}");
}

/// What a draft has written can be read in it and nowhere else. It keeps other writers waiting until it is dropped, or for a few seconds.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_draft_is_rolled_back_when_it_is_dropped(#[case] backend: Backend) {
    let (_test, database) = alone(backend);
    let write = |conn: &mut Conn| {
        let region = "INSERT INTO regions (code, name) VALUES ('DRAFT', 'Draft')";
        conn.execute(&sql(region))
    };
    let drafted = |conn: &mut Conn| partnergraph_store::imports::sources::any(conn, "regions", sql("code = 'DRAFT'"));
    let draft = |limit| database.draft::<_, StoreError>(limit, Length::Short, write);
    let (written, held) = draft(None).await.unwrap();
    assert_eq!((written, held.read(drafted).await.unwrap()), (1, true));
    assert!(!database.read(drafted).await.unwrap());
    let meanwhile = database.write_for(soon(200), Length::Short, quick).await;
    assert!(matches!(meanwhile, Err(StoreError::Busy)), "{meanwhile:?}");
    drop(held);
    // Well before it would have ended by itself.
    assert!(database.write_for(soon(3_000), Length::Short, quick).await.is_ok());
    assert!(!database.read(drafted).await.unwrap());
    // Its reads end with the time of its request, and it with them.
    let (_, held) = draft(soon(300)).await.unwrap();
    assert!(matches!(held.read(endless).await, Err(StoreError::TimeOver)));
    // Even before it is dropped.
    assert!(database.write_for(soon(3_000), Length::Short, write).await.is_ok());
    // A statement that is running when the operation ends is cancelled.
    let limit = soon(60_000).unwrap();
    let (_, held) = database.draft::<_, StoreError>(Some(limit.clone()), Length::Short, quick).await.unwrap();
    let reading = tokio::time::timeout(Duration::from_millis(200), held.read(endless)).await;
    assert!(reading.is_err());
    limit.cancel();
    drop(held);
    assert!(database.write_for(soon(3_000), Length::Short, quick).await.is_ok());
    assert!(matches!(draft(None).await.map(|_| ()), Err(StoreError::Query(_))), "the row is there now");
}
