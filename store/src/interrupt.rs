//! How work that nobody waits for any more ends.
//!
//! A [`Patience`] is shared by whoever waits and the thread that works. SQLite asks it now and then while a statement runs, through its progress
//! handler; diesel hands out no connection to install one on, so SQLite itself is told to install it on every connection that is
//! opened. On PostgreSQL the server cancels the statement: by itself after the time that [`crate::Conn`] sets, or when another
//! connection asks it to.
#![allow(unsafe_code, reason = "SQLite's progress handler can only be installed through its C interface")]

use std::cell::RefCell;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::time::Instant;

use libsqlite3_sys::{SQLITE_OK, sqlite3, sqlite3_api_routines, sqlite3_auto_extension, sqlite3_progress_handler};

/// How many steps of its machine SQLite goes on before it asks again: some tenths of a millisecond.
const STEPS: c_int = 20_000;

/// For how long somebody waits for a piece of work.
#[derive(Debug, Clone)]
pub struct Patience {
    until: Instant,
    gone: Arc<AtomicBool>,
}

impl Patience {
    /// Waits until then.
    #[must_use]
    pub fn until(until: Instant) -> Self {
        Self { until, gone: Arc::default() }
    }

    /// When it ends.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.until
    }

    /// Nobody waits any more.
    pub fn give_up(&self) {
        self.gone.store(true, Ordering::Relaxed);
    }

    /// Whether it is at its end.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.gone.load(Ordering::Relaxed) || Instant::now() >= self.until
    }
}

thread_local! {
    /// Whose work the thread does.
    static CURRENT: RefCell<Option<Patience>> = const { RefCell::new(None) };
}

/// Does work as long as somebody waits for it. Statements that run when the patience ends fail.
pub(crate) fn while_waited_for<T>(patience: Option<&Patience>, work: impl FnOnce() -> T) -> T {
    /// Takes it back even where the work panics.
    struct Restore(Option<Patience>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let _restore = Restore(CURRENT.replace(patience.cloned()));
    work()
}

/// Whether nobody waits for what this thread does.
pub(crate) fn is_over() -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_some_and(Patience::is_over))
}

/// Has SQLite ask on every connection that is opened from now on.
pub(crate) fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        // SAFETY: the function lives as long as the program, and has the type that SQLite calls it by.
        let result = unsafe { sqlite3_auto_extension(Some(on_open)) };
        if result != SQLITE_OK {
            tracing::warn!(result, "statements on the embedded database cannot be interrupted");
        }
    });
}

unsafe extern "C" fn on_open(
    connection: *mut sqlite3,
    _message: *mut *mut c_char,
    _api: *const sqlite3_api_routines,
) -> c_int {
    // SAFETY: the connection is the one that is being opened; the handler takes no data, and lives as long as the program.
    unsafe { sqlite3_progress_handler(connection, STEPS, Some(on_progress), ptr::null_mut()) };
    SQLITE_OK
}

/// Called by the thread that runs the statement; anything but 0 ends it with `SQLITE_INTERRUPT`.
unsafe extern "C" fn on_progress(_data: *mut c_void) -> c_int {
    // No panic may leave a function that C calls: a thread that is ending has no value any more.
    CURRENT
        .try_with(|current| current.try_borrow().is_ok_and(|current| current.as_ref().is_some_and(Patience::is_over)))
        .map_or(0, c_int::from)
}
