//! The root fields of queries, one object per area, merged; and those of subscriptions, in [`live`].
//!
//! Absent: rules, SQL and writes. The package is tested through the API.

mod change_requests;
mod customers;
mod delegated_admin;
mod direct;
mod eligibility;
mod graph;
mod history;
mod imports;
mod invitations;
pub mod live;
mod nodes;
mod orders;
mod organizations;
mod partners;
mod subscriptions;
mod viewer;

use async_graphql::MergedObject;

pub use direct::root as direct_root;

/// The root of all queries. Every result contains only what you can see.
///
/// If a field fails, it is null and the reason is in the response's `errors`.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
#[allow(missing_debug_implementations)]
pub struct Query(
    viewer::ViewerQuery,
    customers::CustomersQuery,
    subscriptions::SubscriptionsQuery,
    orders::OrdersQuery,
    partners::PartnersQuery,
    organizations::OrganizationsQuery,
    invitations::InvitationsQuery,
    change_requests::ChangeRequestsQuery,
    delegated_admin::DelegatedAdminQuery,
    imports::ImportsQuery,
    eligibility::EligibilityQuery,
    history::HistoryQuery,
    graph::GraphQuery,
    nodes::NodesQuery,
);
