use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{Filter, PartnerField, PartnerTerm, SubscriptionField, SubscriptionTerm, Test};

use super::{
    BillingCycleFilter, BillingTypeFilter, BooleanFilter, Budget, CustomerFilter, DateFilter, DateTimeFilter,
    EntitlementFilter, IntFilter, PartnerFilter, StringFilter, SubscriptionStatusFilter, TermDurationFilter,
    UuidFilter,
};

/// Filters subscriptions. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct SubscriptionFilter {
    /// The subscription id shown in the portals.
    pub subscription_id: MaybeUndefined<UuidFilter>,
    /// The id of the offer. Can be null.
    pub offer_id: MaybeUndefined<StringFilter>,
    /// The name of the offer. Can be null.
    pub offer_name: MaybeUndefined<StringFilter>,
    /// The friendly name of the subscription. Can be null.
    pub friendly_name: MaybeUndefined<StringFilter>,
    /// The number of licences. Can be null.
    pub quantity: MaybeUndefined<IntFilter>,
    /// The unit that the quantity counts. Can be null.
    pub unit_type: MaybeUndefined<StringFilter>,
    /// The status.
    pub status: MaybeUndefined<SubscriptionStatusFilter>,
    /// Licence-based or usage-based billing.
    pub billing_type: MaybeUndefined<BillingTypeFilter>,
    /// The billing cycle: how often the subscription is charged.
    pub billing_cycle: MaybeUndefined<BillingCycleFilter>,
    /// The duration of the term commitment. Can be null.
    pub term_duration: MaybeUndefined<TermDurationFilter>,
    /// Whether the subscription renews automatically. Can be null.
    pub auto_renew_enabled: MaybeUndefined<BooleanFilter>,
    /// When the subscription was purchased. Can be null.
    pub creation_date: MaybeUndefined<DateTimeFilter>,
    /// The first day of the term. Can be null.
    pub effective_start_date: MaybeUndefined<DateFilter>,
    /// The last day of the term. Can be null.
    pub commitment_end_date: MaybeUndefined<DateFilter>,
    /// The number of the order that created the subscription. Can be null.
    pub order_id: MaybeUndefined<StringFilter>,
    /// The id of the subscription that this one belongs to or was upgraded from. Can be null.
    pub parent_subscription_id: MaybeUndefined<UuidFilter>,
    /// Whether the subscription is a trial.
    pub is_trial: MaybeUndefined<BooleanFilter>,
    /// Whether the partner of record cannot be changed.
    pub partner_of_record_fixed: MaybeUndefined<BooleanFilter>,
    /// The version. Increases with every change.
    pub version: MaybeUndefined<IntFilter>,
    /// The publisher of the offer. Can be null.
    pub publisher_name: MaybeUndefined<StringFilter>,
    /// The type of product. Can be null.
    pub product_type: MaybeUndefined<StringFilter>,
    /// When the subscription was first recorded.
    pub created_at: MaybeUndefined<DateTimeFilter>,
    /// When the subscription was last changed.
    pub updated_at: MaybeUndefined<DateTimeFilter>,
    /// The customer matches.
    pub customer: MaybeUndefined<Box<CustomerFilter>>,
    /// The provider or direct-bill partner that sold the subscription matches.
    pub provider: MaybeUndefined<PartnerFilter>,
    /// The partner of record matches. Set to null to match subscriptions without one.
    pub partner_of_record: MaybeUndefined<PartnerFilter>,
    /// The support contact matches. If none is designated, the seller is the support contact.
    pub support_contact: MaybeUndefined<SupportContactFilter>,
    /// At least one of the subscription's entitlements matches.
    pub entitlements: MaybeUndefined<EntitlementFilter>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<SubscriptionFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<SubscriptionFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<SubscriptionFilter>>,
}

