//! The single write path of the graph, for the API and the importer.
//!
//! Every change of the graph is made in a write transaction (see [`crate::Database::write`]) by a function of this module. It
//! writes the entity, increments its version, refreshes derived data ([`crate::derive`]) and records one event. A write that
//! changes nothing touches no row and records nothing.
//!
//! The functions expect that the rules have been checked: `partnergraph_domain::checks` decides whether something is allowed,
//! with the facts that [`facts`] loads in the same transaction.

pub mod action_facts;
pub mod agreements;
pub mod associations;
pub mod awaiting;
pub mod change_requests;
pub mod companies;
pub mod credentials;
pub mod customer_agreements;
pub mod customer_details;
mod customer_records;
mod customer_values;
pub mod customers;
pub mod enrolment;
pub mod entitlements;
mod event;
pub mod facts;
pub mod grants;
pub(crate) mod history;
pub mod housekeeping;
pub mod idempotency;
pub mod invitations;
pub mod mpn_profiles;
pub mod new_customers;
pub mod order_reviews;
pub mod orders;
pub mod outbox;
pub mod partners;
pub mod partnership_settings;
pub mod partnerships;
pub mod profile;
pub mod request_facts;
pub mod sale_facts;
pub mod subscription_changes;
pub mod subscriptions;
pub mod takeover;
pub mod tenants;
pub mod tokens;
pub mod users;
pub mod verifications;

pub use event::{Change, Event, Viewer, record};

/// The outcome of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something changed; the entity's version increased by one.
    Changed,
    /// Everything was already as requested; no row was touched and no event recorded.
    Unchanged,
}

impl Outcome {
    /// Whether something changed.
    #[must_use]
    pub fn is_changed(self) -> bool {
        self == Self::Changed
    }
}

/// A list as the tables store it: a JSON array of strings.
pub(crate) fn json_list<T: AsRef<str>>(values: &[T]) -> String {
    serde_json::Value::from(values.iter().map(|value| value.as_ref().to_owned()).collect::<Vec<_>>()).to_string()
}
