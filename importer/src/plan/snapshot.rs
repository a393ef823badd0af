//! Everything that planning reads: the stored state, one piece at a time in the order of its keys.
//!
//! Planning does not use database connections. What it needs is declared in [`Snapshot`], which tests implement with
//! maps.

use chrono::NaiveDateTime;
use partnergraph_domain::{AuditEventKey, CustomerKey, ImportSourceKey, PartnerKey, SubscriptionKey};
use partnergraph_store::imports::history::{self, StoredEdit, StoredPeriod};
use partnergraph_store::imports::sources::{self, AccountRow};
use partnergraph_store::imports::stored::{
    self, DomainClaimant, Listed, StoredAttestation, StoredBaseline, StoredCustomer, StoredEntitlement, StoredGrant,
    StoredResellerStatement, StoredSubscription,
};
use partnergraph_store::sql::sql;
use partnergraph_store::{Conn, StoreResult};

use super::ops::Keys;
use super::walk::{self, Walk, WithBaselines};

/// The most domains that [`Snapshot::domain_claimants`] accepts.
pub(crate) const DOMAINS_AT_ONCE: usize = stored::DOMAINS_AT_ONCE;

/// The stored state as one importing partner sees it. It does not change while a plan is made.
///
/// Customers and subscriptions must each be requested in ascending order of their keys.
pub(crate) trait Snapshot {
    /// All live partner accounts.
    fn accounts(&mut self) -> StoreResult<Vec<AccountRow>>;

    /// The resellers with which the importing partner has a partnership, in any state.
    fn partnered(&mut self) -> StoreResult<Vec<PartnerKey>>;

    /// The importing partner's sources: key and name.
    fn sources(&mut self) -> StoreResult<Vec<(ImportSourceKey, String)>>;

    /// The highest key of each table that a plan writes.
    fn highest_keys(&mut self) -> StoreResult<Keys>;

    /// The number of the newest event.
    fn newest_event(&mut self) -> StoreResult<AuditEventKey>;

    /// The tenant with that id, and what the partner and its sources know about it.
    fn customer(&mut self, key: &str) -> StoreResult<Option<&WithBaselines<StoredCustomer>>>;

    /// The live subscription with that id, whoever sold it.
    fn subscription(&mut self, key: &str) -> StoreResult<Option<&WithBaselines<StoredSubscription>>>;

    /// The customers to whom the partner sold subscriptions that moved seats between each other.
    fn customers_with_moves(&mut self) -> StoreResult<Vec<CustomerKey>>;

    /// The live subscriptions that the partner sold to a customer, by their ids, with what its sources state about
    /// each.
    fn subscriptions_of(
        &mut self,
        customer_id: CustomerKey,
    ) -> StoreResult<Vec<(String, Vec<StoredBaseline<SubscriptionKey>>)>>;

    /// The closed periods of a subscription's partners of record.
    fn history(&mut self, subscription_pk: SubscriptionKey) -> StoreResult<Vec<StoredPeriod>>;

    /// What people set as its partner of record.
    fn edits(&mut self, subscription_pk: SubscriptionKey) -> StoreResult<Vec<StoredEdit>>;

    /// The entitlements of a live subscription, by its id.
    fn entitlements(&mut self, subscription_id: &str) -> StoreResult<Vec<StoredEntitlement>>;

    /// The resellers whose partnership with the partner was removed, and when.
    fn removed_partnerships(&mut self) -> StoreResult<Vec<(PartnerKey, NaiveDateTime)>>;

    /// Whether other partners have sold anything at all.
    fn has_other_partners_subscriptions(&mut self) -> StoreResult<bool>;

    /// Whether another partner has sold the subscription with that id.
    fn other_partners_subscription(&mut self, key: &str) -> StoreResult<bool>;

    /// All granular admin relationships that customers granted the partner.
    fn grants(&mut self) -> StoreResult<Vec<StoredGrant>>;

    /// All attestations of customers' agreements that the partner has made.
    fn attestations(&mut self) -> StoreResult<Vec<StoredAttestation>>;

    /// What the partner's lists stated about its resellers, in the order of their times.
    fn reseller_statements(&mut self) -> StoreResult<Vec<StoredResellerStatement>>;

    /// The next customers that a source stated, after a tenant id.
    fn listed_customers(
        &mut self,
        source_id: ImportSourceKey,
        after: &str,
        limit: i64,
    ) -> StoreResult<Vec<Listed<CustomerKey>>>;

    /// The next subscriptions that a source stated, after a subscription id.
    fn listed_subscriptions(
        &mut self,
        source_id: ImportSourceKey,
        after: &str,
        limit: i64,
    ) -> StoreResult<Vec<Listed<SubscriptionKey>>>;

    /// Whether the partner has a record of any customer.
    fn has_records(&mut self) -> StoreResult<bool>;

    /// The partner's customers that claim these domains: at least one, at most [`DOMAINS_AT_ONCE`].
    fn domain_claimants(&mut self, keys: &[&str]) -> StoreResult<Vec<DomainClaimant>>;

    /// The number of live subscriptions that the partner sold to these customers.
    fn count_subscriptions(&mut self, customers: &[CustomerKey]) -> StoreResult<u64>;
}

