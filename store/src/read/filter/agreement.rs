use serde::Serialize;

use super::{Column, Filter, Spelling, Test};
use crate::read::relationships::own_evidence;
use crate::scope::Scope;
use crate::sql::{Sql, sql};

/// A condition on the evidence of an agreement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum AgreementTerm {
    /// How the partner knows, an enum value.
    Evidence(Test),
    /// When the customer accepted.
    AcceptedAt(Test),
}

impl Filter<AgreementTerm> {
    /// Whether the caller has such evidence about the customer `@`.
    pub(super) fn held_by(&self, scope: &Scope) -> Sql {
        sql("@.level < 3 AND EXISTS (SELECT 1 FROM customer_agreements ag WHERE ag.customer_id = @.customer_id AND ")
            .add(own_evidence(scope))
            .push(" AND ")
            .add(self.sql(&|term| match term {
                AgreementTerm::Evidence(test) => Column::plain("ag.evidence", Spelling::Upper).test(test),
                AgreementTerm::AcceptedAt(test) => Column::plain("ag.accepted_at", Spelling::Lower).test(test),
            }))
            .push(")")
    }
}
