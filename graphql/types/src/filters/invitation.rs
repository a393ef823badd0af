use async_graphql::{Enum, InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{Filter, InvitationField, InvitationTerm, Test};
use partnergraph_store::read::invitations::InvitationOrder as Invitations;
use partnergraph_store::read::page::{By, Order};

use super::{
    BooleanFilter, Budget, CloudFilter, CountryCodeFilter, DateTimeFilter, IntFilter, InvitationKindFilter,
    InvitationStateFilter, OrderDirection, StringFilter,
};

/// Filters invitations. All conditions that are set must match. An empty filter matches everything.
#[derive(InputObject, Debug, Clone, Default)]
pub struct InvitationFilter {
    /// What is created when the invitation is accepted.
    pub kind: MaybeUndefined<InvitationKindFilter>,
    /// The current state. An invitation that has expired is `EXPIRED`.
    pub state: MaybeUndefined<InvitationStateFilter>,
    /// The email address that the invitation is for.
    pub recipient: MaybeUndefined<StringFilter>,
    /// When the invitation was drafted.
    pub created_at: MaybeUndefined<DateTimeFilter>,
    /// When the invitation expires.
    pub expires_at: MaybeUndefined<DateTimeFilter>,
    /// The customer's country. Can be null.
    pub country: MaybeUndefined<CountryCodeFilter>,
    /// The Microsoft cloud of the inviting partner.
    pub cloud: MaybeUndefined<CloudFilter>,
    /// Whether the invitation requests delegated admin privileges.
    pub delegated_admin: MaybeUndefined<BooleanFilter>,
    /// The version. Increases with every change.
    pub version: MaybeUndefined<IntFilter>,
    /// All of these must match. An empty list matches everything.
    pub and: Option<Vec<InvitationFilter>>,
    /// At least one of these must match. An empty list matches nothing.
    pub or: Option<Vec<InvitationFilter>>,
    /// This must not match. Items with missing values are included unless the condition itself matches missing values.
    pub not: Option<Box<InvitationFilter>>,
}

impl InvitationFilter {
    /// Converts the filter to the store's condition.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn build(self, budget: &mut Budget) -> Result<Filter<InvitationTerm>> {
        let mut own = Vec::new();
        let mut add = |field, tests: Vec<Test>| {
            own.extend(tests.into_iter().map(|test| Filter::Term(InvitationTerm(field, test))));
        };
        add(InvitationField::Kind, budget.tests("kind", false, self.kind)?);
        add(InvitationField::State, budget.tests("state", false, self.state)?);
        add(InvitationField::Recipient, budget.tests("recipient", false, self.recipient)?);
        add(InvitationField::CreatedAt, budget.tests("createdAt", false, self.created_at)?);
        add(InvitationField::ExpiresAt, budget.tests("expiresAt", false, self.expires_at)?);
        add(InvitationField::Country, budget.tests("country", true, self.country)?);
        add(InvitationField::Cloud, budget.tests("cloud", false, self.cloud)?);
        add(InvitationField::DelegatedAdmin, budget.tests("delegatedAdmin", false, self.delegated_admin)?);
        add(InvitationField::Version, budget.tests("version", false, self.version)?);
        budget.composed(own, (self.and, self.or, self.not), Self::build)
    }
}

/// Fields that invitations can be sorted by.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub enum InvitationOrderField {
    /// When the invitation was drafted.
    CreatedAt,
    /// When the invitation expires.
    ExpiresAt,
    /// The recipient's email address.
    Recipient,
    /// The state, sorted by its enum value name.
    State,
}

/// A sort key for invitations.
#[derive(InputObject, Copy, Clone, Debug, PartialEq, Eq)]
pub struct InvitationOrder {
    /// The field to sort by.
    pub field: InvitationOrderField,
    /// The sort direction.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl InvitationOrder {
    /// Converts the sort keys to the store's order, with a unique last key. Defaults to newest first.
    #[must_use]
    pub fn order(by: &[Self]) -> Order<Invitations> {
        let default = [Self { field: InvitationOrderField::CreatedAt, direction: OrderDirection::Desc }];
        let by = if by.is_empty() { &default[..] } else { by };
        Order::new(
            by.iter().map(|by| By { field: by.column(), descending: by.direction == OrderDirection::Desc }).collect(),
        )
    }

    fn column(self) -> Invitations {
        match self.field {
            InvitationOrderField::CreatedAt => Invitations::CreatedAt,
            InvitationOrderField::ExpiresAt => Invitations::ExpiresAt,
            InvitationOrderField::Recipient => Invitations::Recipient,
            InvitationOrderField::State => Invitations::State,
        }
    }
}
