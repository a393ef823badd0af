//! Invitations, visible to the organisation that drafted them; a joint invitation also to its provider.

use chrono::NaiveDateTime;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use partnergraph_domain::{
    Cloud, CountryCode, CustomerKey, InvitationKey, InvitationKind, InvitationState, PartnerKey,
};
use serde::Serialize;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{Filter, InvitationTerm};
use crate::read::page::{List, Order, OrderField};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, Value, ids, sql};

row! {
    /// An invitation without its token. Its state is that at the time of reading: an open invitation that is past its expiry date
    /// is expired.
    pub struct InvitationRow {
        pub id: InvitationKey => BigInt,
        pub kind: InvitationKind => Text,
        pub state: InvitationState => Text,
        pub partner_id: PartnerKey => BigInt,
        pub joint_provider_id: Option<PartnerKey> => Nullable<BigInt>,
        pub invited_partner_id: Option<PartnerKey> => Nullable<BigInt>,
        pub customer_id: Option<CustomerKey> => Nullable<BigInt>,
        pub invited_tenant_id: Option<String> => Nullable<Text>,
        pub reseller_id: Option<PartnerKey> => Nullable<BigInt>,
        pub internal_use_of_mpn_id: Option<String> => Nullable<Text>,
        pub recipient: String => Text,
        pub country: Option<CountryCode> => Nullable<Text>,
        pub cloud: Cloud => Text,
        pub delegated_admin: bool => Bool,
        pub provider_delegated_admin: bool => Bool,
        pub created_by: String => Text,
        pub created_at: NaiveDateTime => Timestamp,
        pub expires_at: NaiveDateTime => Timestamp,
        pub done_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub accepted_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub declined_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub revoked_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub version: i64 => BigInt,
    }
}

const COLUMNS: &str = "iv.id, iv.kind, iv.state, iv.partner_id, iv.joint_provider_id, iv.invited_partner_id, iv.customer_id, \
     iv.invited_tenant_id, iv.reseller_id, iv.internal_use_of_mpn_id, iv.recipient, iv.country, iv.cloud, iv.delegated_admin, iv.provider_delegated_admin, iv.created_by, iv.created_at, \
     iv.expires_at, iv.done_at, iv.accepted_at, iv.declined_at, iv.revoked_at, iv.version";

/// What invitations can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum InvitationOrder {
    Row,
    CreatedAt,
    ExpiresAt,
    Recipient,
    State,
}

impl OrderField for InvitationOrder {
    type Row = InvitationRow;
    const UNIQUE: Self = Self::Row;

    fn column(self) -> &'static str {
        match self {
            Self::Row => "iv.id",
            Self::CreatedAt => "iv.created_at",
            Self::ExpiresAt => "iv.expires_at",
            Self::Recipient => "iv.recipient",
            Self::State => "iv.state",
        }
    }

    fn nullable(self) -> bool {
        false
    }

    fn value(self, row: &InvitationRow) -> Value {
        match self {
            Self::Row => row.id.into(),
            Self::CreatedAt => row.created_at.into(),
            Self::ExpiresAt => row.expires_at.into(),
            Self::Recipient => row.recipient.as_str().into(),
            Self::State => row.state.into(),
        }
    }

    fn kind(self) -> Value {
        match self {
            Self::Row => Value::Int(None),
            Self::CreatedAt | Self::ExpiresAt => Value::Time(None),
            Self::Recipient | Self::State => Value::Text(None),
        }
    }
}

/// The caller's invitations that match at time `now`.
pub fn list(
    scope: &Scope,
    filter: &Filter<InvitationTerm>,
    order: Order<InvitationOrder>,
    now: NaiveDateTime,
) -> List<InvitationOrder> {
    let condition = filter.on_invitations().of("iv");
    List::new(COLUMNS, (seen(scope, now), "iv"), condition, order)
}

/// An invitation of the caller.
///
/// # Errors
/// Any database error.
pub fn find(
    conn: &mut Conn,
    scope: &Scope,
    id: InvitationKey,
    now: NaiveDateTime,
) -> StoreResult<Option<InvitationRow>> {
    Ok(by_ids(conn, scope, &[id], now)?.pop())
}

/// Several invitations, as [`find`].
///
/// # Errors
/// Any database error.
pub fn by_ids(
    conn: &mut Conn,
    scope: &Scope,
    keys: &[InvitationKey],
    now: NaiveDateTime,
) -> StoreResult<Vec<InvitationRow>> {
    let statement = sql("SELECT ").push(COLUMNS).push(" FROM ").add(seen(scope, now));
    conn.rows(&statement.push(" WHERE iv.id IN (SELECT up.id FROM ").add(ids(conn.backend(), keys)).push(")"))
}

fn seen(scope: &Scope, now: NaiveDateTime) -> Sql {
    let own = match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { id, .. } => {
            sql("(i.partner_id = ").bind(*id).push(" OR i.joint_provider_id = ").bind(*id).push(")")
        }
        // A customer answers an invitation by its token and has none of its own.
        Scope::Customer { .. } | Scope::Nobody => sql("1 = 0"),
    };
    sql("(SELECT i.id, i.kind, CASE WHEN i.state IN ('DRAFT', 'DONE') AND i.expires_at <= ")
        .bind(now)
        .push(
            " THEN 'EXPIRED' ELSE i.state END AS state, i.partner_id, i.joint_provider_id, i.invited_partner_id, i.customer_id, \
             i.invited_tenant_id, i.reseller_id, i.internal_use_of_mpn_id, i.recipient, i.country, i.cloud, i.delegated_admin, i.provider_delegated_admin, i.created_by, i.created_at, \
             i.expires_at, i.done_at, i.accepted_at, i.declined_at, i.revoked_at, i.version FROM invitations i WHERE ",
        )
        .add(own)
        .push(") iv")
}
