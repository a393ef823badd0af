//! Responses, and their maximum size. The number of values is bounded before anything is executed (see `cost`); their
//! length is known only afterwards.

use std::ops::Deref;

use async_graphql::{Response, ServerError, Value};
use serde::ser::{Error, SerializeStruct};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use partnergraph_operation::errors::{code, server_error};

/// The response to an operation: either async-graphql's response, or `data` that is already JSON and has no errors.
#[derive(Debug)]
pub struct GateResponse {
    pub(super) response: Response,
    written: Option<String>,
}

impl GateResponse {
    /// A response with this JSON as its `data`.
    pub(super) fn written(data: String) -> Self {
        Self { response: Response::default(), written: Some(data) }
    }

    /// A response that contains only errors.
    pub(super) fn refused(errors: Vec<ServerError>) -> Self {
        Response::from_errors(errors).into()
    }

    /// The JSON of the whole response, if its `data` is already JSON.
    ///
    /// # Errors
    /// async-graphql's response, if `data` is not JSON yet.
    pub fn into_json(self) -> Result<String, Box<Response>> {
        let Some(mut data) = self.written else { return Err(Box::new(self.response)) };
        data.insert_str(0, "{\"data\":");
        if !self.response.extensions.is_empty() {
            data.push_str(",\"extensions\":");
            data.push_str(&serde_json::to_string(&self.response.extensions).unwrap_or_else(|_| "{}".to_owned()));
        }
        data.push('}');
        Ok(data)
    }

    /// The same response, or an error if it is larger than `max` bytes, even though the operation was executed.
    pub(super) fn bounded(self, max: usize) -> Self {
        match &self.written {
            Some(data) if data.len() > max => Self::refused(vec![too_large(max)]),
            Some(_) => self,
            None => bounded(self.response, max).into(),
        }
    }
}

impl From<Response> for GateResponse {
    fn from(response: Response) -> Self {
        Self { response, written: None }
    }
}

/// The errors and extensions. `data` is null here if it is already JSON.
impl Deref for GateResponse {
    type Target = Response;

    fn deref(&self) -> &Response {
        &self.response
    }
}

impl Serialize for GateResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(data) = &self.written else { return self.response.serialize(serializer) };
        let extensions = &self.response.extensions;
        let data: &RawValue = serde_json::from_str(data).map_err(S::Error::custom)?;
        let mut response = serializer.serialize_struct("GateResponse", 1 + usize::from(!extensions.is_empty()))?;
        response.serialize_field("data", data)?;
        if !extensions.is_empty() {
            response.serialize_field("extensions", extensions)?;
        }
        response.end()
    }
}

/// Replaces a response that is larger than `max` bytes with an error, even though the operation was executed.
fn bounded(response: Response, max: usize) -> Response {
    if has_room(&response.data, &mut (max as isize)) {
        return response;
    }
    Response::from_errors(vec![too_large(max)])
}

fn too_large(max: usize) -> ServerError {
    let message = format!(
        "the response is larger than {max} bytes and was not sent; a mutation was still carried out; request smaller pages or fewer fields"
    );
    server_error(code::ANSWER_TOO_LARGE, message)
}

/// Subtracts the size of a value as JSON from `left`, and returns whether anything is left. Strings count with their
/// own length, because escaped characters are rare.
fn has_room(value: &Value, left: &mut isize) -> bool {
    let own = match value {
        Value::Null | Value::Boolean(_) | Value::Number(_) => 4,
        Value::String(text) => text.len() + 2,
        Value::Enum(name) => name.len() + 2,
        Value::Binary(bytes) => bytes.len(),
        Value::List(items) => items.len() + 2,
        Value::Object(members) => members.keys().map(|name| name.len() + 4).sum::<usize>() + 2,
    };
    *left = left.saturating_sub_unsigned(own);
    *left >= 0
        && match value {
            Value::List(items) => items.iter().all(|item| has_room(item, left)),
            Value::Object(members) => members.values().all(|member| has_room(member, left)),
            _ => true,
        }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;
    use proptest::prelude::*;

    use super::*;
    use partnergraph_operation::errors::code_of;

    #[test]
    fn an_answer_that_is_too_long_is_refused_by_its_code() {
        let long = Response::new(value!({ "customers": { "nodes": [{ "name": "Adventure Works" }] } }));
        let size = serde_json::to_string(&long.data).unwrap().len();
        assert!(bounded(Response::new(long.data.clone()), size + 8).errors.is_empty());
        let refused = bounded(long, size - 8);
        assert_eq!((&refused.data, code_of(&refused.errors[0])), (&Value::Null, Some(code::ANSWER_TOO_LARGE)));
    }

    proptest! {
        #[test]
        fn what_is_counted_is_near_to_what_is_sent(names in prop::collection::vec("[a-z]{1,40}", 0..40)) {
            let value = Value::from_json(serde_json::json!({ "nodes": names })).unwrap();
            let sent = serde_json::to_string(&value).unwrap().len();
            prop_assert!(has_room(&value, &mut (sent as isize + 8)));
            prop_assert!(!has_room(&value, &mut (sent as isize - 8)));
        }
    }
}
