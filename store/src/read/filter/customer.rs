use partnergraph_domain::{PartnerType, Via};
use serde::Serialize;

use super::{AgreementTerm, Column, Filter, PartnerTerm, Spelling, SubscriptionTerm, Test};
pub use crate::columns::customer_record::CustomerField;
use crate::on::{Customer, On, Shared};
use crate::scope::Scope;
use crate::sql::{Sql, sql};

/// A condition on a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum CustomerTerm {
    /// A test of a field.
    Field(CustomerField, Test),
    /// Has exactly this tag.
    Tag(String),
    /// The cloud of its tenant, an enum value.
    Cloud(Test),
    /// The caller's relationship with it, an enum value; matches the field of the same name.
    RelationshipToPartner(Test),
    /// Whether the caller has delegated admin privileges; matches the field of the same name.
    AllowDelegatedAccess(Test),
    /// One of its resellers matches, associated at account level, by a subscription, or by either.
    IndirectReseller(Filter<PartnerTerm>, Via),
    /// One of its providers or direct-bill partners matches.
    IndirectProvider(Filter<PartnerTerm>),
    /// One of its subscriptions matches.
    Subscriptions(Box<Filter<SubscriptionTerm>>),
    /// The partner whose own-use customer it is.
    InternalUseOf(Filter<PartnerTerm>),
    /// The caller has evidence of its agreement that matches.
    Agreements(Filter<AgreementTerm>),
}

impl Filter<CustomerTerm> {
    /// Converts to a condition on a customer, without its own scope.
    pub fn on_customers(&self, scope: &Scope) -> On<Customer> {
        On::new(self.sql(&|term| match term {
            CustomerTerm::Field(field, test) => field.column().test(test),
            // Tags are a JSON list of strings; search for the tag as JSON encodes it.
            CustomerTerm::Tag(tag) => {
                let written = serde_json::Value::from(tag.as_str()).to_string();
                let escaped = written.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                sql("@.level < 3 AND @.tags LIKE ").bind(format!("%{escaped}%")).push(" ESCAPE '\\'")
            }
            CustomerTerm::RelationshipToPartner(test) => {
                sql("EXISTS (SELECT 1 FROM (SELECT COALESCE((SELECT rr.relationship_to_partner FROM reseller_relationships rr \
                     WHERE rr.customer_id = @.customer_id AND rr.removed_at IS NULL AND rr.partner_id = ")
                .add(spoken_for(scope))
                .push("), 'NONE') AS word) rel WHERE ")
                .add(Column::plain("rel.word", Spelling::Upper).test(test))
                .push(")")
            }
            // Uses the database's clock: a filter that contained a time would be a different filter for every page.
            CustomerTerm::AllowDelegatedAccess(test) => {
                sql("EXISTS (SELECT 1 FROM (SELECT EXISTS (SELECT 1 FROM delegated_admin_grants g \
                     WHERE g.customer_id = @.customer_id AND g.revoked_at IS NULL \
                     AND (g.end_at IS NULL OR g.end_at > CURRENT_TIMESTAMP) AND g.partner_id = ")
                .add(spoken_for(scope))
                .push(") AS held) dap WHERE ")
                .add(Column::plain("dap.held", Spelling::Lower).test(test))
                .push(")")
            }
            CustomerTerm::Cloud(test) => sql("EXISTS (SELECT 1 FROM tenants kt WHERE kt.tenant_id = @.tenant_id AND ")
                .add(Column::plain("kt.cloud", Spelling::Upper).test(test))
                .push(")"),
            CustomerTerm::IndirectReseller(filter, via) => {
                sql("EXISTS (SELECT 1 FROM reseller_customers rc WHERE rc.customer_id = @.customer_id AND ")
                    .add(shared_with(scope).of("rc"))
                    .add(via_condition(*via).of("rc"))
                    .push(" AND ")
                    .add(filter.seen_by(scope, "rc.reseller_id"))
                    .push(")")
            }
            CustomerTerm::IndirectProvider(filter) => providers(scope, filter),
            CustomerTerm::Subscriptions(filter) => {
                sql("EXISTS (SELECT 1 FROM subscriptions s WHERE s.customer_id = @.customer_id AND ")
                    .add(scope.reads_subscription_of_customer().of("s"))
                    .push(" AND ")
                    .add(filter.on_subscriptions(scope).of("s"))
                    .push(")")
            }
            CustomerTerm::InternalUseOf(filter) => filter.seen_by(scope, "@.internal_use_of"),
            CustomerTerm::Agreements(filter) => filter.held_by(scope),
        }))
    }

