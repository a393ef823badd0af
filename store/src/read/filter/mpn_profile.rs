use serde::Serialize;

use super::{Column, Filter, Spelling, Test};
use crate::sql::Sql;

/// A property of an MPN profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum MpnProfileField {
    /// The MPN ID.
    MpnId,
    /// The MPN ID of the whole company.
    GlobalMpnId,
    /// Global or location.
    Kind,
    /// The country.
    Country,
    /// Whether it is in force.
    Active,
    /// Whether it is still in Partner Membership Center.
    InPartnerMembershipCenter,
    /// The company's name.
    Company,
    /// Its version.
    Version,
    /// When it was entered.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
}

impl MpnProfileField {
    fn column(self) -> Column {
        match self {
            Self::MpnId => Column::plain("m.mpn_id", Spelling::Lower),
            Self::GlobalMpnId => Column::plain("m.global_mpn_id", Spelling::Lower),
            Self::Kind => Column::plain("m.kind", Spelling::Upper),
            Self::Country => Column::plain("m.country", Spelling::Upper),
            Self::Active => Column::plain("m.active", Spelling::Lower),
            Self::InPartnerMembershipCenter => Column::plain("m.in_partner_membership_center", Spelling::Lower),
            Self::Company => Column::plain("m.company", Spelling::Shown),
            Self::Version => Column::plain("m.version", Spelling::Lower),
            Self::CreatedAt => Column::plain("m.created_at", Spelling::Lower),
            Self::UpdatedAt => Column::plain("m.updated_at", Spelling::Lower),
        }
    }
}

/// A condition on an MPN profile.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MpnProfileTerm(pub MpnProfileField, pub Test);

impl Filter<MpnProfileTerm> {
    /// As a condition on `m`.
    #[must_use]
    pub fn on_profiles(&self) -> Sql {
        self.sql(&|MpnProfileTerm(field, test)| field.column().test(test))
    }
}
