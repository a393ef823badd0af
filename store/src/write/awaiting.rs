//! Customers that a reseller does not see yet, because only portals other than Microsoft's have reported them (C-25).

use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use partnergraph_domain::rules::invitation::c_24_appears_on_enrolment;
use partnergraph_domain::{CustomerKey, PartnerKey, PortalFamily};

use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::schema::awaiting_invitation;
use crate::sql::sql;

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

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = BigInt)]
    customer_id: CustomerKey,
    #[diesel(sql_type = Text)]
    portal_family: PortalFamily,
}

/// C-24 and C-25, for an account that takes over the placeholder `from`: customers that imports reported, but none from a
/// Microsoft portal, wait for an invitation. What no import reported was done by the provider itself and does not wait.
///
/// # Errors
/// Any database error.
pub(super) fn inherit(conn: &mut Conn, now: NaiveDateTime, from: PartnerKey, to: PartnerKey) -> StoreResult<()> {
    let statement = sql("SELECT DISTINCT x.customer_id, src.portal_family FROM (\
         SELECT s.customer_id, s.seller_id, s.id AS subscription_pk FROM subscriptions s \
         WHERE s.removed_at IS NULL AND (s.reseller_id = ")
    .bind(from)
    .push(" OR s.support_contact_id = ")
    .bind(from)
    .push(
        ") UNION SELECT s.customer_id, s.seller_id, s.id FROM entitlements e JOIN subscriptions s ON s.id = e.subscription_pk \
         WHERE s.removed_at IS NULL AND e.reseller_id = ",
    )
    .bind(from)
    .push(
        " UNION SELECT a.customer_id, a.provider_id, CAST(0 AS BIGINT) FROM customer_associations a \
         WHERE a.removed_at IS NULL AND a.reseller_id = ",
    )
    .bind(from)
    .push(
        ") x JOIN import_baselines b ON (b.entity = 'C' AND b.entity_id = x.customer_id) \
         OR (b.entity = 'S' AND b.entity_id = x.subscription_pk) \
         JOIN import_sources src ON src.id = b.source_id AND src.partner_id = x.seller_id",
    );
    let known: Vec<Known> = conn.rows(&statement)?;
    let appears = |row: &&Known| c_24_appears_on_enrolment(row.portal_family);
    let shown: HashSet<CustomerKey> = known.iter().filter(appears).map(|row| row.customer_id).collect();
    let mut waiting: Vec<CustomerKey> =
        known.iter().map(|row| row.customer_id).filter(|customer| !shown.contains(customer)).collect();
    waiting.sort_unstable();
    waiting.dedup();
    for customer_id in waiting {
        on!(conn, c => diesel::insert_into(awaiting_invitation::table)
            .values((
                awaiting_invitation::reseller_id.eq(to),
                awaiting_invitation::customer_id.eq(customer_id),
                awaiting_invitation::since.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}
