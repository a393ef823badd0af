//! The people of an organisation.

use chrono::NaiveDateTime;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

use crate::conn::{Backend, Conn};
use crate::error::StoreResult;
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, sql};

row! {
    /// A user with its roles as JSON.
    pub struct UserRow {
        pub id: i64 => BigInt,
        pub user_principal_name: String => Text,
        pub display_name: Option<String> => Nullable<Text>,
        pub upn_key: String => Text,
        pub roles: String => Text,
        pub version: i64 => BigInt,
        pub created_at: NaiveDateTime => Timestamp,
        pub updated_at: NaiveDateTime => Timestamp,
    }
}

/// `(SELECT …) u` as [`UserRow`] is read from it. The aggregate of text is the one thing that the databases spell differently.
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

/// The calling user itself.
///
/// # Errors
/// The database's.
pub fn own(conn: &mut Conn, _scope: &Scope, user_id: i64) -> StoreResult<Option<UserRow>> {
    let from = users(conn.backend(), sql("w.id = ").bind(user_id));
    conn.row(&sql("SELECT ").push(USER_COLUMNS).push(" FROM ").add(from))
}
