//! Data for CSV exports: whole lists in pieces, ordered by key, so that memory does not grow with their length.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use partnergraph_domain::{
    AuditEventKey, CountryCode, CustomerKey, PartnershipKey, PartnershipState, SubscriptionKey, SubscriptionStatus,
};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::history::{self, EventRow};
use crate::scope::Scope;
use crate::sql::{Sql, sql};

/// The maximum number of rows of a piece.
pub const PIECE: i64 = 2_000;

/// A line of the customer export.
#[derive(Debug, Clone, QueryableByName)]
pub struct CustomerLine {
    /// Its key; the next piece begins after it.
    #[diesel(sql_type = BigInt)]
    pub id: CustomerKey,
    /// Its tenant id.
    #[diesel(sql_type = Text)]
    pub tenant_id: String,
    /// Its name, if known.
    #[diesel(sql_type = Nullable<Text>)]
    pub company_name: Option<String>,
    /// Its domain, if known.
    #[diesel(sql_type = Nullable<Text>)]
    pub domain: Option<String>,
    /// Its tags: a JSON list.
    #[diesel(sql_type = Text)]
    pub tags: String,
    /// Whether the exporting partner has its own relationship with it.
    #[diesel(sql_type = Bool)]
    pub related: bool,
}

/// The customers that the caller sees, after the row `after` if one is given.
///
/// # Errors
/// Any database error.
pub fn customers(conn: &mut Conn, scope: &Scope, after: Option<CustomerKey>) -> StoreResult<Vec<CustomerLine>> {
    conn.rows(
        &sql("SELECT k.customer_id AS id, k.tenant_id, k.company_name, k.domain, k.tags, k.level = 1 AS related FROM ")
            .add(scope.customers())
            .push(" k WHERE k.customer_id > ")
            .bind(after.map_or(0, CustomerKey::get))
            .push(" ORDER BY k.customer_id LIMIT ")
            .bind(PIECE),
    )
}

/// A line of the subscription export.
#[derive(Debug, Clone, QueryableByName)]
pub struct SubscriptionLine {
    /// Its key; the next piece begins after it.
    #[diesel(sql_type = BigInt)]
    pub id: SubscriptionKey,
    /// Its subscription id.
    #[diesel(sql_type = Text)]
    pub subscription_id: String,
    /// Its friendly name, else that of its offer.
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    /// Number of licences; `None` if it is usage-based.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub quantity: Option<i64>,
    /// Its status.
    #[diesel(sql_type = Text)]
    pub status: SubscriptionStatus,
    /// The MPN ID of its partner of record.
    #[diesel(sql_type = Nullable<Text>)]
    pub reseller: Option<String>,
}

/// The subscriptions that the caller sees, after the row `after` if one is given; only those of one customer if its tenant id is
/// given.
///
/// # Errors
/// Any database error.
pub fn subscriptions(
    conn: &mut Conn,
    scope: &Scope,
    customer: Option<&str>,
    after: Option<SubscriptionKey>,
) -> StoreResult<Vec<SubscriptionLine>> {
    let narrowed = match customer {
        Some(tenant_id) => {
            sql(" AND s.customer_id IN (SELECT c.id FROM customers c WHERE c.tenant_id = ").bind(tenant_id).push(")")
        }
        None => Sql::default(),
    };
    conn.rows(
        &sql("SELECT s.id, s.subscription_id, COALESCE(s.friendly_name, s.offer_name) AS name, s.quantity, s.status, \
              (SELECT p.mpn_id FROM partners p WHERE p.id = s.reseller_id AND (")
        // Resellers of the same customer must not learn of each other (B-14).
        .add(scope.sees_partner().of("p"))
        .push(")) AS reseller FROM subscriptions s WHERE ")
        .add(scope.sees_subscription().of("s"))
        .add(narrowed)
        .push(" AND s.id > ")
        .bind(after.map_or(0, SubscriptionKey::get))
        .push(" ORDER BY s.id LIMIT ")
        .bind(PIECE),
    )
}

