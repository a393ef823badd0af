//! The values of a cursor as JSON, and back.

use chrono::{NaiveDate, NaiveDateTime};

use crate::sql::Value;

/// Converts a cursor's values to JSON.
#[must_use]
pub fn to_json(values: &[Value]) -> serde_json::Value {
    values
        .iter()
        .map(|value| match value {
            Value::Text(text) => serde_json::json!(text),
            Value::Int(number) => serde_json::json!(number),
            Value::Bool(truth) => serde_json::json!(truth),
            Value::Time(moment) => serde_json::json!(moment.map(|m| m.format(TIME).to_string())),
            Value::Date(day) => serde_json::json!(day.map(|d| d.to_string())),
        })
        .collect()
}

const TIME: &str = "%Y-%m-%dT%H:%M:%S%.f";

/// Parses a cursor's values from JSON. `None` if they do not have the types in `kinds`.
#[must_use]
pub fn from_json(json: &serde_json::Value, kinds: &[Value]) -> Option<Vec<Value>> {
    let values = json.as_array().filter(|values| values.len() == kinds.len())?;
    values
        .iter()
        .zip(kinds)
        .map(|(value, kind)| {
            if value.is_null() {
                return Some(kind.clone());
            }
            Some(match kind {
                Value::Text(_) => Value::from(value.as_str()?),
                Value::Int(_) => Value::from(value.as_i64()?),
                Value::Bool(_) => Value::from(value.as_bool()?),
                Value::Time(_) => Value::from(NaiveDateTime::parse_from_str(value.as_str()?, TIME).ok()?),
                Value::Date(_) => Value::from(value.as_str()?.parse::<NaiveDate>().ok()?),
            })
        })
        .collect()
}
