//! The customer fields that are answered directly, and how the arguments of its lists are read.

use async_graphql::Result;
use partnergraph_direct::{Direct, NestedField, NestedPages, Page, RequestedField};
use partnergraph_domain::CustomerKey;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_store::read::customers::CustomerRow;
use partnergraph_store::read::filter::{Filter, PartnerTerm, SubscriptionTerm};
use partnergraph_store::read::page::{By, Order};
use partnergraph_store::read::partners::{self, PartnerOrder};
use partnergraph_store::read::subscriptions;

use super::{Customer, CustomerSubscription, Partner};
use crate::filters::{Budget, PartnerFilter, SubscriptionFilter, SubscriptionOrder};

impl Direct for Customer {
    type Row = CustomerRow;

    fn nested(requested: &RequestedField<'_>) -> Option<Box<dyn NestedField<CustomerRow>>> {
        Some(match requested.name() {
            "indirectResellers" => {
                let (fingerprint, order, filter) = resellers(requested.argument("filter")?).ok()?;
                let types = ("CustomerResellerConnection", "CustomerResellerEdge");
                let page = Page::<Partner>::of(types, requested, &order, fingerprint)?;
                Box::new(NestedPages::of(page, customer_key, move |scope| {
                    partners::resellers_of_customers(scope, &filter, order.clone())
                }))
            }
            "subscriptions" => {
                let (fingerprint, order, filter) =
                    sold(requested.argument("filter")?, requested.argument("orderBy")?).ok()?;
                let types = ("CustomerSubscriptionConnection", "CustomerSubscriptionEdge");
                let page = Page::<CustomerSubscription>::of(types, requested, &order, fingerprint)?;
                Box::new(NestedPages::of(page, customer_key, move |scope| {
                    subscriptions::of_customers(scope, &filter, order.clone())
                }))
            }
            _ => return None,
        })
    }
}

fn customer_key(row: &CustomerRow) -> CustomerKey {
    row.customer_id
}

/// Reads the arguments of `indirectResellers`.
pub(super) fn resellers(
    filter: Option<Box<PartnerFilter>>,
) -> Result<(Fingerprint, Order<PartnerOrder>, Filter<PartnerTerm>)> {
    let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
    let order = Order::new(vec![By { field: PartnerOrder::Name, descending: false }]);
    Ok((Fingerprint::of(Listing::ResellersOfCustomer, &order, &filter)?, order, filter))
}

/// Reads the arguments of `subscriptions`.
#[allow(clippy::type_complexity)]
pub(super) fn sold(
    filter: Option<Box<SubscriptionFilter>>,
    order_by: Option<Vec<SubscriptionOrder>>,
) -> Result<(Fingerprint, Order<subscriptions::SubscriptionOrder>, Filter<SubscriptionTerm>)> {
    let filter = filter.unwrap_or_default().build(&mut Budget::default())?;
    let order = SubscriptionOrder::order(&order_by.unwrap_or_default());
    Ok((Fingerprint::of(Listing::SubscriptionsOfCustomer, &order, &filter)?, order, filter))
}
