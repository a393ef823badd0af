//! The register of MPN profiles.

use chrono::NaiveDateTime;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use partnergraph_domain::{CountryCode, MpnId, MpnKind, PartnerKey};
use serde::Serialize;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{Filter, MpnProfileTerm};
use crate::read::page::{List, Order, OrderField};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, Value, sql};

row! {
    /// A profile of the register.
    pub struct MpnProfileRow {
        pub mpn_id: String => Text,
        pub kind: MpnKind => Text,
        pub global_mpn_id: Option<String> => Nullable<Text>,
        pub country: Option<CountryCode> => Nullable<Text>,
        pub active: bool => Bool,
        pub in_partner_membership_center: bool => Bool,
        pub company: Option<String> => Nullable<Text>,
        pub version: i64 => BigInt,
        pub created_at: NaiveDateTime => Timestamp,
        pub updated_at: NaiveDateTime => Timestamp,
    }
}

const COLUMNS: &str = "m.mpn_id, m.kind, m.global_mpn_id, m.country, m.active, m.in_partner_membership_center, m.company, \
     m.version, m.created_at, m.updated_at";

/// What the register can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum MpnProfileOrder {
    MpnId,
}

impl OrderField for MpnProfileOrder {
    type Row = MpnProfileRow;
    const UNIQUE: Self = Self::MpnId;

    fn column(self) -> &'static str {
        "m.mpn_id"
    }

    fn nullable(self) -> bool {
        false
    }

    fn value(self, row: &MpnProfileRow) -> Value {
        row.mpn_id.as_str().into()
    }

    fn kind(self) -> Value {
        Value::Text(None)
    }
}

/// Whether the caller can read the profile `m`. Operators read all profiles. A partner reads those of its company's accounts:
/// their MPN IDs, their global MPN IDs, and the other locations of these. Nobody else reads any, not even an undecided
/// enrolment: whoever claims an MPN ID would read there which company to claim to be (E-17).
fn sees_profile(scope: &Scope) -> Sql {
    let accounts = |id: PartnerKey, column: &'static str| {
        sql("(SELECT ")
            .push(column)
            .push(
                " FROM partners a JOIN partners own ON a.id = own.id OR a.company_id = own.company_id \
                 WHERE a.removed_at IS NULL AND a.vetting_status NOT IN ('PENDING', 'REJECTED') AND own.id = ",
            )
            .bind(id)
            .push(")")
    };
    match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { id, .. } => sql("(m.mpn_id IN ")
            .add(accounts(*id, "a.mpn_id"))
            .push(" OR m.mpn_id IN ")
            .add(accounts(*id, "a.global_mpn_id"))
            .push(" OR m.global_mpn_id IN ")
            .add(accounts(*id, "a.global_mpn_id"))
            .push(")"),
        Scope::Customer { .. } | Scope::Nobody => sql("1 = 0"),
    }
}

/// The profiles that the caller can read.
pub fn list(scope: &Scope, filter: &Filter<MpnProfileTerm>, order: Order<MpnProfileOrder>) -> List<MpnProfileOrder> {
    let condition = sees_profile(scope).push(" AND ").add(filter.on_profiles().of("m"));
    List::new(COLUMNS, (sql("mpn_profiles m"), "m"), condition, order)
}

/// All profiles that the caller can read.
///
/// # Errors
/// Any database error.
pub fn all(conn: &mut Conn, scope: &Scope) -> StoreResult<Vec<MpnProfileRow>> {
    conn.rows(
        &sql("SELECT ")
            .push(COLUMNS)
            .push(" FROM mpn_profiles m WHERE ")
            .add(sees_profile(scope))
            .push(" ORDER BY m.mpn_id"),
    )
}

/// A profile, if the caller can read it.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, scope: &Scope, mpn_id: MpnId) -> StoreResult<Option<MpnProfileRow>> {
    conn.row(
        &sql("SELECT ")
            .push(COLUMNS)
            .push(" FROM mpn_profiles m WHERE m.mpn_id = ")
            .bind(mpn_id.to_string())
            .push(" AND ")
            .add(sees_profile(scope)),
    )
}