/// A line of a provider's reseller export.
#[derive(Debug, Clone, QueryableByName)]
pub struct ResellerLine {
    /// The partnership's key; the next piece begins after it.
    #[diesel(sql_type = BigInt)]
    pub id: PartnershipKey,
    /// Its country; unknown for one that was created by an import.
    #[diesel(sql_type = Nullable<Text>)]
    pub country: Option<CountryCode>,
    /// Its MPN ID.
    #[diesel(sql_type = Nullable<Text>)]
    pub mpn_id: Option<String>,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its tenant id.
    #[diesel(sql_type = Nullable<Text>)]
    pub tenant_id: Option<String>,
    /// The state of the partnership.
    #[diesel(sql_type = Text)]
    pub state: PartnershipState,
}

/// The resellers with a live partnership with the provider, after the partnership `after` if one is given.
///
/// # Errors
/// Any database error.
pub fn resellers(conn: &mut Conn, scope: &Scope, after: Option<PartnershipKey>) -> StoreResult<Vec<ResellerLine>> {
    let Some(provider) = scope.partner_id() else { return Ok(Vec::new()) };
    conn.rows(
        &sql("SELECT ps.id, p.country, p.mpn_id, p.name, p.tenant_id, ps.state FROM partnerships ps \
              JOIN partners p ON p.id = ps.reseller_id AND p.removed_at IS NULL \
              WHERE ps.removed_at IS NULL AND ps.state IN ('ACTIVE', 'IMPORTED') AND ps.provider_id = ")
        .bind(provider)
        .push(" AND ps.id > ")
        .bind(after.map_or(0, PartnershipKey::get))
        .push(" ORDER BY ps.id LIMIT ")
        .bind(PIECE),
    )
}

/// An event of the activity export.
#[derive(Debug, Clone, QueryableByName)]
pub struct ActivityLine {
    /// The event. The next piece begins after it.
    #[diesel(embed)]
    pub event: EventRow,
    /// The customer: its name in the partner's own record, even after the relationship has ended; else the name that the partner
    /// sees or knew; else its tenant id.
    #[diesel(sql_type = Nullable<Text>)]
    pub customer: Option<String>,
    /// The MPN ID of the other partner, if the caller sees it.
    #[diesel(sql_type = Nullable<Text>)]
    pub partner: Option<String>,
}

/// A half-open period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// The start, inclusive.
    pub from: Option<NaiveDateTime>,
    /// The end, exclusive.
    pub before: Option<NaiveDateTime>,
}

/// The records of a period that the caller sees, newest first, before the record `before` if one is given.
///
/// # Errors
/// Any database error.
pub fn activity(
    conn: &mut Conn,
    scope: &Scope,
    period: Period,
    before: Option<AuditEventKey>,
) -> StoreResult<Vec<ActivityLine>> {
    let newest = || sql(" ORDER BY ev.id DESC LIMIT ").bind(PIECE);
    let parts = history::sources(scope).into_iter().map(|(from, condition)| {
        let mut part = sql("SELECT ")
            .push(history::COLUMNS)
            .push(", COALESCE(ev.own_customer_name, (SELECT k.company_name FROM ")
            .add(scope.customers())
            .push(
                " k WHERE k.customer_id = ev.customer_id), ev.customer_tenant_id) AS customer, \
                 (SELECT p.mpn_id FROM partners p WHERE p.id = ev.partner_id AND (",
            )
            .add(scope.sees_partner().of("p"))
            .push(")) AS partner FROM ")
            .add(from)
            .push(" WHERE ")
            .add(condition);
        if let Some(from) = period.from {
            part = part.push(" AND ev.operation_date >= ").bind(from);
        }
        if let Some(end) = period.before {
            part = part.push(" AND ev.operation_date < ").bind(end);
        }
        if let Some(before) = before {
            part = part.push(" AND ev.id < ").bind(before);
        }
        sql("SELECT * FROM (").add(part).add(newest()).push(") part")
    });
    conn.rows(&sql("SELECT ev.* FROM (").add(Sql::join(parts, " UNION ALL ")).push(") ev").add(newest()))
}
