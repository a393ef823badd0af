use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::{CustomerKey, Via, checks};
use partnergraph_store::write::associations::{self, TenantOwnership};
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn};

use super::CustomerPayload;
use super::named::{own_customer, partner_named};
use crate::task::{self, Attempt};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::nullable::Nullable;

/// The reseller that becomes an owner of the customer's Azure tenant.
#[derive(InputObject, Debug, Clone)]
pub struct GrantTenantOwnerInput {
    /// A reseller that is associated with the customer account.
    reseller: PartnerLookup,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `grantTenantOwner`.
#[derive(Debug, Default)]
pub struct GrantTenantOwner;

#[Object]
impl GrantTenantOwner {
    /// Makes a reseller that is associated with your customer account an owner of your Azure tenant (N-10). An
    /// association alone does not grant ownership. Delegated admin privileges, partners of record and support contacts
    /// stay unchanged (K-03).
    async fn grant_tenant_owner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `grantTenantOwner`.")] input: GrantTenantOwnerInput,
    ) -> Nullable<CustomerPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let work = move |conn: &mut Conn, actor: &Actor, now| {
                set(conn, actor, now, &input.reseller, TenantOwnership::Owner)
            };
            let outcome = task::write(operation, mode, work).await?;
            CustomerPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

/// The reseller that is no longer an owner of the customer's Azure tenant.
#[derive(InputObject, Debug, Clone)]
pub struct RevokeTenantOwnerInput {
    /// The reseller.
    reseller: PartnerLookup,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `revokeTenantOwner`.
#[derive(Debug, Default)]
pub struct RevokeTenantOwner;

#[Object]
impl RevokeTenantOwner {
    /// Removes a reseller's ownership of your Azure tenant. Its association stays (N-10).
    async fn revoke_tenant_owner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `revokeTenantOwner`.")] input: RevokeTenantOwnerInput,
    ) -> Nullable<CustomerPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let work = move |conn: &mut Conn, actor: &Actor, now| {
                set(conn, actor, now, &input.reseller, TenantOwnership::NoOwner)
            };
            let outcome = task::write(operation, mode, work).await?;
            CustomerPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn set(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    reseller: &PartnerLookup,
    ownership: TenantOwnership,
) -> Attempt<CustomerKey> {
    let (customer_id, tenant_id) = own_customer(actor)?;
    let reseller_id = partner_named(conn, actor, customer_id, reseller, "reseller")?;
    let caller = facts::actor(actor)?;
    let refusals = match ownership {
        TenantOwnership::Owner => {
            let associated = !associations::providers(conn, customer_id, reseller_id)?.is_empty();
            checks::grant_tenant_owner(&caller, tenant_id, associated.then_some(Via::Account))
        }
        TenantOwnership::NoOwner => checks::revoke_tenant_owner(&caller, tenant_id),
    };
    task::refuse_if(refusals)?;
    associations::set_tenant_owner(conn, actor, now, (customer_id, reseller_id), ownership)?;
    Ok(customer_id)
}