impl SubscriptionFilter {
    /// Converts the filter to the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<SubscriptionTerm>> {
        let mut own = Vec::new();
        let mut add = |field, tests: Vec<Test>| {
            own.extend(tests.into_iter().map(|test| Filter::Term(SubscriptionTerm::Field(field, test))));
        };
        add(SubscriptionField::SubscriptionId, budget.tests("subscriptionId", false, self.subscription_id)?);
        add(SubscriptionField::OfferId, budget.tests("offerId", true, self.offer_id)?);
        add(SubscriptionField::OfferName, budget.tests("offerName", true, self.offer_name)?);
        add(SubscriptionField::FriendlyName, budget.tests("friendlyName", true, self.friendly_name)?);
        add(SubscriptionField::Quantity, budget.tests("quantity", true, self.quantity)?);
        add(SubscriptionField::UnitType, budget.tests("unitType", true, self.unit_type)?);
        add(SubscriptionField::Status, budget.tests("status", false, self.status)?);
        add(SubscriptionField::BillingType, budget.tests("billingType", false, self.billing_type)?);
        add(SubscriptionField::BillingCycle, budget.tests("billingCycle", false, self.billing_cycle)?);
        add(SubscriptionField::TermDuration, budget.tests("termDuration", true, self.term_duration)?);
        add(SubscriptionField::AutoRenewEnabled, budget.tests("autoRenewEnabled", true, self.auto_renew_enabled)?);
        add(SubscriptionField::CreationDate, budget.tests("creationDate", true, self.creation_date)?);
        add(
            SubscriptionField::EffectiveStartDate,
            budget.tests("effectiveStartDate", true, self.effective_start_date)?,
        );
        add(SubscriptionField::CommitmentEndDate, budget.tests("commitmentEndDate", true, self.commitment_end_date)?);
        add(SubscriptionField::OrderId, budget.tests("orderId", true, self.order_id)?);
        add(
            SubscriptionField::ParentSubscriptionId,
            budget.tests("parentSubscriptionId", true, self.parent_subscription_id)?,
        );
        add(SubscriptionField::IsTrial, budget.tests("isTrial", false, self.is_trial)?);
        add(
            SubscriptionField::PartnerOfRecordFixed,
            budget.tests("partnerOfRecordFixed", false, self.partner_of_record_fixed)?,
        );
        add(SubscriptionField::Version, budget.tests("version", false, self.version)?);
        add(SubscriptionField::PublisherName, budget.tests("publisherName", true, self.publisher_name)?);
        add(SubscriptionField::ProductType, budget.tests("productType", true, self.product_type)?);
        add(SubscriptionField::CreatedAt, budget.tests("createdAt", false, self.created_at)?);
        add(SubscriptionField::UpdatedAt, budget.tests("updatedAt", false, self.updated_at)?);
        let related = budget.related("customer", self.customer, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(SubscriptionTerm::Customer(Box::new(filter)))));
        let related = budget.related("provider", self.provider, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(SubscriptionTerm::Provider(filter))));
        if self.partner_of_record.is_null() {
            own.push(Filter::Term(SubscriptionTerm::HasPartnerOfRecord(false)));
        } else {
            let related =
                budget.related("partnerOfRecord", self.partner_of_record, |filter, budget| filter.build(budget))?;
            own.extend(related.map(|filter| Filter::Term(SubscriptionTerm::PartnerOfRecord(filter))));
        }
        let related = budget.related("supportContact", self.support_contact, |filter, budget| filter.build(budget))?;
        own.extend(related);
        let related = budget.related("entitlements", self.entitlements, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(SubscriptionTerm::Entitlements(filter))));
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}

/// Filters by the support contact of a subscription. The conditions on partner accounts can also be used.
#[derive(InputObject, Debug, Clone, Default)]
pub struct SupportContactFilter {
    /// The id of the contact's tenant. Can be null.
    pub support_tenant_id: MaybeUndefined<UuidFilter>,
    /// The contact's MPN ID. Can be null.
    pub support_mpn_id: MaybeUndefined<StringFilter>,
    /// Whether the contact is the seller, because no reseller is designated.
    pub is_default: MaybeUndefined<bool>,
    /// Conditions on the partner account.
    #[graphql(flatten)]
    pub partner: PartnerFilter,
}

impl SupportContactFilter {
    fn build(self, budget: &mut Budget) -> Result<Filter<SubscriptionTerm>> {
        let mut partner = vec![self.partner.build(budget)?];
        let mut add = |field, tests: Vec<Test>| {
            partner.extend(tests.into_iter().map(|test| Filter::Term(PartnerTerm::Field(field, test))));
        };
        add(PartnerField::TenantId, budget.tests("supportTenantId", true, self.support_tenant_id)?);
        add(PartnerField::MpnId, budget.tests("supportMpnId", true, self.support_mpn_id)?);
        let mut own = Vec::new();
        if let MaybeUndefined::Value(default) = self.is_default {
            own.push(Filter::Term(SubscriptionTerm::HasDefaultSupportContact(default)));
        }
        if partner.iter().any(|part| !part.is_everything()) {
            own.push(Filter::Term(SubscriptionTerm::SupportContact(Filter::All(partner))));
        }
        Ok(Filter::All(own))
    }
}
