//! The one write path of the graph, for the API and the importer alike.
//!
//! Every change of the graph is made in a write transaction (see [`crate::Database::write`]) by a function of this module. It
//! writes the entity, adds one to its version, refreshes derived data ([`crate::derive`]) and records one event. A write that
//! changes nothing touches no row and records nothing.

mod event;

pub use event::{Change, Event, Viewer, record};
