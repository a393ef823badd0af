//! Imports the CSV exports of other portals into the graph.
//!
//! A file is read, decoded, parsed and normalised into facts, which are reconciled with the stored rows into a plan. The plan is
//! applied in one transaction, and a report accounts for every row. Each stage is a module. [`run`](run()) is the entry point for the
//! command `import` and for the mutation `startImport`; [`revert`](revert()) undoes a run. `docs/ARCHITECTURE.md` describes the stages.
//!
//! Absent: GraphQL, HTTP, and SQL of its own (`partnergraph-store` has it). The formats of portals are data files, not code.

pub mod amount;
mod apply;
pub mod baseline;
mod compact;
pub mod decode;
pub mod fact;
mod intake;
pub mod issue;
mod issue_spool;
mod moving;
mod normalise;
mod parse;
mod plan;
pub mod printable;
pub mod profiles;
pub mod progress;
pub mod read;
pub mod reconcile;
pub mod report;
pub mod request;
mod revert;
mod row_locations;
mod run;
pub mod seats;
mod spool;
mod unknown;
mod varint;
mod watch;

pub use decode::Input;
pub use fact::Fact;
pub use issue::{FileRefusal, Issue};
pub use moving::{MoveReport, MoveRequest, RefusedRows, run_move};
pub use plan::{Counts, PlanError};
pub use progress::{Position, Progress, Silent};
pub use read::{
    Batch, FileDescription, MAX_UNPACKED, OpenedFile, OwnIdentities, Parsed, ReadOptions, RecordsError, Rejected, open,
};
pub use report::Report;
pub use request::{Caller, FileInput, FileRequest, ImportRequest, OnConflict, OnInvalid, OnViolation, Waiting};
pub use revert::{Left, Reverted, revert, revert_run};
pub use run::{
    ImportError, apply_plan, check_plan, create_run, discard_plan, discard_waiting_plan, give_plan_up, hint_of, run,
};
