use async_graphql::{InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{Filter, MpnProfileField, MpnProfileTerm, Test};

use super::{BooleanFilter, Budget, CountryCodeFilter, DateTimeFilter, IntFilter, MpnKindFilter, StringFilter};

/// Conditions on an MPN profile. All that is given must hold; nothing at all matches everything. A condition that is left out is none.
#[derive(InputObject, Debug, Clone, Default)]
pub struct MpnProfileFilter {
    /// The MPN ID.
    pub mpn_id: MaybeUndefined<StringFilter>,
    /// Whether it stands for a whole company or for one location.
    pub kind: MaybeUndefined<MpnKindFilter>,
    /// The MPN ID of the whole company. Can be null.
    pub global_mpn_id: MaybeUndefined<StringFilter>,
    /// The country. Can be null.
    pub country: MaybeUndefined<CountryCodeFilter>,
    /// Whether it is in force.
    pub active: MaybeUndefined<BooleanFilter>,
    /// Whether it is still managed in Partner Membership Center.
    pub in_partner_membership_center: MaybeUndefined<BooleanFilter>,
    /// The company's name. Can be null.
    pub company: MaybeUndefined<StringFilter>,
    /// Rises with every change.
    pub version: MaybeUndefined<IntFilter>,
    /// When it was entered.
    pub created_at: MaybeUndefined<DateTimeFilter>,
    /// When it last changed.
    pub updated_at: MaybeUndefined<DateTimeFilter>,
    /// All of these hold. None at all: matches everything.
    pub and: Option<Vec<MpnProfileFilter>>,
    /// One of these holds at least. None at all: matches nothing.
    pub or: Option<Vec<MpnProfileFilter>>,
    /// Negates the condition. A null value counts as not matching, so it is included.
    pub not: Option<Box<MpnProfileFilter>>,
}

impl MpnProfileFilter {
    /// As the store's condition.
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
