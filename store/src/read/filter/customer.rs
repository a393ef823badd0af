use partnergraph_domain::{PartnerType, Via};
use serde::Serialize;

use super::{Column, Filter, PartnerTerm, Spelling, SubscriptionTerm, Test};
pub use crate::columns::customer_record::CustomerField;
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
    /// As a condition on `k`, without the scope of `k` itself.
    #[must_use]
    pub fn on_customers(&self, scope: &Scope) -> Sql {
        self.sql(&|term| match term {
            CustomerTerm::Field(field, test) => field.column().test(test),
            // Tags are a JSON list of texts; a tag is looked for as JSON writes it.
            CustomerTerm::Tag(tag) => {
                let written = serde_json::Value::from(tag.as_str()).to_string();
                let escaped = written.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                sql("k.level < 3 AND k.tags LIKE ").bind(format!("%{escaped}%")).push(" ESCAPE '\\'")
            }
            CustomerTerm::RelationshipToPartner(test) => {
                sql("EXISTS (SELECT 1 FROM (SELECT COALESCE((SELECT rr.relationship_to_partner FROM reseller_relationships rr \
                     WHERE rr.customer_id = k.customer_id AND rr.removed_at IS NULL AND rr.partner_id = ")
                .add(spoken_for(scope))
                .push("), 'NONE') AS word) rel WHERE ")
                .add(Column::plain("rel.word", Spelling::Upper).test(test))
                .push(")")
            }
            // The database's own time: a filter that bore a time would be another one with every page.
            CustomerTerm::AllowDelegatedAccess(test) => {
                sql("EXISTS (SELECT 1 FROM (SELECT EXISTS (SELECT 1 FROM delegated_admin_grants g \
                     WHERE g.customer_id = k.customer_id AND g.revoked_at IS NULL \
                     AND (g.end_at IS NULL OR g.end_at > CURRENT_TIMESTAMP) AND g.partner_id = ")
                .add(spoken_for(scope))
                .push(") AS held) dap WHERE ")
                .add(Column::plain("dap.held", Spelling::Lower).test(test))
                .push(")")
            }
            CustomerTerm::Cloud(test) => sql("EXISTS (SELECT 1 FROM tenants kt WHERE kt.tenant_id = k.tenant_id AND ")
                .add(Column::plain("kt.cloud", Spelling::Upper).test(test))
                .push(")"),
            CustomerTerm::IndirectReseller(filter, via) => {
                sql("EXISTS (SELECT 1 FROM reseller_customers rc WHERE rc.customer_id = k.customer_id AND ")
                    .add(shared_with(scope))
                    .push(via_condition(*via, "rc"))
                    .push(" AND ")
                    .add(filter.seen_by(scope, "rc.reseller_id"))
                    .push(")")
            }
            CustomerTerm::IndirectProvider(filter) => providers(scope, filter),
            CustomerTerm::Subscriptions(filter) => {
                sql("EXISTS (SELECT 1 FROM subscriptions s WHERE s.customer_id = k.customer_id AND ")
                    .add(scope.sees_subscription_of_customer())
                    .push(" AND ")
                    .add(filter.on_subscriptions(scope))
                    .push(")")
            }
            CustomerTerm::InternalUseOf(filter) => filter.seen_by(scope, "k.internal_use_of"),
        })
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

/// The partner whose relationship a caller reads with the customer `k`: its own, else that of the record it reads.
fn spoken_for(scope: &Scope) -> Sql {
    scope.partner_id().map_or_else(|| sql("k.partner_id"), |id| sql("").bind(id))
}

/// Which rows of `reseller_customers rc` the caller may know of.
pub(crate) fn shared_with(scope: &Scope) -> Sql {
    match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Customer { id } => sql("rc.customer_id = ").bind(*id),
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } => sql("rc.reseller_id = ").bind(*id),
        Scope::Partner { id, .. } => sql("rc.provider_id = ").bind(*id),
        Scope::Nobody => sql("1 = 0"),
    }
}

/// How a reseller and a customer are connected, as a further condition on a row of `reseller_customers`.
pub(crate) fn via_condition(via: Via, alias: &'static str) -> &'static str {
    match (via, alias) {
        (Via::Any, _) => "",
        (Via::Account, "rc") => " AND rc.by_account",
        (Via::Subscription, "rc") => " AND rc.subscription_count > 0",
        (Via::Account, _) => " AND k.by_account",
        (Via::Subscription, _) => " AND k.subscription_count > 0",
    }
}

/// Customers with a provider that matches: for a reseller the providers it shares the customer with ("View customers", C-28),
/// for others those with a live relationship.
fn providers(scope: &Scope, filter: &Filter<PartnerTerm>) -> Sql {
    match scope {
        Scope::Partner { partner_type: PartnerType::IndirectReseller, .. } => {
            sql("EXISTS (SELECT 1 FROM reseller_customers rc WHERE rc.customer_id = k.customer_id AND ")
                .add(shared_with(scope))
                .push(" AND ")
                .add(filter.seen_by(scope, "rc.provider_id"))
                .push(")")
        }
        _ => sql("EXISTS (SELECT 1 FROM reseller_relationships rr JOIN partners pp ON pp.id = rr.partner_id \
                  AND pp.partner_type <> 'INDIRECT_RESELLER' WHERE rr.customer_id = k.customer_id AND rr.removed_at IS NULL AND ")
            .add(filter.seen_by(scope, "rr.partner_id"))
            .push(")"),
    }
}
