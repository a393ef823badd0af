use async_graphql::{Enum, InputObject, MaybeUndefined, Result};
use partnergraph_store::read::filter::{Filter, InvitationField, InvitationTerm, Test};
use partnergraph_store::read::invitations::InvitationOrder as Invitations;
use partnergraph_store::read::page::{By, Order};

use super::{
    BooleanFilter, Budget, CloudFilter, CountryCodeFilter, DateTimeFilter, IntFilter, InvitationKindFilter,
    InvitationStateFilter, OrderDirection, StringFilter,
};

/// Conditions on an invitation. All that is given must hold; nothing at all matches everything. A condition that is left out is none.
#[derive(InputObject, Debug, Clone, Default)]
pub struct InvitationFilter {
    /// What it brings about.
    pub kind: MaybeUndefined<InvitationKindFilter>,
    /// Where it stands now; one whose time is over is `EXPIRED`.
    pub state: MaybeUndefined<InvitationStateFilter>,
    /// The address that it is to be sent to.
    pub recipient: MaybeUndefined<StringFilter>,
    /// When it was drafted.
    pub created_at: MaybeUndefined<DateTimeFilter>,
    /// Until when it can be answered.
    pub expires_at: MaybeUndefined<DateTimeFilter>,
    /// The customer's country. Can be null.
    pub country: MaybeUndefined<CountryCodeFilter>,
    /// The cloud of the partner that invites.
    pub cloud: MaybeUndefined<CloudFilter>,
    /// Whether delegated administration is asked for.
    pub delegated_admin: MaybeUndefined<BooleanFilter>,
    /// Rises with every change.
    pub version: MaybeUndefined<IntFilter>,
    /// All of these hold. None at all: matches everything.
    pub and: Option<Vec<InvitationFilter>>,
    /// One of these holds at least. None at all: matches nothing.
    pub or: Option<Vec<InvitationFilter>>,
    /// Negates the condition. A null value counts as not matching, so it is included.
    pub not: Option<Box<InvitationFilter>>,
}

impl InvitationFilter {
    /// As the store's condition.
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

/// What invitations can be ordered by.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub enum InvitationOrderField {
    /// When it was drafted.
    CreatedAt,
    /// Until when it can be answered.
    ExpiresAt,
    /// The address.
    Recipient,
    /// The state, by its word.
    State,
}

/// One column of an order of invitations.
#[derive(InputObject, Copy, Clone, Debug, PartialEq, Eq)]
pub struct InvitationOrder {
    /// What to order by.
    pub field: InvitationOrderField,
    /// In which direction.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl InvitationOrder {
    /// As the store's order, made unique; without any column, the newest first.
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
