//! The partners that inputs about partnerships, invitations and delegated admin name, and what still refers to a reseller.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use partnergraph_domain::rules::invitation::{Addressee, Named};
use partnergraph_domain::rules::removal::{LeftBehind, Remaining};
use partnergraph_domain::{CustomerKey, PartnerKey, PartnerType};

use super::{Found, customer, tenant, visible};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::parse_stored;
use crate::read::partners::PartnerBy;
use crate::schema::partners;
use crate::scope::Scope;
use crate::sql::{Sql, sql};
use crate::write::invitations::InvitationRow;

/// The account of that type with that key, if `scope` sees it. A tenant can have two accounts (T-01).
///
/// # Errors
/// Any database error.
pub fn account(
    conn: &mut Conn,
    scope: &Scope,
    key: PartnerBy,
    partner_type: PartnerType,
) -> StoreResult<Option<PartnerKey>> {
    visible(conn, scope, sql("p.partner_type = ").bind(partner_type).push(" AND ").add(key.condition()))
}

/// The same among all accounts, whoever the caller is: MPN IDs and tenant ids are public, and a partnership request names a
/// company that the caller cannot see yet. A row key is not public and is found only if the caller sees the account.
///
/// # Errors
/// Any database error.
pub fn public_account(
    conn: &mut Conn,
    scope: &Scope,
    key: PartnerBy,
    partner_type: PartnerType,
) -> StoreResult<Option<PartnerKey>> {
    match key {
        PartnerBy::Row(_) => account(conn, scope, key, partner_type),
        PartnerBy::Tenant(_) | PartnerBy::Mpn(_) => account(conn, &Scope::Operator, key, partner_type),
    }
}

/// The partner that a customer names. If several accounts match the key, the one with delegated admin is preferred, then the one
/// with a relationship.
///
/// # Errors
/// Any database error.
pub fn partner_of_customer(
    conn: &mut Conn,
    scope: &Scope,
    customer_id: CustomerKey,
    key: PartnerBy,
) -> StoreResult<Option<PartnerKey>> {
    let found: Option<Found> = conn.row(
        &sql("SELECT p.id FROM partners p WHERE ")
            .add(key.condition())
            .push(" AND (")
            .add(scope.sees_partner().of("p"))
            .push(
                ") ORDER BY CASE WHEN EXISTS (SELECT 1 FROM delegated_admin_grants g WHERE g.partner_id = p.id \
                 AND g.revoked_at IS NULL AND g.customer_id = ",
            )
            .bind(customer_id)
            .push(
                ") THEN 0 WHEN EXISTS (SELECT 1 FROM reseller_relationships rr WHERE rr.partner_id = p.id \
                 AND rr.removed_at IS NULL AND rr.customer_id = ",
            )
            .bind(customer_id)
            .push(") THEN 1 ELSE 2 END, p.id LIMIT 1"),
    )?;
    Ok(found.map(|found| found.id))
}

/// The addressee of an invitation.
///
/// # Errors
/// Any database error.
pub fn addressee(conn: &mut Conn, invitation: &InvitationRow) -> StoreResult<Addressee> {
    let named = match (invitation.invited_partner_id, &invitation.invited_tenant_id, invitation.customer_id) {
        (Some(partner_id), ..) => named_account(conn, partner_id)?,
        (None, Some(tenant_id), _) => Named::Tenant(tenant(tenant_id)?),
        (None, None, Some(customer_id)) => Named::Tenant(customer(conn, invitation.partner_id, customer_id)?.tenant_id),
        (None, None, None) => Named::Nobody,
    };
    let answered_by = invitation.answered_by_tenant.as_deref().map(tenant).transpose()?;
    Ok(Addressee { answered_by, named })
}

