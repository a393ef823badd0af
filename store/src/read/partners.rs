//! Partner accounts.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use partnergraph_domain::{CustomerKey, MpnId, PartnerKey, PartnerType, TenantId};

pub use crate::columns::partner::PartnerOrder;
use crate::columns::{PartnerColumns, Profile};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{Filter, PartnerTerm, shared_with};
use crate::read::page::{List, Order};
use crate::read::row::{Columns, Narrow, Wanted, row};
use crate::scope::Scope;
use crate::sql::{Sql, ids, sql};

row! {
    /// A partner account, as every caller that sees it can read it.
    pub struct PartnerRow from p {
        pub id: PartnerKey => BigInt,
        pub tenant_id: Option<String> => Nullable<Text>,
        pub partner_type: PartnerType => Text,
        pub name_sort: String => Text,
        pub mpa_signed: bool => Bool = "EXISTS (SELECT 1 FROM partner_agreements ag WHERE ag.partner_id = p.id AND ag.ended_at IS NULL)",
        pub company: Option<String> => Nullable<Text> = "(SELECT co.name FROM companies co WHERE co.id = p.company_id)",
        pub version: i64 => BigInt,
        pub created_at: NaiveDateTime => Timestamp,
        pub updated_at: NaiveDateTime => Timestamp,
        ..pub columns: PartnerColumns,
        ..and pub profile: Profile,
    }
}

/// A key to look up a partner by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartnerBy {
    /// Its row key.
    Row(PartnerKey),
    /// Its tenant id. A tenant can have a direct-bill and a reseller account (T-01); the older one is found.
    Tenant(TenantId),
    /// Its MPN ID.
    Mpn(MpnId),
}

impl PartnerBy {
    /// Converts to a condition on `partners p`.
    pub(crate) fn condition(self) -> Sql {
        match self {
            Self::Row(id) => sql("p.id = ").bind(id),
            Self::Tenant(id) => sql("p.tenant_id = ").bind(id.to_string()),
            Self::Mpn(id) => sql("p.mpn_id = ").bind(id.to_string()),
        }
    }
}

/// The order of preference of accounts that match: a decided account before a pending or rejected enrolment, and the older one of
/// these. A company can have a reseller and a direct-bill account with one MPN ID and in one tenant (T-01), and a pending enrolment
/// can exist beside the placeholder that it will take over.
pub(crate) const STANDING_FIRST: &str = "CASE WHEN p.vetting_status IN ('PENDING', 'REJECTED') THEN 1 ELSE 0 END, p.id";

/// The account, if the caller sees it.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, scope: &Scope, key: PartnerBy) -> StoreResult<Option<PartnerRow>> {
    conn.row(&matching(scope, key).push(" LIMIT 1"))
}

/// All accounts with that key that the caller sees, in order of preference.
///
/// # Errors
/// Any database error.
pub fn find_all(conn: &mut Conn, scope: &Scope, key: PartnerBy) -> StoreResult<Vec<PartnerRow>> {
    conn.rows(&matching(scope, key))
}

fn matching(scope: &Scope, key: PartnerBy) -> Sql {
    sql("SELECT ")
        .push(PartnerRow::selected())
        .push(" FROM partners p WHERE ")
        .add(key.condition())
        .push(" AND (")
        .add(scope.sees_partner().of("p"))
        .push(") ORDER BY ")
        .push(STANDING_FIRST)
}

/// The partner accounts of a tenant that the caller sees. A tenant can have one account of each type (T-01).
///
/// # Errors
/// Any database error.
pub fn by_tenant(conn: &mut Conn, scope: &Scope, tenant_id: TenantId) -> StoreResult<Vec<PartnerRow>> {
    conn.rows(
        &sql("SELECT ")
            .push(PartnerRow::selected())
            .push(" FROM partners p WHERE ")
            .add(PartnerBy::Tenant(tenant_id).condition())
            .push(" AND (")
            .add(scope.sees_partner().of("p"))
            .push(") ORDER BY p.id"),
    )
}

/// The partner accounts with these keys that the caller sees.
///
/// # Errors
/// Any database error.
pub fn by_ids(conn: &mut Conn, scope: &Scope, partner_ids: &[PartnerKey]) -> StoreResult<Vec<PartnerRow>> {
    read_by_ids(conn, scope, partner_ids, PartnerRow::selected().into())
}

/// Like [`by_ids`], with only these columns.
///
/// # Errors
/// Any database error.
pub fn by_ids_narrowed(
    conn: &mut Conn,
    scope: &Scope,
    partner_ids: &[PartnerKey],
    wanted: &Wanted,
) -> StoreResult<Vec<PartnerRow>> {
    read_by_ids(conn, scope, partner_ids, PartnerRow::narrowed(wanted))
}

