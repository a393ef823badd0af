//! Customers, with the values that the caller can read.

use chrono::NaiveDateTime;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use partnergraph_domain::{Cloud, CustomerKey, PartnerKey, RelationshipToPartner, TenantId, Via};

use crate::columns::CustomerRecordColumns;
pub use crate::columns::customer_record::CustomerOrder;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{CustomerTerm, Filter, shared_with, via_condition};
use crate::read::page::{List, Order};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, ids, sql};

row! {
    /// A customer with the values of the caller's own record, or of the record through which the caller sees it: a row of
    /// [`Scope::customers`].
    pub struct CustomerRow from k {
        pub customer_id: CustomerKey => BigInt,
        /// The partner whose record it is; `None` if no partner has one.
        pub partner_id: Option<PartnerKey> => Nullable<BigInt>,
        pub tenant_id: String => Text,
        pub name_sort: String => Text,
        pub domain_key: Option<String> => Nullable<Text>,
        pub internal_use_of: Option<PartnerKey> => Nullable<BigInt>,
        /// The caller's level of access: 1 through a relationship, 2 through an account association, 3 through single
        /// subscriptions only.
        pub level: i64 => BigInt = "CAST(k.level AS BIGINT)",
        /// The cloud of its tenant; there is always one.
        pub cloud: Option<Cloud> => Nullable<Text> = "(SELECT t.cloud FROM tenants t WHERE t.tenant_id = k.tenant_id)",
        /// The calling partner's relationship with it; `None` if there is none. For the customer itself and for operators, that of the partner
        /// whose record they read.
        pub relationship_to_partner: Option<RelationshipToPartner> => Nullable<Text> =
            "(SELECT rr.relationship_to_partner FROM reseller_relationships rr WHERE rr.customer_id = k.customer_id \
             AND rr.removed_at IS NULL AND rr.partner_id = k.viewer_id)",
        /// Whether the same partner has an active grant of delegated admin privileges.
        pub allow_delegated_access: bool => Bool =
            "EXISTS (SELECT 1 FROM delegated_admin_grants g WHERE g.customer_id = k.customer_id AND g.revoked_at IS NULL \
             AND (g.end_at IS NULL OR g.end_at > CURRENT_TIMESTAMP) AND g.partner_id = k.viewer_id)",
        pub version: i64 => BigInt,
        pub created_at: NaiveDateTime => Timestamp,
        pub updated_at: NaiveDateTime => Timestamp,
        ..pub columns: CustomerRecordColumns,
    }
}

/// A key to look up a customer by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CustomerBy {
    /// Its row key.
    Row(CustomerKey),
    /// Its tenant id.
    Tenant(TenantId),
    /// Its domain, as entered. If two tenants claim it, the older customer is found.
    Domain(String),
}

impl CustomerBy {
    fn condition(&self) -> Sql {
        match self {
            Self::Row(id) => sql("k.customer_id = ").bind(*id),
            Self::Tenant(id) => sql("k.tenant_id = ").bind(id.to_string()),
            Self::Domain(domain) => sql("k.domain_key = ").bind(partnergraph_domain::search_key(domain)),
        }
    }
}

/// The customer with that key, if the caller sees it.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, scope: &Scope, key: &CustomerBy) -> StoreResult<Option<CustomerRow>> {
    conn.row(&selected(scope.customers(), key.condition()).push(" ORDER BY k.customer_id LIMIT 1"))
}

/// The customers with these tenant ids that the caller sees, and those that it left (D-06).
///
/// # Errors
/// Any database error.
pub fn by_tenants(conn: &mut Conn, scope: &Scope, tenants: &[TenantId]) -> StoreResult<Vec<CustomerRow>> {
    seen_or_left(conn, scope, tenants.len(), |_| sql("k.tenant_id IN ").list(tenants.iter().map(ToString::to_string)))
}

/// The customers with these keys that the caller sees.
///
/// # Errors
/// Any database error.
pub fn by_ids(conn: &mut Conn, scope: &Scope, customer_ids: &[CustomerKey]) -> StoreResult<Vec<CustomerRow>> {
    let among = among(conn, customer_ids);
    conn.rows(&selected(scope.customers(), among))
}

/// The customers with these keys that the caller sees, and those that it left (D-06).
///
/// # Errors
/// Any database error.
pub fn read_by_ids(conn: &mut Conn, scope: &Scope, customer_ids: &[CustomerKey]) -> StoreResult<Vec<CustomerRow>> {
    seen_or_left(conn, scope, customer_ids.len(), |conn| among(conn, customer_ids))
}

