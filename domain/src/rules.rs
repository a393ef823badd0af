//! The rules of the catalogue. Each is a small function named with its id.
//!
//! A function that decides returns a [`Verdict`](crate::Verdict); one that only states something returns a value. Rules
//! that the program ensures in another way (by the structure of a table, or by never writing something) are listed in
//! `domain/data/not-enforced.tsv`, with the place where this can be seen.

pub mod agreement;
pub mod attestation;
pub mod authz;
pub mod customer;
pub mod directory;
pub mod enrolment;
pub mod invitation;
pub mod life_cycle;
pub mod managing;
pub mod new_customer;
pub mod partnership;
pub mod region;
pub mod registry;
pub mod removal;
pub mod scenario;
pub mod standing;
pub mod subscription;
pub mod support;
pub mod takeover;
pub mod text_rules;
pub mod types;
pub mod webmail;
