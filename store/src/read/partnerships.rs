//! Partnerships between a provider and a reseller, seen from one end.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use partnergraph_domain::{AutoApproval, PartnerKey, PartnerType, PartnershipKey, PartnershipState, RemovalChannel};
use serde::Serialize;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{Filter, PartnerTerm, PartnershipTerm};
use crate::read::page::{List, Order, OrderField};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, Value, ids, sql};

row! {
    /// A partnership.
    pub struct PartnershipRow {
        pub id: PartnershipKey => BigInt,
        pub provider_id: PartnerKey => BigInt,
        pub reseller_id: PartnerKey => BigInt,
        pub state: PartnershipState => Text,
        pub provider_admin_access: bool => Bool,
        pub requested_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub accepted_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub removed_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub removal_channel: Option<RemovalChannel> => Nullable<Text>,
        /// What the remover stated, as JSON. Whoever can read that the partnership was removed can read it.
        pub representation: Option<String> => Nullable<Text>,
        /// The sort key of the other partner's name.
        pub name_sort: String => Text,
        /// The provider's own name for the reseller. Null for the reseller.
        pub label: Option<String> => Nullable<Text>,
        pub auto_approve: AutoApproval => Text,
        /// The user who set that. Null for the reseller.
        pub auto_approve_by: Option<String> => Nullable<Text>,
        pub version: i64 => BigInt,
        pub created_at: NaiveDateTime => Timestamp,
        pub updated_at: NaiveDateTime => Timestamp,
    }
}

const COLUMNS: &str = "e.id, e.provider_id, e.reseller_id, e.state, e.provider_admin_access, e.requested_at, e.accepted_at, \
     e.removed_at, e.removal_channel, e.representation, e.name_sort, e.label, e.auto_approve, e.auto_approve_by, e.version, e.created_at, e.updated_at";

/// Which end of a partnership a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum End {
    /// The provider: a reseller's list of its providers.
    Provider,
    /// The reseller: a provider's list of its resellers.
    Reseller,
}

/// What a list of partnerships can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum PartnershipOrder {
    Row,
    Name,
}

impl OrderField for PartnershipOrder {
    type Row = PartnershipRow;
    const UNIQUE: Self = Self::Row;

    fn column(self) -> &'static str {
        match self {
            Self::Row => "e.id",
            Self::Name => "e.name_sort",
        }
    }

    fn nullable(self) -> bool {
        false
    }

    fn value(self, row: &PartnershipRow) -> Value {
        match self {
            Self::Row => row.id.into(),
            Self::Name => row.name_sort.as_str().into(),
        }
    }

    fn kind(self) -> Value {
        match self {
            Self::Row => Value::Int(None),
            Self::Name => Value::Text(None),
        }
    }
}

/// The caller's current partnerships, with the other partner's name: accepted ones, those known from an import, and requested
/// ones that can still be accepted. The lists of both ends change together (P-09), and ended partnerships are in neither.
///
/// An operator has no partnerships of its own and sees all of them.
pub fn list(
    scope: &Scope,
    end: End,
    filter: &Filter<PartnerTerm>,
    order: Order<PartnershipOrder>,
) -> List<PartnershipOrder> {
    let (own, other) = match end {
        End::Provider => ("ps.reseller_id", "ps.provider_id"),
        End::Reseller => ("ps.provider_id", "ps.reseller_id"),
    };
    let from = seen_from(
        scope,
        sql(other),
        match scope {
            Scope::Operator => sql("1 = 1"),
            Scope::Partner { id, .. } => sql(own).push(" = ").bind(*id),
            Scope::Customer { .. } | Scope::Nobody => sql("1 = 0"),
        }
        .push(" AND ps.removed_at IS NULL AND (ps.state IN ('ACTIVE', 'IMPORTED') OR (ps.state = 'REQUESTED' AND ")
        .push(IS_OPEN)
        .push(")) AND p.removed_at IS NULL AND ")
        .add(filter.on_partners().of("p")),
    );
    List::new(COLUMNS, (from, "e"), sql("1 = 1"), order)
}

/// The partnerships that the caller's organisation removed and that match; for operators, all that were removed.
pub fn former(
    scope: &Scope,
    filter: &Filter<PartnershipTerm>,
    order: Order<PartnershipOrder>,
) -> List<PartnershipOrder> {
    let removed = match scope {
        Scope::Partner { partner_type: PartnerType::IndirectReseller, .. } => sql("1 = 0"),
        _ => readable_by(scope).push(" AND ps.state = 'REMOVED'"),
    };
    let condition = removed.push(" AND ").add(filter.on_partnerships(scope).of("ps"));
    List::new(COLUMNS, (seen_from(scope, sql("ps.reseller_id"), condition), "e"), sql("1 = 1"), order)
}

