//! Filter inputs, and their translation into the store's conditions.
//!
//! An explicit null means "is null" if the value can be null, and is refused otherwise. A comparator without any comparison is
//! also refused: `{eq: $omitted}` arrives that way and must not match everything.

mod agreement;
mod budget;
mod change_request;
mod comparators;
mod customer;
mod delegated_admin;
mod entitlement;
mod event;
mod import_run;
mod invitation;
mod mpn_profile;
mod order;
mod partner;
mod partnership;
mod placed_order;
mod subscription;

pub use agreement::AgreementFilter;
pub use budget::{Budget, Composition, MAX_DEPTH, MAX_TERMS};
pub use change_request::{ChangeRequestFilter, ChangeRequestOrder, ChangeRequestOrderField};
pub use comparators::*;
pub use customer::{CustomerFilter, IndirectResellerFilter};
pub use delegated_admin::{DelegatedAdminFilter, DelegatedAdminOrder, DelegatedAdminOrderField};
pub use entitlement::EntitlementFilter;
pub use event::{AuditEventFilter, ImportRunIdFilter};
pub use import_run::{ImportChangeFilter, ImportIssueFilter};
pub use invitation::{InvitationFilter, InvitationOrder, InvitationOrderField};
pub use mpn_profile::MpnProfileFilter;
pub use order::{CustomerOrder, CustomerOrderField, OrderDirection, SubscriptionOrder, SubscriptionOrderField};
pub use partner::PartnerFilter;
pub use partnership::PartnershipFilter;
pub use placed_order::OrderFilter;
pub use subscription::{SubscriptionFilter, SupportContactFilter};
