//! Arguments: substitutes the variables, and checks values where the specification leaves the check to the
//! implementation: custom scalars, `@oneOf` (section 3.10.1) and sizes.

use apollo_compiler::Node;
use apollo_compiler::ast::{Type, Value};
use apollo_compiler::executable::Field;
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Number, Pos, ScalarType, ServerError, Value as Const};

use super::limits::MAX_LIST;
use super::literals::Fault;
use super::type_system::TypeSystem;
use super::value_path::ValuePath;
use super::variables;
use partnergraph_operation::errors::{self, code, server_error};
use partnergraph_operation::scalars::{CountryCode, Date, DateTime, Guid};

/// The arguments of a field, in document order. An argument whose variable was not given is omitted, as if it had not
/// been written.
///
/// # Errors
/// `BAD_USER_INPUT`, or the error code of the scalar.
pub(super) fn of(types: &TypeSystem, variables: &JsonMap, field: &Field) -> Result<Vec<(Name, Const)>, ServerError> {
    let mut arguments = Vec::with_capacity(field.arguments.len());
    for argument in &field.arguments {
        let Some(value) = value_of(&argument.value, variables)? else { continue };
        let definition = field.definition.arguments.iter().find(|definition| definition.name == argument.name);
        let mut value = value;
        if let Some(definition) = definition {
            check(types, &definition.ty, &value, &ValuePath::named(&argument.name))?;
            write_ids(types, &definition.ty, &mut value, &argument.value);
        }
        arguments.push((Name::new(argument.name.as_str()), value));
    }
    Ok(arguments)
}

/// Converts whole numbers to text where an `ID` is expected, keeping the digits as sent (section 3.5.5).
fn write_ids(types: &TypeSystem, ty: &Type, value: &mut Const, written: &Value) {
    match (ty, &mut *value, written) {
        (Type::List(inner) | Type::NonNullList(inner), Const::List(items), _) => {
            let literals = match written {
                Value::List(literals) => literals.as_slice(),
                _ => &[],
            };
            for (at, item) in items.iter_mut().enumerate() {
                write_ids(types, inner, item, literals.get(at).map_or(written, AsRef::as_ref));
            }
        }
        (Type::List(inner) | Type::NonNullList(inner), ..) => write_ids(types, inner, value, written),
        (Type::Named(name) | Type::NonNullNamed(name), Const::Number(number), _) if name == "ID" => {
            let digits = match written {
                Value::Int(literal) => literal.as_str().to_owned(),
                _ => number.to_string(),
            };
            *value = Const::String(digits);
        }
        (Type::Named(name) | Type::NonNullNamed(name), Const::Object(fields), _) => {
            let Some(ExtendedType::InputObject(object)) = types.schema.types.get(name) else { return };
            for (field, value) in fields.iter_mut() {
                let Some(definition) = object.fields.get(field.as_str()) else { continue };
                let literal = match written {
                    Value::Object(literals) => literals.iter().find(|(name, _)| name.as_str() == field.as_str()),
                    _ => None,
                };
                write_ids(types, &definition.ty, value, literal.map_or(written, |(_, literal)| literal.as_ref()));
            }
        }
        _ => {}
    }
}

/// A value with its variables substituted. `None` if it is a variable that was not given.
fn value_of(value: &Value, variables: &JsonMap) -> Result<Option<Const>, ServerError> {
    Ok(Some(match value {
        Value::Variable(name) => return variables.get(name.as_str()).map(from_json).transpose(),
        Value::Null => Const::Null,
        Value::Boolean(value) => Const::Boolean(*value),
        Value::String(text) => Const::String(text.clone()),
        Value::Enum(name) => Const::Enum(Name::new(name.as_str())),
        Value::Int(number) => Const::Number(parsed(number.as_str())?),
        Value::Float(number) => Const::Number(parsed(number.as_str())?),
        Value::List(items) => {
            let items = items.iter().map(|item| Ok(value_of(item, variables)?.unwrap_or(Const::Null)));
            Const::List(items.collect::<Result<_, ServerError>>()?)
        }
        Value::Object(fields) => {
            let mut object = IndexMap::with_capacity(fields.len());
            for (name, value) in fields {
                if let Some(value) = value_of(value, variables)? {
                    object.insert(Name::new(name.as_str()), value);
                }
            }
            Const::Object(object)
        }
    }))
}

fn parsed(number: &str) -> Result<Number, ServerError> {
    // async-graphql does not treat -0 as a whole number.
    let number = if number == "-0" { "0" } else { number };
    number.parse().map_err(|_| bad(format!("{number:.40} is not a number that can be represented")))
}