/// A partnership of the caller, in any state. A removed partnership is visible only to the organisation that removed it and to
/// operators.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, scope: &Scope, id: PartnershipKey) -> StoreResult<Option<PartnershipRow>> {
    Ok(by_ids(conn, scope, &[id])?.pop())
}

/// Several partnerships, as [`find`].
///
/// # Errors
/// Any database error.
pub fn by_ids(conn: &mut Conn, scope: &Scope, keys: &[PartnershipKey]) -> StoreResult<Vec<PartnershipRow>> {
    let wanted = readable_by(scope).push(" AND ps.id IN (SELECT up.id FROM ").add(ids(conn.backend(), keys)).push(")");
    let other = match scope {
        Scope::Partner { partner_type: PartnerType::IndirectReseller, .. } => "ps.provider_id",
        _ => "ps.reseller_id",
    };
    conn.rows(&sql("SELECT ").push(COLUMNS).push(" FROM ").add(seen_from(scope, sql(other), wanted)))
}

/// Whether the caller can read the partnership `ps`, in whatever state.
fn readable_by(scope: &Scope) -> Sql {
    match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } => {
            sql("ps.reseller_id = ").bind(*id).push(" AND ps.state <> 'REMOVED'")
        }
        Scope::Partner { id, .. } => sql("ps.provider_id = ")
            .bind(*id)
            .push(" AND (ps.state <> 'REMOVED' OR ps.removal_channel = 'SELF_SERVICE')"),
        Scope::Customer { .. } | Scope::Nobody => sql("1 = 0"),
    }
}

/// Whether the requested partnership `ps` can still be accepted. Uses the database's clock, because a list contains no time.
const IS_OPEN: &str = "EXISTS (SELECT 1 FROM invitations i WHERE i.partner_id = ps.provider_id \
     AND i.invited_partner_id = ps.reseller_id AND i.state IN ('DRAFT', 'DONE') AND i.expires_at > CURRENT_TIMESTAMP)";

fn seen_from(scope: &Scope, other: Sql, condition: Sql) -> Sql {
    let own = match scope {
        Scope::Partner { partner_type: PartnerType::IndirectReseller, .. } => {
            "CAST(NULL AS TEXT) AS label, ps.auto_approve, CAST(NULL AS TEXT) AS auto_approve_by"
        }
        _ => "ps.label, ps.auto_approve, ps.auto_approve_by",
    };
    sql("(SELECT ps.id, ps.provider_id, ps.reseller_id, CASE WHEN ps.state = 'REQUESTED' AND NOT ")
        .push(IS_OPEN)
        .push(
            " THEN 'EXPIRED' ELSE ps.state END AS state, ps.provider_admin_access, ps.requested_at, ps.accepted_at, \
         ps.removed_at, ps.removal_channel, ps.representation, p.name_sort, ",
        )
        .push(own)
        .push(", ps.version, ps.created_at, ps.updated_at FROM partnerships ps JOIN partners p ON p.id = ")
        .add(other)
        .push(" WHERE ")
        .add(condition)
        .push(") e")
}

/// The number of customers that the two ends of each of these partnerships share (C-28); the same from either end.
///
/// # Errors
/// Any database error.
pub fn customer_counts(
    conn: &mut Conn,
    scope: &Scope,
    partnership_ids: &[PartnershipKey],
) -> StoreResult<Vec<(PartnershipKey, i64)>> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        id: PartnershipKey,
        #[diesel(sql_type = BigInt)]
        customers: i64,
    }
    let mut statement =
        sql("SELECT ps.id, COUNT(*) AS customers FROM ").add(ids(conn.backend(), partnership_ids)).push(
            " JOIN partnerships ps ON ps.id = up.id JOIN reseller_customers rc ON rc.provider_id = ps.provider_id \
             AND rc.reseller_id = ps.reseller_id",
        );
    if let Scope::Partner { id, partner_type: PartnerType::IndirectReseller } = scope {
        // A customer that waits for an invitation is not counted for the reseller, which does not see it (C-25).
        statement =
            statement.push(" JOIN customer_views v ON v.customer_id = rc.customer_id AND v.viewer_id = ").bind(*id);
    }
    let statement = statement.push(" GROUP BY ps.id");
    Ok(conn.rows::<Count>(&statement)?.into_iter().map(|count| (count.id, count.customers)).collect())
}
