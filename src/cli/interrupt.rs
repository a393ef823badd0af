//! Ctrl-C and SIGTERM during a command that must not be cut off: the first asks it to stop, the second ends it at once.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Failure;

/// Exit codes of a process that a signal ended, as shells give them.
const INTERRUPTED: i32 = 130;
const TERMINATED: i32 = 143;

/// Whether the command is to stop.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for signals from now on.
    pub(super) fn listen() -> Result<Self, Failure> {
        let interrupt = Self::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::new(format!("signals cannot be listened for: {error}")))?;
        // From here on, and not only when the thread runs, a signal no longer ends the process by itself.
        let mut signals = {
            let _entered = runtime.enter();
            Signals::new().map_err(|error| Failure::new(format!("signals cannot be listened for: {error}")))?
        };
        let asked = Arc::clone(&interrupt.0);
        let listening = thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(async {
                loop {
                    let code = signals.next().await;
                    // Whoever asks twice does not want to wait; the database undoes what was begun.
                    if asked.swap(true, Ordering::Relaxed) {
                        process::exit(code);
                    }
                }
            });
        });
        listening.map_err(|error| Failure::new(format!("signals cannot be listened for: {error}")))?;
        Ok(interrupt)
    }

    /// Whether the command is to stop.
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

    /// The exit code for the next signal.
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => INTERRUPTED,
            _ = self.terminate.recv() => TERMINATED,
        }
    }
}
