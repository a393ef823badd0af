//! Delegated admin grants: a partner's inventory, a customer's, and all of them for operators. Ended grants are included.
//!
//! A grant outlives the relationship. Its holder can then read the customer's tenant and name with it, but nothing else of the
//! customer (D-05).

use chrono::{Duration, NaiveDateTime};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use partnergraph_domain::rules::customer::INACTIVE_AFTER_DAYS;
use partnergraph_domain::{CustomerKey, GrantKey, GrantKind, PartnerKey};
use serde::Serialize;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{Filter, GrantTerm};
use crate::read::page::{List, Order, OrderField};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, Value, sql};

row! {
    /// A grant, with the data of the customer that its holder can always read.
    pub struct GrantRow {
        pub id: GrantKey => BigInt,
        pub partner_id: PartnerKey => BigInt,
        pub customer_id: CustomerKey => BigInt,
        pub tenant_id: String => Text,
        pub company_name: Option<String> => Nullable<Text>,
        pub kind: GrantKind => Text,
        pub scope: Option<String> => Nullable<Text>,
        /// Whether it is active at the time of reading.
        pub granted: bool => Bool,
        /// Whether it is active but has not been used for a long time.
        pub inactive: bool => Bool,
        pub granted_at: NaiveDateTime => Timestamp,
        pub end_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub revoked_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub last_sign_in_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub partner_agent_count: Option<i64> => Nullable<BigInt>,
        pub partner_sign_in_count: Option<i64> => Nullable<BigInt>,
        pub global_admin_sign_in_count: Option<i64> => Nullable<BigInt>,
        pub version: i64 => BigInt,
        pub created_at: NaiveDateTime => Timestamp,
        pub updated_at: NaiveDateTime => Timestamp,
    }
}

const COLUMNS: &str = "dg.id, dg.partner_id, dg.customer_id, dg.tenant_id, dg.company_name, dg.kind, dg.scope, dg.granted, \
     dg.inactive, dg.granted_at, dg.end_at, dg.revoked_at, dg.last_sign_in_at, dg.partner_agent_count, \
     dg.partner_sign_in_count, dg.global_admin_sign_in_count, dg.version, dg.created_at, dg.updated_at";

/// What grants can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum GrantOrder {
    Row,
    GrantedAt,
    RevokedAt,
    EndDateTime,
    LastSignInDateTime,
}

impl OrderField for GrantOrder {
    type Row = GrantRow;
    const UNIQUE: Self = Self::Row;

    fn column(self) -> &'static str {
        match self {
            Self::Row => "dg.id",
            Self::GrantedAt => "dg.granted_at",
            Self::RevokedAt => "dg.revoked_at",
            Self::EndDateTime => "dg.end_at",
            Self::LastSignInDateTime => "dg.last_sign_in_at",
        }
    }

    fn nullable(self) -> bool {
        matches!(self, Self::RevokedAt | Self::EndDateTime | Self::LastSignInDateTime)
    }

    fn value(self, row: &GrantRow) -> Value {
        match self {
            Self::Row => row.id.into(),
            Self::GrantedAt => row.granted_at.into(),
            Self::RevokedAt => row.revoked_at.into(),
            Self::EndDateTime => row.end_at.into(),
            Self::LastSignInDateTime => row.last_sign_in_at.into(),
        }
    }

    fn kind(self) -> Value {
        match self {
            Self::Row => Value::Int(None),
            _ => Value::Time(None),
        }
    }
}

/// The caller's grants that match at time `now`.
pub fn list(
    scope: &Scope,
    filter: &Filter<GrantTerm>,
    order: Order<GrantOrder>,
    now: NaiveDateTime,
) -> List<GrantOrder> {
    let condition = filter.on_grants(scope).of("dg");
    List::new(COLUMNS, (seen(scope, now), "dg"), condition, order)
}

/// A grant of the caller.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, scope: &Scope, id: GrantKey, now: NaiveDateTime) -> StoreResult<Option<GrantRow>> {
    conn.row(&sql("SELECT ").push(COLUMNS).push(" FROM ").add(seen(scope, now)).push(" WHERE dg.id = ").bind(id))
}

/// The active grant between the two, else the one that ended last; `None` if there never was one.
///
/// # Errors
/// Any database error.
pub fn latest(
    conn: &mut Conn,
    scope: &Scope,
    (partner_id, customer_id): (PartnerKey, CustomerKey),
    now: NaiveDateTime,
) -> StoreResult<Option<GrantRow>> {
    conn.row(
        &sql("SELECT ")
            .push(COLUMNS)
            .push(" FROM ")
            .add(seen(scope, now))
            .push(" WHERE dg.partner_id = ")
            .bind(partner_id)
            .push(" AND dg.customer_id = ")
            .bind(customer_id)
            .push(
                " ORDER BY CASE WHEN dg.revoked_at IS NULL THEN 0 ELSE 1 END, dg.granted_at DESC, dg.id DESC LIMIT 1",
            ),
    )
}

fn seen(scope: &Scope, now: NaiveDateTime) -> Sql {
    let own = match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { id, .. } => sql("g.partner_id = ").bind(*id),
        Scope::Customer { id } => sql("g.customer_id = ").bind(*id),
        Scope::Nobody => sql("1 = 0"),
    };
    let expression = match scope {
        // A partner reads the name in its own record, also for a customer that is no longer its own (D-05).
        Scope::Partner { .. } => {
            sql("LEFT JOIN customer_records r ON r.partner_id = g.partner_id AND r.customer_id = g.customer_id")
        }
        _ => sql("JOIN ").add(scope.customers()).push(" r ON r.customer_id = g.customer_id"),
    };
    let is_active = || sql("(g.revoked_at IS NULL AND (g.end_at IS NULL OR g.end_at > ").bind(now).push("))");
    sql("(SELECT g.id, g.partner_id, g.customer_id, c.tenant_id, r.company_name, COALESCE(r.name_key, '') AS name_key, g.kind, g.scope, ")
        .add(is_active())
        .push(" AS granted, (")
        .add(is_active())
        .push(" AND COALESCE(g.last_sign_in_at, g.granted_at) < ")
        .bind(now - Duration::days(INACTIVE_AFTER_DAYS))
        .push(
            ") AS inactive, g.granted_at, g.end_at, g.revoked_at, g.last_sign_in_at, g.partner_agent_count, \
             g.partner_sign_in_count, g.global_admin_sign_in_count, g.version, g.created_at, g.updated_at \
             FROM delegated_admin_grants g JOIN customers c ON c.id = g.customer_id ",
        )
        .add(expression)
        .push(" WHERE ")
        .add(own)
        .push(") dg")
}