/// The snapshot of a database transaction. Rows are fetched in chunks and never all held in memory.
pub(crate) struct DatabaseSnapshot<'a> {
    conn: &'a mut Conn,
    partner_id: PartnerKey,
    customers: Walk<WithBaselines<StoredCustomer>>,
    subscriptions: Walk<WithBaselines<StoredSubscription>>,
    other_partners: Walk<String>,
}

impl<'a> DatabaseSnapshot<'a> {
    /// The caller holds a transaction open.
    pub(crate) fn new(conn: &'a mut Conn, partner_id: PartnerKey) -> Self {
        Self { conn, partner_id, customers: Walk::new(), subscriptions: Walk::new(), other_partners: Walk::new() }
    }
}

impl Snapshot for DatabaseSnapshot<'_> {
    fn accounts(&mut self) -> StoreResult<Vec<AccountRow>> {
        sources::partners(self.conn)
    }

    fn partnered(&mut self) -> StoreResult<Vec<PartnerKey>> {
        sources::partnered(self.conn, self.partner_id)
    }

    fn sources(&mut self) -> StoreResult<Vec<(ImportSourceKey, String)>> {
        sources::list(self.conn, self.partner_id)
    }

    fn highest_keys(&mut self) -> StoreResult<Keys> {
        Keys::read(self.conn)
    }

    fn newest_event(&mut self) -> StoreResult<AuditEventKey> {
        sources::newest_event(self.conn)
    }

    fn customer(&mut self, key: &str) -> StoreResult<Option<&WithBaselines<StoredCustomer>>> {
        let (conn, partner_id) = (&mut *self.conn, self.partner_id);
        self.customers.seek(key, |from, limit| walk::customers(conn, partner_id, from, limit))
    }

    fn subscription(&mut self, key: &str) -> StoreResult<Option<&WithBaselines<StoredSubscription>>> {
        let conn = &mut *self.conn;
        self.subscriptions.seek(key, |from, limit| walk::subscriptions(conn, from, limit))
    }

    fn customers_with_moves(&mut self) -> StoreResult<Vec<CustomerKey>> {
        stored::customers_with_moves(self.conn, self.partner_id)
    }

    fn subscriptions_of(
        &mut self,
        customer_id: CustomerKey,
    ) -> StoreResult<Vec<(String, Vec<StoredBaseline<SubscriptionKey>>)>> {
        stored::subscriptions_of(self.conn, self.partner_id, customer_id)
    }

    fn history(&mut self, subscription_pk: SubscriptionKey) -> StoreResult<Vec<StoredPeriod>> {
        history::list(self.conn, &[subscription_pk])
    }

    fn edits(&mut self, subscription_pk: SubscriptionKey) -> StoreResult<Vec<StoredEdit>> {
        history::edits(self.conn, subscription_pk)
    }

    fn entitlements(&mut self, subscription_id: &str) -> StoreResult<Vec<StoredEntitlement>> {
        stored::entitlements(self.conn, subscription_id, subscription_id)
    }

    fn removed_partnerships(&mut self) -> StoreResult<Vec<(PartnerKey, NaiveDateTime)>> {
        sources::removed_partnerships(self.conn, self.partner_id)
    }

    fn has_other_partners_subscriptions(&mut self) -> StoreResult<bool> {
        let others = sql("removed_at IS NULL AND seller_id <> ").bind(self.partner_id);
        sources::any(self.conn, "subscriptions", others)
    }

    fn other_partners_subscription(&mut self, key: &str) -> StoreResult<bool> {
        let (conn, partner_id) = (&mut *self.conn, self.partner_id);
        let found = self
            .other_partners
            .seek(key, |from, limit| stored::foreign_subscriptions(conn, partner_id, from, limit))?;
        Ok(found.is_some())
    }

    fn grants(&mut self) -> StoreResult<Vec<StoredGrant>> {
        stored::grants(self.conn, self.partner_id)
    }

    fn attestations(&mut self) -> StoreResult<Vec<StoredAttestation>> {
        stored::attestations(self.conn, self.partner_id)
    }

    fn reseller_statements(&mut self) -> StoreResult<Vec<StoredResellerStatement>> {
        stored::reseller_statements(self.conn, self.partner_id)
    }

    fn listed_customers(
        &mut self,
        source_id: ImportSourceKey,
        after: &str,
        limit: i64,
    ) -> StoreResult<Vec<Listed<CustomerKey>>> {
        stored::listed_customers(self.conn, source_id, after, limit)
    }

    fn listed_subscriptions(
        &mut self,
        source_id: ImportSourceKey,
        after: &str,
        limit: i64,
    ) -> StoreResult<Vec<Listed<SubscriptionKey>>> {
        stored::listed_subscriptions(self.conn, source_id, after, limit)
    }

    fn has_records(&mut self) -> StoreResult<bool> {
        sources::any(self.conn, "customer_records", sql("partner_id = ").bind(self.partner_id))
    }

    fn domain_claimants(&mut self, keys: &[&str]) -> StoreResult<Vec<DomainClaimant>> {
        stored::domain_claimants(self.conn, self.partner_id, keys)
    }

    fn count_subscriptions(&mut self, customers: &[CustomerKey]) -> StoreResult<u64> {
        stored::count_subscriptions(self.conn, self.partner_id, customers)
    }
}
