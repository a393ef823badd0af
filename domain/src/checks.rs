//! Everything that is asked before something is written: the rules of one operation, put together.
//!
//! Mutations, `validateOnly` and the importer ask the same check. Each gives every refusal at once, in the order in which
//! a person would want to read them: who asks, the thing itself, then the other party. No refusals means that it may be done.

mod access;
mod associate;
mod import;
mod support;

pub use access::*;
pub use associate::*;
pub use import::*;
pub use support::*;
