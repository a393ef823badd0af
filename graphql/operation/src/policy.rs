//! The choices that the programme leaves to an installation.

use chrono::Duration;
use partnergraph_domain::DelegatedAdminPolicy;

/// The choices of an installation, which apply to all its users. Read once from the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The base URL of the links in invitations and verification emails: this server as its users reach it, without a trailing
    /// slash.
    pub public_url: String,
    /// What happens to delegated admin privileges when a relationship with a customer is removed (D-02).
    pub delegated_admin_on_removal: DelegatedAdminPolicy,
    /// The number of days for which an invitation or the verification of a contact is valid.
    pub invitation_days: u32,
    /// The number of days for which a provider can decide a change request.
    pub change_request_days: u32,
    /// The number of minutes for which a reviewed order can be submitted.
    pub review_minutes: u32,
    /// The maximum size of an uploaded file after decompression. `None` for the importer's own limit.
    pub max_unpacked_bytes: Option<u64>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            delegated_admin_on_removal: DelegatedAdminPolicy::default(),
            invitation_days: 30,
            change_request_days: 30,
            review_minutes: 60,
            max_unpacked_bytes: None,
        }
    }
}

impl Policy {
    /// How long an invitation is valid.
    #[must_use]
    pub fn invitation_lasts(&self) -> Duration {
        Duration::days(i64::from(self.invitation_days))
    }

    /// How long a provider can decide a change request.
    #[must_use]
    pub fn change_request_lasts(&self) -> Duration {
        Duration::days(i64::from(self.change_request_days))
    }

    /// How long a reviewed order can be submitted.
    #[must_use]
    pub fn review_lasts(&self) -> Duration {
        Duration::minutes(i64::from(self.review_minutes))
    }
}
