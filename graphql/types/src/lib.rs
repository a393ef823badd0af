//! The object types of the schema, one per file, and the filters.
//!
//! Absent: root fields, rules and SQL. The package has no tests of its own; it is tested through the API.

mod action;
mod agreement;
mod association;
mod billing_profile;
mod change_request;
mod customer;
mod customer_direct;
mod customer_partner;
mod delegated_admin;
mod delegated_admin_grant;
mod directory_entry;
mod entitlement;
pub mod filters;
mod former_customer;
pub mod graph_nodes;
mod history;
mod import_run;
mod import_run_parts;
mod invitation;
mod listed;
mod mpn_profile;
mod named_partner;
mod node;
pub mod nodes;
mod order;
mod organization;
mod outbox_mail;
mod partner;
mod partner_of_record;
mod partner_profile;
mod partner_review;
mod partnership;
mod partnership_connection;
mod received_invitation;
mod relationship_graph;
mod removal_representation;
mod reseller_listing;
mod reseller_move;
mod sales_eligibility;
mod sales_link;
mod subscription;
mod support_contact;
mod user;
mod viewer;

use async_graphql::Result;
use partnergraph_domain::{CustomerKey, PartnerKey};
use partnergraph_store::read::customers::{self, CustomerOrder, CustomerRow};
use partnergraph_store::read::partners::{self, PartnerRow};
use partnergraph_store::read::subscriptions::SubscriptionOrder;
use partnergraph_store::{Conn, Scope, StoreResult};

pub use action::{Action, ActionVerdict};
pub use agreement::{Agreement, AgreementContact};
pub use association::{CustomerAssociation, CustomerResellerConnection, CustomerResellerEdge};
pub use billing_profile::CustomerBillingProfile;
pub use change_request::{ChangeRequest, ChangeRequestConnection, ChangeRequestEdge, ChangeRequestLine};
pub use customer::Customer;
pub use customer_partner::{CustomerPartner, CustomerPartnerRight};
pub use delegated_admin::DelegatedAdmin;
pub use delegated_admin_grant::{
    DelegatedAdminCustomer, DelegatedAdminGrant, DelegatedAdminGrantConnection, DelegatedAdminGrantEdge,
};
pub use directory_entry::{DirectoryEntry, DirectoryEntryConnection, DirectoryEntryEdge};
pub use entitlement::{Entitlement, EntitlementConnection, EntitlementEdge};
pub use former_customer::{FormerCustomerConnection, FormerCustomerEdge};
pub use history::{AuditRecord, AuditRecordConnection, AuditRecordEdge, FieldChange};
pub use import_run::{ImportRun, ImportRunConnection, ImportRunEdge};
pub use import_run_parts::{
    ImportAbsent, ImportChange, ImportChangeConnection, ImportChangeEdge, ImportControl, ImportCounts, ImportFile,
    ImportIssue, ImportIssueConnection, ImportIssueEdge, ImportProgress, ImportRows, ImportSubtotal,
};
pub use invitation::{EmailDraft, Invitation, InvitationConnection, InvitationEdge, InvitationSecret};
pub use mpn_profile::{MpnProfile, MpnProfileConnection, MpnProfileEdge};
use named_partner::NamedPartner;
pub use node::Node;
pub use order::{Order, OrderConnection, OrderEdge, OrderLine};
pub use organization::Organization;
pub use outbox_mail::{OutboxMail, OutboxMailConnection, OutboxMailEdge};
pub use partner::{Partner, PartnerConnection, PartnerEdge};
pub use partner_of_record::{PartnerOfRecordPeriod, PartnerOfRecordSource, PartnerOfRecordSourceKind};
pub use partner_profile::{PartnerAddress, PartnerContact, PartnerStatus, PartnerSupport};
pub use partner_review::{PartnerReview, ReviewPlaceholder};
pub use partnership::{PartnerRelationshipType, Partnership, PartnershipConnection, PartnershipEdge};
pub use partnership_connection::{
    IndirectProviderConnection, IndirectProviderEdge, IndirectResellerConnection, IndirectResellerEdge,
};
pub use received_invitation::{InvitingPartner, ReceivedInvitation};
pub use relationship_graph::{RelationshipGraph, RelationshipGraphEdge, RelationshipGraphNode};
pub use removal_representation::RemovalRepresentation;
pub use reseller_listing::ResellerListing;
pub use reseller_move::{RefusedRows, ResellerMove};
pub use sales_eligibility::{EligibilityVerdict, SalesEligibility, SalesEligibilityInput};
pub use sales_link::SalesLink;
pub use subscription::CustomerSubscription;
pub use support_contact::SupportContact;
pub use user::{User, UserConnection, UserEdge};
pub use viewer::Viewer;

