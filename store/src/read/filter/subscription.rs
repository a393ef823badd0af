use serde::Serialize;

use super::{Column, CustomerTerm, EntitlementTerm, Filter, PartnerTerm, Spelling, Test};
use crate::scope::Scope;
use crate::sql::{Sql, sql};

/// A property of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum SubscriptionField {
    SubscriptionId,
    OfferId,
    OfferName,
    FriendlyName,
    Quantity,
    UnitType,
    Status,
    BillingType,
    BillingCycle,
    TermDuration,
    AutoRenewEnabled,
    CreationDate,
    EffectiveStartDate,
    CommitmentEndDate,
    OrderId,
    ParentSubscriptionId,
    IsTrial,
    PartnerOfRecordFixed,
    Version,
    PublisherName,
    ProductType,
    CreatedAt,
    UpdatedAt,
}

impl SubscriptionField {
    fn column(self) -> Column {
        use SubscriptionField as F;
        // A subscription is ordered by its friendly name where it has one, so that the key of that is there already.
        const FRIENDLY_NAME_KEY: &str = "(CASE WHEN s.friendly_name IS NOT NULL THEN s.name_sort END)";
        let (column, spelling) = match self {
            F::OfferName => {
                return Column { compared: "s.offer_name_key", shown: "s.offer_name", spelling: Spelling::Key };
            }
            F::FriendlyName => {
                return Column { compared: FRIENDLY_NAME_KEY, shown: "s.friendly_name", spelling: Spelling::Key };
            }
            F::SubscriptionId => ("s.subscription_id", Spelling::Lower),
            F::OfferId => ("s.offer_id", Spelling::Shown),
            F::Quantity => ("s.quantity", Spelling::Lower),
            F::UnitType => ("s.unit_type", Spelling::Shown),
            F::Status => ("s.status", Spelling::Upper),
            F::BillingType => ("s.billing_type", Spelling::Upper),
            F::BillingCycle => ("s.billing_cycle", Spelling::Upper),
            F::TermDuration => ("s.term_duration", Spelling::Upper),
            F::AutoRenewEnabled => ("s.auto_renew_enabled", Spelling::Lower),
            F::CreationDate => ("s.creation_date", Spelling::Lower),
            F::EffectiveStartDate => ("s.effective_start_date", Spelling::Lower),
            F::CommitmentEndDate => ("s.commitment_end_date", Spelling::Lower),
            F::OrderId => ("s.order_id", Spelling::Shown),
            F::ParentSubscriptionId => ("s.parent_subscription_id", Spelling::Lower),
            F::IsTrial => ("s.is_trial", Spelling::Lower),
            F::PartnerOfRecordFixed => ("s.partner_of_record_fixed", Spelling::Lower),
            F::Version => ("s.version", Spelling::Lower),
            F::PublisherName => ("s.publisher_name", Spelling::Shown),
            F::ProductType => ("s.product_type", Spelling::Shown),
            F::CreatedAt => ("s.created_at", Spelling::Lower),
            F::UpdatedAt => ("s.updated_at", Spelling::Lower),
        };
        Column::plain(column, spelling)
    }
}

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
