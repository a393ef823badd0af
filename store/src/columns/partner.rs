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
use crate::read::row::{row, words_of};
use crate::schema::partners;
use crate::write::json_list;

columns! {
    /// Where a partner account stands in the programme.
    pub struct PartnerColumns of partners p {
        /// Decides its market and region.
        country: Option<CountryCode> => Nullable<Text>, filter Country: Upper;
        /// The cloud that its tenant lives in.
        cloud: Cloud => Text, filter Cloud: Upper;
        /// The location account that counts on transactions.
        mpn_id: Option<String> => Nullable<Text>, filter MpnId: Lower;
        /// The company's global account, which does not.
        global_mpn_id: Option<String> => Nullable<Text>, filter GlobalMpnId: Lower;
        /// Whether it has an account in Partner Center; a placeholder has none.
        onboarded: bool => Bool, filter Onboarded: Lower;
        /// Whether its enrolment was authorised.
        enrolled: bool => Bool;
        /// How far the review of its enrolment is.
        vetting_status: VettingStatus => Text, filter VettingStatus: Upper;
        /// What the review waits for, or what it failed on.
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
    /// A property of a partner account.
    pub enum PartnerField;
    /// What partner accounts can be ordered by.
    pub enum PartnerOrder of PartnerRow by id;
}

columns! {
    /// What a partner account says of itself.
    pub struct Profile of partners {
        /// As the lists show it; a placeholder is called by its MPN ID.
        name: String => Text;
        /// What it offers or is able to do: a list of words as JSON.
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
        /// Where its primary contact gets mail.
        contact_email: Option<String> => Nullable<Text>;
        /// The telephone number of its primary contact.
        contact_phone: Option<String> => Nullable<Text>;
        /// Where customers find its support.
        support_email: Option<String> => Nullable<Text>;
        /// The same by telephone.
        support_telephone: Option<String> => Nullable<Text>;
        /// The same on the web.
        support_website: Option<String> => Nullable<Text>;
    }
}

/// What a partner account is found and ordered by, which follows from its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Insertable, AsChangeset)]
#[diesel(table_name = partners)]
pub struct PartnerKeys {
    /// For searching.
    pub name_key: String,
    /// For ordering.
    pub name_sort: String,
}

impl Profile {
    /// What an account with this profile is found and ordered by.
    #[must_use]
    pub fn keys(&self) -> PartnerKeys {
        PartnerKeys { name_key: search_key(&self.name), name_sort: sort_key(Some(&self.name)) }
    }

    /// What the partner offers or is able to do.
    ///
    /// # Errors
    /// [`crate::StoreError::Value`] for a word of another program.
    pub fn capabilities(&self) -> StoreResult<Vec<Capability>> {
        Ok(words_of(&self.capabilities)?)
    }

    /// States what the partner offers or is able to do.
    pub fn set_capabilities(&mut self, capabilities: &[Capability]) {
        self.capabilities = capability_words(capabilities);
    }
}

/// The words of capabilities as the tables keep them: each once, in the order of the domain.
pub(crate) fn capability_words(capabilities: &[Capability]) -> String {
    let mut capabilities = capabilities.to_vec();
    capabilities.sort_unstable();
    capabilities.dedup();
    json_list(&capabilities)
}

row! {
    /// A partner account as the rules and an import ask for it.
    pub struct AccountRow from p {
        pub id: PartnerKey => BigInt,
        pub tenant_id: Option<String> => Nullable<Text>,
        pub company_id: Option<CompanyKey> => Nullable<BigInt>,
        pub partner_type: PartnerType => Text,
        ..pub columns: PartnerColumns,
    }
}

impl AccountRow {
    /// Whether it bears its MPN ID: an enrolment that is not decided, or was turned down, does not take it.
    #[must_use]
    pub fn bears_mpn_id(&self) -> bool {
        !matches!(self.vetting_status, VettingStatus::Pending | VettingStatus::Rejected)
    }

    /// Whether it is one of that tenant's own.
    #[must_use]
    pub fn is_of(&self, tenant_id: TenantId) -> bool {
        self.tenant_id.as_deref() == Some(&*tenant_id.to_string())
    }
}
