//! Writers that wait for their turn while another write is running.

use std::time::Duration;

use partnergraph_store::database::Length;
use partnergraph_store::{Conn, StoreError, TimeLimit};
use rstest::rstest;
use tokio::time::{Instant, sleep, timeout};

use crate::held::Held;
use crate::support::{Backend, Postgres, Sqlite};

/// Two patient writers keep both writing threads waiting. A later, impatient writer still gets a response in time, and a write
/// that was not done in time is not done later.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_impatient_write_does_not_wait_behind_patient_ones(#[values(Sqlite, Postgres)] backend: Backend) {
    let held = Held::on(backend).await;
    let database = held.database.clone();
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
    let started = Instant::now();
    let time_limit = Some(TimeLimit::until((started + Duration::from_millis(500)).into_std()));
    let hurried = timeout(
        Duration::from_secs(20),
        database.write_for::<_, StoreError>(time_limit, Length::Short, add("hurried")),
    )
    .await;
    assert!(matches!(hurried, Ok(Err(StoreError::Busy))), "{hurried:?} after {:?}", started.elapsed());
    let (_place, _) = held.release();
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
