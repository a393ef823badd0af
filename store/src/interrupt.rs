//! Ends work whose result nobody waits for any more.
//!
//! A [`TimeLimit`] is shared by the caller and the thread that does the work. SQLite checks it regularly while a statement runs,
//! through its progress handler. diesel does not expose the connection on which to install it, so SQLite itself is told to
//! install it on every connection that is opened. On PostgreSQL the server cancels the statement: by itself after the timeout
//! that [`crate::Conn`] sets, or when another connection requests it.
#![allow(unsafe_code, reason = "SQLite's progress handler can only be installed through its C interface")]

use std::cell::RefCell;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use libsqlite3_sys::{SQLITE_OK, sqlite3, sqlite3_api_routines, sqlite3_auto_extension, sqlite3_progress_handler};

/// The number of virtual machine steps between two checks: a few tenths of a millisecond.
const STEPS: c_int = 20_000;

/// How long a caller waits for a piece of work.
#[derive(Debug, Clone)]
pub struct TimeLimit {
    until: Instant,
    is_cancelled: Arc<AtomicBool>,
}

impl TimeLimit {
    /// Waits until this time.
    #[must_use]
    pub fn until(until: Instant) -> Self {
        Self { until, is_cancelled: Arc::default() }
    }

    /// The same wait, but no longer than this from now.
    #[must_use]
    pub fn at_most(&self, longest: Duration) -> Self {
        Self { until: self.until.min(Instant::now() + longest), is_cancelled: self.is_cancelled.clone() }
    }

    /// The deadline.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.until
    }

    /// Ends the wait before the deadline, because the caller is gone.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether the deadline has passed or the caller is gone.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed) || Instant::now() >= self.until
    }
}

thread_local! {
    /// The time limit of the caller for whom this thread works.
    static CURRENT: RefCell<Option<TimeLimit>> = const { RefCell::new(None) };
}

/// Runs work for as long as the caller waits. Statements that are running when the time limit is over fail.
pub(crate) fn with_time_limit<T>(time_limit: Option<&TimeLimit>, work: impl FnOnce() -> T) -> T {
    /// Restores the previous time limit even if the work panics.
    struct Restore(Option<TimeLimit>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let _restore = Restore(CURRENT.replace(time_limit.cloned()));
    work()
}

/// Whether nobody waits for the work of this thread any more.
pub(crate) fn is_over() -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_some_and(TimeLimit::is_over))
}

/// Makes SQLite check on every connection that is opened from now on.
pub(crate) fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        // SAFETY: the function exists for the lifetime of the program and has the signature with which SQLite calls it.
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
    // SAFETY: the connection is the one being opened; the handler takes no data and exists for the lifetime of the program.
    unsafe { sqlite3_progress_handler(connection, STEPS, Some(on_progress), ptr::null_mut()) };
    SQLITE_OK
}

/// Called by the thread that runs the statement; any result other than 0 ends it with `SQLITE_INTERRUPT`.
unsafe extern "C" fn on_progress(_data: *mut c_void) -> c_int {
    // A panic must not unwind into C: in a thread that is ending, the thread-local no longer has a value.
    CURRENT
        .try_with(|current| current.try_borrow().is_ok_and(|current| current.as_ref().is_some_and(TimeLimit::is_over)))
        .map_or(0, c_int::from)
}
