use async_graphql::Object;
use partnergraph_domain::MpnKind;
use partnergraph_store::read::mpn_profiles::{MpnProfileOrder, MpnProfileRow};

use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection;
use partnergraph_operation::scalars::{CountryCode, DateTime};

connection! { MpnProfileConnection, MpnProfileEdge, MpnProfile, MpnProfileOrder, "MPN profiles" }

/// An entry in the register of MPN profiles, which operators maintain (E-05).
#[derive(Debug, Clone)]
pub struct MpnProfile(pub BatchRow<MpnProfileRow>);

impl From<BatchRow<MpnProfileRow>> for MpnProfile {
    fn from(row: BatchRow<MpnProfileRow>) -> Self {
        Self(row)
    }
}

/// An entry in the register of MPN profiles, which operators maintain (E-05).
#[Object]
impl MpnProfile {
    /// The MPN ID that identifies the profile.
    fn mpn_id(&self) -> &str {
        &self.0.mpn_id
    }

    /// Whether the MPN ID identifies a whole company (global account) or one of its locations.
    fn kind(&self) -> MpnKind {
        self.0.kind
    }

    /// The MPN ID of the company's global account. Null if unknown, or if this is the global account.
    fn global_mpn_id(&self) -> Option<&str> {
        self.0.global_mpn_id.as_deref()
    }

    /// The country. A tenant must be in the same country to enrol with this MPN ID (E-06). Null if unknown.
    fn country(&self) -> Option<CountryCode> {
        self.0.country.map(CountryCode)
    }

    /// Whether the profile is active.
    fn active(&self) -> bool {
        self.0.active
    }

    /// Whether the profile is still managed in Partner Membership Center. The partner cannot sign the Microsoft Partner
    /// Agreement until the profile has been moved (E-12).
    fn in_partner_membership_center(&self) -> bool {
        self.0.in_partner_membership_center
    }

    /// The company name. Null if unknown.
    fn company(&self) -> Option<&str> {
        self.0.company.as_deref()
    }

    /// The version. Increases with every change.
    fn version(&self) -> i64 {
        self.0.version
    }

    /// When the profile was added to the register.
    fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When the profile was last changed.
    fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}
