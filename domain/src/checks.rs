//! Checks before a write: the rules of each operation, combined.
//!
//! Mutations, `validateOnly` and the importer use the same checks. Each check returns all refusals at once, in the
//! order in which a person would want to read them: the caller, the subject itself, then the other party. If there are
//! no refusals, the operation is allowed.

mod access;
pub mod actions;
mod agreement;
mod associate;
pub mod callers;
mod change_request;
mod customer;
mod enrolment;
mod import;
mod invitation;
mod managing;
mod moving;
mod new_customer;
mod order;
mod partnership;
mod profile;
mod sale;
mod subscription;
mod support;
mod users;

pub use access::*;
pub use agreement::*;
pub use associate::*;
pub use change_request::*;
pub use customer::*;
pub use enrolment::*;
pub use import::*;
pub use invitation::*;
pub use managing::*;
pub use moving::*;
pub use new_customer::*;
pub use order::*;
pub use partnership::*;
pub use profile::*;
pub use sale::*;
pub use subscription::*;
pub use support::*;
pub use users::*;

use profile::operators_task;
