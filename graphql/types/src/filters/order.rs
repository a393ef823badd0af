use async_graphql::{Enum, InputObject};
use partnergraph_store::read::customers::CustomerOrder as Customers;
use partnergraph_store::read::page::{By, Order};
use partnergraph_store::read::subscriptions::SubscriptionOrder as Subscriptions;

/// In which direction a list runs.
#[derive(Enum, Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum OrderDirection {
    /// From the least to the greatest; null last.
    #[default]
    Asc,
    /// From the greatest to the least; null first.
    Desc,
}

/// What customers can be ordered by. Values that are null come last ascending and first descending.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub enum CustomerOrderField {
    /// The name; customers without one come last ascending.
    CompanyName,
    /// The tenant id.
    TenantId,
    /// The domain.
    Domain,
    /// The country.
    Country,
    /// When it was first known.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
}

/// One column of an order of customers.
#[derive(InputObject, Copy, Clone, Debug, PartialEq, Eq)]
pub struct CustomerOrder {
    /// What to order by.
    pub field: CustomerOrderField,
    /// In which direction.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl CustomerOrder {
    /// As the store's order, made unique; without any column, by `CompanyName`.
    #[must_use]
    pub fn order(by: &[Self]) -> Order<Customers> {
        let default = [Self { field: CustomerOrderField::CompanyName, direction: OrderDirection::Asc }];
        let by = if by.is_empty() { &default[..] } else { by };
        Order::new(
            by.iter().map(|by| By { field: by.column(), descending: by.direction == OrderDirection::Desc }).collect(),
        )
    }

    fn column(self) -> Customers {
        match self.field {
            CustomerOrderField::CompanyName => Customers::CompanyName,
            CustomerOrderField::TenantId => Customers::TenantId,
            CustomerOrderField::Domain => Customers::Domain,
            CustomerOrderField::Country => Customers::Country,
            CustomerOrderField::CreatedAt => Customers::CreatedAt,
            CustomerOrderField::UpdatedAt => Customers::UpdatedAt,
        }
    }
}

/// What subscriptions can be ordered by. Values that are null come last ascending and first descending.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub enum SubscriptionOrderField {
    /// The id as the portals show it.
    SubscriptionId,
    /// The name of the offer.
    OfferName,
    /// The name that it was given.
    FriendlyName,
    /// The licences.
    Quantity,
    /// The state, by its word.
    Status,
    /// When the term began.
    EffectiveStartDate,
    /// The last day of the term.
    CommitmentEndDate,
    /// When it was bought.
    CreationDate,
    /// When it was first known.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
}

/// One column of an order of subscriptions.
#[derive(InputObject, Copy, Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionOrder {
    /// What to order by.
    pub field: SubscriptionOrderField,
    /// In which direction.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl SubscriptionOrder {
    /// As the store's order, made unique; without any column, by `SubscriptionId`.
    #[must_use]
    pub fn order(by: &[Self]) -> Order<Subscriptions> {
        let default = [Self { field: SubscriptionOrderField::SubscriptionId, direction: OrderDirection::Asc }];
        let by = if by.is_empty() { &default[..] } else { by };
        Order::new(
            by.iter().map(|by| By { field: by.column(), descending: by.direction == OrderDirection::Desc }).collect(),
        )
    }

    fn column(self) -> Subscriptions {
        match self.field {
            SubscriptionOrderField::SubscriptionId => Subscriptions::SubscriptionId,
            SubscriptionOrderField::OfferName => Subscriptions::OfferName,
            SubscriptionOrderField::FriendlyName => Subscriptions::FriendlyName,
            SubscriptionOrderField::Quantity => Subscriptions::Quantity,
            SubscriptionOrderField::Status => Subscriptions::Status,
            SubscriptionOrderField::EffectiveStartDate => Subscriptions::EffectiveStartDate,
            SubscriptionOrderField::CommitmentEndDate => Subscriptions::CommitmentEndDate,
            SubscriptionOrderField::CreationDate => Subscriptions::CreationDate,
            SubscriptionOrderField::CreatedAt => Subscriptions::CreatedAt,
            SubscriptionOrderField::UpdatedAt => Subscriptions::UpdatedAt,
        }
    }
}
