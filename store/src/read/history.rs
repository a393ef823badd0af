//! The history, as each event's viewers see it.

use chrono::NaiveDateTime;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

use crate::read::page::{List, Order, OrderField};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, Value, sql};

row! {
    /// A record of the history.
    pub struct EventRow {
        pub id: i64 => BigInt,
        pub operation_type: String => Text,
        pub operation_status: String => Text,
        pub operation_date: NaiveDateTime => Timestamp,
        pub user_principal_name: String => Text,
        pub customer_id: Option<i64> => Nullable<BigInt>,
        pub partner_id: Option<i64> => Nullable<BigInt>,
        pub run_id: Option<i64> => Nullable<BigInt>,
        pub changes: String => Text,
    }
}

const COLUMNS: &str = "ev.id, ev.operation_type, ev.operation_status, ev.operation_date, ev.user_principal_name, ev.customer_id, \
     ev.partner_id, ev.run_id, ev.changes";

/// What the history can be ordered by: the order of commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum EventOrder {
    Row,
}

impl OrderField for EventOrder {
    type Row = EventRow;
    const UNIQUE: Self = Self::Row;

    fn column(self) -> &'static str {
        "ev.id"
    }

    fn nullable(self) -> bool {
        false
    }

    fn value(self, row: &EventRow) -> Value {
        row.id.into()
    }

    fn kind(self) -> Value {
        Value::Int(None)
    }
}

/// Whether the caller sees the event `ev`: who does was decided when it happened.
pub fn sees_event(scope: &Scope) -> Sql {
    let viewer = |id: i64| {
        sql("EXISTS (SELECT 1 FROM audit_event_viewers w WHERE w.event_id = ev.id AND w.viewer_partner_id = ")
            .bind(id)
            .push(")")
    };
    match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { id, .. } => viewer(*id),
        Scope::Customer { id } => viewer(0).push(" AND ev.customer_id = ").bind(*id),
        Scope::Nobody => sql("1 = 0"),
    }
}

/// The history of a customer with the key `up.id`.
pub fn of_customers(scope: &Scope, order: Order<EventOrder>) -> List<EventOrder> {
    let condition = sql("ev.customer_id = up.id AND ").add(sees_event(scope));
    List { columns: COLUMNS, from: sql("audit_events ev"), key: "ev.id", below: "", condition, order }
}
