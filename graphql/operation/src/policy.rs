//! What an installation decides where the programme leaves a choice.

use chrono::Duration;
use partnergraph_domain::DelegatedAdminPolicy;

/// What an installation decides for all its users. Read once, from the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Where the links of invitations and verifications lead: this server as its users reach it, without a slash at the end.
    pub public_url: String,
    /// What becomes of delegated administration when a relationship with a customer is removed (D-02).
    pub delegated_admin_on_removal: DelegatedAdminPolicy,
    /// For how many days an invitation, or the verification of a contact, can be answered.
    pub invitation_days: u32,
    /// For how many minutes a reviewed order can be submitted.
    pub review_minutes: u32,
    /// The size that an uploaded file may have once it is unpacked; `None` for what the importer takes by itself.
    pub max_unpacked_bytes: Option<u64>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            delegated_admin_on_removal: DelegatedAdminPolicy::default(),
            invitation_days: 30,
            review_minutes: 60,
            max_unpacked_bytes: None,
        }
    }
}

impl Policy {
    /// For how long an invitation can be answered.
    #[must_use]
    pub fn invitation_lasts(&self) -> Duration {
        Duration::days(i64::from(self.invitation_days))
    }

    /// For how long a reviewed order can be submitted.
    #[must_use]
    pub fn review_lasts(&self) -> Duration {
        Duration::minutes(i64::from(self.review_minutes))
    }
}
