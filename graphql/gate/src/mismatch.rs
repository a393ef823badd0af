//! Describes where an operation's variables do not match their types. The coercing library (apollo-compiler) only
//! decides whether they match.

use apollo_compiler::ast::Type;
use apollo_compiler::executable;
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::schema::{ExtendedType, InputObjectType};

use super::document::clipped;
use super::type_system::TypeSystem;
use super::value_path::ValuePath;

/// Describes the first mismatch, or all missing variables.
pub(super) fn of(types: &TypeSystem, operation: &executable::Operation, given: &JsonMap) -> Option<String> {
    let is_missing = |variable: &&apollo_compiler::Node<executable::VariableDefinition>| {
        variable.ty.is_non_null() && variable.default_value.is_none() && !given.contains_key(variable.name.as_str())
    };
    let missing: Vec<String> = operation
        .variables
        .iter()
        .filter(is_missing)
        .map(|variable| format!("`${}` of type `{}`", variable.name, variable.ty))
        .collect();
    if !missing.is_empty() {
        return Some(format!("missing variables: {}", missing.join(", ")));
    }
    operation.variables.iter().find_map(|variable| {
        value(types, &variable.ty, given.get(variable.name.as_str())?, &ValuePath::variable(&variable.name))
    })
}

fn value(types: &TypeSystem, ty: &Type, given: &JsonValue, path: &ValuePath<'_>) -> Option<String> {
    match (ty, given) {
        (_, JsonValue::Null) => ty.is_non_null().then(|| format!("`{path}` must not be null")),
        (Type::List(inner) | Type::NonNullList(inner), JsonValue::Array(items)) => {
            items.iter().enumerate().find_map(|(index, item)| value(types, inner, item, &path.item(index)))
        }
        (Type::List(inner) | Type::NonNullList(inner), _) => value(types, inner, given, path),
        (Type::Named(name) | Type::NonNullNamed(name), _) => match types.schema.types.get(name) {
            Some(ExtendedType::InputObject(object)) => fields(types, object, given, path),
            Some(ExtendedType::Enum(declared)) => {
                let is_known = given.as_str().is_some_and(|value| declared.values.contains_key(value));
                let known = || declared.values.keys().map(|value| value.as_str()).collect::<Vec<_>>().join(", ");
                (!is_known).then(|| format!("`{path}` is {}, but must be one of {}", shown(given), known()))
            }
            _ => {
                let fits = match name.as_str() {
                    "Int" => given.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
                    "Float" => given.is_number(),
                    "Boolean" => given.is_boolean(),
                    "String" => given.is_string(),
                    "ID" => given.is_string() || given.is_i64() || given.is_u64(),
                    _ => true,
                };
                (!fits).then(|| format!("`{path}` is {}, which is not a valid `{name}`", shown(given)))
            }
        },
    }
}

fn fields(types: &TypeSystem, object: &InputObjectType, given: &JsonValue, path: &ValuePath<'_>) -> Option<String> {
    let JsonValue::Object(members) = given else {
        return Some(format!("`{path}` is {}, but must be an object of type `{}`", shown(given), object.name));
    };
    if let Some((unknown, _)) = members.iter().find(|(name, _)| !object.fields.contains_key(name.as_str())) {
        let near = types.nearest(unknown.as_str(), object.fields.keys().map(|name| name.as_str()));
        return Some(format!(
            "`{path}` has the field `{}`, which type `{}` does not have{near}",
            clipped(unknown.as_str()),
            object.name
        ));
    }
    object.fields.values().find_map(|definition| match members.get(definition.name.as_str()) {
        Some(given) => value(types, &definition.ty, given, &path.field(&definition.name)),
        None if definition.ty.is_non_null() && definition.default_value.is_none() => {
            Some(format!("`{path}.{}` is missing; its type is `{}`", definition.name, definition.ty))
        }
        None => None,
    })
}

fn shown(given: &JsonValue) -> String {
    match given {
        JsonValue::Array(_) => "a list".to_owned(),
        JsonValue::Object(_) => "an object".to_owned(),
        _ => clipped(&given.to_string()),
    }
}
