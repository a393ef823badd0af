use async_graphql::{ID, Interface};

use super::{
    AuditRecord, Customer, CustomerSubscription, DelegatedAdminGrant, DirectoryEntry, Entitlement, ImportRun,
    Invitation, Order, OutboxMail, Partner, Partnership, RelationshipGraphNode, User,
};

/// Anything that has a global id.
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
    /// A grant of delegated administration.
    DelegatedAdminGrant(DelegatedAdminGrant),
    /// A user.
    User(User),
    /// An order.
    Order(Order),
    /// A record of the history.
    AuditRecord(AuditRecord),
    /// A mail of the platform's own.
    OutboxMail(OutboxMail),
    /// An entry of the directory of providers.
    DirectoryEntry(DirectoryEntry),
    /// A node of the relationship graph.
    RelationshipGraphNode(RelationshipGraphNode),
}
