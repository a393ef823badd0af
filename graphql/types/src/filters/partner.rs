use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_domain::Capability;
use partnergraph_store::read::filter::{Filter, PartnerField, PartnerTerm, Test};

use super::comparators::known_regions;
use super::{
    BooleanFilter, Budget, CloudFilter, CountryCodeFilter, DateTimeFilter, IntFilter, PartnerTypeFilter, StringFilter,
    UuidFilter, VettingStatusFilter, VettingSubStatusFilter,
};

/// Conditions on a partner account. All that is given must hold; nothing at all matches everything. A condition that is left out is none.
#[derive(InputObject, Debug, Clone, Default)]
pub struct PartnerFilter {
    /// The id of its tenant. Can be null.
    pub tenant_id: MaybeUndefined<UuidFilter>,
    /// Its MPN ID. Can be null.
    pub mpn_id: MaybeUndefined<StringFilter>,
    /// The MPN ID of its whole company. Can be null.
    pub global_mpn_id: MaybeUndefined<StringFilter>,
    /// Its name.
    pub name: MaybeUndefined<StringFilter>,
    /// Its country. Can be null.
    pub country: MaybeUndefined<CountryCodeFilter>,
    /// The code of the CSP region of its country. Can be null.
    pub region: MaybeUndefined<StringFilter>,
    /// Its type.
    #[graphql(name = "type")]
    pub kind: MaybeUndefined<PartnerTypeFilter>,
    /// The cloud that its tenant lives in.
    pub cloud: MaybeUndefined<CloudFilter>,
    /// Whether it has an account in Partner Center; a placeholder from an import has none.
    pub onboarded: MaybeUndefined<BooleanFilter>,
    /// How far the review of its enrolment is.
    pub vetting_status: MaybeUndefined<VettingStatusFilter>,
    /// What the review waits for, or what it failed on.
    pub vetting_sub_status: MaybeUndefined<VettingSubStatusFilter>,
    /// Rises with every change.
    pub version: MaybeUndefined<IntFilter>,
    /// When it was first known.
    pub created_at: MaybeUndefined<DateTimeFilter>,
    /// When it last changed.
    pub updated_at: MaybeUndefined<DateTimeFilter>,
    /// Has all of these capabilities.
    pub capabilities: MaybeUndefined<Vec<Capability>>,
    /// Does all of this for its resellers, as the directory of providers says.
    pub services: MaybeUndefined<Vec<Capability>>,
    /// All of these hold. None at all: matches everything.
    pub and: Option<Vec<PartnerFilter>>,
    /// One of these holds at least. None at all: matches nothing.
    pub or: Option<Vec<PartnerFilter>>,
    /// Negates the condition. A null value counts as not matching, so it is included.
    pub not: Option<Box<PartnerFilter>>,
}

impl PartnerFilter {
    /// As the store's condition.
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
