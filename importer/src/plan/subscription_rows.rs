//! A subscription's row and its fields' values, one from the other.

use partnergraph_domain::{
    BillingCycle, BillingType, CustomerKey, PartnerKey, SubscriptionKey, SubscriptionStatus, TermDuration, search_key,
    sort_key,
};
use partnergraph_store::StoreResult;
use partnergraph_store::imports::rows::Subscription;
use partnergraph_store::imports::stored::StoredSubscription;

use crate::reconcile::moment;
use crate::said::{SUBSCRIPTION, Value, subscription as at};

/// The values that stand; words that say that nothing is known are nothing.
pub(crate) fn stored_values(stored: Option<&StoredSubscription>, mpn_of: impl Fn(PartnerKey) -> String) -> Vec<Value> {
    let mut values = vec![Value::Null; SUBSCRIPTION.len()];
    let Some(row) = stored else {
        values[at::IS_TRIAL] = Value::Bool(false);
        return values;
    };
    values[at::OFFER_ID] = Value::from(row.offer_id.clone());
    values[at::OFFER_NAME] = Value::from(row.offer_name.clone());
    values[at::FRIENDLY_NAME] = Value::from(row.friendly_name.clone());
    values[at::QUANTITY] = row.quantity.map_or(Value::Null, Value::Int);
    values[at::UNIT_TYPE] = Value::from(row.unit_type.clone());
    let (status, billing_type, billing_cycle) = (row.status, row.billing_type, row.billing_cycle);
    values[at::STATUS] = Value::from((status != SubscriptionStatus::None).then(|| status.as_str()));
    values[at::BILLING_TYPE] = Value::from((billing_type != BillingType::None).then(|| billing_type.as_str()));
    values[at::BILLING_CYCLE] = Value::from((billing_cycle != BillingCycle::None).then(|| billing_cycle.as_str()));
    values[at::TERM] = Value::from(row.term_duration.map(TermDuration::as_str));
    values[at::AUTO_RENEW] = row.auto_renew_enabled.map_or(Value::Null, Value::Bool);
    values[at::CREATED] = Value::from(row.creation_date.map(moment));
    values[at::START] = Value::from(row.effective_start_date.map(|on| on.to_string()));
    values[at::END] = Value::from(row.commitment_end_date.map(|on| on.to_string()));
    values[at::ORDER_ID] = Value::from(row.order_id.clone());
    values[at::PARENT] = Value::from(row.parent_subscription_id.clone());
    values[at::IS_TRIAL] = Value::Bool(row.is_trial);
    values[at::PUBLISHER] = Value::from(row.publisher_name.clone());
    values[at::PRODUCT_TYPE] = Value::from(row.product_type.clone());
    values[at::RESELLER] = Value::from(row.reseller_id.map(mpn_of));
    values
}

/// The row that has these values. Its name is the one it was given, else its offer's.
///
/// # Errors
/// A baseline or a list of changes, from which the values come, holds a word that there is none of.
pub(crate) fn row_of(
    key: String,
    id: SubscriptionKey,
    customer_id: CustomerKey,
    reseller_id: Option<PartnerKey>,
    partner_of_record_fixed: bool,
    values: &[Value],
) -> StoreResult<Subscription> {
    let text = |field: usize| values[field].clone().text();
    let name = text(at::FRIENDLY_NAME).or_else(|| text(at::OFFER_NAME));
    Ok(Subscription {
        id,
        subscription_id: key,
        customer_id,
        reseller_id,
        partner_of_record_since: None,
        offer_id: text(at::OFFER_ID),
        offer_name: text(at::OFFER_NAME),
        friendly_name: text(at::FRIENDLY_NAME),
        offer_name_key: text(at::OFFER_NAME).as_deref().map(search_key),
        name_sort: sort_key(name.as_deref()),
        quantity: values[at::QUANTITY].int(),
        unit_type: text(at::UNIT_TYPE),
        status: values[at::STATUS].word()?.unwrap_or(SubscriptionStatus::None),
        billing_type: values[at::BILLING_TYPE].word()?.unwrap_or(BillingType::None),
        billing_cycle: values[at::BILLING_CYCLE].word()?.unwrap_or(BillingCycle::None),
        term_duration: values[at::TERM].word()?,
        auto_renew_enabled: values[at::AUTO_RENEW].truth(),
        creation_date: text(at::CREATED),
        effective_start_date: text(at::START),
        commitment_end_date: text(at::END),
        order_id: text(at::ORDER_ID),
        parent_subscription_id: text(at::PARENT),
        is_trial: values[at::IS_TRIAL].truth().unwrap_or(false),
        partner_of_record_fixed,
        publisher_name: text(at::PUBLISHER),
        product_type: text(at::PRODUCT_TYPE),
    })
}
