//! Customers, partners' records of them, and their relationships.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{
    Cloud, CountryCode, CustomerKey, OperationType, PartnerKey, RelationshipToPartner, TenantId,
};

use super::customer_values::CustomerValues;
use super::tenants::{self, TenantKind};
use super::{Change, Event, Outcome, Viewer, customer_records, record};
use crate::columns::{CustomerRecordColumns, CustomerRecordRow};
use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::schema::{customer_records as records, customers, reseller_relationships};
use crate::scope::Actor;

/// A customer as a partner states it.
#[derive(Debug, Clone)]
pub struct NewCustomer {
    /// Its tenant id, which is its identity.
    pub tenant_id: TenantId,
    /// The cloud of its tenant.
    pub cloud: Cloud,
    /// The partner's record of it, which can be empty.
    pub columns: CustomerRecordColumns,
}

/// The key of the customer with this tenant id.
///
/// # Errors
/// Any database error.
pub fn by_tenant(conn: &mut Conn, tenant_id: TenantId) -> StoreResult<Option<CustomerKey>> {
    Ok(on!(conn, c => customers::table
        .filter(customers::tenant_id.eq(tenant_id.to_string()))
        .select(customers::id)
        .first(c)
        .optional())?)
}

/// Adds a customer of a partner with the customer's consent: the tenant if it is new, the partner's record, and a live reseller
/// relationship. Returns the customer's key. A customer that the partner already has is left unchanged.
///
/// A new record takes over what the partner could read of the customer before, unless other values are given.
///
/// # Errors
/// Any database error.
pub fn add(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    partner_id: PartnerKey,
    customer: &NewCustomer,
) -> StoreResult<CustomerKey> {
    let customer_id = enter(conn, now, customer)?;
    let is_known = version(conn, partner_id, customer_id)?.is_some();
    let columns = CustomerValues::readable_by(conn, partner_id, customer_id)?.complete(&customer.columns);
    if !is_known {
        customer_records::insert(conn, now, (partner_id, customer_id), &columns)?;
    }
    let related = relate(conn, now, partner_id, customer_id)?;
    derive::refresh_customers(conn, &[customer_id])?;
    if is_known && !related.is_changed() {
        return Ok(customer_id);
    }
    let operation =
        if is_known { OperationType::CreatePartnerCustomerRelationship } else { OperationType::AddCustomer };
    let mut event = Event::succeeded(operation);
    event.customer_id = Some(customer_id);
    event.partner_id = Some(partner_id);
    event.viewers = vec![Viewer::Partner(partner_id), Viewer::TheCustomer];
    event.changes = [
        Change::of("tenantId", None, Some(customer.tenant_id.to_string())),
        Change::of("companyName", None, columns.company_name),
        Change::of("domain", None, columns.domain),
        Change::of("country", None, columns.country.map(|country| country.to_string())),
        Change::of("relationshipToPartner", None, Some(RelationshipToPartner::Reseller.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok(customer_id)
}

/// The customer itself: its tenant, which is a customer's from now on, without anything that only one partner states.
pub(super) fn enter(conn: &mut Conn, now: NaiveDateTime, customer: &NewCustomer) -> StoreResult<CustomerKey> {
    tenants::enter(conn, now, customer.tenant_id, TenantKind::Customer, None, customer.cloud)?;
    if let Some(id) = by_tenant(conn, customer.tenant_id)? {
        return Ok(id);
    }
    Ok(on!(conn, c => diesel::insert_into(customers::table)
        .values((
            customers::tenant_id.eq(customer.tenant_id.to_string()),
            customers::version.eq(1_i64),
            customers::created_at.eq(now),
            customers::updated_at.eq(now),
        ))
        .returning(customers::id)
        .get_result(c))?)
}

pub(super) fn relate(
    conn: &mut Conn,
    now: NaiveDateTime,
    partner_id: PartnerKey,
    customer_id: CustomerKey,
) -> StoreResult<Outcome> {
    if relationship(conn, partner_id, customer_id)? != RelationshipToPartner::None {
        return Ok(Outcome::Unchanged);
    }
    on!(conn, c => diesel::insert_into(reseller_relationships::table)
        .values((
            reseller_relationships::partner_id.eq(partner_id),
            reseller_relationships::customer_id.eq(customer_id),
            reseller_relationships::relationship_to_partner.eq(RelationshipToPartner::Reseller),
            reseller_relationships::since.eq(now),
        ))
        .execute(c))?;
    Ok(Outcome::Changed)
}

/// Fills in a name and a country if the partner's record of the customer lacks them.
///
/// # Errors
/// Any database error.
pub fn complete_record(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (partner_id, customer_id): (PartnerKey, CustomerKey),
    known: (Option<&str>, Option<CountryCode>),
) -> StoreResult<Outcome> {
    let Some(held) = customer_records::find(conn, partner_id, customer_id)? else { return Ok(Outcome::Unchanged) };
    let new_name = known.0.filter(|_| held.company_name.is_none());
    let new_country = known.1.filter(|_| held.country.is_none());
    if new_name.is_none() && new_country.is_none() {
        return Ok(Outcome::Unchanged);
    }
    let columns = CustomerRecordColumns {
        company_name: new_name.map(str::to_owned).or_else(|| held.company_name.clone()),
        country: new_country.or(held.country),
        ..held.columns
    };
    customer_records::update(conn, now, &CustomerRecordRow { columns, ..held })?;
    derive::refresh_customers(conn, &[customer_id])?;
    let mut event = Event::succeeded(OperationType::UpdateCustomer);
    event.customer_id = Some(customer_id);
    event.partner_id = Some(partner_id);
    event.viewers = vec![Viewer::Partner(partner_id), Viewer::TheCustomer];
    event.changes = [
        Change::of("companyName", None, new_name.map(str::to_owned)),
        Change::of("country", None, new_country.map(|country| country.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// Records that the partner and the customer renegotiated, which ends the partner's support obligation (C-16). Recorded once.
///
/// # Errors
/// Any database error.
pub fn renegotiate(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (partner_id, customer_id): (PartnerKey, CustomerKey),
) -> StoreResult<Outcome> {
    let changed = on!(conn, c => diesel::update(reseller_relationships::table.filter(
            reseller_relationships::partner_id.eq(partner_id)
                .and(reseller_relationships::customer_id.eq(customer_id))
                .and(reseller_relationships::renegotiated_at.is_null())
                .and(reseller_relationships::removed_at.is_null())))
        .set(reseller_relationships::renegotiated_at.eq(now))
        .execute(c))?;
    if changed == 0 {
        return Ok(Outcome::Unchanged);
    }
    touch_record(conn, now, partner_id, customer_id)?;
    let mut event = Event::succeeded(OperationType::UpdatePartnerCustomerRelationship);
    event.customer_id = Some(customer_id);
    event.partner_id = Some(partner_id);
    event.viewers = vec![Viewer::Partner(partner_id), Viewer::TheCustomer];
    event.changes =
        Change::of("supportResponsible", Some("true".to_owned()), Some("false".to_owned())).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// The partner's current relationship to the customer; `None` if there is no live relationship.
///
/// # Errors
/// Any database error.
pub fn relationship(
    conn: &mut Conn,
    partner_id: PartnerKey,
    customer_id: CustomerKey,
) -> StoreResult<RelationshipToPartner> {
    let kind: Option<RelationshipToPartner> = on!(conn, c => reseller_relationships::table
        .filter(
            reseller_relationships::partner_id.eq(partner_id)
                .and(reseller_relationships::customer_id.eq(customer_id))
                .and(reseller_relationships::removed_at.is_null()))
        .select(reseller_relationships::relationship_to_partner)
        .first(c)
        .optional())?;
    Ok(kind.unwrap_or(RelationshipToPartner::None))
}

/// Ends their live relationship. Grants are unchanged (D-02), and the customer is removed from the partner's list (D-01).
///
/// # Errors
/// Any database error.
pub fn end_relationship(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (partner_id, customer_id): (PartnerKey, CustomerKey),
    representation: &serde_json::Value,
) -> StoreResult<Outcome> {
    let before = relationship(conn, partner_id, customer_id)?;
    let changed = on!(conn, c => diesel::update(reseller_relationships::table.filter(
            reseller_relationships::partner_id.eq(partner_id)
                .and(reseller_relationships::customer_id.eq(customer_id))
                .and(reseller_relationships::removed_at.is_null())))
        .set((
            reseller_relationships::removed_at.eq(now),
            reseller_relationships::representation.eq(representation.to_string()),
        ))
        .execute(c))?;
    if changed == 0 {
        return Ok(Outcome::Unchanged);
    }
    touch_record(conn, now, partner_id, customer_id)?;
    derive::refresh_customers(conn, &[customer_id])?;
    let mut event = Event::succeeded(OperationType::RemovePartnerCustomerRelationship);
    event.customer_id = Some(customer_id);
    event.partner_id = Some(partner_id);
    // X-05 and D-03: nobody else is notified.
    event.viewers = vec![Viewer::Partner(partner_id)];
    event.changes =
        Change::of("relationshipToPartner", Some(before.to_string()), Some(RelationshipToPartner::None.to_string()))
            .into_iter()
            .chain(Change::represented(representation))
            .collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// Increments the version of the partner's record of the customer, whose associations or relationship changed.
pub(super) fn touch_record(
    conn: &mut Conn,
    now: NaiveDateTime,
    partner_id: PartnerKey,
    customer_id: CustomerKey,
) -> StoreResult<()> {
    on!(conn, c => diesel::update(records::table.filter(
            records::partner_id.eq(partner_id).and(records::customer_id.eq(customer_id))))
        .set((
            records::version.eq(records::version + 1),
            records::updated_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// The version of the partner's record of the customer, which `ifVersion` is compared with.
///
/// # Errors
/// Any database error.
pub fn version(conn: &mut Conn, partner_id: PartnerKey, customer_id: CustomerKey) -> StoreResult<Option<i64>> {
    Ok(on!(conn, c => records::table
        .filter(records::partner_id.eq(partner_id).and(records::customer_id.eq(customer_id)))
        .select(records::version)
        .first(c)
        .optional())?)
}