use partnergraph_operation::batch::{Batch, BatchRow, CellKey};
use partnergraph_operation::connection;
use partnergraph_operation::context::Operation;

connection! { CustomerConnection, CustomerEdge, Customer, CustomerOrder, "customers" }
connection! {
    CustomerSubscriptionConnection, CustomerSubscriptionEdge, CustomerSubscription, SubscriptionOrder, "subscriptions"
}

/// Returns the partner account `id`. The accounts that any row of the batch names are read in one statement and
/// form a batch. `None` if the caller cannot see the account.
async fn partner_of<R: Send + Sync + 'static>(
    ctx: &async_graphql::Context<'_>,
    batch: &Batch<R>,
    keys: fn(&R) -> [Option<PartnerKey>; 3],
    id: Option<PartnerKey>,
) -> Result<Option<Partner>> {
    let Some(id) = id else { return Ok(None) };
    let partners = batch
        .shared(CellKey::Name("partners"), || async move {
            let mut wanted: Vec<PartnerKey> = batch.rows().iter().flat_map(keys).flatten().collect();
            wanted.sort_unstable();
            wanted.dedup();
            let mut rows: Vec<PartnerRow> =
                Operation::of(ctx).read(move |conn, scope| partners::by_ids(conn, scope, &wanted)).await?;
            rows.sort_unstable_by_key(|row| row.id);
            Ok(Batch::new(rows))
        })
        .await?;
    let at = partners.rows().binary_search_by_key(&id, |row| row.id);
    Ok(at.ok().and_then(|at| BatchRow::at(&partners, at)).map(Partner))
}

/// Returns the customer `id`. As in [`partner_of`], the customers of the whole batch are read in one statement.
async fn customer_of<R: Send + Sync + 'static>(
    ctx: &async_graphql::Context<'_>,
    batch: &Batch<R>,
    key: fn(&R) -> Option<CustomerKey>,
    id: Option<CustomerKey>,
) -> Result<Option<Customer>> {
    customer_read(ctx, batch, key, id, customers::by_ids).await
}

/// Returns the customer of something that was sold. A seller reads its identity even after it left the customer (D-06).
async fn buyer_of<R: Send + Sync + 'static>(
    ctx: &async_graphql::Context<'_>,
    batch: &Batch<R>,
    key: fn(&R) -> Option<CustomerKey>,
    id: CustomerKey,
) -> Result<Option<Customer>> {
    customer_read(ctx, batch, key, Some(id), customers::read_by_ids).await
}

async fn customer_read<R: Send + Sync + 'static>(
    ctx: &async_graphql::Context<'_>,
    batch: &Batch<R>,
    key: fn(&R) -> Option<CustomerKey>,
    id: Option<CustomerKey>,
    read: fn(&mut Conn, &Scope, &[CustomerKey]) -> StoreResult<Vec<CustomerRow>>,
) -> Result<Option<Customer>> {
    let Some(id) = id else { return Ok(None) };
    let customers = batch
        .shared(CellKey::Name("customers"), || async move {
            let wanted = batch.keys(key);
            let mut rows: Vec<CustomerRow> =
                Operation::of(ctx).read(move |conn, scope| read(conn, scope, &wanted)).await?;
            rows.sort_unstable_by_key(|row| row.customer_id);
            Ok(Batch::new(rows))
        })
        .await?;
    let at = customers.rows().binary_search_by_key(&id, |row| row.customer_id);
    Ok(at.ok().and_then(|at| BatchRow::at(&customers, at)).map(Customer))
}
