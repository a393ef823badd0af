use partnergraph_domain::checks::callers;
use partnergraph_domain::{CustomerKey, PartnerKey, TenantId};
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn, Scope};

use crate::task::{Attempt, not_found};
use partnergraph_operation::lookups::PartnerLookup;

/// The key and the tenant of the customer that the caller acts for.
pub(super) fn own_customer(actor: &Actor) -> Attempt<(CustomerKey, TenantId)> {
    let tenant_id = facts::actor(actor)?.tenant_id;
    match (actor.scope, tenant_id) {
        (Scope::Customer { id }, Some(tenant_id)) => Ok((id, tenant_id)),
        _ => Err(callers::decides_for_another_customer().into()),
    }
}

/// Finds the customer's partner that the input names in `field`.
pub(super) fn partner_named(
    conn: &mut Conn,
    actor: &Actor,
    customer_id: CustomerKey,
    lookup: &PartnerLookup,
    field: &str,
) -> Attempt<PartnerKey> {
    let found = match lookup.key() {
        Some(key) => facts::partner_of_customer(conn, &actor.scope, customer_id, key)?,
        None => None,
    };
    Ok(found.ok_or_else(|| not_found("partner", field))?)
}
