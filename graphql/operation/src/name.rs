//! The validator for input fields that take a name or a label.

use async_graphql::{CustomValidator, InputValueError};
use partnergraph_domain::check_name;

use crate::errors::code;

/// Validates a single-line text no longer than a name may be; see [`check_name`]. A text that is too long or contains control
/// characters is rejected with `BAD_USER_INPUT` before anything is read or written, so that both databases behave the same.
#[derive(Debug, Clone, Copy)]
pub struct Name;

impl CustomValidator<String> for Name {
    fn check(&self, value: &String) -> Result<(), InputValueError<String>> {
        check_name(value).map_err(|fault| {
            // The library reports the type of the field but not its name, so the message quotes the value.
            let begins: String = value.chars().take(40).collect();
            InputValueError::custom(format!("the name or label {begins:?} {fault}"))
                .with_extension("code", code::BAD_INPUT)
        })
    }
}
