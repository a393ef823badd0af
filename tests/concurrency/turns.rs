//! Writers that wait for their turn while somebody else writes.

use std::time::Duration;

use partnergraph_store::database::{Length, PoolSize};
use partnergraph_store::{Access, Conn, Database, Patience, StoreError};
use rstest::rstest;
use tokio::time::{Instant, sleep, timeout};

use crate::support::{Backend, Postgres, Sqlite, TestDatabase};

/// Two who are in no hurry keep both threads that write waiting; whoever comes after them is answered in time all the same, and what
/// was not done in time is not done later.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_a_hurry_does_not_wait_behind_those_who_are_not(#[values(Sqlite, Postgres)] backend: Backend) {
    let place = TestDatabase::on(backend);
    let database = Database::open(place.url(), PoolSize { readers: 1, writers: 2 }).unwrap();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (holding, held) = tokio::sync::oneshot::channel();
    let url = place.url().clone();
    let holder = std::thread::spawn(move || {
        let mut conn = Conn::open(&url).unwrap();
        conn.transaction::<_, StoreError>(Access::Write, |_| {
            holding.send(()).unwrap();
            released.recv().unwrap();
            Ok(())
        })
    });
    held.await.unwrap();
    let add = |kind: &'static str| {
        move |conn: &mut Conn| {
            conn.batch(&format!("INSERT INTO companies (name, created_at) VALUES ('{kind}', '2026-01-01 00:00:00')"))
        }
    };
    let patient: Vec<_> = (0..4)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move { database.write::<_, StoreError>(add("patient")).await })
        })
        .collect();
    sleep(Duration::from_millis(300)).await;
    let begun = Instant::now();
    let patience = Some(Patience::until((begun + Duration::from_millis(500)).into_std()));
    let hurried =
        timeout(Duration::from_secs(20), database.write_for::<_, StoreError>(patience, Length::Short, add("hurried")))
            .await;
    assert!(matches!(hurried, Ok(Err(StoreError::Busy))), "{hurried:?} after {:?}", begun.elapsed());
    release.send(()).unwrap();
    holder.join().unwrap().unwrap();
    for one in patient {
        one.await.unwrap().unwrap();
    }
    let found = database.read::<_, StoreError>(names).await.unwrap();
    assert_eq!(found, ["patient"; 4]);
}

fn names(conn: &mut Conn) -> partnergraph_store::StoreResult<Vec<String>> {
    use diesel::prelude::*;
    use partnergraph_store::schema::companies;
    Ok(partnergraph_store::on!(conn, c => companies::table.select(companies::name).order(companies::id).load(c))?)
}
