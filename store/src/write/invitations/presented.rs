use partnergraph_domain::rules::invitation::{Bearer, is_addressed_to};

use super::{InvitationRow, by_token};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::scope::Actor;
use crate::write::facts;

/// Finds the invitation for the token that the caller presents. `None` if there is none or it belongs to someone else.
///
/// # Errors
/// Any database error.
pub fn presented(conn: &mut Conn, actor: &Actor, token: &str) -> StoreResult<Option<InvitationRow>> {
    let Some(row) = by_token(conn, token)? else { return Ok(None) };
    let addressee = facts::addressee(conn, &row)?;
    let mpn_id = match actor.scope.partner_id() {
        Some(id) => Some(facts::partner(conn, id)?.mpn_id),
        None => None,
    };
    let bearer = Bearer { tenant_id: facts::actor(actor)?.tenant_id, mpn_id };
    Ok(is_addressed_to(addressee, bearer).then_some(row))
}
