//! The life cycle of a partnership: request, acceptance, removal of the provider's admin access, removal.

mod accept;
mod admin_access;
mod payload;
mod remove;
mod representation;
mod request;
mod update;

use async_graphql::MergedObject;

pub use accept::*;
pub use admin_access::*;
pub use payload::*;
pub use remove::*;
pub use representation::*;
pub use request::*;
pub use update::*;

/// The mutations for partnerships.
#[derive(MergedObject, Debug, Default)]
pub struct PartnershipMutations(
    RequestPartnership,
    AcceptPartnership,
    UpdatePartnership,
    RemoveProviderAdminAccess,
    RemovePartnership,
);
