//! A database on which one writer delays others.

use std::sync::mpsc;
use std::time::Duration;

use partnergraph_store::database::PoolSize;
use partnergraph_store::{Access, Conn, Database, StoreError, StoreResult};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::support::{Backend, TestDatabase};

/// A database whose write turn is taken, so that other writes wait.
pub(crate) struct Held {
    pub(crate) place: TestDatabase,
    pub(crate) database: Database,
    release: mpsc::Sender<()>,
    holder: std::thread::JoinHandle<StoreResult<()>>,
}

impl Held {
    pub(crate) async fn on(backend: Backend) -> Self {
        let place = TestDatabase::on(backend);
        let database = Database::open(place.url(), PoolSize { readers: 1, writers: 2 }).unwrap();
        let (release, released) = mpsc::channel::<()>();
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
        Self { place, database, release, holder }
    }

    /// Starts a write, and waits until it is queued behind those before it.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> StoreResult<T> + Send + 'static,
    ) -> JoinHandle<StoreResult<T>> {
        let database = self.database.clone();
        let task = tokio::spawn(async move { database.write(work).await });
        sleep(Duration::from_millis(50)).await;
        task
    }

    /// Releases the turn.
    pub(crate) fn release(self) -> (TestDatabase, Database) {
        self.release.send(()).unwrap();
        self.holder.join().unwrap().unwrap();
        (self.place, self.database)
    }
}
