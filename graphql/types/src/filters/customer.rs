use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_domain::Via;
use partnergraph_store::read::filter::{CustomerField, CustomerTerm, Filter, Test};

use super::comparators::known_regions;
use super::{
    AcquisitionChannelFilter, BooleanFilter, Budget, CloudFilter, CountryCodeFilter, DateTimeFilter, IntFilter,
    PartnerFilter, RelationshipToPartnerFilter, StringFilter, SubscriptionFilter, UuidFilter,
};

/// Conditions on a customer. All that is given must hold; nothing at all matches everything. A condition that is left out is none.
#[derive(InputObject, Debug, Clone, Default)]
pub struct CustomerFilter {
    /// Its tenant id.
    pub tenant_id: MaybeUndefined<UuidFilter>,
    /// Its name. Can be null.
    pub company_name: MaybeUndefined<StringFilter>,
    /// Its domain. Can be null.
    pub domain: MaybeUndefined<StringFilter>,
    /// Its country. Can be null.
    pub country: MaybeUndefined<CountryCodeFilter>,
    /// The code of the CSP region of its country. Can be null.
    pub region: MaybeUndefined<StringFilter>,
    /// The partner that the portal names with it. Can be null.
    pub associated_partner_id: MaybeUndefined<StringFilter>,
    /// When it was first known.
    pub created_at: MaybeUndefined<DateTimeFilter>,
    /// When it last changed.
    pub updated_at: MaybeUndefined<DateTimeFilter>,
    /// The cloud that its tenant lives in.
    pub cloud: MaybeUndefined<CloudFilter>,
    /// What the calling partner is to it. For the customer and operators: the role of the partner whose record is
    /// shown.
    pub relationship_to_partner: MaybeUndefined<RelationshipToPartnerFilter>,
    /// Whether that partner holds delegated administration of it.
    pub allow_delegated_access: MaybeUndefined<BooleanFilter>,
    /// How the partner came by it. Can be null.
    pub acquisition: MaybeUndefined<AcquisitionChannelFilter>,
    /// Rises with every change of the record that the caller reads.
    pub version: MaybeUndefined<IntFilter>,
    /// Has all of these tags.
    pub tags: MaybeUndefined<Vec<String>>,
    /// One of its indirect resellers matches.
    pub indirect_reseller: MaybeUndefined<IndirectResellerFilter>,
    /// One of its indirect providers, or its direct-bill partner, matches.
    pub indirect_provider: MaybeUndefined<PartnerFilter>,
    /// One of its subscriptions matches all of this.
    pub subscriptions: MaybeUndefined<Box<SubscriptionFilter>>,
    /// It serves the own use of a partner that matches.
    pub internal_use_of: MaybeUndefined<PartnerFilter>,
    /// All of these hold. None at all: matches everything.
    pub and: Option<Vec<CustomerFilter>>,
    /// One of these holds at least. None at all: matches nothing.
    pub or: Option<Vec<CustomerFilter>>,
    /// Negates the condition. A null value counts as not matching, so it is included.
    pub not: Option<Box<CustomerFilter>>,
}

impl CustomerFilter {
    /// As the store's condition.
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
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}

/// Conditions on an indirect reseller of a customer, and on how the two are connected.
#[derive(InputObject, Debug, Clone)]
pub struct IndirectResellerFilter {
    /// What is asked of the reseller.
    #[graphql(flatten)]
    pub partner: PartnerFilter,
    /// How reseller and customer are connected: at account level, through the partner of record of at least one subscription,
    /// or either way.
    #[graphql(default_with = "Via::Any")]
    pub via: Via,
}
