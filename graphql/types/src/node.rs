use async_graphql::{ID, Interface};

use super::{
    AuditRecord, ChangeRequest, Customer, CustomerSubscription, DelegatedAdminGrant, DirectoryEntry, Entitlement,
    ImportRun, Invitation, Order, OutboxMail, Partner, Partnership, RelationshipGraphNode, User,
};

/// An object with a global id.
#[derive(Interface, Clone)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id."))]
#[allow(missing_debug_implementations)]
pub enum Node {
    /// A customer.
    Customer(Customer),
    /// A subscription.
    CustomerSubscription(CustomerSubscription),
    /// An entitlement.
    Entitlement(Entitlement),
    /// A partner account.
    Partner(Partner),
    /// A partnership.
    Partnership(Partnership),
    /// An import run.
    ImportRun(ImportRun),
    /// An invitation.
    Invitation(Invitation),
    /// A grant of delegated admin privileges.
    DelegatedAdminGrant(DelegatedAdminGrant),
    /// A user.
    User(User),
    /// An order.
    Order(Order),
    /// A change request.
    ChangeRequest(ChangeRequest),
    /// An audit record.
    AuditRecord(AuditRecord),
    /// An email from the platform.
    OutboxMail(OutboxMail),
    /// An entry in the provider directory.
    DirectoryEntry(DirectoryEntry),
    /// A node of the relationship graph.
    RelationshipGraphNode(RelationshipGraphNode),
}
