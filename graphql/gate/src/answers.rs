//! What an answer may be at most. Its values are counted before anything is executed (`cost`); how long they are is known only now.

use async_graphql::{Response, Value};

use partnergraph_operation::errors::{code, server_error};

/// Refuses an answer that has more bytes than that, whatever was executed for it.
pub(super) fn bounded(response: Response, max: usize) -> Response {
    if has_room(&response.data, &mut (max as isize)) {
        return response;
    }
    let message = format!(
        "the answer is over {max} bytes and is not sent; whatever a mutation was to do is done; ask for smaller pages or fewer fields"
    );
    Response::from_errors(vec![server_error(code::ANSWER_TOO_LARGE, message)])
}

/// Takes the bytes of a value, as JSON has it at least, from those that are left. Strings count as they are: what JSON escapes is rare.
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
