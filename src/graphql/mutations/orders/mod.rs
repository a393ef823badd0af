//! What partners sell: customers with their first order, orders, and what becomes of subscriptions.

mod add_customer;
mod add_customer_input;
mod add_customer_payload;
mod cancel_review;
mod lines;
mod placed;
mod submit_order;
mod update_customer;
mod update_subscription;
mod upgrade_subscription;

pub use add_customer::*;
pub use add_customer_input::*;
pub use add_customer_payload::*;
pub use cancel_review::*;
pub use lines::*;
pub use submit_order::*;
pub use update_customer::*;
pub use update_subscription::*;
pub use upgrade_subscription::*;

use partnergraph_domain::{PartnerFacts, Refusal, RuleId, checks};
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn, StoreResult};

use super::task::Outcome;

/// The partner account that the caller acts for, as the one that sells. Nobody else sells, operators included.
fn seller(conn: &mut Conn, actor: &Actor) -> StoreResult<Outcome<(i64, PartnerFacts)>> {
    let Some(id) = actor.scope.partner_id() else {
        let message = "This is for the people of a partner that sells.";
        return Ok(Err(vec![Refusal::of(RuleId::A_01, "ROLE_NOT_ALLOWED", message).microsoft(900_150)]));
    };
    Ok(Ok((id, facts::partner(conn, id)?)))
}

/// What is against the caller's role in selling, and nothing else.
fn against_role(conn: &mut Conn, actor: &Actor) -> StoreResult<Vec<Refusal>> {
    match seller(conn, actor)? {
        Ok((_, seller)) => Ok(checks::provider_task(&facts::actor(actor)?, &seller)),
        Err(refusals) => Ok(refusals),
    }
}
