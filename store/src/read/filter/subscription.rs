use serde::Serialize;

use super::{Column, CustomerTerm, EntitlementTerm, Filter, PartnerTerm, Spelling, Test};
pub use crate::columns::subscription::SubscriptionField;
use crate::scope::Scope;
use crate::sql::{Sql, sql};

/// A condition on a subscription.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum SubscriptionTerm {
    /// A test of a property.
    Field(SubscriptionField, Test),
    /// Its customer.
    Customer(Box<Filter<CustomerTerm>>),
    /// The provider or direct-bill partner that sold it.
    Provider(Filter<PartnerTerm>),
    /// Its partner of record; none at all never matches.
    PartnerOfRecord(Filter<PartnerTerm>),
    /// Whether it has a partner of record.
    HasPartnerOfRecord(bool),
    /// Its support contact, which is the seller where none is designated.
    SupportContact(Filter<PartnerTerm>),
    /// One of its entitlements matches.
    Entitlements(Filter<EntitlementTerm>),
    /// Whether the seller itself is its support contact.
    HasDefaultSupportContact(bool),
}

impl Filter<SubscriptionTerm> {
    /// As a condition on `s`, without the scope of `s` itself.
    #[must_use]
    pub fn on_subscriptions(&self, scope: &Scope) -> Sql {
        self.sql(&|term| match term {
            SubscriptionTerm::Field(SubscriptionField::ParentSubscriptionId, test) => parent(scope, test),
            SubscriptionTerm::Field(field, test) => field.column().test(test),
            SubscriptionTerm::Customer(filter) => sql("EXISTS (SELECT 1 FROM ")
                .add(scope.customers())
                .push(" k WHERE k.customer_id = s.customer_id AND ")
                .add(filter.on_customers(scope))
                .push(")"),
            SubscriptionTerm::Provider(filter) => filter.seen_by(scope, "s.seller_id"),
            SubscriptionTerm::PartnerOfRecord(filter) => filter.seen_by(scope, "s.reseller_id"),
            // A partner of record that the caller does not see looks as if there were none.
            SubscriptionTerm::HasPartnerOfRecord(true) => Filter::default().seen_by(scope, "s.reseller_id"),
            SubscriptionTerm::HasPartnerOfRecord(false) => {
                sql("NOT ").add(Filter::default().seen_by(scope, "s.reseller_id"))
            }
            SubscriptionTerm::Entitlements(filter) => {
                sql("EXISTS (SELECT 1 FROM entitlements e WHERE e.subscription_pk = s.id AND ")
                    .add(scope.sees_entitlement())
                    .push(" AND ")
                    .add(filter.on_entitlements(scope))
                    .push(")")
            }
            SubscriptionTerm::HasDefaultSupportContact(true) => sql("s.support_contact_id IS NULL"),
            SubscriptionTerm::HasDefaultSupportContact(false) => sql("s.support_contact_id IS NOT NULL"),
            SubscriptionTerm::SupportContact(filter) => {
                filter.seen_by(scope, "COALESCE(s.support_contact_id, s.seller_id)")
            }
        })
    }
}

/// A parent that the caller may not know of looks as if there were none.
fn parent(scope: &Scope, test: &Test) -> Sql {
    let none = Column::plain("CAST(NULL AS TEXT)", Spelling::Lower);
    sql("(CASE WHEN ")
        .add(scope.sees_parent_subscription())
        .push(" THEN ")
        .add(SubscriptionField::ParentSubscriptionId.column().test(test))
        .push(" ELSE ")
        .add(none.test(test))
        .push(" END)")
}
