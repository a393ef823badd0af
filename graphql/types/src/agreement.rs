use async_graphql::SimpleObject;
use partnergraph_domain::AgreementType;

use partnergraph_operation::scalars::DateTime;

/// An agreement that is in force.
#[derive(SimpleObject, Debug, Clone)]
pub struct Agreement {
    /// The type of agreement.
    #[graphql(name = "type")]
    pub kind: AgreementType,
    /// When it was accepted.
    pub accepted_at: DateTime,
    /// Who accepted the agreement. Visible only to the customer, to the partner whose user accepted it, and to operators. Null
    /// for everyone else.
    pub accepted_by: Option<String>,
}
