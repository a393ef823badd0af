use async_graphql::SimpleObject;

use crate::graphql::scalars::DateTime;
use crate::graphql::words::AgreementType;

/// An agreement in force.
#[derive(SimpleObject, Debug, Clone)]
pub struct Agreement {
    /// Which agreement.
    #[graphql(name = "type")]
    pub kind: AgreementType,
    /// When it was accepted.
    pub accepted_at: DateTime,
    /// Who accepted it. Null for everybody but the customer itself, the partner whose person accepted it, and operators.
    pub accepted_by: Option<String>,
}
