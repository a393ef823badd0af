//! The one write path of the graph, for the API and the importer alike.
//!
//! Every change of the graph is made in a write transaction (see [`crate::Database::write`]) by a function of this module. It
//! writes the entity, adds one to its version, refreshes derived data ([`crate::derive`]) and records one event. A write that
//! changes nothing touches no row and records nothing.
//!
//! The functions take what the rules have already allowed: whether a thing may be done is `partnergraph_domain::checks`' to
//! say, asked with the facts that [`facts`] loads in the same transaction.

pub mod agreements;
pub mod associations;
pub mod awaiting;
pub mod companies;
pub mod credentials;
pub mod customer_details;
mod customer_records;
mod customer_words;
pub mod customers;
pub mod enrolment;
pub mod entitlements;
mod event;
pub mod facts;
pub mod grants;
mod history;
pub mod housekeeping;
pub mod idempotency;
pub mod invitations;
pub mod mpn_profiles;
pub mod new_customers;
pub mod order_reviews;
pub mod orders;
pub mod outbox;
pub mod partners;
pub mod partnerships;
pub mod profile;
pub mod sale_facts;
pub mod subscription_changes;
pub mod subscriptions;
mod takeover;
pub mod tenants;
pub mod tokens;
pub mod users;
pub mod verifications;

pub use event::{Change, Event, Viewer, record};

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something is different now; the entity's version rose by one.
    Changed,
    /// All was as asked for; no row was touched and no event recorded.
    Unchanged,
}

impl Outcome {
    /// Whether something is different now.
    #[must_use]
    pub fn is_changed(self) -> bool {
        self == Self::Changed
    }
}

/// A list as the tables keep it: a JSON array of texts.
pub(crate) fn json_list<T: AsRef<str>>(values: &[T]) -> String {
    serde_json::Value::from(values.iter().map(|value| value.as_ref().to_owned()).collect::<Vec<_>>()).to_string()
}
