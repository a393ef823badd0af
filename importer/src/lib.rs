//! CSV exports of other portals, reconciled into the graph. See `docs/ARCHITECTURE.md`.

pub mod amount;
mod compact;
pub mod decode;
pub mod fact;
pub mod issue;
mod normalise;
mod parse;
pub mod profiles;
pub mod read;

pub use decode::Input;
pub use fact::Fact;
pub use issue::{FileRefusal, Issue};
pub use read::{Batch, FileDescription, OpenedFile, OwnIdentities, Parsed, ReadOptions, RecordsError, Rejected, open};
