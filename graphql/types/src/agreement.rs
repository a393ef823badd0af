use async_graphql::SimpleObject;
use partnergraph_domain::AgreementType;

use partnergraph_operation::scalars::DateTime;

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
