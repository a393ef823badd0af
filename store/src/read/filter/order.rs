use serde::Serialize;

use super::{Column, CustomerTerm, Filter, PartnerTerm, Spelling, Test};
use crate::on::{On, PlacedOrder};
use crate::scope::Scope;

/// A field of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum OrderTermField {
    /// The order number.
    OrderNumber,
    /// The portal.
    Channel,
    /// Who placed it.
    OrderedBy,
    /// When it was placed.
    CreatedAt,
}

impl OrderTermField {
    fn column(self) -> Column {
        match self {
            Self::OrderNumber => Column::plain("@.order_number", Spelling::Shown),
            Self::Channel => Column::plain("@.channel", Spelling::Upper),
            Self::OrderedBy => Column::plain("@.ordered_by", Spelling::Shown),
            Self::CreatedAt => Column::plain("@.created_at", Spelling::Lower),
        }
    }
}

/// A condition on an order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum OrderTerm {
    /// A test of a field.
    Field(OrderTermField, Test),
    /// The customer matches.
    Customer(Box<Filter<CustomerTerm>>),
    /// The seller matches.
    Provider(Filter<PartnerTerm>),
}

impl Filter<OrderTerm> {
    /// Converts to a condition on an order, without its own scope.
    pub fn on_orders(&self, scope: &Scope) -> On<PlacedOrder> {
        On::new(self.sql(&|term| match term {
            OrderTerm::Field(field, test) => field.column().test(test),
            OrderTerm::Customer(filter) => filter.seen_customer(scope, "@.customer_id"),
            OrderTerm::Provider(filter) => filter.seen_by(scope, "@.seller_id"),
        }))
    }
}
