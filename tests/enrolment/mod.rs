//! Enrolment, and the data of an organisation: rule by rule, on both databases.

mod agreement;
mod command_line;
mod directory;
mod enroll;
mod history;
mod locations;
mod mpn_profiles;
mod organizations;
mod profile;
mod review;
pub(crate) mod takeover;
mod takeover_review;
mod users;
mod verification;
pub(crate) mod world;
