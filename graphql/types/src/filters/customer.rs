use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_domain::Via;
use partnergraph_store::read::filter::{CustomerField, CustomerTerm, Filter, Test};

use super::comparators::known_regions;
use super::{
    AcquisitionChannelFilter, AgreementFilter, BooleanFilter, Budget, CloudFilter, CountryCodeFilter, DateTimeFilter,
    IntFilter, PartnerFilter, RelationshipToPartnerFilter, StringFilter, SubscriptionFilter, UuidFilter,
};

/// Filters customers. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct CustomerFilter {
    /// The customer's tenant id.
    pub tenant_id: MaybeUndefined<UuidFilter>,
    /// The company name. Can be null.
    pub company_name: MaybeUndefined<StringFilter>,
    /// The default domain. Can be null.
    pub domain: MaybeUndefined<StringFilter>,
    /// The country. Can be null.
    pub country: MaybeUndefined<CountryCodeFilter>,
    /// The code of the country's CSP region. Can be null.
    pub region: MaybeUndefined<StringFilter>,
    /// The id of the partner that the portal associates with the customer. Can be null.
    pub associated_partner_id: MaybeUndefined<StringFilter>,
    /// When the record was created.
    pub created_at: MaybeUndefined<DateTimeFilter>,
    /// When the record was last changed.
    pub updated_at: MaybeUndefined<DateTimeFilter>,
    /// The Microsoft cloud that hosts the tenant.
    pub cloud: MaybeUndefined<CloudFilter>,
    /// Your relationship with the customer, if you are a partner. For the customer and operators: the relationship of the
    /// partner whose record is shown.
    pub relationship_to_partner: MaybeUndefined<RelationshipToPartnerFilter>,
    /// Whether that partner holds delegated admin privileges for the customer.
    pub allow_delegated_access: MaybeUndefined<BooleanFilter>,
    /// How the partner acquired the customer. Can be null.
    pub acquisition: MaybeUndefined<AcquisitionChannelFilter>,
    /// The version. Increases with every change to the record that you read.
    pub version: MaybeUndefined<IntFilter>,
    /// The customer has all of these tags.
    pub tags: MaybeUndefined<Vec<String>>,
    /// At least one of the customer's indirect resellers matches.
    pub indirect_reseller: MaybeUndefined<IndirectResellerFilter>,
    /// At least one of the customer's indirect providers, or its direct-bill partner, matches.
    pub indirect_provider: MaybeUndefined<PartnerFilter>,
    /// At least one of the customer's subscriptions matches all of these conditions.
    pub subscriptions: MaybeUndefined<Box<SubscriptionFilter>>,
    /// The customer's tenant serves the own use of a partner that matches.
    pub internal_use_of: MaybeUndefined<PartnerFilter>,
    /// You have evidence of the customer's agreement that matches all of these conditions. `not: {agreements: {}}` finds the
    /// customers whose agreement is still to be confirmed (C-03).
    pub agreements: MaybeUndefined<AgreementFilter>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<CustomerFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<CustomerFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<CustomerFilter>>,
}

impl CustomerFilter {
    /// Converts the filter to the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<CustomerTerm>> {
        let mut own = Vec::new();
        let mut add = |field, tests: Vec<Test>| {
            own.extend(tests.into_iter().map(|test| Filter::Term(CustomerTerm::Field(field, test))));
        };
        add(CustomerField::TenantId, budget.tests("tenantId", false, self.tenant_id)?);
        add(CustomerField::CompanyName, budget.tests("companyName", true, self.company_name)?);
        add(CustomerField::Domain, budget.tests("domain", true, self.domain)?);
        add(CustomerField::Country, budget.tests("country", true, self.country)?);
        known_regions(&self.region)?;
        add(CustomerField::Region, budget.tests("region", true, self.region)?);
        add(CustomerField::AssociatedPartnerId, budget.tests("associatedPartnerId", true, self.associated_partner_id)?);
        add(CustomerField::Acquisition, budget.tests("acquisition", true, self.acquisition)?);
        add(CustomerField::Version, budget.tests("version", false, self.version)?);
        add(CustomerField::CreatedAt, budget.tests("createdAt", false, self.created_at)?);
        add(CustomerField::UpdatedAt, budget.tests("updatedAt", false, self.updated_at)?);
        let clouds = budget.tests("cloud", false, self.cloud)?;
        own.extend(clouds.into_iter().map(|test| Filter::Term(CustomerTerm::Cloud(test))));
        let relationships = budget.tests("relationshipToPartner", false, self.relationship_to_partner)?;
        own.extend(relationships.into_iter().map(|test| Filter::Term(CustomerTerm::RelationshipToPartner(test))));
        let delegated = budget.tests("allowDelegatedAccess", false, self.allow_delegated_access)?;
        own.extend(delegated.into_iter().map(|test| Filter::Term(CustomerTerm::AllowDelegatedAccess(test))));
        let tags = budget.related("tags", self.tags, |tags, _| Ok(tags))?;
        own.extend(tags.into_iter().flatten().map(|tag| Filter::Term(CustomerTerm::Tag(tag))));
        let resellers = budget.related("indirectReseller", self.indirect_reseller, |filter, budget| {
            Ok(CustomerTerm::IndirectReseller(filter.partner.build(budget)?, filter.via))
        })?;
        own.extend(resellers.map(Filter::Term));
        let related =
            budget.related("indirectProvider", self.indirect_provider, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(CustomerTerm::IndirectProvider(filter))));
        let related = budget.related("subscriptions", self.subscriptions, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(CustomerTerm::Subscriptions(Box::new(filter)))));
        let related = budget.related("internalUseOf", self.internal_use_of, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(CustomerTerm::InternalUseOf(filter))));
        let related = budget.related("agreements", self.agreements, |filter, budget| filter.build(budget))?;
        own.extend(related.map(|filter| Filter::Term(CustomerTerm::Agreements(filter))));
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}

/// Filters by a customer's indirect resellers and how they are associated with the customer.
#[derive(InputObject, Debug, Clone)]
pub struct IndirectResellerFilter {
    /// Conditions on the reseller.
    #[graphql(flatten)]
    pub partner: PartnerFilter,
    /// How the reseller is associated with the customer: at account level, through the partner of record of at least one
    /// subscription, or either.
    #[graphql(default_with = "Via::Any")]
    pub via: Via,
}
