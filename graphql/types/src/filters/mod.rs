//! Filters as inputs, and their translation into the store's conditions.
//!
//! Explicit null means "is null" where a value can be null and is refused elsewhere. A comparator that compares with nothing is
//! refused: it is what `{eq: $omitted}` arrives as, and must not match everything.

mod budget;
mod comparators;
mod customer;
mod delegated_admin;
mod entitlement;
mod event;
mod invitation;
mod mpn_profile;
mod order;
mod partner;
mod subscription;

pub use budget::{Budget, Composition, MAX_DEPTH, MAX_TERMS};
pub use comparators::*;
pub use customer::{CustomerFilter, IndirectResellerFilter};
pub use delegated_admin::{DelegatedAdminFilter, DelegatedAdminOrder, DelegatedAdminOrderField};
pub use entitlement::EntitlementFilter;
pub use event::{AuditEventFilter, ImportRunIdFilter};
pub use invitation::{InvitationFilter, InvitationOrder, InvitationOrderField};
pub use mpn_profile::MpnProfileFilter;
pub use order::{CustomerOrder, CustomerOrderField, OrderDirection, SubscriptionOrder, SubscriptionOrderField};
pub use partner::PartnerFilter;
pub use subscription::{SubscriptionFilter, SupportContactFilter};
