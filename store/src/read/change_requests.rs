//! Change requests, visible to the reseller that asks, to the provider that decides and to operators. A customer sees what becomes of
//! them, and not what its partners negotiate.

use chrono::NaiveDateTime;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use partnergraph_domain::{
    BillingCycle, BillingType, ChangeRequestKey, ChangeRequestKind, ChangeRequestState, CustomerKey, OrderKey,
    PartnerKey, PartnerType, SubscriptionKey, TermDuration,
};
use serde::Serialize;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{ChangeRequestTerm, Filter};
use crate::read::page::{List, Order, OrderField};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, Value, ids, sql};

row! {
    /// A change request. Its state is that at the time of reading: an open request that is past its expiry date is expired.
    pub struct ChangeRequestRow {
        pub id: ChangeRequestKey => BigInt,
        pub kind: ChangeRequestKind => Text,
        pub state: ChangeRequestState => Text,
        pub seller_id: PartnerKey => BigInt,
        pub reseller_id: PartnerKey => BigInt,
        pub customer_id: CustomerKey => BigInt,
        pub subscription_pk: Option<SubscriptionKey> => Nullable<BigInt>,
        pub quantity: Option<i64> => Nullable<BigInt>,
        pub auto_renew_enabled: Option<bool> => Nullable<Bool>,
        pub to_offer_id: Option<String> => Nullable<Text>,
        pub to_offer_name: Option<String> => Nullable<Text>,
        pub if_version: Option<i64> => Nullable<BigInt>,
        pub note: Option<String> => Nullable<Text>,
        pub requested_by: String => Text,
        pub requested_at: NaiveDateTime => Timestamp,
        pub expires_at: NaiveDateTime => Timestamp,
        pub decided_by: Option<String> => Nullable<Text>,
        pub decided_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub decision_note: Option<String> => Nullable<Text>,
        pub is_automatic: bool => Bool,
        pub withdrawn_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub order_id: Option<OrderKey> => Nullable<BigInt>,
        pub version: i64 => BigInt,
    }
}

row! {
    /// A line of a requested order.
    pub struct ChangeRequestLineRow {
        pub request_id: ChangeRequestKey => BigInt,
        pub line_number: i64 => BigInt,
        pub offer_id: String => Text,
        pub offer_name: String => Text,
        pub quantity: Option<i64> => Nullable<BigInt>,
        pub billing_type: Option<BillingType> => Nullable<Text>,
        pub billing_cycle: Option<BillingCycle> => Nullable<Text>,
        pub term_duration: Option<TermDuration> => Nullable<Text>,
        pub auto_renew_enabled: Option<bool> => Nullable<Bool>,
        pub friendly_name: Option<String> => Nullable<Text>,
        pub publisher_name: Option<String> => Nullable<Text>,
        /// Whether it names the reseller that asks as reseller; else nobody.
        pub is_through_requester: bool => Bool,
        /// Whether it names the reseller that asks as support contact; else nobody.
        pub is_supported_by_requester: bool => Bool,
    }
}

const COLUMNS: &str = "cr.id, cr.kind, cr.state, cr.seller_id, cr.reseller_id, cr.customer_id, cr.subscription_pk, cr.quantity, \
     cr.auto_renew_enabled, cr.to_offer_id, cr.to_offer_name, cr.if_version, cr.note, cr.requested_by, cr.requested_at, \
     cr.expires_at, cr.decided_by, cr.decided_at, cr.decision_note, cr.is_automatic, cr.withdrawn_at, cr.order_id, cr.version";

/// What change requests can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum ChangeRequestOrder {
    Row,
    RequestedAt,
    ExpiresAt,
    State,
}

impl OrderField for ChangeRequestOrder {
    type Row = ChangeRequestRow;
    const UNIQUE: Self = Self::Row;

