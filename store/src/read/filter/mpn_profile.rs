use serde::Serialize;

use super::{Column, Filter, Spelling, Test};
use crate::on::{MpnProfile, On};

/// A field of an MPN profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum MpnProfileField {
    /// The MPN ID.
    MpnId,
    /// The company's global MPN ID.
    GlobalMpnId,
    /// Global or location.
    Kind,
    /// The country.
    Country,
    /// Whether it is active.
    Active,
    /// Whether it is still in Partner Membership Center.
    InPartnerMembershipCenter,
    /// The company name.
    Company,
    /// Its version.
    Version,
    /// When it was created.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
}

impl MpnProfileField {
    fn column(self) -> Column {
        match self {
            Self::MpnId => Column::plain("@.mpn_id", Spelling::Lower),
            Self::GlobalMpnId => Column::plain("@.global_mpn_id", Spelling::Lower),
            Self::Kind => Column::plain("@.kind", Spelling::Upper),
            Self::Country => Column::plain("@.country", Spelling::Upper),
            Self::Active => Column::plain("@.active", Spelling::Lower),
            Self::InPartnerMembershipCenter => Column::plain("@.in_partner_membership_center", Spelling::Lower),
            Self::Company => Column::plain("@.company", Spelling::Shown),
            Self::Version => Column::plain("@.version", Spelling::Lower),
            Self::CreatedAt => Column::plain("@.created_at", Spelling::Lower),
            Self::UpdatedAt => Column::plain("@.updated_at", Spelling::Lower),
        }
    }
}

/// A condition on an MPN profile.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MpnProfileTerm(pub MpnProfileField, pub Test);

impl Filter<MpnProfileTerm> {
    /// Converts to a condition on a profile.
    pub fn on_profiles(&self) -> On<MpnProfile> {
        On::new(self.sql(&|MpnProfileTerm(field, test)| field.column().test(test)))
    }
}
