//! What every input field that takes a name or label is checked with.

use async_graphql::{CustomValidator, InputValueError};
use partnergraph_domain::check_name;

use crate::errors::code;

/// A text of one line, as long as a name may be; see [`check_name`]. What is longer or has control characters is
/// `BAD_USER_INPUT`, before anything is read or written, on either database.
#[derive(Debug, Clone, Copy)]
pub struct Name;

impl CustomValidator<String> for Name {
    fn check(&self, value: &String) -> Result<(), InputValueError<String>> {
        check_name(value).map_err(|fault| {
            // The library names the type that the field is of, and not the field: the value tells which it is.
            let begins: String = value.chars().take(40).collect();
            InputValueError::custom(format!("the name or label {begins:?} {fault}"))
                .with_extension("code", code::BAD_INPUT)
        })
    }
}
