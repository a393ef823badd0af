use async_graphql::{Enum, InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{Filter, GrantField, GrantTerm, Test};
use partnergraph_store::read::grants::GrantOrder;
use partnergraph_store::read::page::{By, Order};

use super::{
    BooleanFilter, Budget, CustomerFilter, DateTimeFilter, GrantKindFilter, IntFilter, OrderDirection, PartnerFilter,
    StringFilter,
};

/// Filters grants of delegated admin privileges. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct DelegatedAdminFilter {
    /// The customer that made the grant matches. If the relationship has ended, only the tenant id and the name can match.
    pub customer: MaybeUndefined<Box<CustomerFilter>>,
    /// The partner that holds the grant matches.
    pub partner: MaybeUndefined<PartnerFilter>,
    /// Whether the grant is active: granted, not revoked, and not expired.
    pub granted: MaybeUndefined<BooleanFilter>,
    /// The kind of grant: granular or not.
    pub kind: MaybeUndefined<GrantKindFilter>,
    /// What the grant covers. Can be null.
    pub scope: MaybeUndefined<StringFilter>,
    /// Whether the grant is active but unused: the last sign-in is more than 90 days ago, or there was none and the grant was
    /// made more than 90 days ago.
    pub inactive: MaybeUndefined<BooleanFilter>,
    /// When the grant was made.
    pub granted_at: MaybeUndefined<DateTimeFilter>,
    /// When the grant was revoked. Can be null.
    pub revoked_at: MaybeUndefined<DateTimeFilter>,
    /// When the grant expires. Can be null.
    pub end_date_time: MaybeUndefined<DateTimeFilter>,
    /// When the partner last signed in under the grant. Can be null.
    pub last_sign_in_date_time: MaybeUndefined<DateTimeFilter>,
    /// The version. Increases with every change.
    pub version: MaybeUndefined<IntFilter>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<DelegatedAdminFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<DelegatedAdminFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<DelegatedAdminFilter>>,
}

impl DelegatedAdminFilter {
    /// Converts the filter to the store's condition.
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

/// Fields that grants of delegated admin privileges can be sorted by. Null values come last in ascending order and first in
/// descending order.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub enum DelegatedAdminOrderField {
    /// When the grant was made.
    GrantedAt,
    /// When the grant was revoked.
    RevokedAt,
    /// When the grant expires.
    EndDateTime,
    /// When the partner last signed in under the grant.
    LastSignInDateTime,
}

/// A sort key for grants of delegated admin privileges.
#[derive(InputObject, Copy, Clone, Debug, PartialEq, Eq)]
pub struct DelegatedAdminOrder {
    /// The field to sort by.
    pub field: DelegatedAdminOrderField,
    /// The sort direction.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl DelegatedAdminOrder {
    /// Converts the sort keys to the store's order, with a unique last key. Defaults to newest first.
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
