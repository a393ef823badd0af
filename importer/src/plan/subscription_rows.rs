//! A subscription's columns and its fields' values, one from the other.

use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::{
    BillingCycle, BillingType, CustomerKey, PartnerKey, SubscriptionKey, SubscriptionStatus, TermDuration, UnknownWord,
    search_key, sort_key,
};
use partnergraph_store::StoreResult;
use partnergraph_store::columns::SubscriptionColumns;
use partnergraph_store::imports::rows::Subscription;
use partnergraph_store::imports::stored::StoredSubscription;

use crate::reconcile::moment;
use crate::said::{SUBSCRIPTION, Value, subscription as at};

/// A column that a field is kept in.
trait Kept {
    /// The value that stands; what says that nothing is known is nothing.
    fn value(&self) -> Value;
    /// Takes a value.
    fn set(&mut self, value: &Value) -> Result<(), UnknownWord>;
}

macro_rules! kept {
    ($($type:ty: |$column:ident| $shown:expr, |$value:ident| $taken:expr;)+) => {$(
        impl Kept for $type {
            fn value(&self) -> Value {
                let $column = self;
                $shown
            }
            fn set(&mut self, $value: &Value) -> Result<(), UnknownWord> {
                *self = $taken;
                Ok(())
            }
        }
    )+};
}
kept! {
    Option<String>: |text| Value::from(text.clone()), |value| value.clone().text();
    Option<i64>: |number| number.map_or(Value::Null, Value::Int), |value| value.int();
    Option<bool>: |truth| truth.map_or(Value::Null, Value::Bool), |value| value.truth();
    bool: |truth| Value::Bool(*truth), |value| value.truth().unwrap_or(false);
    Option<NaiveDate>: |day| Value::from(day.map(|day| day.to_string())), |value| value.day()?;
    Option<NaiveDateTime>: |at| Value::from(at.map(moment)), |value| value.moment()?;
    Option<TermDuration>: |word| Value::from(word.map(TermDuration::as_str)), |value| value.word()?;
}

macro_rules! kept_words {
    ($($list:ident),+) => {$(
        impl Kept for $list {
            fn value(&self) -> Value {
                Value::from((*self != Self::None).then(|| self.as_str()))
            }
            fn set(&mut self, value: &Value) -> Result<(), UnknownWord> {
                *self = value.word()?.unwrap_or(Self::None);
                Ok(())
            }
        }
    )+};
}
kept_words!(SubscriptionStatus, BillingType, BillingCycle);

/// Says which column each field is kept in. The partner of record is none of them: who it is stands in the row, and since when and by
/// whom beside it.
macro_rules! columns_of_fields {
    ($($field:ident: $column:ident,)+) => {
        /// The value of every field that stands; `partner_of_record` is the name of the one that does.
        fn values_of(columns: &SubscriptionColumns, partner_of_record: Value) -> Vec<Value> {
            let mut values = vec![Value::Null; SUBSCRIPTION.len()];
            $(values[at::$field] = columns.$column.value();)+
            values[at::RESELLER] = partner_of_record;
            values
        }

        /// Sets the column that a field is kept in.
        ///
        /// # Errors
        /// The value, which comes from a baseline or a list of changes, is not one of its column's.
        pub(crate) fn set(columns: &mut SubscriptionColumns, field: usize, value: &Value) -> StoreResult<()> {
            match field {
                $(at::$field => columns.$column.set(value)?,)+
                _ => {}
            }
            Ok(())
        }
    };
}
columns_of_fields! {
    OFFER_ID: offer_id,
    OFFER_NAME: offer_name,
    FRIENDLY_NAME: friendly_name,
    QUANTITY: quantity,
    UNIT_TYPE: unit_type,
    STATUS: status,
    BILLING_TYPE: billing_type,
    BILLING_CYCLE: billing_cycle,
    TERM: term_duration,
    AUTO_RENEW: auto_renew_enabled,
    CREATED: creation_date,
    START: effective_start_date,
    END: commitment_end_date,
    ORDER_ID: order_id,
    PARENT: parent_subscription_id,
    IS_TRIAL: is_trial,
    PUBLISHER: publisher_name,
    PRODUCT_TYPE: product_type,
}

/// The values that stand.
pub(crate) fn stored_values(stored: Option<&StoredSubscription>, mpn_of: impl Fn(PartnerKey) -> String) -> Vec<Value> {
    match stored {
        Some(row) => values_of(&row.columns, Value::from(row.reseller_id.map(mpn_of))),
        None => values_of(&SubscriptionColumns::default(), Value::Null),
    }
}

/// What stands, or what a new subscription has before anything is known of it, with the values that are other ones now.
///
/// # Errors
/// As [`set`].
pub(crate) fn changed(
    stored: Option<&StoredSubscription>,
    before: &[Value],
    after: &[Value],
) -> StoreResult<SubscriptionColumns> {
    let mut columns = stored.map(|row| row.columns.clone()).unwrap_or_default();
    for (field, (before, after)) in before.iter().zip(after).enumerate() {
        if before != after {
            set(&mut columns, field, after)?;
        }
    }
    Ok(columns)
}

/// The row that has these columns. Its name is the one it was given, else its offer's.
pub(crate) fn row_of(
    key: String,
    id: SubscriptionKey,
    customer_id: CustomerKey,
    reseller_id: Option<PartnerKey>,
    columns: SubscriptionColumns,
) -> Subscription {
    let name = columns.friendly_name.as_deref().or(columns.offer_name.as_deref());
    Subscription {
        id,
        subscription_id: key,
        customer_id,
        reseller_id,
        partner_of_record_since: None,
        offer_name_key: columns.offer_name.as_deref().map(search_key),
        name_sort: sort_key(name),
        columns,
    }
}
