//! Subscriptions.

use std::collections::HashSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamp};
use partnergraph_domain::{
    BillingCycle, BillingType, CustomerKey, PartnerKey, SubscriptionId, SubscriptionKey, SubscriptionStatus,
    TermDuration,
};
use serde::Serialize;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{Filter, SubscriptionTerm};
use crate::read::page::{List, Order, OrderField};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, Value, ids, sql};

row! {
    /// A subscription.
    pub struct SubscriptionRow {
        pub id: SubscriptionKey => BigInt,
        pub subscription_id: String => Text,
        pub seller_id: PartnerKey => BigInt,
        pub customer_id: CustomerKey => BigInt,
        pub reseller_id: Option<PartnerKey> => Nullable<BigInt>,
        pub support_contact_id: Option<PartnerKey> => Nullable<BigInt>,
        pub offer_id: Option<String> => Nullable<Text>,
        pub offer_name: Option<String> => Nullable<Text>,
        pub friendly_name: Option<String> => Nullable<Text>,
        pub name_sort: String => Text,
        pub quantity: Option<i64> => Nullable<BigInt>,
        pub unit_type: Option<String> => Nullable<Text>,
        pub status: SubscriptionStatus => Text,
        pub billing_type: BillingType => Text,
        pub billing_cycle: BillingCycle => Text,
        pub term_duration: Option<TermDuration> => Nullable<Text>,
        pub auto_renew_enabled: Option<bool> => Nullable<Bool>,
        pub creation_date: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub effective_start_date: Option<NaiveDate> => Nullable<Date>,
        pub commitment_end_date: Option<NaiveDate> => Nullable<Date>,
        pub order_id: Option<String> => Nullable<Text>,
        pub parent_subscription_id: Option<String> => Nullable<Text>,
        pub is_trial: bool => Bool,
        pub partner_of_record_fixed: bool => Bool,
        pub publisher_name: Option<String> => Nullable<Text>,
        pub product_type: Option<String> => Nullable<Text>,
        pub version: i64 => BigInt,
        pub created_at: NaiveDateTime => Timestamp,
        pub updated_at: NaiveDateTime => Timestamp,
    }
}

/// What [`SubscriptionRow`] is read from; `s` is the table.
pub(crate) const SUBSCRIPTION_COLUMNS: &str = "s.id, s.subscription_id, s.seller_id, s.customer_id, s.reseller_id, s.support_contact_id, s.offer_id, \
     s.offer_name, s.friendly_name, s.name_sort, s.quantity, s.unit_type, s.status, s.billing_type, s.billing_cycle, \
     s.term_duration, s.auto_renew_enabled, s.creation_date, s.effective_start_date, s.commitment_end_date, s.order_id, \
     s.parent_subscription_id, s.is_trial, s.partner_of_record_fixed, s.publisher_name, s.product_type, s.version, \
     s.created_at, s.updated_at";

/// What a subscription is looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubscriptionBy {
    /// Its row.
    Row(SubscriptionKey),
    /// Its id as the portals show it.
    Id(SubscriptionId),
}

impl SubscriptionBy {
    fn condition(self) -> Sql {
        match self {
            Self::Row(id) => sql("s.id = ").bind(id),
            Self::Id(id) => sql("s.subscription_id = ").bind(id.to_string()),
        }
    }
}

/// The subscription with that key that the caller sees.
///
/// # Errors
/// The database's.
pub fn find(conn: &mut Conn, scope: &Scope, key: SubscriptionBy) -> StoreResult<Option<SubscriptionRow>> {
    conn.row(
        &sql("SELECT ")
            .push(SUBSCRIPTION_COLUMNS)
            .push(" FROM subscriptions s WHERE ")
            .add(key.condition())
            .push(" AND ")
            .add(scope.sees_subscription()),
    )
}

/// Those of the subscriptions with these ids that the caller sees.
///
/// # Errors
/// The database's.
pub fn by_subscription_ids(
    conn: &mut Conn,
    scope: &Scope,
    wanted: &[SubscriptionId],
) -> StoreResult<Vec<SubscriptionRow>> {
    let statement = sql("SELECT ").push(SUBSCRIPTION_COLUMNS).push(" FROM subscriptions s WHERE s.subscription_id IN ");
    conn.rows(&statement.list(wanted.iter().map(ToString::to_string)).push(" AND ").add(scope.sees_subscription()))
}

