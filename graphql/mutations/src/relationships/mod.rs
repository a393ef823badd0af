//! Relationships between partners and customers: changes and endings, by either side.

mod customer_payload;
mod named;
mod reassign_delegated_admin;
mod remove;
mod renegotiation;
mod revoke_delegated_admin;
mod tenant_owner;

use async_graphql::MergedObject;

pub use customer_payload::*;
pub use reassign_delegated_admin::*;
pub use remove::*;
pub use renegotiation::*;
pub use revoke_delegated_admin::*;
pub use tenant_owner::*;

/// The mutations for relationships between partners and customers.
#[derive(MergedObject, Debug, Default)]
pub struct RelationshipMutations(
    RemoveCustomerRelationship,
    RevokeDelegatedAdmin,
    ReassignDelegatedAdmin,
    RecordRenegotiation,
    GrantTenantOwner,
    RevokeTenantOwner,
);