/// The tenant and account that an account's row stands for, even if another account has taken it over since.
fn named_account(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<Named> {
    let (tenant_id, mpn_id): (Option<String>, Option<String>) = on!(conn, c => partners::table
        .find(partner_id)
        .select((partners::tenant_id, partners::mpn_id))
        .first(c))?;
    Ok(match (tenant_id, mpn_id) {
        (Some(tenant_id), _) => Named::Tenant(tenant(&tenant_id)?),
        (None, Some(mpn_id)) => Named::Placeholder(parse_stored(&mpn_id, "an MPN ID")?),
        (None, None) => Named::Nobody,
    })
}

/// What the provider and the reseller share (C-28) and what else names the reseller at the provider's customers.
///
/// # Errors
/// Any database error.
pub fn remaining(
    conn: &mut Conn,
    now: NaiveDateTime,
    provider_id: PartnerKey,
    reseller_id: PartnerKey,
) -> StoreResult<Remaining> {
    #[derive(QueryableByName)]
    struct Counts {
        #[diesel(sql_type = BigInt)]
        customers: i64,
        #[diesel(sql_type = BigInt)]
        partners_of_record: i64,
        #[diesel(sql_type = BigInt)]
        support_contacts: i64,
        #[diesel(sql_type = BigInt)]
        delegated_admin: i64,
    }
    let shared = |counted: &'static str| {
        sql("(SELECT ")
            .push(counted)
            .push(" FROM reseller_customers rc WHERE rc.provider_id = ")
            .bind(provider_id)
            .push(" AND rc.reseller_id = ")
            .bind(reseller_id)
    };
    let statement = sql("SELECT ")
        .add(shared("COUNT(*)"))
        .push(") AS customers, ")
        .add(shared("CAST(COALESCE(SUM(rc.subscription_count), 0) AS BIGINT)"))
        .push(
            ") AS partners_of_record, (SELECT COUNT(*) FROM subscriptions s JOIN reseller_relationships rr \
             ON rr.customer_id = s.customer_id AND rr.partner_id = s.seller_id AND rr.removed_at IS NULL \
             WHERE s.removed_at IS NULL AND s.status <> 'DELETED' AND s.seller_id = ",
        )
        .bind(provider_id)
        .push(" AND s.support_contact_id = ")
        .bind(reseller_id)
        .push(") AS support_contacts, (SELECT COUNT(*) FROM delegated_admin_grants g WHERE ")
        .add(active(now))
        .push(" AND g.partner_id = ")
        .bind(reseller_id)
        .push(" AND EXISTS ")
        .add(shared("1"))
        .push(" AND rc.customer_id = g.customer_id)) AS delegated_admin");
    Ok(conn.row::<Counts>(&statement)?.map_or_else(Remaining::default, |found| Remaining {
        customers: count(found.customers),
        partners_of_record: count(found.partners_of_record),
        support_contacts: count(found.support_contacts),
        delegated_admin: count(found.delegated_admin),
    }))
}

/// What the partner leaves with the customer if it ends its relationship (D-06).
///
/// # Errors
/// Any database error.
pub fn left_behind(
    conn: &mut Conn,
    now: NaiveDateTime,
    (partner_id, customer_id): (PartnerKey, CustomerKey),
) -> StoreResult<LeftBehind> {
    #[derive(QueryableByName)]
    struct Counts {
        #[diesel(sql_type = BigInt)]
        subscriptions: i64,
        #[diesel(sql_type = BigInt)]
        licenses: i64,
        #[diesel(sql_type = BigInt)]
        renewing: i64,
        #[diesel(sql_type = BigInt)]
        delegated_admin: i64,
    }
    let statement = sql(
        "SELECT COUNT(*) AS subscriptions, CAST(COALESCE(SUM(CASE WHEN s.billing_type = 'USAGE' OR s.is_trial THEN 0 \
         ELSE COALESCE(s.quantity, 0) END), 0) AS BIGINT) AS licenses, \
         CAST(COALESCE(SUM(CASE WHEN s.auto_renew_enabled THEN 1 ELSE 0 END), 0) AS BIGINT) AS renewing, \
         (SELECT COUNT(*) FROM delegated_admin_grants g WHERE ",
    )
    .add(active(now))
    .push(" AND g.partner_id = ")
    .bind(partner_id)
    .push(" AND g.customer_id = ")
    .bind(customer_id)
    .push(
        ") AS delegated_admin FROM subscriptions s WHERE s.removed_at IS NULL \
         AND s.status IN ('ACTIVE', 'SUSPENDED', 'PENDING') AND s.customer_id = ",
    )
    .bind(customer_id)
    .push(" AND +s.seller_id = ")
    .bind(partner_id);
    Ok(conn.row::<Counts>(&statement)?.map_or_else(LeftBehind::default, |found| LeftBehind {
        subscriptions: count(found.subscriptions),
        licenses: count(found.licenses),
        renewing: count(found.renewing),
        delegated_admin: count(found.delegated_admin),
    }))
}

/// Whether the grant `g` gives access now.
fn active(now: NaiveDateTime) -> Sql {
    sql("g.revoked_at IS NULL AND (g.end_at IS NULL OR g.end_at > ").bind(now).push(")")
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
