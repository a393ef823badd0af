//! Makes exports of other portals: the sample book of business behind `partnergraph demo`, and benchmark files of any size.
//!
//! Nothing here reads a clock or the machine: the same arguments give the same bytes.

pub mod benchmark;
pub mod book;
pub mod headers;
pub mod random;
pub mod sheet;
