//! Organisations: their users, their profiles, the register of MPN profiles, and the links between organisations.

mod inputs;
mod link_organizations;
mod update_partner_profile;
mod update_user_roles;
mod upsert_mpn_profile;

use async_graphql::MergedObject;

pub use inputs::*;
pub use link_organizations::*;
pub use update_partner_profile::*;
pub use update_user_roles::*;
pub use upsert_mpn_profile::*;

/// The mutations for organisations.
#[derive(MergedObject, Default)]
#[allow(missing_debug_implementations)]
pub struct OrganizationMutations(UpdateUserRoles, UpdatePartnerProfile, UpsertMpnProfile, LinkOrganizations);
