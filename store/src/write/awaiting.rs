//! Customers that a reseller does not see yet, because only portals other than Microsoft's have reported them (C-25).

use diesel::prelude::*;
use partnergraph_domain::{CustomerKey, PartnerKey};

use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::schema::awaiting_invitation;

/// Lets the reseller see the customer from now on: an invitation was accepted, or the provider itself assigned the reseller. Does
/// nothing if the customer was not waiting.
///
/// # Errors
/// Any database error.
pub fn lift(conn: &mut Conn, reseller_id: PartnerKey, customer_id: CustomerKey) -> StoreResult<()> {
    let lifted =
        on!(conn, c => diesel::delete(awaiting_invitation::table.find((reseller_id, customer_id))).execute(c))?;
    if lifted > 0 {
        derive::refresh_customers(conn, &[customer_id])?;
    }
    Ok(())
}