/// Only if some are not among those that the caller sees are those looked up that it left.
fn seen_or_left(
    conn: &mut Conn,
    scope: &Scope,
    wanted: usize,
    condition: impl Fn(&Conn) -> Sql,
) -> StoreResult<Vec<CustomerRow>> {
    let among = condition(conn);
    let mut rows: Vec<CustomerRow> = conn.rows(&selected(scope.customers(), among.clone()))?;
    if rows.len() < wanted && scope.partner_id().is_some() {
        rows.extend(conn.rows::<CustomerRow>(&selected(scope.former_customers(), among))?);
    }
    Ok(rows)
}

fn among(conn: &Conn, customer_ids: &[CustomerKey]) -> Sql {
    sql("k.customer_id IN (SELECT up.id FROM ").add(ids(conn.backend(), customer_ids)).push(")")
}

fn selected(from: Sql, condition: Sql) -> Sql {
    sql("SELECT ").push(CustomerRow::selected()).push(" FROM ").add(from).push(" k WHERE ").add(condition)
}

/// The customers that the caller left and that match (D-01). Only their identity is open.
pub fn former(scope: &Scope, filter: &Filter<CustomerTerm>, order: Order<CustomerOrder>) -> List<CustomerOrder> {
    of(scope.former_customers(), filter.on_customers(scope).of("k"), order)
}

/// The customers that the caller sees and that match.
///
/// The most frequent query, a provider's customers of one of its resellers, is driven by their shared customers: an index range
/// in name order. It takes one more small statement to find the reseller with the MPN ID.
///
/// # Errors
/// Any database error.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter<CustomerTerm>,
    order: Order<CustomerOrder>,
) -> StoreResult<List<CustomerOrder>> {
    if let Some((mpn_id, via, rest)) = filter.by_reseller()
        && scope.is_provider()
        && let Some(provider_id) = scope.partner_id()
    {
        let found = reseller_of_mpn_id(conn, provider_id, &mpn_id)?;
        return Ok(match found.and_then(|reseller_id| scope.customers_of_reseller(reseller_id)) {
            Some(shared) => of(shared, rest.on_customers(scope).of("k").add(via_condition(via).of("k")), order),
            None => of(scope.customers(), sql("1 = 0"), order),
        });
    }
    Ok(of(scope.customers(), filter.on_customers(scope).of("k"), order))
}

fn of(from: Sql, condition: Sql, order: Order<CustomerOrder>) -> List<CustomerOrder> {
    List::new(CustomerRow::selected(), (from.push(" k"), "k"), condition, order)
}

/// The reseller with that MPN ID with which the provider shares customers. Other partners that the provider sees are irrelevant
/// here.
fn reseller_of_mpn_id(conn: &mut Conn, provider_id: PartnerKey, mpn_id: &str) -> StoreResult<Option<PartnerKey>> {
    let statement = sql("SELECT p.id FROM partners p WHERE p.mpn_id = ")
        .bind(mpn_id.trim().to_lowercase())
        .push(" AND p.removed_at IS NULL AND EXISTS (SELECT 1 FROM reseller_customers rc WHERE rc.reseller_id = p.id AND rc.provider_id = ")
        .bind(provider_id)
        .push(") LIMIT 1");
    Ok(conn.keys(&statement)?.into_iter().next())
}

/// The customers that a provider and a reseller share (C-28), below a partnership with the key `up.id`, that the caller sees.
pub fn of_partnerships(scope: &Scope, order: Order<CustomerOrder>) -> List<CustomerOrder> {
    // CROSS JOIN only affects SQLite's join order: start from the few customers that the two share, not from all that the caller
    // sees, which are in name order as well.
    let from = sql("(SELECT ps.id AS partnership_id, kk.* FROM partnerships ps JOIN reseller_customers rc \
         ON rc.provider_id = ps.provider_id AND rc.reseller_id = ps.reseller_id CROSS JOIN ")
    .add(scope.customers())
    .push(" kk WHERE kk.customer_id = rc.customer_id AND ")
    .add(shared_with(scope).of("rc"))
    .push(")");
    of(from, sql("k.partnership_id = up.id"), order)
}

/// The customers that the complete lists of a run with the key `up.id` lack, as far as the caller still sees them. The caller must
/// already be known to see the run.
pub fn absent_from_runs(scope: &Scope, order: Order<CustomerOrder>) -> List<CustomerOrder> {
    // CROSS JOIN as in `of_partnerships`: start from what is absent.
    let from =
        sql("(SELECT ia.run_id, kk.* FROM import_absences ia JOIN customers ac ON ac.tenant_id = ia.key CROSS JOIN ")
            .add(scope.customers())
            .push(" kk WHERE kk.customer_id = ac.id AND ia.entity = 'CUSTOMER')");
    of(from, sql("k.run_id = up.id"), order)
}

/// Converts to `via`, the way in which they are connected; for edges.
#[must_use]
pub fn via_of(by_account: bool, subscription_count: i64) -> Via {
    match (by_account, subscription_count > 0) {
        (true, true) => Via::Any,
        (true, false) => Via::Account,
        (false, _) => Via::Subscription,
    }
}
