use std::error::Error;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use partnergraph_domain::UnknownValue;

/// Errors between this package and its database, named after the operation that failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL has a scheme that is neither `sqlite:` nor `postgres://`, or no path.
    #[error("invalid database URL: {0}")]
    Url(String),
    /// The connection failed.
    #[error("could not connect to the database {url}: {reason}")]
    Connect {
        /// The database, without its password.
        url: String,
        /// The driver's message, in one line.
        reason: String,
    },
    /// The database's tables are older or newer than this program's.
    #[error("the database schema does not match this program: {0}")]
    Schema(String),
    /// A migration failed; the transaction it ran in was rolled back.
    #[error("could not migrate the database: {0}")]
    Migrate(String),
    /// A statement failed.
    #[error("the database rejected a statement: {0}")]
    Query(DieselError),
    /// A value in the database is not one that this program writes.
    #[error("the database contains {value:?} instead of {expected}")]
    Value {
        /// The value found.
        value: String,
        /// What is expected there.
        expected: &'static str,
    },
    /// The deadline of a read has passed.
    #[error("the operation timed out")]
    TimeOver,
    /// A write was done, but the time for reading its result was over.
    #[error("the change was made, but its result could not be read in time")]
    ResultUnread,
    /// A write did not get its turn in time because another one, such as an import, is in progress.
    #[error("another write is in progress")]
    Busy,
    /// The work panicked, which is a bug; the log has the location. The transaction was rolled back.
    #[error("internal error; the log has the location")]
    Panicked,
    /// The threads that hold the connections have ended because the program is stopping.
    #[error("the database threads have stopped")]
    Stopped,
}

impl From<DieselError> for StoreError {
    /// PostgreSQL cancels a statement at its statement timeout, slightly before or after our own clock check. An unknown enum
    /// value in a column is reported with the value.
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(_, error) if error.message().contains("due to statement timeout") => {
                Self::TimeOver
            }
            DieselError::DeserializationError(reason) => match unknown_value(&**reason) {
                Some(value) => value.clone().into(),
                None => Self::Query(error),
            },
            _ => Self::Query(error),
        }
    }
}

/// diesel wraps the column's error with the name of the column if it reads by position.
fn unknown_value<'a>(mut reason: &'a (dyn Error + 'static)) -> Option<&'a UnknownValue> {
    loop {
        if let Some(value) = reason.downcast_ref() {
            return Some(value);
        }
        reason = reason.source()?;
    }
}

impl From<UnknownValue> for StoreError {
    fn from(UnknownValue { value, expected }: UnknownValue) -> Self {
        Self::Value { value, expected }
    }
}

/// The result of all functions in this package that access the database.
pub type StoreResult<T> = Result<T, StoreError>;

impl StoreError {
    /// Converts the error of a read that follows a committed write, which the failed read does not undo.
    #[must_use]
    pub fn after_a_write(self) -> Self {
        match self {
            Self::TimeOver => Self::ResultUnread,
            other => other,
        }
    }

    /// Whether a unique index rejected the statement: someone else was first.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Query(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }

    /// Whether the statement would have had to wait for another writer for too long: SQLite's `SQLITE_BUSY` or PostgreSQL's
    /// `lock_not_available`, of which diesel exposes only the message.
    pub fn is_locked(&self) -> bool {
        let Self::Query(DieselError::DatabaseError(_, info)) = self else { return false };
        info.message() == "database is locked" || info.message().contains("lock timeout")
    }

    /// What to do about it, for the `hint:` line of the command line.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Url(_) => "DATABASE_URL must be sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE",
            Self::Connect { url, .. } if url.starts_with("sqlite:") => {
                "check that the path's directory exists and that you can write to it"
            }
            Self::Connect { .. } => "check that the server is running and accepts this user",
            Self::Schema(_) => "run `partnergraph migrate`, or use the program version that created these tables",
            Self::Migrate(_) => "nothing was changed; the message above says which statement failed",
            Self::Query(_) | Self::Value { .. } => "run `partnergraph check`; see the log for details",
            Self::TimeOver | Self::Busy => "try again; nothing was changed",
            Self::ResultUnread => "check the result before you try again",
            Self::Panicked => "nothing was changed; please report it with the log output",
            Self::Stopped => "restart the program",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_is_about_the_database_that_was_asked() {
        let hint = |url: &str| StoreError::Connect { url: url.to_owned(), reason: String::new() }.hint();
        assert!(hint("sqlite:missing/book.db").contains("directory"));
        assert!(!hint("postgres://user@db.example/book").contains("directory"));
    }

    #[test]
    fn after_a_write_the_hint_does_not_say_that_nothing_was_changed() {
        let error = StoreError::TimeOver.after_a_write();
        assert!(matches!(error, StoreError::ResultUnread));
        assert!(!error.hint().contains("nothing"), "{}", error.hint());
        assert!(matches!(StoreError::Stopped.after_a_write(), StoreError::Stopped));
    }
}
