//! Simultaneous writes: the embedded database commits them together.

use std::time::Duration;

use partnergraph_store::database::Length;
use partnergraph_store::{Access, Conn, StoreError, StoreResult};
use rstest::rstest;
use tokio::time::sleep;

use crate::held::Held;
use crate::support::{Backend, Postgres, Sqlite};

fn add(conn: &mut Conn, name: &str) -> StoreResult<()> {
    conn.batch(&format!("INSERT INTO companies (name, created_at) VALUES ('{name}', '2026-01-01 00:00:00')"))
}

fn names(conn: &mut Conn) -> StoreResult<Vec<String>> {
    use diesel::prelude::*;
    use partnergraph_store::schema::companies;
    Ok(partnergraph_store::on!(conn, c => companies::table.select(companies::name).order(companies::name).load(c))?)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_write_is_rolled_back_on_its_own(#[values(Sqlite, Postgres)] backend: Backend) {
    let held = Held::on(backend).await;
    let first = held.write(|conn| add(conn, "first")).await;
    let failing = held
        .write(|conn| {
            add(conn, "failing")?;
            Err::<(), _>(StoreError::Stopped)
        })
        .await;
    let panicking = held
        .write(|conn| -> StoreResult<()> {
            add(conn, "panicking").unwrap();
            panic!("a fault in the work");
        })
        .await;
    let last = held.write(|conn| add(conn, "last")).await;
    let (_place, database) = held.release();
    first.await.unwrap().unwrap();
    assert!(matches!(failing.await.unwrap(), Err(StoreError::Stopped)));
    assert!(matches!(panicking.await.unwrap(), Err(StoreError::Panicked)));
    last.await.unwrap().unwrap();
    assert_eq!(database.read::<_, StoreError>(names).await.unwrap(), ["first", "last"]);
}

/// The second write sees what the first has written; nobody else does yet.
#[tokio::test(flavor = "multi_thread")]
async fn waiting_writes_share_a_commit() {
    let held = Held::on(Sqlite).await;
    let first = held.write(|conn| add(conn, "first")).await;
    let url = held.place.url().clone();
    let second = held
        .write(move |conn| {
            let of_others = Conn::open(&url)?.transaction(Access::Read, names)?;
            Ok((names(conn)?, of_others))
        })
        .await;
    let (_place, database) = held.release();
    first.await.unwrap().unwrap();
    let (own, of_others) = second.await.unwrap().unwrap();
    assert_eq!(own, ["first"]);
    assert!(of_others.is_empty(), "{of_others:?}");
    assert_eq!(database.read::<_, StoreError>(names).await.unwrap(), ["first"]);
}

/// No finished write waits for the commit of an import that is rolled back.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_write_starts_a_new_transaction() {
    let held = Held::on(Sqlite).await;
    let first = held.write(|conn| add(conn, "first")).await;
    let (database, url) = (held.database.clone(), held.place.url().clone());
    let long = tokio::spawn(async move {
        let of_others = move |_: &mut Conn| Conn::open(&url)?.transaction(Access::Read, names);
        database.write_for::<_, StoreError>(None, Length::Long, of_others).await
    });
    sleep(Duration::from_millis(50)).await;
    let last = held.write(|conn| add(conn, "last")).await;
    let (_place, database) = held.release();
    first.await.unwrap().unwrap();
    assert_eq!(long.await.unwrap().unwrap(), ["first"]);
    last.await.unwrap().unwrap();
    assert_eq!(database.read::<_, StoreError>(names).await.unwrap(), ["first", "last"]);
}

/// SQLite itself rolls back a transaction that cannot continue, for example if the disk is full. In that case no write is
/// reported as done, and the next write is unaffected.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_transaction_is_lost_for_all_of_its_writes() {
    let held = Held::on(Sqlite).await;
    let first = held.write(|conn| add(conn, "first")).await;
    let refused = held.write(|_| Err::<(), _>(StoreError::Stopped)).await;
    let losing = held.write(|conn| conn.batch("ROLLBACK")).await;
    let behind = held.write(|conn| add(conn, "behind")).await;
    let (_place, database) = held.release();
    assert!(first.await.unwrap().is_err());
    // It may have been refused because of what was lost.
    assert!(matches!(refused.await.unwrap(), Err(StoreError::Query(_))));
    assert!(losing.await.unwrap().is_err());
    behind.await.unwrap().unwrap();
    database.write::<_, StoreError>(|conn| add(conn, "next")).await.unwrap();
    assert_eq!(database.read::<_, StoreError>(names).await.unwrap(), ["behind", "next"]);
}
