//! CSV exports of other portals, reconciled into the graph. See `docs/ARCHITECTURE.md`.

pub mod amount;
mod compact;
pub mod decode;
pub mod fact;
pub mod issue;
pub mod profiles;
