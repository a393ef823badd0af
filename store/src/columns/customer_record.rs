use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use diesel::{AsChangeset, Insertable};
use partnergraph_domain::{AcquisitionChannel, CountryCode, CustomerRecordKey, search_key, sort_key};
use serde::{Deserialize, Serialize};

use super::columns;
use crate::read::customers::CustomerRow;
use crate::read::row::row;
use crate::schema::customer_records;

columns! {
    /// What a partner knows of a customer. When read, name, domain and country can be those that the customer set itself: `k` is
    /// the subquery of [`Scope::customers`](crate::scope::Scope::customers).
    ///
    /// A viewer who sees only the identity reads null for the rest, and a filter reveals no more than the field does (B-14).
    pub struct CustomerRecordColumns of customer_records k {
        /// As entered.
        company_name: Option<String> => Nullable<Text>, filter CompanyName: Key("@.name_key");
        /// As entered.
        domain: Option<String> => Nullable<Text>, filter Domain: Key("@.domain_key");
        /// Decides its market and region.
        country: Option<CountryCode> => Nullable<Text>, filter Country: Upper, order Country;
        /// The partner's tags: a JSON list.
        tags: String = "[]" => Text;
        /// Further domains of the tenant: a JSON list.
        custom_domains: String = "[]" => Text;
        /// The partner that the portal associates with the customer.
        associated_partner_id: Option<String> => Nullable<Text>,
            filter AssociatedPartnerId: Shown = "(CASE WHEN @.level < 3 THEN @.associated_partner_id END)";
        /// How the partner acquired the customer (C-27).
        acquisition: Option<AcquisitionChannel> => Nullable<Text>,
            filter Acquisition: Upper = "(CASE WHEN @.level < 3 THEN @.acquisition END)";
    }
    beside {
        name_sort => Text, order CompanyName;
        domain_key => Nullable<Text>, order Domain;
        region => Nullable<Text>, filter Region: Upper = "(SELECT m.region_code FROM markets m WHERE m.country = @.country)";
        tenant_id => Text, filter TenantId: Lower, order TenantId;
        version => BigInt, filter Version: Lower;
        created_at => Timestamp, filter CreatedAt: Lower, order CreatedAt;
        updated_at => Timestamp, filter UpdatedAt: Lower, order UpdatedAt;
    }
    /// A field of a customer.
    pub enum CustomerField;
    /// What customers can be ordered by.
    pub enum CustomerOrder of CustomerRow by customer_id;
}

/// The search and sort keys of a record, derived from its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Insertable, AsChangeset)]
#[diesel(table_name = customer_records, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct CustomerRecordKeys {
    /// For searching.
    pub name_key: String,
    /// For ordering; customers without a name come last.
    pub name_sort: String,
    /// For searching and ordering.
    pub domain_key: Option<String>,
}

impl CustomerRecordColumns {
    /// The search and sort keys of a record with these columns.
    #[must_use]
    pub fn keys(&self) -> CustomerRecordKeys {
        let name = self.company_name.as_deref();
        CustomerRecordKeys {
            name_key: name.map(search_key).unwrap_or_default(),
            name_sort: sort_key(name),
            domain_key: self.domain.as_deref().map(search_key),
        }
    }
}

row! {
    /// A partner's stored record of a customer.
    pub struct CustomerRecordRow from r {
        pub id: CustomerRecordKey => BigInt,
        pub version: i64 => BigInt,
        /// The rules that the customer breaks, if an import accepted it nevertheless.
        pub new_business_blocked: Option<String> => Nullable<Text>,
        ..pub columns: CustomerRecordColumns,
    }
}
