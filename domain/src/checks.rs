//! Everything that is asked before something is written: the rules of one operation, put together.
//!
//! Mutations, `validateOnly` and the importer ask the same check. Each gives every refusal at once, in the order in
//! which a person would want to read them: who asks, the thing itself, then the other party. No refusals means that
//! it may be done.

mod access;
mod associate;
mod customer;
mod enrolment;
mod import;
mod invitation;
mod new_customer;
mod order;
mod partnership;
mod profile;
mod sale;
mod subscription;
mod support;
mod users;

pub use access::*;
pub use associate::*;
pub use customer::*;
pub use enrolment::*;
pub use import::*;
pub use invitation::*;
pub use new_customer::*;
pub use order::*;
pub use partnership::*;
pub use profile::*;
pub use sale::*;
pub use subscription::*;
pub use support::*;
pub use users::*;

use profile::operators_task;