fn from_json(value: &JsonValue) -> Result<Const, ServerError> {
    Ok(match value {
        JsonValue::Null => Const::Null,
        JsonValue::Bool(value) => Const::Boolean(*value),
        JsonValue::Number(number) => Const::Number(number.clone()),
        JsonValue::String(text) => Const::String(text.as_str().to_owned()),
        JsonValue::Array(items) => Const::List(items.iter().map(from_json).collect::<Result<_, _>>()?),
        JsonValue::Object(fields) => {
            let mut object = IndexMap::with_capacity(fields.len());
            for (name, value) in fields {
                object.insert(Name::new(name.as_str()), from_json(value)?);
            }
            Const::Object(object)
        }
    })
}

/// Checks what validation and coercion have not already checked about a value.
fn check(types: &TypeSystem, ty: &Type, value: &Const, path: &ValuePath<'_>) -> Result<(), ServerError> {
    match (ty, value) {
        (_, Const::Null) if ty.is_non_null() => Err(bad(format!("`{path}` must not be null"))),
        (_, Const::Null) => Ok(()),
        (Type::List(inner) | Type::NonNullList(inner), Const::List(items)) => {
            if items.len() > MAX_LIST {
                return Err(bad(format!("`{path}` can have at most {MAX_LIST} elements")));
            }
            items.iter().enumerate().try_for_each(|(index, item)| check(types, inner, item, &path.item(index)))
        }
        // A single value in place of a list counts as a list of one item.
        (Type::List(inner) | Type::NonNullList(inner), _) => check(types, inner, value, path),
        (Type::Named(name) | Type::NonNullNamed(name), _) => match types.schema.types.get(name) {
            Some(ExtendedType::InputObject(object)) => check_object(types, object, value, path),
            _ => check_scalar(name, value, path),
        },
    }
}

fn check_object(
    types: &TypeSystem,
    object: &InputObjectType,
    value: &Const,
    path: &ValuePath<'_>,
) -> Result<(), ServerError> {
    let Const::Object(fields) = value else { return Err(bad(format!("`{path}` must be an object"))) };
    if object.directives.has("oneOf") && (fields.len() != 1 || fields.values().any(|value| *value == Const::Null)) {
        let names: Vec<&str> = object.fields.keys().map(|name| name.as_str()).collect();
        return Err(bad(format!(
            "`{path}` must have exactly one of {}, with a value other than null",
            names.join(", ")
        )));
    }
    for definition in object.fields.values() {
        match fields.get(definition.name.as_str()) {
            Some(value) => check(types, &definition.ty, value, &path.field(&definition.name))?,
            None if definition.ty.is_non_null() && definition.default_value.is_none() => {
                return Err(bad(format!("`{path}.{}` is missing", definition.name)));
            }
            None => {}
        }
    }
    Ok(())
}

fn check_scalar(name: &str, value: &Const, path: &ValuePath<'_>) -> Result<(), ServerError> {
    if let Const::String(text) = value {
        variables::string(text).map_err(|what| bad(format!("`{path}`: {what}")))?;
    }
    match name {
        "UUID" => own::<Guid>(value, path),
        "Date" => own::<Date>(value, path),
        "DateTime" => own::<DateTime>(value, path),
        "CountryCode" => own::<CountryCode>(value, path),
        _ => Ok(()),
    }
}

/// Checks a literal of a custom scalar. Validation has already checked the built-in scalars.
pub(super) fn literal(scalar: &str, value: &Node<Value>) -> Result<(), Fault> {
    let result = value_of(value, &JsonMap::new()).and_then(|value| match value {
        Some(value) => check_scalar(scalar, &value, &ValuePath::named(scalar)),
        None => Ok(()),
    });
    result.map_err(|error| {
        let code = match errors::code_of(&error) {
            Some("BAD_UUID") => "BAD_UUID",
            Some("BAD_DATE") => "BAD_DATE",
            Some("BAD_DATE_TIME") => "BAD_DATE_TIME",
            Some("BAD_COUNTRY_CODE") => "BAD_COUNTRY_CODE",
            _ => code::BAD_INPUT,
        };
        Fault { code, message: error.message, span: value.location() }
    })
}

/// Checks a variable's coerced value for what coercion does not check.
pub(super) fn variable(types: &TypeSystem, ty: &Type, value: &JsonValue, name: &str) -> Result<(), ServerError> {
    check(types, ty, &from_json(value)?, &ValuePath::variable(name))
}

fn own<S: ScalarType + async_graphql::InputType>(value: &Const, path: &ValuePath<'_>) -> Result<(), ServerError> {
    let Err(error) = <S as ScalarType>::parse(value.clone()) else { return Ok(()) };
    let mut error = error.into_server_error(Pos::default());
    error.locations.clear();
    // async-graphql prefixes the message with a note that it could not parse the type. Drop it.
    let text = error.message.split_once("\": ").map_or(error.message.as_str(), |(_, text)| text);
    error.message = format!("`{path}`: {text}");
    Err(error)
}

fn bad(message: String) -> ServerError {
    server_error(code::BAD_INPUT, message)
}
