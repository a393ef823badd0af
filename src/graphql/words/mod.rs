//! The closed sets of words of the domain as GraphQL enums. The compiler holds each against its list in the domain: a word
//! added there does not compile until it stands, described, here.

mod customer;
mod graph;
mod import;
mod operation;
mod partner;
mod subscription;

pub use customer::*;
pub use graph::*;
pub use import::*;
pub use operation::*;
pub use partner::*;
pub use subscription::*;
