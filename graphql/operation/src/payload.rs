//! What every mutation returns besides its entity.

use async_graphql::SimpleObject;
use partnergraph_domain::Refusal;

/// One reason why a mutation was rejected. All reasons are returned together.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct UserError {
    /// A stable code for use in programs.
    pub code: String,
    /// A human-readable message: one sentence that says what is wrong and, if possible, what to do.
    pub message: String,
    /// The path to the input field at fault. An index in a list is given as a number. Empty if the whole input is at fault.
    pub field: Vec<String>,
    /// The id of the rule that was broken. Null if no rule was broken, for example if something does not exist, is malformed or
    /// has changed since.
    pub rule: Option<String>,
    /// The error code that Microsoft's own API returns for the same refusal. Null if there is none.
    pub microsoft_code: Option<i32>,
    /// Alternatives, one sentence each. Often empty.
    pub options: Vec<String>,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code.to_owned(),
            message: refusal.message,
            field: refusal.field,
            rule: refusal.rule.map(|rule| rule.as_str().to_owned()),
            microsoft_code: refusal.microsoft_code.and_then(|code| i32::try_from(code).ok()),
            options: refusal.options,
        }
    }
}

/// Converts refusals to user errors, in the same order.
pub fn user_errors(refusals: impl IntoIterator<Item = Refusal>) -> Vec<UserError> {
    refusals.into_iter().map(UserError::from).collect()
}
