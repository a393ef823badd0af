use async_graphql::{Context, Object, Result, SimpleObject};
use partnergraph_domain::rules::customer::{
    Renegotiation, RightsFacts, c_03_right, c_16_support_responsible, c_17_service_request_path,
};
use partnergraph_domain::{CustomerRight, IntoEnumIterator, RelationshipToPartner, ServiceRequestPath};
use partnergraph_store::read::relationships::RelationshipRow;

use super::delegated_admin::standing;
use super::{DelegatedAdmin, Partner, partner_of};
use partnergraph_operation::context::Operation;
use partnergraph_operation::scalars::DateTime;
use partnergraph_operation::siblings::Member;

/// What one partner is to a customer, and may do for it.
#[derive(Debug, Clone)]
pub struct CustomerPartner(pub Member<RelationshipRow>);

/// A right that a partner has over a customer, or lacks.
#[derive(SimpleObject, Debug, Clone)]
pub struct CustomerPartnerRight {
    /// Which right.
    pub name: CustomerRight,
    /// Whether the partner has it.
    pub allowed: bool,
    /// The rule that decides.
    pub rule: Option<String>,
    /// What is missing, in one sentence. Null where the partner has the right.
    pub message: Option<String>,
}

impl CustomerPartner {
    fn relationship(&self) -> RelationshipToPartner {
        self.0.relationship_to_partner.unwrap_or(RelationshipToPartner::None)
    }

    fn rights_facts(&self, ctx: &Context<'_>) -> RightsFacts {
        RightsFacts {
            relationship: self.relationship(),
            mca_accepted: self.0.agreement_accepted,
            delegated_admin: standing(&self.0, Operation::of(ctx).now()),
            azure_subscription: self.0.azure_subscription,
        }
    }
}

/// What one partner is to a customer, and may do for it.
#[Object]
impl CustomerPartner {
    /// The partner account. Null where the caller does not see it.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.level(), |row| [Some(row.partner_id), None, None], Some(self.0.partner_id)).await
    }

    /// What the partner is to the customer. `NONE` where only a grant of delegated administration is left.
    fn relationship_to_partner(&self) -> RelationshipToPartner {
        self.relationship()
    }

    /// Since when there is the relationship. Null where there is none any more.
    fn since(&self) -> Option<DateTime> {
        self.0.since.map(DateTime)
    }

    /// Delegated administration, independent of the relationship: it neither begins nor ends with it.
    async fn delegated_admin(&self, ctx: &Context<'_>) -> DelegatedAdmin {
        DelegatedAdmin::of(&self.0, Operation::of(ctx).now())
    }

    /// What the partner may do for the customer, each right with the rule that decides (C-03).
    async fn rights(&self, ctx: &Context<'_>) -> Vec<CustomerPartnerRight> {
        let facts = self.rights_facts(ctx);
        let right = |name: CustomerRight| {
            let verdict = c_03_right(name, facts);
            CustomerPartnerRight {
                name,
                allowed: verdict.passed() == Some(true),
                rule: verdict.rule().map(|rule| rule.to_string()),
                message: verdict.refusal().map(|refusal| refusal.message),
            }
        };
        CustomerRight::iter().map(right).collect()
    }

    /// Whether the partner is responsible for supporting the customer. It stays so when the customer takes delegated
    /// administration away, until a renegotiation is recorded (C-16).
    fn support_responsible(&self) -> bool {
        let renegotiation =
            if self.0.renegotiated_at.is_some() { Renegotiation::Recorded } else { Renegotiation::None };
        c_16_support_responsible(self.relationship(), renegotiation)
    }

    /// How the partner raises a service request for the customer (C-17).
    async fn service_request_path(&self, ctx: &Context<'_>) -> ServiceRequestPath {
        c_17_service_request_path(self.0.grant_kind.filter(|_| standing(&self.0, Operation::of(ctx).now())))
    }
}
