//! The platform's e-mails, for operators.

use chrono::NaiveDateTime;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{MailKey, MailKind, PartnerKey};
use serde::Serialize;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::page::{List, Order, OrderField};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, Value, sql};

row! {
    /// An e-mail.
    pub struct MailRow {
        pub id: MailKey => BigInt,
        pub kind: MailKind => Text,
        pub recipient: String => Text,
        pub subject: String => Text,
        pub body: String => Text,
        pub partner_id: Option<PartnerKey> => Nullable<BigInt>,
        pub created_at: NaiveDateTime => Timestamp,
        pub sent_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub attempts: i64 => BigInt,
        pub last_error: Option<String> => Nullable<Text>,
    }
}

const COLUMNS: &str =
    "o.id, o.kind, o.recipient, o.subject, o.body, o.partner_id, o.created_at, o.sent_at, o.attempts, o.last_error";

/// What e-mails can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum MailOrder {
    Row,
}

impl OrderField for MailOrder {
    type Row = MailRow;
    const UNIQUE: Self = Self::Row;

    fn column(self) -> &'static str {
        "o.id"
    }

    fn nullable(self) -> bool {
        false
    }

    fn value(self, row: &MailRow) -> Value {
        row.id.into()
    }

    fn kind(self) -> Value {
        Value::Int(None)
    }
}

/// E-mails are visible only to operators, because their contents are meant for the recipients.
fn readable(scope: &Scope) -> Sql {
    match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { .. } | Scope::Customer { .. } | Scope::Nobody => sql("1 = 0"),
    }
}

/// An e-mail.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, scope: &Scope, id: MailKey) -> StoreResult<Option<MailRow>> {
    let mail = sql("SELECT ").push(COLUMNS).push(" FROM outbox o WHERE ").add(readable(scope));
    conn.row(&mail.push(" AND o.id = ").bind(id))
}

/// The e-mails that the caller can read.
pub fn list(scope: &Scope, order: Order<MailOrder>) -> List<MailOrder> {
    let condition = readable(scope);
    List::new(COLUMNS, (sql("outbox o"), "o"), condition, order)
}

/// The newest e-mails, for the command line.
///
/// # Errors
/// Any database error.
pub fn newest(conn: &mut Conn, scope: &Scope, limit: i64) -> StoreResult<Vec<MailRow>> {
    let order = Order::new(vec![crate::read::page::By { field: MailOrder::Row, descending: true }]);
    let window = crate::read::page::Window { limit, ..crate::read::page::Window::default() };
    Ok(list(scope, order).page(conn, &window)?.rows)
}
