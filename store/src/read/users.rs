//! The users of an organisation.

use chrono::NaiveDateTime;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{Role, UserKey};
use serde::Serialize;

use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::read::page::{List, Order, OrderField};
use crate::read::row::{EnumList, row};
use crate::scope::Scope;
use crate::sql::{Sql, Value, sql};
use crate::write::users::Organization;

row! {
    /// A user with its roles.
    pub struct UserRow {
        pub id: UserKey => BigInt,
        pub user_principal_name: String => Text,
        pub display_name: Option<String> => Nullable<Text>,
        pub upn_key: String => Text,
        pub roles: EnumList<Role> => Text,
        pub version: i64 => BigInt,
        pub created_at: NaiveDateTime => Timestamp,
        pub updated_at: NaiveDateTime => Timestamp,
    }
}

/// `(SELECT …) u` from which [`UserRow`] is read. Only the text aggregate differs between the databases.
pub(crate) fn users(backend: Backend, condition: Sql) -> Sql {
    let roles = match backend {
        Backend::Sqlite => "json_group_array(ur.role)",
        Backend::Postgres => "CAST(json_agg(ur.role ORDER BY ur.role) AS text)",
    };
    sql("(SELECT w.id, w.user_principal_name, w.display_name, w.upn_key, COALESCE((SELECT ")
        .push(roles)
        .push(" FROM user_roles ur WHERE ur.user_id = w.id), '[]') AS roles, w.version, w.created_at, w.updated_at FROM users w WHERE w.removed_at IS NULL AND (")
        .add(condition)
        .push(")) u")
}

pub(crate) const USER_COLUMNS: &str =
    "u.id, u.user_principal_name, u.display_name, u.upn_key, u.roles, u.version, u.created_at, u.updated_at";

/// The calling user.
///
/// # Errors
/// Any database error.
pub fn own(conn: &mut Conn, _scope: &Scope, user_id: UserKey) -> StoreResult<Option<UserRow>> {
    let from = users(conn.backend(), sql("w.id = ").bind(user_id));
    conn.row(&sql("SELECT ").push(USER_COLUMNS).push(" FROM ").add(from))
}

/// The users of the caller's own organisation; none for a caller without an organisation.
fn of_organization(organization: Option<Organization>) -> Sql {
    match organization {
        Some(organization) => sql("w.organization = ").bind(organization.key()),
        None => sql("1 = 0"),
    }
}

/// A user of the caller's organisation.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, organization: Option<Organization>, user_id: UserKey) -> StoreResult<Option<UserRow>> {
    let condition = of_organization(organization).push(" AND w.id = ").bind(user_id);
    let from = users(conn.backend(), condition);
    conn.row(&sql("SELECT ").push(USER_COLUMNS).push(" FROM ").add(from))
}

/// What users can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum UserOrder {
    Row,
    Name,
}

impl OrderField for UserOrder {
    type Row = UserRow;
    const UNIQUE: Self = Self::Row;

    fn column(self) -> &'static str {
        match self {
            Self::Row => "u.id",
            Self::Name => "u.upn_key",
        }
    }

    fn nullable(self) -> bool {
        false
    }

    fn value(self, row: &UserRow) -> Value {
        match self {
            Self::Row => row.id.into(),
            Self::Name => row.upn_key.as_str().into(),
        }
    }

    fn kind(self) -> Value {
        match self {
            Self::Row => Value::Int(None),
            Self::Name => Value::Text(None),
        }
    }
}

/// The users of the caller's organisation: of a partner account or a customer, or the platform's own for an operator.
pub fn list(backend: Backend, organization: Option<Organization>, order: Order<UserOrder>) -> List<UserOrder> {
    let from = users(backend, of_organization(organization));
    List::new(USER_COLUMNS, (from, "u"), sql("1 = 1"), order)
}
