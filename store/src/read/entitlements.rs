//! Entitlements of a customer under an Azure plan.

use chrono::NaiveDateTime;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{EntitlementKey, PartnerKey, SubscriptionKey};
use serde::Serialize;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{EntitlementTerm, Filter};
use crate::read::page::{List, Order, OrderField};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, Value, ids, sql};

row! {
    /// An entitlement.
    pub struct EntitlementRow {
        pub id: EntitlementKey => BigInt,
        pub subscription_pk: SubscriptionKey => BigInt,
        pub entitlement_id: String => Text,
        pub description: Option<String> => Nullable<Text>,
        pub reseller_id: Option<PartnerKey> => Nullable<BigInt>,
        pub version: i64 => BigInt,
        pub created_at: NaiveDateTime => Timestamp,
        pub updated_at: NaiveDateTime => Timestamp,
    }
}

const COLUMNS: &str =
    "e.id, e.subscription_pk, e.entitlement_id, e.description, e.reseller_id, e.version, e.created_at, e.updated_at";

/// Whether the caller can read the entitlement `e`.
fn reads_entitlement(scope: &Scope) -> Sql {
    sql("EXISTS (SELECT 1 FROM subscriptions s WHERE s.id = e.subscription_pk AND ")
        .add(scope.reads_entitlement("e").of("s"))
        .push(")")
}

/// The entitlement, if the caller sees it.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, scope: &Scope, id: EntitlementKey) -> StoreResult<Option<EntitlementRow>> {
    let statement = sql("SELECT ").push(COLUMNS).push(" FROM entitlements e WHERE e.id = ").bind(id).push(" AND ");
    conn.row(&statement.add(reads_entitlement(scope)))
}

/// The entitlements with these keys that the caller sees, ordered by key.
///
/// # Errors
/// Any database error.
pub fn by_ids(conn: &mut Conn, scope: &Scope, rows: &[EntitlementKey]) -> StoreResult<Vec<EntitlementRow>> {
    let wanted = ids(conn.backend(), rows);
    conn.rows(
        &sql("SELECT ")
            .push(COLUMNS)
            .push(" FROM ")
            .add(wanted)
            .push(" JOIN entitlements e ON e.id = up.id WHERE ")
            .add(reads_entitlement(scope))
            .push(" ORDER BY e.id"),
    )
}

/// What entitlements can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum EntitlementOrder {
    Row,
    EntitlementId,
}

impl OrderField for EntitlementOrder {
    type Row = EntitlementRow;
    const UNIQUE: Self = Self::Row;

    fn column(self) -> &'static str {
        match self {
            Self::Row => "e.id",
            Self::EntitlementId => "e.entitlement_id",
        }
    }

    fn nullable(self) -> bool {
        false
    }

    fn value(self, row: &EntitlementRow) -> Value {
        match self {
            Self::Row => row.id.into(),
            Self::EntitlementId => row.entitlement_id.as_str().into(),
        }
    }

    fn kind(self) -> Value {
        match self {
            Self::Row => Value::Int(None),
            Self::EntitlementId => Value::Text(None),
        }
    }
}

/// The entitlements that the caller sees and that match, below a subscription with the key `up.id`.
pub fn of_subscriptions(
    scope: &Scope,
    filter: &Filter<EntitlementTerm>,
    order: Order<EntitlementOrder>,
) -> List<EntitlementOrder> {
    let condition = sql("e.subscription_pk = up.id AND ")
        .add(reads_entitlement(scope))
        .push(" AND ")
        .add(filter.on_entitlements(scope).of("e"));
    List::new(COLUMNS, (sql("entitlements e"), "e"), condition, order)
}
