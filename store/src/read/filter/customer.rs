use partnergraph_domain::{PartnerType, Via};
use serde::Serialize;

use super::{Column, Filter, PartnerTerm, Spelling, SubscriptionTerm, Test};
pub use crate::columns::customer_record::CustomerField;
use crate::on::{Customer, On, Shared};
use crate::scope::Scope;
use crate::sql::{Sql, sql};

/// A condition on a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum CustomerTerm {
    /// A test of a property.
    Field(CustomerField, Test),
    /// Is tagged with exactly this.
    Tag(String),
    /// Its tenant lives in this cloud, a word of the domain.
    Cloud(Test),
    /// What the caller is to it, a word of the domain; as the field says it.
    RelationshipToPartner(Test),
    /// Whether the caller holds delegated administration of it; as the field says it.
    AllowDelegatedAccess(Test),
    /// One of its resellers matches, associated at account level, by a subscription, or either way.
    IndirectReseller(Filter<PartnerTerm>, Via),
    /// One of its providers or direct-bill partners matches.
    IndirectProvider(Filter<PartnerTerm>),
    /// One of its subscriptions matches.
    Subscriptions(Box<Filter<SubscriptionTerm>>),
    /// The partner whose own use it serves.
    InternalUseOf(Filter<PartnerTerm>),
}

impl Filter<CustomerTerm> {
    /// As a condition on a customer, without its own scope.
    pub fn on_customers(&self, scope: &Scope) -> On<Customer> {
        On::new(self.sql(&|term| match term {
            CustomerTerm::Field(field, test) => field.column().test(test),
            // Tags are a JSON list of texts; a tag is looked for as JSON writes it.
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
            // The database's own time: a filter that bore a time would be another one with every page.
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
                    .add(scope.sees_subscription_of_customer().of("s"))
                    .push(" AND ")
                    .add(filter.on_subscriptions(scope).of("s"))
                    .push(")")
            }
            CustomerTerm::InternalUseOf(filter) => filter.seen_by(scope, "@.internal_use_of"),
        }))
    }

    /// Takes the one reseller out that a provider asks for by its MPN ID alone, so that the list can be driven by what the two
    /// share. Gives the MPN ID, how they are connected and the rest of the filter.
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

/// The partner whose relationship a caller reads with the customer: its own, else that of the record it reads.
fn spoken_for(scope: &Scope) -> Sql {
    scope.partner_id().map_or_else(|| sql("@.partner_id"), |id| sql("").bind(id))
}

/// Which of what providers and resellers share the caller may know of.
pub(crate) fn shared_with(scope: &Scope) -> On<Shared> {
    On::new(match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Customer { id } => sql("@.customer_id = ").bind(*id),
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } => sql("@.reseller_id = ").bind(*id),
        Scope::Partner { id, .. } => sql("@.provider_id = ").bind(*id),
        Scope::Nobody => sql("1 = 0"),
    })
}

/// How a reseller and a customer are connected, as a further condition on what they share.
pub(crate) fn via_condition(via: Via) -> On<Shared> {
    On::new(sql(match via {
        Via::Any => "",
        Via::Account => " AND @.by_account",
        Via::Subscription => " AND @.subscription_count > 0",
    }))
}

/// Customers with a provider that matches: for a reseller the providers it shares the customer with ("View customers", C-28),
/// for others those with a live relationship.
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
