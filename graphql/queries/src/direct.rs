//! The root fields that are answered directly, without async-graphql.

use partnergraph_direct::{Asked, One, Page, PagesAlone, Root};
use partnergraph_operation::lookups::{CustomerLookup, SubscriptionLookup};
use partnergraph_store::read::{customers, subscriptions};
use partnergraph_types::{Customer, CustomerSubscription};

use super::customers::customers as customers_meant;
use super::subscriptions::subscriptions as subscriptions_meant;

/// The reader for a root field. `None` if async-graphql must answer it.
#[must_use]
pub fn root(asked: &Asked<'_>) -> Option<Box<dyn Root>> {
    Some(match asked.name() {
        "customers" => {
            let (print, order, filter) = customers_meant(asked.argument("filter")?, asked.argument("orderBy")?).ok()?;
            let types = ("CustomerConnection", "CustomerEdge");
            let page = Page::<Customer>::of(types, asked, &order, print)?;
            Box::new(PagesAlone::of(page, move |reader| {
                customers::list(reader.conn, reader.scope, &filter, order.clone())
            }))
        }
        "customer" => {
            let key = asked.argument::<CustomerLookup>("by")?.key()?;
            Box::new(One::<Customer>::of(asked.below(), move |reader| {
                Ok(customers::find(reader.conn, reader.scope, &key)?)
            })?)
        }
        "subscriptions" => {
            let (print, order, filter) =
                subscriptions_meant(asked.argument("filter")?, asked.argument("orderBy")?).ok()?;
            let types = ("CustomerSubscriptionConnection", "CustomerSubscriptionEdge");
            let page = Page::<CustomerSubscription>::of(types, asked, &order, print)?;
            Box::new(PagesAlone::of(page, move |reader| Ok(subscriptions::list(reader.scope, &filter, order.clone()))))
        }
        "customerSubscription" => {
            let key = asked.argument::<SubscriptionLookup>("by")?.key()?;
            Box::new(One::<CustomerSubscription>::of(asked.below(), move |reader| {
                Ok(subscriptions::find(reader.conn, reader.scope, key)?)
            })?)
        }
        _ => return None,
    })
}
