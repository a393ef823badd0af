//! Converts between a subscription's columns and the values of its fields.

use partnergraph_domain::{CustomerKey, PartnerKey, SubscriptionKey, SubscriptionStatus, search_key, sort_key};
use partnergraph_store::columns::SubscriptionColumns;
use partnergraph_store::imports::rows::Subscription;
use partnergraph_store::imports::stored::StoredSubscription;

use super::columns::columns_of_fields;
use super::subscription::SubscriptionDecision;
use crate::baseline::{SUBSCRIPTION, Value, subscription as at};

// The partner of record is not included. The row stores who it is, and the periods store since when and set by whom.
columns_of_fields! {
    SubscriptionColumns {
        at::OFFER_ID: offer_id,
        at::OFFER_NAME: offer_name,
        at::FRIENDLY_NAME: friendly_name,
        at::QUANTITY: quantity,
        at::UNIT_TYPE: unit_type,
        at::STATUS: status,
        at::BILLING_TYPE: billing_type,
        at::BILLING_CYCLE: billing_cycle,
        at::TERM: term_duration,
        at::AUTO_RENEW: auto_renew_enabled,
        at::CREATED: creation_date,
        at::START: effective_start_date,
        at::END: commitment_end_date,
        at::ORDER_ID: order_id,
        at::PARENT: parent_subscription_id,
        at::IS_TRIAL: is_trial,
        at::PUBLISHER: publisher_name,
        at::PRODUCT_TYPE: product_type,
    }
}

/// The stored value of every field. `mpn_of` returns the MPN ID of the partner of record.
pub(crate) fn stored_values(stored: Option<&StoredSubscription>, mpn_of: impl Fn(PartnerKey) -> String) -> Vec<Value> {
    let mut values = vec![Value::Null; SUBSCRIPTION.len()];
    match stored {
        Some(row) => {
            show(&row.columns, &mut values);
            values[at::RESELLER] = Value::from(row.reseller_id.map(mpn_of));
        }
        None => show(&SubscriptionColumns::default(), &mut values),
    }
    values
}

/// The row with these columns. Its name is the given one, else its offer's.
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

/// The last day of a term that has ended although the subscription is active and no renewal is known.
pub(crate) fn presumed_expired<'a>(decision: &'a SubscriptionDecision, today: &str) -> Option<&'a str> {
    let values = &decision.after;
    let active = matches!(&values[at::STATUS], Value::Text(status) if status == SubscriptionStatus::Active.as_str());
    match &values[at::END] {
        Value::Text(end) if active && !decision.goes_on && end.as_str() < today => Some(end),
        _ => None,
    }
}
