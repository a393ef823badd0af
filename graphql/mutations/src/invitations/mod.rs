//! Invitations of all kinds, and their acceptance by customers. Partnership requests are made and accepted in
//! `partnerships`.

mod accept;
mod decline;
mod internal_use;
mod invite_customer;
mod invite_customers;
mod letter;
mod mark_done;
mod payload;
mod revoke;

use async_graphql::MergedObject;

pub use accept::*;
pub use decline::*;
pub use internal_use::*;
pub use invite_customer::*;
pub use invite_customers::*;
pub(super) use letter::Letter;
pub use mark_done::*;
pub use payload::*;
pub use revoke::*;

/// The mutations for invitations.
#[derive(MergedObject, Debug, Default)]
pub struct InvitationMutations(
    InviteCustomer,
    InviteCustomers,
    MarkInvitationDone,
    RevokeInvitation,
    AcceptInvitation,
    DeclineInvitation,
);
