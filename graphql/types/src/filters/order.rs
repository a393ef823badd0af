use async_graphql::{Enum, InputObject};
use partnergraph_store::read::customers::CustomerOrder as Customers;
use partnergraph_store::read::page::{By, Order};
use partnergraph_store::read::subscriptions::SubscriptionOrder as Subscriptions;

/// The direction in which a list is sorted.
#[derive(Enum, Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum OrderDirection {
    /// Ascending order. Null values come last.
    #[default]
    Asc,
    /// Descending order. Null values come first.
    Desc,
}

/// Fields that customers can be sorted by. Null values come last in ascending order and first in descending order.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub enum CustomerOrderField {
    /// The company name.
    CompanyName,
    /// The tenant id.
    TenantId,
    /// The default domain.
    Domain,
    /// The country.
    Country,
    /// When the record was created.
    CreatedAt,
    /// When the record was last changed.
    UpdatedAt,
}

/// A sort key for customers.
#[derive(InputObject, Copy, Clone, Debug, PartialEq, Eq)]
pub struct CustomerOrder {
    /// The field to sort by.
    pub field: CustomerOrderField,
    /// The sort direction.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl CustomerOrder {
    /// Converts the sort keys to the store's order, with a unique last key. Defaults to `CompanyName`.
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

/// Fields that subscriptions can be sorted by. Null values come last in ascending order and first in descending order.
#[derive(Enum, Copy, Clone, Debug, PartialEq, Eq)]
pub enum SubscriptionOrderField {
    /// The subscription id shown in the portals.
    SubscriptionId,
    /// The name of the offer.
    OfferName,
    /// The friendly name of the subscription.
    FriendlyName,
    /// The number of licences.
    Quantity,
    /// The status, sorted by its enum value name.
    Status,
    /// The first day of the term.
    EffectiveStartDate,
    /// The last day of the term.
    CommitmentEndDate,
    /// When the subscription was purchased.
    CreationDate,
    /// When the subscription was first recorded.
    CreatedAt,
    /// When the subscription was last changed.
    UpdatedAt,
}

/// A sort key for subscriptions.
#[derive(InputObject, Copy, Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionOrder {
    /// The field to sort by.
    pub field: SubscriptionOrderField,
    /// The sort direction.
    #[graphql(default)]
    pub direction: OrderDirection,
}

impl SubscriptionOrder {
    /// Converts the sort keys to the store's order, with a unique last key. Defaults to `SubscriptionId`.
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
