//! A customer that a partner adds with its first order, with all its details at once.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{CustomerKey, CustomerRecordKey, OperationType, PartnerKey, RelationshipToPartner};

use super::customers::{self, NewCustomer};
use super::tenants::{self, TenantKind};
use super::{Change, Event, Viewer, customer_records, record};
use crate::conn::Conn;
use crate::derive;
use crate::error::StoreResult;
use crate::schema::{customer_billing_profiles, customers as table, tenants as tenant_rows};
use crate::scope::Actor;

/// A partner's billing profile of a customer.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct BillingProfile {
    pub email: String,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub phone_number: Option<String>,
    pub address_line1: Option<String>,
    pub city: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub language: Option<String>,
    pub organization_registration_number: Option<String>,
}

/// A customer as the adding partner states it.
#[derive(Debug, Clone)]
pub struct AddedCustomer {
    /// Its tenant and its details.
    pub customer: NewCustomer,
    /// The partner whose own use the tenant serves.
    pub internal_use_of: Option<PartnerKey>,
    /// The billing profile.
    pub billing: BillingProfile,
}

/// Adds a customer in a new tenant: the tenant, the partner's record with its billing profile, and the relationship (C-30).
///
/// # Errors
/// Any database error; a unique violation if there is already a customer with that tenant.
pub fn add(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    partner_id: PartnerKey,
    added: &AddedCustomer,
) -> StoreResult<CustomerKey> {
    let customer = &added.customer;
    enter_tenant(conn, now, customer)?;
    let customer_id = customers::enter(conn, now, customer)?;
    on!(conn, c => diesel::update(table::table.find(customer_id))
        .set(table::internal_use_of.eq(added.internal_use_of))
        .execute(c))?;
    let record_id = customer_records::insert(conn, now, (partner_id, customer_id), &customer.columns)?;
    put_billing_profile(conn, record_id, &added.billing)?;
    customers::relate(conn, now, partner_id, customer_id)?;
    derive::refresh_customers(conn, &[customer_id])?;
    let mut event = Event::succeeded(OperationType::AddCustomer);
    event.customer_id = Some(customer_id);
    event.partner_id = Some(partner_id);
    event.viewers = vec![Viewer::Partner(partner_id), Viewer::TheCustomer];
    event.changes = [
        Change::of("tenantId", None, Some(customer.tenant_id.to_string())),
        Change::of("companyName", None, customer.columns.company_name.clone()),
        Change::of("domain", None, customer.columns.domain.clone()),
        Change::of("country", None, customer.columns.country.map(|country| country.to_string())),
        Change::of("acquisition", None, customer.columns.acquisition.map(|channel| channel.to_string())),
        Change::of("relationshipToPartner", None, Some(RelationshipToPartner::Reseller.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok(customer_id)
}

/// Adds the tenant with its default domain.
fn enter_tenant(conn: &mut Conn, now: NaiveDateTime, customer: &NewCustomer) -> StoreResult<()> {
    let tenant_id = customer.tenant_id;
    tenants::enter(conn, now, tenant_id, TenantKind::Customer, customer.columns.country, customer.cloud)?;
    on!(conn, c => diesel::update(tenant_rows::table.find(tenant_id.to_string()))
        .set(tenant_rows::default_domain.eq(customer.columns.domain.as_deref()))
        .execute(c))?;
    Ok(())
}

fn put_billing_profile(conn: &mut Conn, record_id: CustomerRecordKey, profile: &BillingProfile) -> StoreResult<()> {
    on!(conn, c => {
        diesel::insert_into(customer_billing_profiles::table)
            .values((
                customer_billing_profiles::record_id.eq(record_id),
                customer_billing_profiles::email.eq(&profile.email),
                customer_billing_profiles::first_name.eq(profile.first_name.as_deref()),
                customer_billing_profiles::last_name.eq(profile.last_name.as_deref()),
                customer_billing_profiles::phone_number.eq(profile.phone_number.as_deref()),
                customer_billing_profiles::address_line1.eq(profile.address_line1.as_deref()),
                customer_billing_profiles::city.eq(profile.city.as_deref()),
                customer_billing_profiles::postal_code.eq(profile.postal_code.as_deref()),
                customer_billing_profiles::country.eq(profile.country.as_deref()),
                customer_billing_profiles::language.eq(profile.language.as_deref()),
                customer_billing_profiles::organization_registration_number
                    .eq(profile.organization_registration_number.as_deref()),
            ))
            .execute(c)?;
    });
    Ok(())
}
