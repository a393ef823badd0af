use async_graphql::{Enum, InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{Filter, GrantField, GrantTerm, Test};
use partnergraph_store::read::grants::GrantOrder;
use partnergraph_store::read::page::{By, Order};

use super::{
    BooleanFilter, Budget, CustomerFilter, DateTimeFilter, GrantKindFilter, IntFilter, OrderDirection, PartnerFilter,
    StringFilter,
};

/// Conditions on a grant of delegated administration. All that is given must hold; nothing at all matches everything. A condition
/// that is left out is none.
#[derive(InputObject, Debug, Clone, Default)]
pub struct DelegatedAdminFilter {
    /// The customer that gave it matches. A grant that outlived the relationship is found by tenant id and name only.
    pub customer: MaybeUndefined<Box<CustomerFilter>>,
    /// The partner that holds it matches.
    pub partner: MaybeUndefined<PartnerFilter>,
    /// Whether it stands.
    pub granted: MaybeUndefined<BooleanFilter>,
    /// Whether it is granular.
    pub kind: MaybeUndefined<GrantKindFilter>,
    /// What it covers. Can be null.
    pub scope: MaybeUndefined<StringFilter>,
    /// Whether it stands unused for more than 90 days.
    pub inactive: MaybeUndefined<BooleanFilter>,
    /// When it was given.
    pub granted_at: MaybeUndefined<DateTimeFilter>,
    /// When it was revoked. Can be null.
    pub revoked_at: MaybeUndefined<DateTimeFilter>,
    /// When it ends by itself. Can be null.
    pub end_date_time: MaybeUndefined<DateTimeFilter>,
    /// When the partner last signed in by it. Can be null.
    pub last_sign_in_date_time: MaybeUndefined<DateTimeFilter>,
    /// Rises with every change.
    pub version: MaybeUndefined<IntFilter>,
    /// All of these hold. None at all: matches everything.
    pub and: Option<Vec<DelegatedAdminFilter>>,
    /// One of these holds at least. None at all: matches nothing.
    pub or: Option<Vec<DelegatedAdminFilter>>,
    /// Negates the condition. A null value counts as not matching, so it is included.
    pub not: Option<Box<DelegatedAdminFilter>>,
}

impl DelegatedAdminFilter {
    /// As the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<GrantTerm>> {
        let mut own = Vec::new();
        let mut add = |field, tests: Vec<Test>| {
            own.extend(tests.into_iter().map(|test| Filter::Term(GrantTerm::Field(field, test))));
        };
        add(GrantField::Granted, budget.tests("granted", false, self.granted)?);
        add(GrantField::Kind, budget.tests("kind", false, self.kind)?);
        add(GrantField::Scope, budget.tests("scope", true, self.scope)?);
        add(GrantField::Inactive, budget.tests("inactive", false, self.inactive)?);
        add(GrantField::GrantedAt, budget.tests("grantedAt", false, self.granted_at)?);
        add(GrantField::RevokedAt, budget.tests("revokedAt", true, self.revoked_at)?);
        add(GrantField::EndDateTime, budget.tests("endDateTime", true, self.end_date_time)?);
        let signed_in = budget.tests("lastSignInDateTime", true, self.last_sign_in_date_time)?;
        add(GrantField::LastSignInDateTime, signed_in);
        add(GrantField::Version, budget.tests("version", false, self.version)?);
        let customer = budget.related("customer", self.customer, |filter, budget| filter.build(budget))?;
        own.extend(customer.map(|filter| Filter::Term(GrantTerm::Customer(Box::new(filter)))));
        let partner = budget.related("partner", self.partner, |filter, budget| filter.build(budget))?;
        own.extend(partner.map(|filter| Filter::Term(GrantTerm::Partner(filter))));
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}

/// What grants of delegated administration can be ordered by. Values that are null come last ascending and first descending.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub enum DelegatedAdminOrderField {
    /// When it was given.
    GrantedAt,
    /// When it was revoked.
    RevokedAt,
    /// When it ends by itself.
    EndDateTime,
    /// When the partner last signed in by it.
    LastSignInDateTime,
}

/// One column of an order of grants of delegated administration.
#[derive(InputObject, Copy, Clone, Debug, PartialEq, Eq)]
pub struct DelegatedAdminOrder {
    /// What to order by.
    pub field: DelegatedAdminOrderField,
    /// In which direction.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl DelegatedAdminOrder {
    /// As the store's order, made unique; without any column, the newest first.
    #[must_use]
    pub fn order(by: &[Self]) -> Order<GrantOrder> {
        let default = [Self { field: DelegatedAdminOrderField::GrantedAt, direction: OrderDirection::Desc }];
        let by = if by.is_empty() { &default[..] } else { by };
        Order::new(
            by.iter().map(|by| By { field: by.column(), descending: by.direction == OrderDirection::Desc }).collect(),
        )
    }

    fn column(self) -> GrantOrder {
        match self.field {
            DelegatedAdminOrderField::GrantedAt => GrantOrder::GrantedAt,
            DelegatedAdminOrderField::RevokedAt => GrantOrder::RevokedAt,
            DelegatedAdminOrderField::EndDateTime => GrantOrder::EndDateTime,
            DelegatedAdminOrderField::LastSignInDateTime => GrantOrder::LastSignInDateTime,
        }
    }
}
