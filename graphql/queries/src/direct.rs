//! The root fields that are answered directly, without async-graphql.

use partnergraph_direct::{One, Page, PagesAlone, RequestedField, Root};
use partnergraph_operation::lookups::{CustomerLookup, SubscriptionLookup};
use partnergraph_store::read::{customers, subscriptions};
use partnergraph_types::{Customer, CustomerSubscription};

use super::customers::customers as customers_arguments;
use super::subscriptions::subscriptions as subscriptions_arguments;

/// The reader for a root field. `None` if async-graphql must answer it.
#[must_use]
pub fn root(requested: &RequestedField<'_>) -> Option<Box<dyn Root>> {
    Some(match requested.name() {
        "customers" => {
            let (fingerprint, order, filter) =
                customers_arguments(requested.argument("filter")?, requested.argument("orderBy")?).ok()?;
            let types = ("CustomerConnection", "CustomerEdge");
            let page = Page::<Customer>::of(types, requested, &order, fingerprint)?;
            Box::new(PagesAlone::of(page, move |reader| {
                customers::list(reader.conn, reader.scope, &filter, order.clone())
            }))
        }
        "customer" => {
            let key = requested.argument::<CustomerLookup>("by")?.key()?;
            Box::new(One::<Customer>::of(requested.selection(), move |reader| {
                Ok(customers::find(reader.conn, reader.scope, &key)?)
            })?)
        }
        "subscriptions" => {
            let (fingerprint, order, filter) =
                subscriptions_arguments(requested.argument("filter")?, requested.argument("orderBy")?).ok()?;
            let types = ("CustomerSubscriptionConnection", "CustomerSubscriptionEdge");
            let page = Page::<CustomerSubscription>::of(types, requested, &order, fingerprint)?;
            Box::new(PagesAlone::of(page, move |reader| Ok(subscriptions::list(reader.scope, &filter, order.clone()))))
        }
        "customerSubscription" => {
            let key = requested.argument::<SubscriptionLookup>("by")?.key()?;
            Box::new(One::<CustomerSubscription>::of(requested.selection(), move |reader| {
                Ok(subscriptions::find(reader.conn, reader.scope, key)?)
            })?)
        }
        _ => return None,
    })
}
