//! Customers that a reseller does not see by itself, since portals other than Microsoft's alone told of them (C-25).

use diesel::prelude::*;
use partnergraph_domain::{CustomerKey, PartnerKey};

use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::schema::awaiting_invitation;

/// Lets the reseller see the customer from now on: an invitation was accepted, or the provider newly put the reseller there.
/// Nothing happens where nothing was waiting.
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
