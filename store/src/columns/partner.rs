use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::{AsChangeset, Insertable};
use partnergraph_domain::{
    Capability, Cloud, CompanyKey, CountryCode, PartnerKey, PartnerType, TenantId, VettingStatus, VettingSubStatus,
    search_key, sort_key,
};
use serde::{Deserialize, Serialize};

use super::columns;
use crate::error::StoreResult;
use crate::read::partners::PartnerRow;
use crate::read::row::{enum_list, row};
use crate::schema::partners;
use crate::write::json_list;

columns! {
    /// The status of a partner account in the CSP programme.
    pub struct PartnerColumns of partners p {
        /// Decides its market and region.
        country: Option<CountryCode> => Nullable<Text>, filter Country: Upper;
        /// The cloud of its tenant.
        cloud: Cloud => Text, filter Cloud: Upper;
        /// The MPN ID of the location account, which counts on transactions.
        mpn_id: Option<String> => Nullable<Text>, filter MpnId: Lower;
        /// The MPN ID of the company's global account, which does not count on transactions.
        global_mpn_id: Option<String> => Nullable<Text>, filter GlobalMpnId: Lower;
        /// Whether it has an account in Partner Center. A placeholder has none.
        onboarded: bool => Bool, filter Onboarded: Lower;
        /// Whether its enrolment was authorised.
        enrolled: bool => Bool;
        /// The vetting status of its enrolment.
        vetting_status: VettingStatus => Text, filter VettingStatus: Upper;
        /// What the review is waiting for, or what it failed on.
        vetting_sub_status: VettingSubStatus => Text, filter VettingSubStatus: Upper;
    }
    beside {
        id => BigInt, filter Row: Lower;
        tenant_id => Nullable<Text>, filter TenantId: Lower;
        partner_type => Text, filter Type: Upper;
        name_key => Text, filter Name: Key;
        name_sort => Text, order Name;
        region => Nullable<Text>, filter Region: Upper = "(SELECT m.region_code FROM markets m WHERE m.country = @.country)";
        version => BigInt, filter Version: Lower;
        created_at => Timestamp, filter CreatedAt: Lower;
        updated_at => Timestamp, filter UpdatedAt: Lower;
    }
    /// A field of a partner account.
    pub enum PartnerField;
    /// What partner accounts can be ordered by.
    pub enum PartnerOrder of PartnerRow by id;
}

columns! {
    /// The profile of a partner account.
    pub struct Profile of partners {
        /// Display name. A placeholder is named after its MPN ID.
        name: String => Text;
        /// Its capabilities: a JSON list of enum values.
        capabilities: String = "[]" => Text;
        /// Street and number of its legal address.
        address_line1: Option<String> => Nullable<Text>;
        /// The city of its legal address.
        city: Option<String> => Nullable<Text>;
        /// The postal code of its legal address.
        postal_code: Option<String> => Nullable<Text>;
        /// The first name of its primary contact.
        contact_first_name: Option<String> => Nullable<Text>;
        /// The last name of its primary contact.
        contact_last_name: Option<String> => Nullable<Text>;
        /// The e-mail address of its primary contact.
        contact_email: Option<String> => Nullable<Text>;
        /// The telephone number of its primary contact.
        contact_phone: Option<String> => Nullable<Text>;
        /// The e-mail address of its support for customers.
        support_email: Option<String> => Nullable<Text>;
        /// The telephone number of its support for customers.
        support_telephone: Option<String> => Nullable<Text>;
        /// The website of its support for customers.
        support_website: Option<String> => Nullable<Text>;
    }
}

/// The search and sort keys of a partner account, derived from its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Insertable, AsChangeset)]
#[diesel(table_name = partners)]
pub struct PartnerKeys {
    /// For searching.
    pub name_key: String,
    /// For ordering.
    pub name_sort: String,
}

impl Profile {
    /// The search and sort keys of an account with this profile.
    #[must_use]
    pub fn keys(&self) -> PartnerKeys {
        PartnerKeys { name_key: search_key(&self.name), name_sort: sort_key(Some(&self.name)) }
    }

    /// The partner's capabilities.
    ///
    /// # Errors
    /// [`crate::StoreError::Value`] for a value that this program does not know.
    pub fn capabilities(&self) -> StoreResult<Vec<Capability>> {
        Ok(enum_list(&self.capabilities)?)
    }

    /// Sets the partner's capabilities.
    pub fn set_capabilities(&mut self, capabilities: &[Capability]) {
        self.capabilities = capability_list(capabilities);
    }
}

/// Capabilities as the tables store them: each once, in the order of the domain enum.
pub(crate) fn capability_list(capabilities: &[Capability]) -> String {
    let mut capabilities = capabilities.to_vec();
    capabilities.sort_unstable();
    capabilities.dedup();
    json_list(&capabilities)
}

row! {
    /// A partner account with the fields that rules and imports need.
    pub struct AccountRow from p {
        pub id: PartnerKey => BigInt,
        pub tenant_id: Option<String> => Nullable<Text>,
        pub company_id: Option<CompanyKey> => Nullable<BigInt>,
        pub partner_type: PartnerType => Text,
        ..pub columns: PartnerColumns,
    }
}

impl AccountRow {
    /// Whether it holds its MPN ID. An undecided or rejected enrolment does not.
    #[must_use]
    pub fn bears_mpn_id(&self) -> bool {
        !matches!(self.vetting_status, VettingStatus::Pending | VettingStatus::Rejected)
    }

    /// Whether the account belongs to that tenant.
    #[must_use]
    pub fn is_of(&self, tenant_id: TenantId) -> bool {
        self.tenant_id.as_deref() == Some(&*tenant_id.to_string())
    }
}