/// Those of these subscriptions whose parent the caller may know of.
///
/// # Errors
/// The database's.
pub fn with_known_parent(
    conn: &mut Conn,
    scope: &Scope,
    pks: &[SubscriptionKey],
) -> StoreResult<HashSet<SubscriptionKey>> {
    let statement = sql("SELECT s.id FROM ")
        .add(ids(conn.backend(), pks))
        .push(" JOIN subscriptions s ON s.id = up.id WHERE ")
        .add(scope.sees_parent_subscription());
    Ok(conn.keys(&statement)?.into_iter().collect())
}

/// Those of these subscriptions that the caller sees, in the order of their rows.
///
/// # Errors
/// The database's.
pub fn by_ids(conn: &mut Conn, scope: &Scope, rows: &[SubscriptionKey]) -> StoreResult<Vec<SubscriptionRow>> {
    let wanted = ids(conn.backend(), rows);
    conn.rows(
        &sql("SELECT ")
            .push(SUBSCRIPTION_COLUMNS)
            .push(" FROM ")
            .add(wanted)
            .push(" JOIN subscriptions s ON s.id = up.id WHERE ")
            .add(scope.sees_subscription())
            .push(" ORDER BY s.id"),
    )
}

/// What subscriptions can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum SubscriptionOrder {
    Row,
    SubscriptionId,
    OfferName,
    FriendlyName,
    Quantity,
    Status,
    EffectiveStartDate,
    CommitmentEndDate,
    CreationDate,
    CreatedAt,
    UpdatedAt,
}

impl OrderField for SubscriptionOrder {
    type Row = SubscriptionRow;
    const UNIQUE: Self = Self::Row;

    fn column(self) -> &'static str {
        match self {
            Self::Row => "s.id",
            Self::SubscriptionId => "s.subscription_id",
            Self::OfferName => "s.offer_name",
            Self::FriendlyName => "s.friendly_name",
            Self::Quantity => "s.quantity",
            Self::Status => "s.status",
            Self::EffectiveStartDate => "s.effective_start_date",
            Self::CommitmentEndDate => "s.commitment_end_date",
            Self::CreationDate => "s.creation_date",
            Self::CreatedAt => "s.created_at",
            Self::UpdatedAt => "s.updated_at",
        }
    }

    fn nullable(self) -> bool {
        matches!(
            self,
            Self::OfferName
                | Self::FriendlyName
                | Self::Quantity
                | Self::EffectiveStartDate
                | Self::CommitmentEndDate
                | Self::CreationDate
        )
    }

    fn value(self, row: &SubscriptionRow) -> Value {
        match self {
            Self::Row => row.id.into(),
            Self::SubscriptionId => row.subscription_id.as_str().into(),
            Self::OfferName => row.offer_name.clone().into(),
            Self::FriendlyName => row.friendly_name.clone().into(),
            Self::Quantity => row.quantity.into(),
            Self::Status => row.status.into(),
            Self::EffectiveStartDate => row.effective_start_date.into(),
            Self::CommitmentEndDate => row.commitment_end_date.into(),
            Self::CreationDate => row.creation_date.into(),
            Self::CreatedAt => row.created_at.into(),
            Self::UpdatedAt => row.updated_at.into(),
        }
    }

    fn kind(self) -> Value {
        match self {
            Self::Row | Self::Quantity => Value::Int(None),
            Self::EffectiveStartDate | Self::CommitmentEndDate => Value::Date(None),
            Self::CreationDate | Self::CreatedAt | Self::UpdatedAt => Value::Time(None),
            _ => Value::Text(None),
        }
    }
}

/// The subscriptions that the caller sees and that match.
pub fn list(
    scope: &Scope,
    filter: &Filter<SubscriptionTerm>,
    order: Order<SubscriptionOrder>,
) -> List<SubscriptionOrder> {
    let condition = scope.sees_subscription().push(" AND ").add(filter.on_subscriptions(scope));
    List { columns: SUBSCRIPTION_COLUMNS, from: sql("subscriptions s"), key: "s.id", below: "", condition, order }
}

/// The same below a customer with the key `up.id`.
pub fn of_customers(
    scope: &Scope,
    filter: &Filter<SubscriptionTerm>,
    order: Order<SubscriptionOrder>,
) -> List<SubscriptionOrder> {
    let condition = sql("s.customer_id = up.id AND ")
        .add(scope.sees_subscription_of_customer())
        .push(" AND ")
        .add(filter.on_subscriptions(scope));
    List { columns: SUBSCRIPTION_COLUMNS, from: sql("subscriptions s"), key: "s.id", below: "", condition, order }
}