fn read_by_ids(
    conn: &mut Conn,
    scope: &Scope,
    partner_ids: &[PartnerKey],
    columns: Columns,
) -> StoreResult<Vec<PartnerRow>> {
    let read = |conn: &mut Conn, partner_ids: &[PartnerKey], seen: Sql| {
        let statement = sql("SELECT ")
            .push(columns.text.clone())
            .push(" FROM partners p WHERE p.id IN (SELECT up.id FROM ")
            .add(ids(conn.backend(), partner_ids))
            .push(") AND (")
            .add(seen)
            .push(")");
        conn.narrow_rows(&statement, columns.unselected)
    };
    // Most partners that rows refer to are the caller itself and its own partners, which is a quick check. Planning the check of
    // all ways of access takes longer than running it.
    let Some(known) = scope.is_own_or_partnered() else { return read(conn, partner_ids, scope.sees_partner().of("p")) };
    let mut rows: Vec<PartnerRow> = read(conn, partner_ids, known.of("p"))?;
    let known: HashSet<PartnerKey> = rows.iter().map(|row| row.id).collect();
    let others: Vec<PartnerKey> = partner_ids.iter().copied().filter(|id| !known.contains(id)).collect();
    if !others.is_empty() {
        rows.extend(read(conn, &others, scope.sees_partner().of("p"))?);
    }
    Ok(rows)
}

/// The partner accounts that the caller sees.
pub fn list(scope: &Scope, filter: &Filter<PartnerTerm>, order: Order<PartnerOrder>) -> List<PartnerOrder> {
    let condition = sql("(").add(scope.sees_partner().of("p")).push(") AND ").add(filter.on_partners().of("p"));
    List::new(PartnerRow::selected(), (sql("partners p"), "p"), condition, order)
}

/// The resellers of a customer with the key `up.id`, at account level or as partner of record, that the caller can know of: a
/// provider sees its own resellers there, a reseller sees itself (B-14).
pub fn resellers_of_customers(
    scope: &Scope,
    filter: &Filter<PartnerTerm>,
    order: Order<PartnerOrder>,
) -> List<PartnerOrder> {
    let shared = sql("rc.customer_id = up.id AND ").add(shared_with(scope).of("rc"));
    let rest = |condition: Sql| condition.push(" AND p.removed_at IS NULL AND ").add(filter.on_partners().of("p"));
    match scope {
        // A seller shares a customer with a reseller once, so that its rows can be joined, which is half the work.
        Scope::Partner { partner_type, .. } if *partner_type != PartnerType::IndirectReseller => {
            let from = sql("reseller_customers rc CROSS JOIN partners p");
            let condition = rest(shared.push(" AND p.id = rc.reseller_id"));
            List::new(PartnerRow::selected(), (from, "p"), condition, order).short()
        }
        _ => {
            let is_shared =
                sql("p.id IN (SELECT rc.reseller_id FROM reseller_customers rc WHERE ").add(shared).push(")");
            List::new(PartnerRow::selected(), (sql("partners p"), "p"), rest(is_shared), order)
        }
    }
}

/// How a reseller is connected to a customer.
#[derive(Debug, Clone, QueryableByName)]
#[allow(missing_docs)]
pub struct AssociationRow {
    #[diesel(sql_type = BigInt)]
    pub customer_id: CustomerKey,
    #[diesel(sql_type = BigInt)]
    pub reseller_id: PartnerKey,
    #[diesel(sql_type = Bool)]
    pub by_account: bool,
    #[diesel(sql_type = BigInt)]
    pub subscription_count: i64,
    #[diesel(sql_type = BigInt)]
    pub license_count: i64,
    #[diesel(sql_type = Bool)]
    pub tenant_owner: bool,
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub since: Option<NaiveDateTime>,
}

