use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_domain::Capability;
use partnergraph_store::read::filter::{Filter, PartnerField, PartnerTerm, Test};

use super::comparators::known_regions;
use super::{
    BooleanFilter, Budget, CloudFilter, CountryCodeFilter, DateTimeFilter, IntFilter, PartnerTypeFilter, StringFilter,
    UuidFilter, VettingStatusFilter, VettingSubStatusFilter,
};

/// Filters partner accounts. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct PartnerFilter {
    /// The id of the account's tenant. Can be null.
    pub tenant_id: MaybeUndefined<UuidFilter>,
    /// The location MPN ID. Can be null.
    pub mpn_id: MaybeUndefined<StringFilter>,
    /// The MPN ID of the company's global account. Can be null.
    pub global_mpn_id: MaybeUndefined<StringFilter>,
    /// The name.
    pub name: MaybeUndefined<StringFilter>,
    /// The country. Can be null.
    pub country: MaybeUndefined<CountryCodeFilter>,
    /// The code of the country's CSP region. Can be null.
    pub region: MaybeUndefined<StringFilter>,
    /// The account's type.
    #[graphql(name = "type")]
    pub kind: MaybeUndefined<PartnerTypeFilter>,
    /// The Microsoft cloud that hosts the tenant.
    pub cloud: MaybeUndefined<CloudFilter>,
    /// Whether the partner has an account in Partner Center. A placeholder from an import has none.
    pub onboarded: MaybeUndefined<BooleanFilter>,
    /// The status of the enrolment review.
    pub vetting_status: MaybeUndefined<VettingStatusFilter>,
    /// What the enrolment review is waiting for, or why the enrolment was rejected.
    pub vetting_sub_status: MaybeUndefined<VettingSubStatusFilter>,
    /// The version. Increases with every change.
    pub version: MaybeUndefined<IntFilter>,
    /// When the account was first recorded.
    pub created_at: MaybeUndefined<DateTimeFilter>,
    /// When the account was last changed.
    pub updated_at: MaybeUndefined<DateTimeFilter>,
    /// The partner has all of these capabilities.
    pub capabilities: MaybeUndefined<Vec<Capability>>,
    /// The partner offers its resellers all of these services, according to the provider directory.
    pub services: MaybeUndefined<Vec<Capability>>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<PartnerFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<PartnerFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<PartnerFilter>>,
}

impl PartnerFilter {
    /// Converts the filter to the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<PartnerTerm>> {
        let mut own = Vec::new();
        let mut add = |field, tests: Vec<Test>| {
            own.extend(tests.into_iter().map(|test| Filter::Term(PartnerTerm::Field(field, test))));
        };
        add(PartnerField::TenantId, budget.tests("tenantId", true, self.tenant_id)?);
        add(PartnerField::MpnId, budget.tests("mpnId", true, self.mpn_id)?);
        add(PartnerField::GlobalMpnId, budget.tests("globalMpnId", true, self.global_mpn_id)?);
        add(PartnerField::Name, budget.tests("name", false, self.name)?);
        add(PartnerField::Country, budget.tests("country", true, self.country)?);
        known_regions(&self.region)?;
        add(PartnerField::Region, budget.tests("region", true, self.region)?);
        add(PartnerField::Type, budget.tests("type", false, self.kind)?);
        add(PartnerField::Cloud, budget.tests("cloud", false, self.cloud)?);
        add(PartnerField::Onboarded, budget.tests("onboarded", false, self.onboarded)?);
        add(PartnerField::VettingStatus, budget.tests("vettingStatus", false, self.vetting_status)?);
        add(PartnerField::VettingSubStatus, budget.tests("vettingSubStatus", false, self.vetting_sub_status)?);
        add(PartnerField::Version, budget.tests("version", false, self.version)?);
        add(PartnerField::CreatedAt, budget.tests("createdAt", false, self.created_at)?);
        add(PartnerField::UpdatedAt, budget.tests("updatedAt", false, self.updated_at)?);
        let capabilities = budget.related("capabilities", self.capabilities, |wanted, _| Ok(wanted))?;
        own.extend(capabilities.into_iter().flatten().map(|wanted| Filter::Term(PartnerTerm::Capability(wanted))));
        let services = budget.related("services", self.services, |wanted, _| Ok(wanted))?;
        own.extend(services.into_iter().flatten().map(|wanted| Filter::Term(PartnerTerm::Service(wanted))));
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}
