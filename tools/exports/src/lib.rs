//! Writes exports in the formats of other portals: the sample book of business behind `partnergraph demo`, and benchmark files of any size.
//!
//! It does not use the machine's clock or randomness, so the same arguments always result in the same bytes. It does not
//! depend on any other package of the workspace.

pub mod benchmark;
pub mod book;
pub mod headers;
pub mod random;
pub mod sheet;