    /// Converts to the condition that the caller sees the customer in `column` and that it matches.
    #[must_use]
    pub fn seen_customer(&self, scope: &Scope, column: &'static str) -> Sql {
        sql("EXISTS (SELECT 1 FROM ")
            .add(scope.customers())
            .push(" k WHERE k.customer_id = ")
            .push(column)
            .push(" AND ")
            .add(self.on_customers(scope).of("k"))
            .push(")")
    }

    /// Extracts the reseller, if a provider filters only by the MPN ID of one reseller, so that the list can be driven by their
    /// shared customers. Returns the MPN ID, the kind of connection and the rest of the filter.
    #[must_use]
    pub fn by_reseller(&self) -> Option<(String, Via, Self)> {
        match self {
            Self::Term(CustomerTerm::IndirectReseller(partner, via)) => {
                Some((partner.only_mpn_id()?.to_owned(), *via, Self::default()))
            }
            Self::All(parts) => parts.iter().enumerate().find_map(|(at, part)| {
                let (mpn_id, via, rest) = part.by_reseller()?;
                let mut parts = parts.clone();
                parts[at] = rest;
                Some((mpn_id, via, Self::All(parts)))
            }),
            _ => None,
        }
    }
}

/// The partner whose relationship with the customer a caller reads: its own, else that of the record it reads.
fn spoken_for(scope: &Scope) -> Sql {
    scope.partner_id().map_or_else(|| sql("@.partner_id"), |id| sql("").bind(id))
}

/// The shared customers of providers and resellers that the caller can know of.
pub(crate) fn shared_with(scope: &Scope) -> On<Shared> {
    On::new(match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Customer { id } => sql("@.customer_id = ").bind(*id),
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } => sql("@.reseller_id = ").bind(*id),
        Scope::Partner { id, .. } => sql("@.provider_id = ").bind(*id),
        Scope::Nobody => sql("1 = 0"),
    })
}

/// A further condition on a shared customer: how the reseller and the customer are connected.
pub(crate) fn via_condition(via: Via) -> On<Shared> {
    On::new(sql(match via {
        Via::Any => "",
        Via::Account => " AND @.by_account",
        Via::Subscription => " AND @.subscription_count > 0",
    }))
}

/// Customers with a matching provider. For a reseller, these are the providers it shares the customer with ("View customers",
/// C-28); for others, those with a live relationship.
fn providers(scope: &Scope, filter: &Filter<PartnerTerm>) -> Sql {
    match scope {
        Scope::Partner { partner_type: PartnerType::IndirectReseller, .. } => {
            sql("EXISTS (SELECT 1 FROM reseller_customers rc WHERE rc.customer_id = @.customer_id AND ")
                .add(shared_with(scope).of("rc"))
                .push(" AND ")
                .add(filter.seen_by(scope, "rc.provider_id"))
                .push(")")
        }
        _ => sql("EXISTS (SELECT 1 FROM reseller_relationships rr JOIN partners pp ON pp.id = rr.partner_id \
                  AND pp.partner_type <> 'INDIRECT_RESELLER' WHERE rr.customer_id = @.customer_id AND rr.removed_at IS NULL AND ")
            .add(filter.seen_by(scope, "rr.partner_id"))
            .push(")"),
    }
}
