//! Customers, in the words that the caller may read.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::TenantId;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::scope::Scope;
use crate::sql::{Sql, sql};

/// A customer in the words of the caller's own record, or of the record that the caller sees it through.
#[derive(Debug, Clone, QueryableByName)]
#[allow(missing_docs)]
pub struct CustomerRow {
    #[diesel(sql_type = BigInt)]
    pub customer_id: i64,
    /// Whose record it is; `None` where no partner has one.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub partner_id: Option<i64>,
    #[diesel(sql_type = Text)]
    pub tenant_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub company_name: Option<String>,
    #[diesel(sql_type = Text)]
    pub name_sort: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub domain: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub domain_key: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub country: Option<String>,
    #[diesel(sql_type = Text)]
    pub tags: String,
    #[diesel(sql_type = Text)]
    pub custom_domains: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub associated_partner_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub acquisition: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub internal_use_of: Option<i64>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Timestamp)]
    pub created_at: NaiveDateTime,
    #[diesel(sql_type = Timestamp)]
    pub updated_at: NaiveDateTime,
}

/// What [`CustomerRow`] is read from; `k` is what [`Scope::customers`] gives.
pub(crate) const CUSTOMER_COLUMNS: &str = "k.customer_id, k.partner_id, k.tenant_id, k.company_name, k.name_sort, k.domain, k.domain_key, k.country, \
     k.tags, k.custom_domains, k.associated_partner_id, k.acquisition, k.internal_use_of, k.version, k.created_at, k.updated_at";

/// What a customer is looked up by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CustomerKey {
    /// Its row.
    Row(i64),
    /// Its directory.
    Tenant(TenantId),
    /// Its domain, as typed. Two directories may claim one; the older customer is found.
    Domain(String),
}

impl CustomerKey {
    fn condition(&self) -> Sql {
        match self {
            Self::Row(id) => sql("k.customer_id = ").bind(*id),
            Self::Tenant(id) => sql("k.tenant_id = ").bind(id.to_string()),
            Self::Domain(domain) => sql("k.domain_key = ").bind(partnergraph_domain::search_key(domain)),
        }
    }
}

/// The customer with that key that the caller sees.
///
/// # Errors
/// The database's.
pub fn find(conn: &mut Conn, scope: &Scope, key: &CustomerKey) -> StoreResult<Option<CustomerRow>> {
    conn.row(
        &sql("SELECT ")
            .push(CUSTOMER_COLUMNS)
            .push(" FROM ")
            .add(scope.customers())
            .push(" k WHERE ")
            .add(key.condition())
            .push(" ORDER BY k.customer_id LIMIT 1"),
    )
}

/// Those of these customers that the caller sees.
///
/// # Errors
/// The database's.
pub fn by_ids(conn: &mut Conn, scope: &Scope, ids: &[i64]) -> StoreResult<Vec<CustomerRow>> {
    let ids = crate::sql::ids(conn.backend(), ids);
    conn.rows(
        &sql("SELECT ")
            .push(CUSTOMER_COLUMNS)
            .push(" FROM ")
            .add(scope.customers())
            .push(" k WHERE k.customer_id IN (SELECT up.id FROM ")
            .add(ids)
            .push(")"),
    )
}
