//! Associations of a provider's customer with an indirect reseller: access to the account, no incentive credit (N-02, B-04).

use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use partnergraph_domain::{CustomerKey, OperationType, PartnerKey};

use super::partners::label;
use super::{Change, Event, Outcome, Viewer, awaiting, customers, record};
use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::schema::customer_associations;
use crate::scope::Actor;
use crate::sql::{pairs, sql};

/// The key of an association: a provider's customer and a reseller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssociationOf {
    /// The provider.
    pub provider_id: PartnerKey,
    /// The customer.
    pub customer_id: CustomerKey,
    /// The reseller that gets access.
    pub reseller_id: PartnerKey,
}

/// Whether the association is active.
///
/// # Errors
/// Any database error.
pub fn stands(conn: &mut Conn, key: AssociationOf) -> StoreResult<bool> {
    let count: i64 = on!(conn, c => customer_associations::table
        .filter(
            customer_associations::provider_id.eq(key.provider_id)
                .and(customer_associations::customer_id.eq(key.customer_id))
                .and(customer_associations::reseller_id.eq(key.reseller_id))
                .and(customer_associations::removed_at.is_null()))
        .count()
        .get_result(c))?;
    Ok(count > 0)
}

/// Which of these customers the reseller is associated with, each at that provider.
pub(super) fn of_reseller(
    conn: &mut Conn,
    reseller_id: PartnerKey,
    of: &[(PartnerKey, CustomerKey)],
) -> StoreResult<HashSet<(PartnerKey, CustomerKey)>> {
    #[derive(QueryableByName)]
    struct Associated {
        #[diesel(sql_type = BigInt)]
        provider_id: PartnerKey,
        #[diesel(sql_type = BigInt)]
        customer_id: CustomerKey,
    }
    let statement = sql("SELECT ca.provider_id, ca.customer_id FROM ")
        .add(pairs(conn.backend(), of))
        .push(
            " JOIN customer_associations ca ON ca.provider_id = up.a AND ca.customer_id = up.b \
             AND ca.removed_at IS NULL AND ca.reseller_id = ",
        )
        .bind(reseller_id);
    let rows = conn.rows::<Associated>(&statement)?;
    Ok(rows.into_iter().map(|row| (row.provider_id, row.customer_id)).collect())
}

/// Associates the reseller with the customer account. Partners of record and support contacts are unchanged (K-03), and the
/// reseller does not become a tenant owner (N-10).
///
/// # Errors
/// Any database error.
pub fn associate(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, key: AssociationOf) -> StoreResult<Outcome> {
    if stands(conn, key)? {
        return Ok(Outcome::Unchanged);
    }
    on!(conn, c => diesel::insert_into(customer_associations::table)
        .values((
            customer_associations::provider_id.eq(key.provider_id),
            customer_associations::customer_id.eq(key.customer_id),
            customer_associations::reseller_id.eq(key.reseller_id),
            customer_associations::since.eq(now),
            customer_associations::tenant_owner.eq(false),
        ))
        .execute(c))?;
    // The provider itself grants access, so the customer no longer waits for an invitation (C-25).
    awaiting::lift(conn, key.reseller_id, key.customer_id)?;
    finish(conn, actor, now, key, OperationType::CreateCustomerAssociation)
}

/// Ends the association and the access that it gave (N-11).
///
/// # Errors
/// Any database error.
pub fn dissociate(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, key: AssociationOf) -> StoreResult<Outcome> {
    if !stands(conn, key)? {
        return Ok(Outcome::Unchanged);
    }
    on!(conn, c => diesel::update(customer_associations::table.filter(
            customer_associations::provider_id.eq(key.provider_id)
                .and(customer_associations::customer_id.eq(key.customer_id))
                .and(customer_associations::reseller_id.eq(key.reseller_id))
                .and(customer_associations::removed_at.is_null())))
        .set(customer_associations::removed_at.eq(now))
        .execute(c))?;
    finish(conn, actor, now, key, OperationType::RemoveCustomerAssociation)
}

/// Whether a reseller owns the Azure tenant of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantOwnership {
    /// The customer's Global admin made it an owner.
    Owner,
    /// It is not an owner, as after an association.
    NoOwner,
}

/// The providers through which a reseller is associated with the customer account; there can be several.
///
/// # Errors
/// Any database error.
pub fn providers(conn: &mut Conn, customer_id: CustomerKey, reseller_id: PartnerKey) -> StoreResult<Vec<PartnerKey>> {
    Ok(on!(conn, c => customer_associations::table
        .filter(
            customer_associations::customer_id.eq(customer_id)
                .and(customer_associations::reseller_id.eq(reseller_id))
                .and(customer_associations::removed_at.is_null()))
        .order(customer_associations::provider_id)
        .select(customer_associations::provider_id)
        .load(c))?)
}

/// Makes the reseller an owner of the customer's Azure tenant, or removes the ownership (N-10). The association is unchanged.
///
/// # Errors
/// Any database error.
pub fn set_tenant_owner(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (customer_id, reseller_id): (CustomerKey, PartnerKey),
    ownership: TenantOwnership,
) -> StoreResult<Outcome> {
    let is_owner = ownership == TenantOwnership::Owner;
    let changed = on!(conn, c => diesel::update(customer_associations::table.filter(
            customer_associations::customer_id.eq(customer_id)
                .and(customer_associations::reseller_id.eq(reseller_id))
                .and(customer_associations::tenant_owner.ne(is_owner))
                .and(customer_associations::removed_at.is_null())))
        .set(customer_associations::tenant_owner.eq(is_owner))
        .execute(c))?;
    if changed == 0 {
        return Ok(Outcome::Unchanged);
    }
    let providers = providers(conn, customer_id, reseller_id)?;
    for provider_id in &providers {
        customers::touch_record(conn, now, *provider_id, customer_id)?;
    }
    let mut event = Event::succeeded(match ownership {
        TenantOwnership::Owner => OperationType::CreateTenantOwner,
        TenantOwnership::NoOwner => OperationType::RemoveTenantOwner,
    });
    event.customer_id = Some(customer_id);
    event.partner_id = Some(reseller_id);
    event.viewers = providers.into_iter().chain([reseller_id]).map(Viewer::Partner).collect();
    event.viewers.push(Viewer::TheCustomer);
    event.changes =
        Change::of("tenantOwner", Some((!is_owner).to_string()), Some(is_owner.to_string())).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

fn finish(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    key: AssociationOf,
    operation: OperationType,
) -> StoreResult<Outcome> {
    customers::touch_record(conn, now, key.provider_id, key.customer_id)?;
    derive::refresh_customers(conn, &[key.customer_id])?;
    let label = label(conn, Some(key.reseller_id))?;
    let mut event = Event::succeeded(operation);
    event.customer_id = Some(key.customer_id);
    event.partner_id = Some(key.reseller_id);
    event.viewers = vec![Viewer::Partner(key.provider_id), Viewer::Partner(key.reseller_id), Viewer::TheCustomer];
    event.changes = match operation {
        OperationType::CreateCustomerAssociation => Change::of("indirectResellers", None, label),
        _ => Change::of("indirectResellers", label, None),
    }
    .into_iter()
    .collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}
