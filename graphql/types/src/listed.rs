//! Objects as edges of the lists in which they stand by default: in the list's own order, without a filter. A payload returns one, so that a
//! client can put the object into a list that it has already read.

use async_graphql::Result;
use partnergraph_operation::connection;
use partnergraph_operation::fingerprint::{Fingerprint, Listing};
use partnergraph_store::read::imports::RunOrder;
use partnergraph_store::read::mpn_profiles::MpnProfileOrder;
use partnergraph_store::read::orders::OrderOrder;
use partnergraph_store::read::page::{By, Order as ListOrder};
use partnergraph_store::read::partners::PartnerOrder;
use partnergraph_store::read::partnerships::PartnershipOrder;
use partnergraph_store::read::users::UserOrder;

use super::filters::{
    Budget, ChangeRequestFilter, ChangeRequestOrder, CustomerFilter, CustomerOrder, InvitationFilter, InvitationOrder,
    MpnProfileFilter, OrderFilter, PartnerFilter, PartnershipFilter, SubscriptionFilter, SubscriptionOrder,
};
use super::{
    ChangeRequest, ChangeRequestEdge, Customer, CustomerEdge, CustomerSubscription, CustomerSubscriptionEdge,
    ImportRun, ImportRunEdge, Invitation, InvitationEdge, MpnProfile, MpnProfileEdge, Order, OrderEdge, Partner,
    PartnerEdge, Partnership, PartnershipEdge, User, UserEdge,
};

macro_rules! listed {
    ($($edge:ident of $node:ident.$row:tt in $listing:ident, by $order:expr, matching $filter:expr;)+) => {$(
        impl $edge {
            /// The object as an edge of the list in which it stands by default.
            ///
            /// # Errors
            /// None that an object of this program can cause.
            pub fn listed(node: $node) -> Result<Self> {
                let order = $order;
                let fingerprint = Fingerprint::of(Listing::$listing, &order, &$filter)?;
                Ok(Self { cursor: connection::cursor(&order, &fingerprint, &node.$row), node })
            }
        }
    )+};
}

fn by<F: partnergraph_store::read::page::OrderField>(field: F, descending: bool) -> ListOrder<F> {
    ListOrder::new(vec![By { field, descending }])
}

listed! {
    ChangeRequestEdge of ChangeRequest.0 in ChangeRequests, by ChangeRequestOrder::order(&[]),
        matching ChangeRequestFilter::default().build(&mut Budget::default())?;
    CustomerEdge of Customer.0 in Customers, by CustomerOrder::order(&[]),
        matching CustomerFilter::default().build(&mut Budget::default())?;
    CustomerSubscriptionEdge of CustomerSubscription.0 in Subscriptions, by SubscriptionOrder::order(&[]),
        matching SubscriptionFilter::default().build(&mut Budget::default())?;
    ImportRunEdge of ImportRun.0 in ImportRuns, by by(RunOrder::Row, true), matching ();
    InvitationEdge of Invitation.row in Invitations, by InvitationOrder::order(&[]),
        matching InvitationFilter::default().build(&mut Budget::default())?;
    MpnProfileEdge of MpnProfile.0 in MpnProfiles, by by(MpnProfileOrder::MpnId, false),
        matching MpnProfileFilter::default().build(&mut Budget::default())?;
    OrderEdge of Order.0 in Orders, by by(OrderOrder::Row, true),
        matching OrderFilter::default().build(&mut Budget::default())?;
    PartnerEdge of Partner.0 in Partners, by by(PartnerOrder::Name, false),
        matching PartnerFilter::default().build(&mut Budget::default())?;
    PartnershipEdge of Partnership.0 in FormerPartnerships, by by(PartnershipOrder::Name, false),
        matching PartnershipFilter::default().build(&mut Budget::default())?;
    UserEdge of User.row in Users, by by(UserOrder::Name, false), matching ();
}
