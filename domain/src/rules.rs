//! The rules of the catalogue, one small function each, named with its id.
//!
//! A function that decides gives a [`Verdict`](crate::Verdict); one that tells something gives the value. What the
//! program keeps in another way (by the shape of a table, by never writing) is listed in
//! `domain/data/not-enforced.tsv`, with the place where it shows.

pub mod agreement;
pub mod authz;
pub mod customer;
pub mod directory;
pub mod enrolment;
pub mod invitation;
pub mod life_cycle;
pub mod new_customer;
pub mod partnership;
pub mod region;
pub mod registry;
pub mod removal;
pub mod scenario;
pub mod standing;
pub mod subscription;
pub mod support;
pub mod text_rules;
pub mod types;
pub mod webmail;
