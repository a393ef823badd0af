use async_graphql::Object;
use partnergraph_domain::MpnKind;
use partnergraph_store::read::mpn_profiles::{MpnProfileOrder, MpnProfileRow};

use partnergraph_operation::connection;
use partnergraph_operation::scalars::{CountryCode, DateTime};
use partnergraph_operation::siblings::Member;

connection! { MpnProfileConnection, MpnProfileEdge, MpnProfile, MpnProfileOrder, "MPN profiles" }

/// An entry of the register of MPN profiles, which operators keep (E-05).
#[derive(Debug, Clone)]
pub struct MpnProfile(pub Member<MpnProfileRow>);

impl From<Member<MpnProfileRow>> for MpnProfile {
    fn from(row: Member<MpnProfileRow>) -> Self {
        Self(row)
    }
}

/// An entry of the register of MPN profiles, which operators keep (E-05).
#[Object]
impl MpnProfile {
    /// The MPN ID, by which the profile is known.
    fn mpn_id(&self) -> &str {
        &self.0.mpn_id
    }

    /// Whether it stands for a whole company or for one location of it.
    fn kind(&self) -> MpnKind {
        self.0.kind
    }

    /// The MPN ID of the whole company. Null where it is not known, and for one that stands for the company itself.
    fn global_mpn_id(&self) -> Option<&str> {
        self.0.global_mpn_id.as_deref()
    }

    /// The country, which must be that of the tenant that enrols with it (E-06). Null where it is not known.
    fn country(&self) -> Option<CountryCode> {
        self.0.country.map(CountryCode)
    }

    /// Whether it is in force.
    fn active(&self) -> bool {
        self.0.active
    }

    /// Whether it is still managed in Partner Membership Center; its owner cannot sign the agreement until it is moved (E-12).
    fn in_partner_membership_center(&self) -> bool {
        self.0.in_partner_membership_center
    }

    /// The company's name. Null where it is not known.
    fn company(&self) -> Option<&str> {
        self.0.company.as_deref()
    }

    /// Rises with every change.
    fn version(&self) -> i64 {
        self.0.version
    }

    /// When it was entered.
    fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// When it last changed.
    fn updated_at(&self) -> DateTime {
        self.0.updated_at.into()
    }
}
