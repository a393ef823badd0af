//! Sales by partners: customers with their first order, orders, and changes to subscriptions.

mod add_customer;
mod add_customer_input;
mod add_customer_payload;
mod cancel_review;
pub(crate) mod lines;
pub(crate) mod placed;
pub(crate) mod submit_order;
mod update_customer;
pub(crate) mod update_subscription;
pub(crate) mod upgrade_subscription;

pub use add_customer::*;
pub use add_customer_input::*;
pub use add_customer_payload::*;
pub use cancel_review::*;
pub use lines::*;
pub use submit_order::*;
pub use update_customer::*;
pub use update_subscription::*;
pub use upgrade_subscription::*;

use partnergraph_domain::checks::callers;
use partnergraph_domain::{PartnerFacts, PartnerKey, checks};
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn};

use super::task::{Attempt, refuse_if};

/// The seller: the partner account that the caller acts for. Only partners sell; operators cannot.
fn seller(conn: &mut Conn, actor: &Actor) -> Attempt<(PartnerKey, PartnerFacts)> {
    let Some(id) = actor.scope.partner_id() else {
        return Err(callers::orders_for_others().into());
    };
    Ok((id, facts::partner(conn, id)?))
}

/// Checks only the caller's role in selling.
fn allowed(conn: &mut Conn, actor: &Actor) -> Attempt<()> {
    let (_, seller) = seller(conn, actor)?;
    refuse_if(checks::provider_task(&facts::actor(actor)?, &seller))
}
