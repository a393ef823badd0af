use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{Filter, MpnProfileField, MpnProfileTerm, Test};

use super::{BooleanFilter, Budget, CountryCodeFilter, DateTimeFilter, IntFilter, MpnKindFilter, StringFilter};

/// Filters MPN profiles. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct MpnProfileFilter {
    /// The MPN ID.
    pub mpn_id: MaybeUndefined<StringFilter>,
    /// Whether the MPN ID identifies a whole company (global account) or one of its locations.
    pub kind: MaybeUndefined<MpnKindFilter>,
    /// The MPN ID of the company's global account. Can be null.
    pub global_mpn_id: MaybeUndefined<StringFilter>,
    /// The country. Can be null.
    pub country: MaybeUndefined<CountryCodeFilter>,
    /// Whether the profile is active.
    pub active: MaybeUndefined<BooleanFilter>,
    /// Whether the profile is still managed in Partner Membership Center (E-12).
    pub in_partner_membership_center: MaybeUndefined<BooleanFilter>,
    /// The company name. Can be null.
    pub company: MaybeUndefined<StringFilter>,
    /// The version. Increases with every change.
    pub version: MaybeUndefined<IntFilter>,
    /// When the profile was added to the register.
    pub created_at: MaybeUndefined<DateTimeFilter>,
    /// When the profile was last changed.
    pub updated_at: MaybeUndefined<DateTimeFilter>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<MpnProfileFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<MpnProfileFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<MpnProfileFilter>>,
}

impl MpnProfileFilter {
    /// Converts the filter to the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<MpnProfileTerm>> {
        use MpnProfileField as Field;
        let mut own = Vec::new();
        let mut add = |field, tests: Vec<Test>| {
            own.extend(tests.into_iter().map(|test| Filter::Term(MpnProfileTerm(field, test))));
        };
        add(Field::MpnId, budget.tests("mpnId", false, self.mpn_id)?);
        add(Field::Kind, budget.tests("kind", false, self.kind)?);
        add(Field::GlobalMpnId, budget.tests("globalMpnId", true, self.global_mpn_id)?);
        add(Field::Country, budget.tests("country", true, self.country)?);
        add(Field::Active, budget.tests("active", false, self.active)?);
        let in_membership_center = self.in_partner_membership_center;
        add(Field::InPartnerMembershipCenter, budget.tests("inPartnerMembershipCenter", false, in_membership_center)?);
        add(Field::Company, budget.tests("company", true, self.company)?);
        add(Field::Version, budget.tests("version", false, self.version)?);
        add(Field::CreatedAt, budget.tests("createdAt", false, self.created_at)?);
        add(Field::UpdatedAt, budget.tests("updatedAt", false, self.updated_at)?);
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}
