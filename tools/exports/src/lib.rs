//! Writes exports in the formats of other portals: the sample book of business behind `partnergraph demo`, and benchmark files of any size.
//!
//! Absent: clock and randomness of the machine, so that the same arguments give the same bytes; and every other package of the workspace.

pub mod benchmark;
pub mod book;
pub mod headers;
pub mod random;
pub mod sheet;
