use serde::Serialize;

use super::{Column, CustomerTerm, EntitlementTerm, Filter, PartnerTerm, Spelling, Test};
pub use crate::columns::subscription::SubscriptionField;
use crate::on::{On, Subscription};
use crate::scope::Scope;
use crate::sql::{Sql, sql};

/// A condition on a subscription.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum SubscriptionTerm {
    /// A test of a field.
    Field(SubscriptionField, Test),
    /// Its customer.
    Customer(Box<Filter<CustomerTerm>>),
    /// The provider or direct-bill partner that sold it.
    Provider(Filter<PartnerTerm>),
    /// Its partner of record matches. Never true if there is none.
    PartnerOfRecord(Filter<PartnerTerm>),
    /// Whether it has a partner of record.
    HasPartnerOfRecord(bool),
    /// Its support contact, which is the seller if none is designated.
    SupportContact(Filter<PartnerTerm>),
    /// One of its entitlements matches.
    Entitlements(Filter<EntitlementTerm>),
    /// Whether the seller itself is its support contact.
    HasDefaultSupportContact(bool),
}

impl Filter<SubscriptionTerm> {
    /// Converts to a condition on a subscription, without its own scope.
    pub fn on_subscriptions(&self, scope: &Scope) -> On<Subscription> {
        On::new(self.sql(&|term| {
            match term {
                SubscriptionTerm::Field(SubscriptionField::ParentSubscriptionId, test) => parent(scope, test),
                SubscriptionTerm::Field(field, test) => field.column().test(test),
                SubscriptionTerm::Customer(filter) => filter.seen_customer(scope, "@.customer_id"),
                SubscriptionTerm::Provider(filter) => filter.seen_by(scope, "@.seller_id"),
                SubscriptionTerm::PartnerOfRecord(filter) => filter.seen_by(scope, "@.reseller_id"),
                // A partner of record that the caller cannot see counts as none.
                SubscriptionTerm::HasPartnerOfRecord(true) => Filter::default().seen_by(scope, "@.reseller_id"),
                SubscriptionTerm::HasPartnerOfRecord(false) => {
                    sql("NOT ").add(Filter::default().seen_by(scope, "@.reseller_id"))
                }
                SubscriptionTerm::Entitlements(filter) => {
                    sql("EXISTS (SELECT 1 FROM entitlements e WHERE e.subscription_pk = @.id AND ")
                        .add(scope.sees_entitlement("e").of_the_same())
                        .push(" AND ")
                        .add(filter.on_entitlements(scope).of("e"))
                        .push(")")
                }
                SubscriptionTerm::HasDefaultSupportContact(true) => sql("@.support_contact_id IS NULL"),
                SubscriptionTerm::HasDefaultSupportContact(false) => sql("@.support_contact_id IS NOT NULL"),
                SubscriptionTerm::SupportContact(filter) => {
                    filter.seen_by(scope, "COALESCE(@.support_contact_id, @.seller_id)")
                }
            }
        }))
    }
}

/// A parent that the caller cannot know of counts as none.
fn parent(scope: &Scope, test: &Test) -> Sql {
    let none = Column::plain("CAST(NULL AS TEXT)", Spelling::Lower);
    sql("(CASE WHEN ")
        .add(scope.sees_parent_subscription().of_the_same())
        .push(" THEN ")
        .add(SubscriptionField::ParentSubscriptionId.column().test(test))
        .push(" ELSE ")
        .add(none.test(test))
        .push(" END)")
}
