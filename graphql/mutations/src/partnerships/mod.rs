//! The life of a partnership: requested, accepted, the provider's admin access taken away, removed.

mod accept;
mod admin_access;
mod payload;
mod remove;
mod representation;
mod request;

use async_graphql::MergedObject;

pub use accept::*;
pub use admin_access::*;
pub use payload::*;
pub use remove::*;
pub use representation::*;
pub use request::*;

/// What is done about partnerships.
#[derive(MergedObject, Debug, Default)]
pub struct PartnershipMutations(RequestPartnership, AcceptPartnership, RemoveProviderAdminAccess, RemovePartnership);
