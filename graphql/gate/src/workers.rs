//! Threads for expensive operations. Assembling a response of ten thousand values keeps a thread busy until it is done.
//! On separate threads, it does not delay other requests.

use std::future::Future;
use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};
use tokio_util::task::AbortOnDropHandle;

/// One thread for each processor of the machine, until the process ends. `None` if they could not be started.
static THREADS: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    let runtime = Builder::new_multi_thread().thread_name("heavy").enable_time().build();
    if let Err(error) = &runtime {
        tracing::warn!(%error, "the threads for expensive operations could not be started");
    }
    runtime.ok()
});

/// Runs work on these threads. It is cancelled when the caller goes away. `None` if it panicked.
pub(super) async fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    match THREADS.as_ref() {
        Some(runtime) => AbortOnDropHandle::new(runtime.spawn(work)).await.ok(),
        None => Some(work.await),
    }
}
