//! Variables: checked against limits as received, then coerced according to the specification (section 6.1.2).

use apollo_compiler::executable;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::validation::Valid;
use async_graphql::ServerError;
use serde_json::{Map, Value};

use super::arguments;
use super::document::clipped;
use super::limits::{MAX_LIST, MAX_STRING, MAX_VALUE_DEPTH, MAX_VALUES};
use super::mismatch;
use super::type_system::TypeSystem;
use super::value_path::ValuePath;
use partnergraph_operation::errors::{code, server_error};

/// The operation's variables, coerced to their types, with defaults filled in. Variables that the operation does not
/// declare are omitted.
///
/// # Errors
/// `BAD_USER_INPUT`, naming the variable.
pub(super) fn coerce(
    types: &TypeSystem,
    operation: &executable::Operation,
    variables: Map<String, Value>,
) -> Result<Valid<JsonMap>, ServerError> {
    let mut values = 0;
    let mut given = JsonMap::new();
    for (name, value) in variables {
        // Undeclared variables are ignored, but they count towards the limits.
        bounded(&ValuePath::variable(&name), &value, 1, &mut values)?;
        if operation.variables.iter().any(|definition| definition.name == name.as_str()) {
            given.insert(name, JsonValue::from(value));
        }
    }
    let coerced = coerce_variable_values(&types.schema, operation, &given).map_err(|error| {
        bad(mismatch::of(types, operation, &given).unwrap_or_else(|| clipped(&error.message().to_string())))
    })?;
    for definition in &operation.variables {
        if let Some(value) = coerced.get(definition.name.as_str()) {
            arguments::variable(types, &definition.ty, value, &definition.name)?;
        }
    }
    Ok(coerced)
}

fn bounded(path: &ValuePath<'_>, value: &Value, depth: usize, values: &mut usize) -> Result<(), ServerError> {
    *values += 1;
    if *values > MAX_VALUES {
        return Err(bad(format!("all variables together can have at most {MAX_VALUES} values")));
    }
    if depth > MAX_VALUE_DEPTH {
        return Err(bad(clipped(&format!(
            "`{path}` is nested too deeply; values can be nested at most {MAX_VALUE_DEPTH} levels deep"
        ))));
    }
    match value {
        Value::String(text) => string(text).map_err(|what| bad(format!("`{path}`: {what}"))),
        Value::Array(items) => {
            if items.len() > MAX_LIST {
                return Err(bad(format!("`{path}` can have at most {MAX_LIST} elements")));
            }
            items.iter().enumerate().try_for_each(|(index, item)| bounded(&path.item(index), item, depth + 1, values))
        }
        Value::Object(fields) => fields.iter().try_for_each(|(field, value)| {
            string(field).map_err(|what| bad(format!("a name in `{path}`: {what}")))?;
            bounded(&path.field(field), value, depth + 1, values)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Checks a string against the limits that apply to every string.
pub(super) fn string(text: &str) -> Result<(), String> {
    if text.contains('\0') {
        return Err("a string must not contain NUL characters".to_owned());
    }
    if text.len() > MAX_STRING && text.chars().count() > MAX_STRING {
        return Err(format!("a string can have at most {MAX_STRING} characters"));
    }
    Ok(())
}

fn bad(message: String) -> ServerError {
    server_error(code::BAD_INPUT, message)
}
