//! A customer's record and its fields' values, one from the other.

use partnergraph_domain::{CustomerKey, CustomerRecordKey, search_key, sort_key};
use partnergraph_store::imports::rows::Record;
use partnergraph_store::imports::stored::StoredCustomer;

use crate::fact::CustomerFact;
use crate::said::{CUSTOMER, Value, customer as at};

/// The record that has these values.
pub(crate) fn record_of(
    id: CustomerRecordKey,
    customer_id: CustomerKey,
    values: &[Value],
    new_business_blocked: Option<String>,
) -> Record {
    let name = values[at::NAME].clone().text();
    let domain = values[at::DOMAIN].clone().text();
    Record {
        id,
        customer_id,
        name_key: name.as_deref().map(search_key).unwrap_or_default(),
        name_sort: sort_key(name.as_deref()),
        company_name: name,
        domain_key: domain.as_deref().map(search_key),
        domain,
        country: values[at::COUNTRY].clone().text(),
        tags: values[at::TAGS].clone().text().unwrap_or_else(|| "[]".to_owned()),
        new_business_blocked,
    }
}

/// The values that stand.
pub(crate) fn stored_values(stored: Option<&StoredCustomer>) -> Vec<Value> {
    let mut values = vec![Value::Null; CUSTOMER.len()];
    if let Some(row) = stored {
        values[at::NAME] = Value::from(row.company_name.clone());
        values[at::DOMAIN] = Value::from(row.domain.clone());
        values[at::COUNTRY] = Value::from(row.country.clone());
        values[at::TAGS] = Value::from(row.tags.clone());
    }
    values
}

/// What one row says of each field.
pub(crate) fn stated_values(fact: &CustomerFact) -> Vec<Option<Value>> {
    let text = |text: &Option<String>| text.as_ref().map(|text| Value::Text(text.clone()));
    let mut said = vec![None; CUSTOMER.len()];
    said[at::NAME] = text(&fact.company_name);
    said[at::DOMAIN] = text(&fact.domain);
    said[at::COUNTRY] = fact.country.map(|code| Value::Text(code.to_string()));
    said[at::TAGS] = fact.tags.as_ref().and_then(|tags| serde_json::to_string(tags).ok()).map(Value::Text);
    said
}
