//! What every mutation answers besides its entity.

use async_graphql::SimpleObject;
use partnergraph_domain::Refusal;

/// One reason why a mutation was refused. All reasons are given at once.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct UserError {
    /// A stable word for programs.
    pub code: String,
    /// One sentence for people: what is wrong and, where it helps, what to do.
    pub message: String,
    /// The names that lead to the input field at fault, a position in a list as its number; empty where it is the whole input.
    pub field: Vec<String>,
    /// The id of the rule that is broken. Null where no rule is: something does not exist, is malformed or has changed since.
    pub rule: Option<String>,
    /// The code with which Microsoft's own interface refuses the same. Null where it has none.
    pub microsoft_code: Option<i32>,
    /// What could be done instead, a sentence each; mostly empty.
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

/// All refusals as user errors, in their order.
pub fn user_errors(refusals: impl IntoIterator<Item = Refusal>) -> Vec<UserError> {
    refusals.into_iter().map(UserError::from).collect()
}
