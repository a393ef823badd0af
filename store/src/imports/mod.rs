//! Everything of the database that the importer needs: runs and their files, issues and changes; the sources' baselines; the
//! stored rows to which facts are compared; bulk writes; and the lock that lets one import run at a time.
//!
//! Two things differ from the rest of the store. Rows are read in the order of their keys and in chunks ([`stored`]), because the
//! importer joins a million facts with a million rows without holding either in memory. And rows are written in bulk ([`bulk`]):
//! prepared inserts on SQLite, `COPY` on PostgreSQL. Both accept values in the databases' own text format, which a plan stored on
//! disk already contains, or which is made from a date or time when the cell is written.

pub mod bulk;
pub mod change_records;
#[cfg(feature = "postgres")]
mod columns;
#[cfg(feature = "postgres")]
mod copy;
pub mod derived;
pub mod history;
pub mod indexes;
pub mod lock;
pub mod moves;
pub mod plans;
pub mod reseller_names;
pub mod rows;
pub mod runs;
pub mod sources;
pub mod stored;
pub mod tune;
pub mod undo;
pub mod uploads;
