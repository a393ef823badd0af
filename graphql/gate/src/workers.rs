//! Threads for expensive operations. Putting together an answer of ten thousand values keeps a thread busy for as long as it takes; on threads of
//! its own it keeps nobody from being heard.

use std::future::Future;
use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};
use tokio_util::task::AbortOnDropHandle;

/// As many threads as the machine has processors; they end with the process. None where they could not be started.
static THREADS: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    let runtime = Builder::new_multi_thread().thread_name("heavy").enable_time().build();
    if let Err(error) = &runtime {
        tracing::warn!(%error, "expensive operations have no threads of their own");
    }
    runtime.ok()
});

/// Works something out on these threads; when the caller goes away, it ends. `None` where it panicked.
pub(super) async fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    match THREADS.as_ref() {
        Some(runtime) => AbortOnDropHandle::new(runtime.spawn(work)).await.ok(),
        None => Some(work.await),
    }
}
