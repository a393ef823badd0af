use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::{CountryCode, MpnId, MpnKind, TenantId, VettingStatus};
use serde::{Deserialize, Serialize};

use super::Fact;
use crate::compact;

/// What a row states: a fact about a customer and what it has, or a fact about a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "almost all rows are about customers, and there are many")]
pub enum Stated {
    /// About a customer.
    Customer(Fact),
    /// About an indirect reseller of the importing provider.
    Reseller(Box<ResellerFact>),
    /// An entry of the register of MPN profiles.
    MpnProfile(Box<MpnProfileFact>),
}

impl Stated {
    /// The fact about a customer. `None` for a row about a partner.
    #[must_use]
    pub fn customer(&self) -> Option<&Fact> {
        match self {
            Self::Customer(fact) => Some(fact),
            Self::Reseller(_) | Self::MpnProfile(_) => None,
        }
    }

    /// Like [`customer`](Self::customer).
    #[must_use]
    pub fn into_customer(self) -> Option<Fact> {
        match self {
            Self::Customer(fact) => Some(fact),
            Self::Reseller(_) | Self::MpnProfile(_) => None,
        }
    }
}

/// What a provider's list states about one of its resellers. `None` is what it does not state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResellerFact {
    /// The time from which it is known.
    #[serde(with = "compact::time")]
    pub as_of: NaiveDateTime,
    /// Its MPN ID.
    #[serde(with = "compact::mpn_id")]
    pub mpn_id: MpnId,
    /// Its name.
    pub name: Option<String>,
    /// The country of its location.
    pub country: Option<CountryCode>,
    /// Its tenant id.
    #[serde(with = "compact::optional_guid")]
    pub tenant_id: Option<TenantId>,
    /// Whether Microsoft authorised it.
    pub vetting_status: Option<VettingStatus>,
    /// The day on which it signed the Microsoft Partner Agreement.
    #[serde(with = "compact::optional_date")]
    pub mpa_signed_on: Option<NaiveDate>,
    /// Whether the two are partners. `false` for a partnership that is only requested or has ended.
    pub is_partner: bool,
}

/// An entry of the register of MPN profiles. `None` leaves a value as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MpnProfileFact {
    /// The MPN ID.
    pub mpn_id: MpnId,
    /// Global or location.
    pub kind: Option<MpnKind>,
    /// The company's global MPN ID.
    pub global_mpn_id: Option<MpnId>,
    /// The company.
    pub company: Option<String>,
    /// The country.
    pub country: Option<CountryCode>,
    /// Whether it is active.
    pub active: Option<bool>,
    /// Whether it is still in Partner Membership Center.
    pub in_partner_membership_center: Option<bool>,
}
