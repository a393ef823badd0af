use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use partnergraph_domain::{CountryCode, CustomerKey, ImportSourceKey, PartnerKey, RelationshipToPartner, TenantKind};

use super::{Listed, StoredBaseline};
use crate::columns::CustomerRecordRow;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::row::row;
use crate::sql::sql;

row! {
    /// A tenant, its customer if it is one, and the partner's record of that customer.
    pub struct StoredCustomer {
        /// The key that the rows are ordered by.
        pub tenant_id: String => Text,
        /// Whether it is a partner's or a customer's tenant.
        pub kind: TenantKind => Text,
        /// The customer's key, if the tenant is a customer.
        pub customer_id: Option<CustomerKey> => Nullable<BigInt>,
        /// The country that the customer or an operator set.
        pub own_country: Option<CountryCode> => Nullable<Text>,
        /// The live relationship with the partner.
        pub relationship: Option<RelationshipToPartner> => Nullable<Text>,
        /// When a relationship with the partner was last ended.
        pub relationship_removed_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        /// Whether the partner's imports have proved the customer's agreement (C-32).
        pub agreement_proven: bool => Bool,
        ..pub record: Option<CustomerRecordRow>,
    }
}

/// Tenants from a tenant id on, with what the partner knows of them.
///
/// # Errors
/// Any database error.
pub fn customers(conn: &mut Conn, partner_id: PartnerKey, from: &str, limit: i64) -> StoreResult<Vec<StoredCustomer>> {
    conn.rows(
        &sql("SELECT t.tenant_id, t.kind, c.id AS customer_id, c.country AS own_country, rr.relationship_to_partner AS relationship, \
              (SELECT MAX(ended.removed_at) FROM reseller_relationships ended WHERE ended.customer_id = c.id AND ended.partner_id = ")
        .bind(partner_id)
        .push(
            ") AS relationship_removed_at, EXISTS (SELECT 1 FROM customer_agreements ag WHERE ag.customer_id = c.id AND \
             ag.evidence = 'PORTAL' AND ag.partner_id = ",
        )
        .bind(partner_id)
        .push(") AS agreement_proven, ")
        .push(CustomerRecordRow::selected())
        // The tenants are limited before anything is joined to them; otherwise PostgreSQL would scan the customers from the first
        // one on.
        .push(" FROM (SELECT tenant_id, kind FROM tenants WHERE tenant_id >= ")
        .bind(from)
        .push(" ORDER BY tenant_id LIMIT ")
        .bind(limit)
        .push(") t LEFT JOIN customers c ON c.tenant_id = t.tenant_id \
              LEFT JOIN customer_records r ON r.customer_id = c.id AND r.partner_id = ")
        .bind(partner_id)
        .push(" LEFT JOIN reseller_relationships rr ON rr.customer_id = c.id AND rr.removed_at IS NULL AND rr.partner_id = ")
        .bind(partner_id)
        .push(" ORDER BY t.tenant_id"),
    )
}

/// The baselines of the partner's sources for the customers between two tenant ids, inclusive, ordered by customer and source.
///
/// # Errors
/// Any database error.
pub fn customer_baselines(
    conn: &mut Conn,
    partner_id: PartnerKey,
    from: &str,
    to: &str,
) -> StoreResult<Vec<StoredBaseline<CustomerKey>>> {
    conn.rows(
        &sql("SELECT b.entity_id, b.source_id, b.as_of, b.fields, b.absent_since_run FROM customers c \
              CROSS JOIN import_baselines b CROSS JOIN import_sources s WHERE b.entity = 'C' AND b.entity_id = c.id \
              AND s.id = b.source_id AND s.partner_id = ")
        .bind(partner_id)
        .push(" AND c.tenant_id >= ")
        .bind(from)
        .push(" AND c.tenant_id <= ")
        .bind(to)
        .push(" ORDER BY b.entity_id, b.source_id"),
    )
}

/// The customers that a source has listed, from a tenant id on.
///
/// # Errors
/// Any database error.
pub fn listed_customers(
    conn: &mut Conn,
    source_id: ImportSourceKey,
    after: &str,
    limit: i64,
) -> StoreResult<Vec<Listed<CustomerKey>>> {
    conn.rows(
        &sql(
            "SELECT c.id AS entity_id, c.tenant_id AS key, c.tenant_id, b.as_of, b.fields, b.absent_since_run FROM customers c \
              CROSS JOIN import_baselines b WHERE b.entity = 'C' AND b.entity_id = c.id AND b.source_id = ",
        )
        .bind(source_id)
        .push(" AND c.tenant_id > ")
        .bind(after)
        .push(" ORDER BY c.tenant_id LIMIT ")
        .bind(limit),
    )
}

/// A stored record with one of the given domains.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct DomainClaimant {
    /// The domain.
    #[diesel(sql_type = Text)]
    pub domain_key: String,
    /// Whose it is said to be.
    #[diesel(sql_type = Text)]
    pub tenant_id: String,
}

/// The maximum number of domains for [`domain_claimants`].
pub const DOMAINS_AT_ONCE: usize = 200;

/// The partner's customers that claim these domains. There must be at least one domain.
///
/// # Errors
/// Any database error.
pub fn domain_claimants(
    conn: &mut Conn,
    partner_id: PartnerKey,
    domain_keys: &[&str],
) -> StoreResult<Vec<DomainClaimant>> {
    let mut statement =
        sql("SELECT r.domain_key, c.tenant_id FROM customer_records r JOIN customers c ON c.id = r.customer_id \
         WHERE r.partner_id = ")
        .bind(partner_id)
        .push(" AND r.domain_key IN (");
    // Padded with the last domain, so that the statement is the same for any number.
    let last = domain_keys.last().into_iter().cycle();
    for (index, key) in domain_keys.iter().chain(last).take(DOMAINS_AT_ONCE).enumerate() {
        statement = statement.push(if index > 0 { ", " } else { "" }).bind(*key);
    }
    conn.rows(&statement.push(") ORDER BY r.domain_key, c.tenant_id"))
}
