//! Generates exports of other portals: the sample book of business for `partnergraph demo`, and benchmark files of any
//! size.
//!
//! Nothing here reads a clock or depends on the machine: the same arguments produce the same bytes.

pub mod benchmark;
pub mod book;
pub mod headers;
pub mod random;
pub mod sheet;
