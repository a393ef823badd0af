//! Everything of the database that the importer needs: runs and their files, issues and changes; what sources said last; the
//! stored rows beside which facts are put; bulk writes; the lock that lets one import run at a time.
//!
//! Two things differ from the rest of the store. Rows are read in the order of their keys and a chunk at a time
//! ([`stored`]), because the importer joins a million facts with a million rows without holding either. And rows are
//! written in bulk ([`bulk`]): prepared inserts on SQLite, `COPY` on PostgreSQL. Both take values in the databases' own
//! text, which a plan that was set aside on disk has, or which is made of a day or a moment as the cell is written.

pub mod bulk;
#[cfg(feature = "postgres")]
mod columns;
#[cfg(feature = "postgres")]
mod copy;
pub mod derived;
pub mod history;
pub mod indexes;
pub mod lock;
pub mod plans;
pub mod rows;
pub mod runs;
pub mod sources;
pub mod stored;
pub mod tune;
pub mod undo;
pub mod uploads;
