//! Reads incoming variables within limits, so that an oversized list is rejected before it is built in memory.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::limits::{MAX_LIST, MAX_VALUE_DEPTH, MAX_VALUES};

/// Reads the variables of a request from any format. For use with serde's `deserialize_with`.
///
/// # Errors
/// The format's own error, or a message that names the exceeded limit.
pub fn variables<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Map<String, Value>>, D::Error> {
    let budget = Cell::new(MAX_VALUES);
    match (Part { budget: &budget, depth: 0 }).deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Object(variables) => Ok(Some(variables)),
        _ => Err(D::Error::custom("`variables` must be an object")),
    }
}

/// Whether variables were rejected because they exceed a limit. It looks for `at most` in the message, which every such
/// message here contains.
#[must_use]
pub fn is_beyond_bounds(error: &serde_json::Error) -> bool {
    error.is_data() && error.to_string().contains(" at most ")
}

/// Variables from JSON. A value that is not an object counts as no variables.
#[must_use]
pub fn as_variables(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// One part of the variables. All parts share one budget.
#[derive(Clone, Copy)]
struct Part<'a> {
    budget: &'a Cell<usize>,
    depth: usize,
}

impl Part<'_> {
    fn take<E: Error>(self) -> Result<(), E> {
        let left = self.budget.get().checked_sub(1);
        self.budget.set(
            left.ok_or_else(|| E::custom(format!("all variables together can have at most {MAX_VALUES} values")))?,
        );
        Ok(())
    }

    fn below<E: Error>(self) -> Result<Self, E> {
        if self.depth > MAX_VALUE_DEPTH {
            return Err(E::custom(format!("variables can be nested at most {MAX_VALUE_DEPTH} levels deep")));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.take()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    /// JSON does not distinguish 1.0 from 1, so a number without a fraction is read as a whole number.
    #[allow(clippy::cast_possible_truncation, reason = "it is whole and within what a double counts exactly")]
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        Ok(if value.fract() == 0.0 && value.abs() < EXACT { (value as i64).into() } else { value.into() })
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let part = self.below()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(part)? {
            if list.len() == MAX_LIST {
                return Err(A::Error::custom(format!("a list in variables can have at most {MAX_LIST} elements")));
            }
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let part = self.below()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            object.insert(key, entries.next_value_seed(part)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Option<Map<String, Value>>, serde_json::Error> {
        variables(&mut serde_json::Deserializer::from_str(text))
    }

    #[test]
    fn variables_are_read_as_they_are_and_no_more_of_them_than_may_be() {
        let text = r#"{"a": [1, -2, 2.5, "x", null, true], "b": {"c": {}}}"#;
        assert_eq!(Value::Object(read(text).unwrap().unwrap()), serde_json::from_str::<Value>(text).unwrap());
        assert_eq!(read("null").unwrap(), None);
        let list = |length: usize| json!({ "a": vec![0; length] }).to_string();
        assert!(read(&list(MAX_LIST)).is_ok());
        for (text, word) in [
            ("[]".to_owned(), "object"),
            (list(MAX_LIST + 1), "500 elements"),
            (format!("{{\"a\":{}1{}}}", "[".repeat(60), "]".repeat(60)), "deep"),
            (json!({ "a": vec![vec![0; 400]; 400] }).to_string(), "values"),
        ] {
            assert!(read(&text).unwrap_err().to_string().contains(word), "{word}");
        }
    }
}
