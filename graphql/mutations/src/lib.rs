//! The mutations, one object per mutation, merged.
//!
//! A mutation looks up what its input names as far as the caller can see it, loads the facts, calls one of the domain's checks and writes through
//! the store's one write path, all in one transaction (see `task.rs`). Its payload is read after the commit.
//!
//! Absent: rules (`partnergraph-domain` has them) and SQL (`partnergraph-store` has it).

mod agreements;
mod assign_support_contact;
mod assign_support_contacts;
mod associate_reseller;
mod associate_resellers;
mod clear_support_contact;
mod dissociate_reseller;
mod dissociate_resellers;
mod enrolment;
mod entitlement_reseller;
mod imports;
mod invitations;
mod managing;
mod orders;
mod organizations;
mod partnerships;
mod password;
mod payload;
mod relationships;
mod several;
mod start_import;
mod targets;
mod task;

use async_graphql::MergedObject;

pub use agreements::*;
pub use assign_support_contact::*;
pub use assign_support_contacts::*;
pub use associate_reseller::*;
pub use associate_resellers::*;
pub use clear_support_contact::*;
pub use dissociate_reseller::*;
pub use dissociate_resellers::*;
pub use enrolment::*;
pub use imports::*;
pub use invitations::*;
pub use managing::*;
pub use orders::*;
pub use organizations::*;
pub use partnerships::*;
pub use payload::*;
pub use relationships::*;
pub use several::ErrorPolicy;
pub use start_import::*;

/// The root of all mutations.
///
/// Each field takes one `input` and returns a payload with the changed entity and `userErrors`. `userErrors` lists
/// every business rule that rejected the change, not only the first. If a field fails for another reason, it is null
/// and the reason is in the response's `errors`.
///
/// With `validateOnly`, nothing is saved, so a payload shows an existing entity as it is now, or null.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct MutationRoot(
    AssociateReseller,
    AssociateResellers,
    DissociateReseller,
    DissociateResellers,
    AssignSupportContact,
    AssignSupportContacts,
    ClearSupportContact,
    PartnershipMutations,
    InvitationMutations,
    RelationshipMutations,
    AgreementMutations,
    ManagingMutations,
    StartImport,
    ImportMutations,
    OrganizationMutations,
    EnrolmentMutations,
    AddCustomer,
    CancelReview,
    SubmitOrder,
    UpdateSubscription,
    UpgradeSubscription,
    UpdateCustomer,
);
