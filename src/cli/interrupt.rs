//! Ctrl-C and SIGTERM during a command that must not be cut off: the first signal asks it to stop, the second ends it at once.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Failure;

/// Exit codes of a process ended by a signal, as shells report them.
const INTERRUPTED: i32 = 130;
const TERMINATED: i32 = 143;

/// Whether the command has been asked to stop.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Starts listening for signals.
    pub(super) fn listen() -> Result<Self, Failure> {
        let interrupt = Self::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::new(format!("cannot listen for signals: {error}")))?;
        // Install the handlers here rather than in the thread: from now on a signal no longer ends the process by itself.
        let mut signals = {
            let _entered = runtime.enter();
            Signals::new().map_err(|error| Failure::new(format!("cannot listen for signals: {error}")))?
        };
        let was_requested = Arc::clone(&interrupt.0);
        let listening = thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(async {
                loop {
                    let code = signals.next().await;
                    // A second signal means that the user does not want to wait; the database rolls back what was begun.
                    if was_requested.swap(true, Ordering::Relaxed) {
                        process::exit(code);
                    }
                }
            });
        });
        listening.map_err(|error| Failure::new(format!("cannot listen for signals: {error}")))?;
        Ok(interrupt)
    }

    /// Whether the command has been asked to stop.
    pub(super) fn is_asked_for(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next signal and returns its exit code.
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => INTERRUPTED,
            _ = self.terminate.recv() => TERMINATED,
        }
    }
}