    fn column(self) -> &'static str {
        match self {
            Self::Row => "cr.id",
            Self::RequestedAt => "cr.requested_at",
            Self::ExpiresAt => "cr.expires_at",
            Self::State => "cr.state",
        }
    }

    fn nullable(self) -> bool {
        false
    }

    fn value(self, row: &ChangeRequestRow) -> Value {
        match self {
            Self::Row => row.id.into(),
            Self::RequestedAt => row.requested_at.into(),
            Self::ExpiresAt => row.expires_at.into(),
            Self::State => row.state.into(),
        }
    }

    fn kind(self) -> Value {
        match self {
            Self::Row => Value::Int(None),
            Self::RequestedAt | Self::ExpiresAt => Value::Time(None),
            Self::State => Value::Text(None),
        }
    }
}

/// The caller's change requests that match at time `now`.
pub fn list(
    scope: &Scope,
    filter: &Filter<ChangeRequestTerm>,
    order: Order<ChangeRequestOrder>,
    now: NaiveDateTime,
) -> List<ChangeRequestOrder> {
    let condition = filter.on_change_requests(scope).of("cr");
    List::new(COLUMNS, (seen(scope, now), "cr"), condition, order)
}

/// A change request of the caller.
///
/// # Errors
/// Any database error.
pub fn find(
    conn: &mut Conn,
    scope: &Scope,
    id: ChangeRequestKey,
    now: NaiveDateTime,
) -> StoreResult<Option<ChangeRequestRow>> {
    conn.row(&sql("SELECT ").push(COLUMNS).push(" FROM ").add(seen(scope, now)).push(" WHERE cr.id = ").bind(id))
}

/// The change requests with these keys that the caller sees, ordered by key.
///
/// # Errors
/// Any database error.
pub fn by_ids(
    conn: &mut Conn,
    scope: &Scope,
    wanted: &[ChangeRequestKey],
    now: NaiveDateTime,
) -> StoreResult<Vec<ChangeRequestRow>> {
    let wanted = ids(conn.backend(), wanted);
    let statement = sql("SELECT ").push(COLUMNS).push(" FROM ").add(wanted).push(" JOIN ").add(seen(scope, now));
    conn.rows(&statement.push(" ON cr.id = up.id ORDER BY cr.id"))
}

/// The lines of these requests, in order. The caller must already be known to see the requests.
///
/// # Errors
/// Any database error.
pub fn lines(conn: &mut Conn, request_ids: &[ChangeRequestKey]) -> StoreResult<Vec<ChangeRequestLineRow>> {
    let wanted = ids(conn.backend(), request_ids);
    conn.rows(
        &sql("SELECT l.request_id, l.line_number, l.offer_id, l.offer_name, l.quantity, l.billing_type, l.billing_cycle, \
              l.term_duration, l.auto_renew_enabled, l.friendly_name, l.publisher_name, l.is_through_requester, \
              l.is_supported_by_requester FROM ")
            .add(wanted)
            .push(" JOIN change_request_lines l ON l.request_id = up.id ORDER BY l.request_id, l.line_number"),
    )
}

fn seen(scope: &Scope, now: NaiveDateTime) -> Sql {
    let own = match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } => sql("r.reseller_id = ").bind(*id),
        Scope::Partner { id, .. } => sql("r.seller_id = ").bind(*id),
        Scope::Customer { .. } | Scope::Nobody => sql("1 = 0"),
    };
    sql("(SELECT r.id, r.kind, CASE WHEN r.state = 'REQUESTED' AND r.expires_at <= ")
        .bind(now)
        .push(
            " THEN 'EXPIRED' ELSE r.state END AS state, r.seller_id, r.reseller_id, r.customer_id, r.subscription_pk, \
             r.quantity, r.auto_renew_enabled, r.to_offer_id, r.to_offer_name, r.if_version, r.note, r.requested_by, \
             r.requested_at, r.expires_at, r.decided_by, r.decided_at, r.decision_note, r.is_automatic, r.withdrawn_at, \
             r.order_id, r.version FROM change_requests r WHERE ",
        )
        .add(own)
        .push(") cr")
}