/// How the resellers of these customers are connected to them, as far as the caller can know. A reseller connected through
/// several providers is returned once: since the earliest date, and by account if any connection is.
///
/// # Errors
/// Any database error.
pub fn associations(conn: &mut Conn, scope: &Scope, customer_ids: &[CustomerKey]) -> StoreResult<Vec<AssociationRow>> {
    let statement = sql(
        "SELECT rc.customer_id, rc.reseller_id, MAX(CASE WHEN rc.by_account THEN 1 ELSE 0 END) = 1 AS by_account, \
         CAST(SUM(rc.subscription_count) AS BIGINT) AS subscription_count, \
         CAST(SUM(rc.license_count) AS BIGINT) AS license_count, \
         MAX(CASE WHEN a.tenant_owner THEN 1 ELSE 0 END) = 1 AS tenant_owner, \
         COALESCE(MIN(a.since), MIN(rr.since), (SELECT MIN(COALESCE(s.creation_date, s.created_at)) FROM subscriptions s \
         WHERE s.customer_id = rc.customer_id AND +s.reseller_id = rc.reseller_id AND s.removed_at IS NULL), \
         (SELECT MIN(e.created_at) FROM subscriptions s JOIN entitlements e ON e.subscription_pk = s.id \
         WHERE s.customer_id = rc.customer_id AND e.reseller_id = rc.reseller_id AND s.removed_at IS NULL)) AS since FROM ",
    )
    .add(ids(conn.backend(), customer_ids))
    .push(
        " JOIN reseller_customers rc ON rc.customer_id = up.id \
         LEFT JOIN customer_associations a ON a.provider_id = rc.provider_id AND a.customer_id = rc.customer_id \
         AND a.reseller_id = rc.reseller_id AND a.removed_at IS NULL \
         LEFT JOIN reseller_relationships rr ON rr.partner_id = rc.reseller_id AND rr.customer_id = rc.customer_id \
         AND rr.removed_at IS NULL WHERE ",
    )
    .add(shared_with(scope).of("rc"))
    .push(" GROUP BY rc.customer_id, rc.reseller_id");
    conn.rows(&statement)
}

/// The counts of a partner account, as far as the caller sees them.
#[derive(Debug, Clone, Copy, QueryableByName)]
#[allow(missing_docs)]
pub struct PartnerCounts {
    #[diesel(sql_type = BigInt)]
    pub partner_id: PartnerKey,
    #[diesel(sql_type = BigInt)]
    pub customers: i64,
    #[diesel(sql_type = BigInt)]
    pub subscriptions: i64,
    #[diesel(sql_type = BigInt)]
    pub licenses: i64,
}

/// The numbers of customers, live subscriptions and licences of each of these partner accounts, as seller or reseller, counting
/// only what the caller sees. Licences exclude trials, usage-based and deleted subscriptions.
///
/// # Errors
/// Any database error.
pub fn counts(conn: &mut Conn, scope: &Scope, partner_ids: &[PartnerKey]) -> StoreResult<Vec<PartnerCounts>> {
    // A page of a provider's resellers is counted from the derived pairs; everything else is counted from the base tables.
    if let Scope::Partner { id, partner_type: PartnerType::IndirectProvider } = scope
        && !partner_ids.contains(id)
    {
        let statement = sql("SELECT rc.reseller_id AS partner_id, COUNT(*) AS customers, \
                             CAST(SUM(rc.subscription_count) AS BIGINT) AS subscriptions, \
                             CAST(SUM(rc.license_count) AS BIGINT) AS licenses FROM ")
        .add(ids(conn.backend(), partner_ids))
        .push(" JOIN reseller_customers rc ON rc.reseller_id = up.id AND rc.provider_id = ")
        .bind(*id)
        .push(" GROUP BY rc.reseller_id");
        return conn.rows(&statement);
    }
    let subscriptions = || {
        sql(" FROM subscriptions s WHERE s.status <> 'DELETED' AND (s.seller_id = up.id OR s.reseller_id = up.id) AND ")
            .add(scope.sees_subscription().of("s"))
    };
    let statement = sql("SELECT up.id AS partner_id, (SELECT COUNT(*) FROM ")
        .add(scope.customers())
        .push(
            " k WHERE EXISTS (SELECT 1 FROM reseller_relationships rr WHERE rr.partner_id = up.id AND rr.customer_id = k.customer_id \
             AND rr.removed_at IS NULL) OR EXISTS (SELECT 1 FROM reseller_customers rc WHERE rc.reseller_id = up.id \
             AND rc.customer_id = k.customer_id AND ",
        )
        .add(shared_with(scope).of("rc"))
        .push(")) AS customers, (SELECT COUNT(*)")
        .add(subscriptions())
        // Counted separately: in one condition with the two columns, it would keep both databases from using their indexes.
        .push(
            ") + (SELECT COUNT(DISTINCT s.id) FROM entitlements e JOIN subscriptions s ON s.id = e.subscription_pk \
             WHERE e.reseller_id = up.id AND s.status <> 'DELETED' AND s.seller_id <> up.id \
             AND (s.reseller_id IS NULL OR s.reseller_id <> up.id) AND ",
        )
        .add(scope.sees_entitlement("e").of("s"))
        .push(
            ") AS subscriptions, CAST(COALESCE((SELECT SUM(CASE WHEN s.billing_type = 'USAGE' OR s.is_trial THEN 0 \
             ELSE COALESCE(s.quantity, 0) END)",
        )
        .add(subscriptions())
        .push("), 0) AS BIGINT) AS licenses FROM ")
        .add(ids(conn.backend(), partner_ids));
    conn.rows(&statement)
}
