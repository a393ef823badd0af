use async_graphql::{Context, Object, Result, SimpleObject};
use partnergraph_domain::rules::customer::{
    Renegotiation, RightsFacts, c_03_needs_agreement, c_03_right, c_16_support_responsible, c_17_service_request_path,
};
use partnergraph_domain::rules::types::t_03_reseller_orders_through_provider;
use partnergraph_domain::{CustomerRight, IntoEnumIterator, RelationshipToPartner, ServiceRequestPath};
use partnergraph_store::read::relationships::RelationshipRow;

use super::delegated_admin::standing;
use super::{DelegatedAdmin, Partner, partner_of};
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::context::Operation;
use partnergraph_operation::scalars::DateTime;

/// A partner's relationship with a customer and its rights over that customer.
#[derive(Debug, Clone)]
pub struct CustomerPartner(pub BatchRow<RelationshipRow>);

/// A right over a customer, and whether the partner has it.
#[derive(SimpleObject, Debug, Clone)]
pub struct CustomerPartnerRight {
    /// The right.
    pub name: CustomerRight,
    /// Whether the partner has the right.
    pub allowed: bool,
    /// The id of the rule that decides: `C-03`, or `T-03` for orders by an indirect reseller.
    pub rule: Option<String>,
    /// What is missing, in one sentence. Null if the partner has the right.
    pub message: Option<String>,
}

impl CustomerPartner {
    fn relationship(&self) -> RelationshipToPartner {
        self.0.relationship_to_partner.unwrap_or(RelationshipToPartner::None)
    }

    fn rights_facts(&self, ctx: &Context<'_>) -> RightsFacts {
        RightsFacts {
            relationship: self.relationship(),
            mca_accepted: self.0.agreement_accepted == Some(true),
            delegated_admin: standing(&self.0, Operation::of(ctx).now()),
            azure_subscription: self.0.azure_subscription,
        }
    }
}

/// A partner's relationship with a customer and its rights over that customer.
#[Object]
impl CustomerPartner {
    /// The partner account. Null if you cannot see it.
    async fn partner(&self, ctx: &Context<'_>) -> Result<Option<Partner>> {
        partner_of(ctx, self.0.batch(), |row| [Some(row.partner_id), None, None], Some(self.0.partner_id)).await
    }

    /// The partner's relationship with the customer. `NONE` if only a grant of delegated admin privileges remains.
    fn relationship_to_partner(&self) -> RelationshipToPartner {
        self.relationship()
    }

    /// When the relationship began. Null if it no longer exists.
    fn since(&self) -> Option<DateTime> {
        self.0.since.map(DateTime)
    }

    /// The partner's delegated admin privileges. They are independent of the relationship: they neither begin nor end with it.
    async fn delegated_admin(&self, ctx: &Context<'_>) -> DelegatedAdmin {
        DelegatedAdmin::of(&self.0, Operation::of(ctx).now())
    }

    /// The partner's rights over the customer, each with the rule that decides (C-03; T-03 for orders by an indirect
    /// reseller). Of another partner, you see only the rights that do not depend on the customer's agreement.
    async fn rights(&self, ctx: &Context<'_>) -> Vec<CustomerPartnerRight> {
        let facts = self.rights_facts(ctx);
        let right = |name: CustomerRight| {
            let verdict = match t_03_reseller_orders_through_provider(self.0.partner_type) {
                refused if name == CustomerRight::Order && refused.passed() == Some(false) => refused,
                _ => c_03_right(name, facts),
            };
            CustomerPartnerRight {
                name,
                allowed: verdict.passed() == Some(true),
                rule: verdict.rule().map(|rule| rule.to_string()),
                message: verdict.refusal().map(|refusal| refusal.message),
            }
        };
        let is_known = |name: &CustomerRight| self.0.agreement_accepted.is_some() || !c_03_needs_agreement(*name);
        CustomerRight::iter().filter(is_known).map(right).collect()
    }

    /// Whether the partner is responsible for supporting the customer. If the customer removes the delegated admin privileges,
    /// the partner remains responsible until a renegotiation is recorded (C-16).
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
