//! Converts between a customer's record and the values of its fields.

use partnergraph_domain::{CustomerKey, CustomerRecordKey};
use partnergraph_store::columns::CustomerRecordColumns;
use partnergraph_store::imports::rows::Record;
use partnergraph_store::imports::stored::StoredCustomer;

use super::columns::columns_of_fields;
use crate::baseline::{CUSTOMER, Value, customer as at};
use crate::fact::CustomerFact;

columns_of_fields! {
    CustomerRecordColumns {
        at::NAME: company_name,
        at::DOMAIN: domain,
        at::COUNTRY: country,
        at::TAGS: tags,
    }
}

/// The record with these columns.
pub(crate) fn record_of(
    id: CustomerRecordKey,
    customer_id: CustomerKey,
    columns: CustomerRecordColumns,
    new_business_blocked: Option<String>,
) -> Record {
    Record { id, customer_id, new_business_blocked, keys: columns.keys(), columns }
}

/// The stored value of every field. None if the partner has no record.
pub(crate) fn stored_values(stored: Option<&StoredCustomer>) -> Vec<Value> {
    let mut values = vec![Value::Null; CUSTOMER.len()];
    if let Some(record) = stored.and_then(|row| row.record.as_ref()) {
        show(&record.columns, &mut values);
    }
    values
}

/// What one row states for each field.
pub(crate) fn stated_values(fact: &CustomerFact) -> Vec<Option<Value>> {
    let text = |text: &Option<String>| text.as_ref().map(|text| Value::Text(text.clone()));
    let mut stated = vec![None; CUSTOMER.len()];
    stated[at::NAME] = text(&fact.company_name);
    stated[at::DOMAIN] = text(&fact.domain);
    stated[at::COUNTRY] = fact.country.map(|code| Value::Text(code.to_string()));
    stated[at::TAGS] = fact.tags.as_ref().and_then(|tags| serde_json::to_string(tags).ok()).map(Value::Text);
    stated
}
