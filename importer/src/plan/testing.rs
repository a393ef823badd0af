//! An in-memory snapshot and hand-written files, for tests that need no database.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::{
    AuditEventKey, CustomerKey, CustomerRecordKey, GrantKey, ImportSourceKey, PartnerKey, PartnerType,
    RelationshipToPartner, SubscriptionKey, SubscriptionStatus, TenantKind, VettingStatus, search_key,
};
use partnergraph_store::StoreResult;
use partnergraph_store::columns::{CustomerRecordColumns, CustomerRecordRow, PartnerColumns, SubscriptionColumns};
use partnergraph_store::imports::history::{StoredEdit, StoredPeriod};
use partnergraph_store::imports::rows::{BaselineKey, NewChange};
use partnergraph_store::imports::sources::AccountRow;
use partnergraph_store::imports::stored::{
    DomainClaimant, Listed, StoredAttestation, StoredBaseline, StoredCustomer, StoredEntitlement, StoredGrant,
    StoredResellerStatement, StoredSubscription,
};

mod files;

pub(crate) use files::{TestFile, charges, intake, list, relationship, subscriptions_of};

use super::baselines::Kind;
use super::ops::Keys;
use super::snapshot::Snapshot;
use super::walk::{Described, WithBaselines};
use super::{Plan, Policy, plan};
use crate::baseline::{Baseline, StatedValue, Value};
use crate::intake::Outcome;
use crate::issue_spool::in_order;
use crate::progress::Silent;
use crate::request::{OnConflict, OnViolation};
use crate::watch::Watch;

/// The importing partner's key.
pub(crate) const ME: PartnerKey = PartnerKey::new(1);
pub(crate) const OTHER: PartnerKey = PartnerKey::new(2);
pub(crate) const HOLD: Policy = Policy { on_conflict: OnConflict::Hold, on_violation: OnViolation::Reject };

/// The stored state, in maps. It checks that keys are requested in ascending order.
#[derive(Debug, Default)]
pub(crate) struct MemorySnapshot {
    pub(crate) accounts: Vec<AccountRow>,
    pub(crate) partnered: Vec<PartnerKey>,
    pub(crate) sources: Vec<(ImportSourceKey, String)>,
    pub(crate) customers: BTreeMap<String, WithBaselines<StoredCustomer>>,
    pub(crate) subscriptions: BTreeMap<String, WithBaselines<StoredSubscription>>,
    pub(crate) grants: Vec<StoredGrant>,
    pub(crate) attestations: Vec<StoredAttestation>,
    pub(crate) reseller_statements: Vec<StoredResellerStatement>,
    pub(crate) removed: Vec<(PartnerKey, NaiveDateTime)>,
    last_keys: [String; 3],
}

impl MemorySnapshot {
    fn ask(&mut self, kind: usize, key: &str) {
        assert!(self.last_keys[kind].as_str() <= key, "{key} is asked for after {}", self.last_keys[kind]);
        self.last_keys[kind] = key.to_owned();
    }

    fn listed<T: Described>(
        rows: &BTreeMap<String, WithBaselines<T>>,
        (source_id, after): (ImportSourceKey, &str),
        tenant_of: impl Fn(&T) -> String,
    ) -> Vec<Listed<T::Key>> {
        let after = rows.iter().filter(|(key, _)| key.as_str() > after);
        let listed = after.flat_map(|(key, found)| {
            let (entity_id, tenant_id) = (found.row.baselines_of().unwrap(), tenant_of(&found.row));
            let own = found.baselines.iter().filter(move |one| one.source_id == source_id);
            own.map(move |one| Listed {
                entity_id,
                key: key.clone(),
                tenant_id: tenant_id.clone(),
                as_of: one.as_of,
                fields: one.fields.clone(),
                absent_since_run: one.absent_since_run,
            })
        });
        listed.collect()
    }
}

impl Snapshot for MemorySnapshot {
    fn accounts(&mut self) -> StoreResult<Vec<AccountRow>> {
        Ok(self.accounts.clone())
    }
    fn partnered(&mut self) -> StoreResult<Vec<PartnerKey>> {
        Ok(self.partnered.clone())
    }
    fn sources(&mut self) -> StoreResult<Vec<(ImportSourceKey, String)>> {
        Ok(self.sources.clone())
    }
    fn highest_keys(&mut self) -> StoreResult<Keys> {
        Ok(Keys {
            partner: PartnerKey::new(100),
            customer: CustomerKey::new(100),
            record: CustomerRecordKey::new(100),
            subscription: SubscriptionKey::new(100),
            grant: GrantKey::new(100),
            source: ImportSourceKey::new(10),
            ..Keys::default()
        })
    }
    fn newest_event(&mut self) -> StoreResult<AuditEventKey> {
        Ok(AuditEventKey::new(7))
    }
    fn customer(&mut self, key: &str) -> StoreResult<Option<&WithBaselines<StoredCustomer>>> {
        self.ask(0, key);
        Ok(self.customers.get(key))
    }
    fn subscription(&mut self, key: &str) -> StoreResult<Option<&WithBaselines<StoredSubscription>>> {
        self.ask(1, key);
        Ok(self.subscriptions.get(key))
    }
    fn subscriptions_of(
        &mut self,
        customer_id: CustomerKey,
    ) -> StoreResult<Vec<(String, Vec<StoredBaseline<SubscriptionKey>>)>> {
        let own = |row: &StoredSubscription| row.seller_id == ME && row.customer_id == customer_id;
        let found = self.subscriptions.iter().filter(|(_, found)| own(&found.row));
        Ok(found.map(|(key, found)| (key.clone(), found.baselines.clone())).collect())
    }
    fn customers_with_moves(&mut self) -> StoreResult<Vec<CustomerKey>> {
        let moves = |found: &&WithBaselines<StoredSubscription>| {
            found.row.seller_id == ME && found.baselines.iter().any(|one| one.fields.contains("\"m\":true"))
        };
        Ok(self.subscriptions.values().filter(moves).map(|found| found.row.customer_id).collect())
    }
    fn history(&mut self, _subscription_pk: SubscriptionKey) -> StoreResult<Vec<StoredPeriod>> {
        Ok(Vec::new())
    }
    fn edits(&mut self, _subscription_pk: SubscriptionKey) -> StoreResult<Vec<StoredEdit>> {
        Ok(Vec::new())
    }
    fn entitlements(&mut self, _subscription_id: &str) -> StoreResult<Vec<StoredEntitlement>> {
        Ok(Vec::new())
    }
    fn removed_partnerships(&mut self) -> StoreResult<Vec<(PartnerKey, NaiveDateTime)>> {
        Ok(self.removed.clone())
    }
    fn has_other_partners_subscriptions(&mut self) -> StoreResult<bool> {
        Ok(self.subscriptions.values().any(|found| found.row.seller_id != ME))
    }
    fn other_partners_subscription(&mut self, key: &str) -> StoreResult<bool> {
        self.ask(2, key);
        Ok(self.subscriptions.get(key).is_some_and(|found| found.row.seller_id != ME))
    }
    fn grants(&mut self) -> StoreResult<Vec<StoredGrant>> {
        Ok(self.grants.clone())
    }
    fn attestations(&mut self) -> StoreResult<Vec<StoredAttestation>> {
        Ok(self.attestations.clone())
    }
    fn reseller_statements(&mut self) -> StoreResult<Vec<StoredResellerStatement>> {
        Ok(self.reseller_statements.clone())
    }
    fn listed_customers(
        &mut self,
        source_id: ImportSourceKey,
        after: &str,
        limit: i64,
    ) -> StoreResult<Vec<Listed<CustomerKey>>> {
        let tenant = |row: &StoredCustomer| row.tenant_id.clone();
        let mut listed = Self::listed(&self.customers, (source_id, after), tenant);
        listed.truncate(limit as usize);
        Ok(listed)
    }
    fn listed_subscriptions(
        &mut self,
        source_id: ImportSourceKey,
        after: &str,
        limit: i64,
    ) -> StoreResult<Vec<Listed<SubscriptionKey>>> {
        let tenant = |id: CustomerKey| self.customers.values().find(|found| found.row.customer_id == Some(id));
        let tenant = |id: CustomerKey| tenant(id).map(|found| found.row.tenant_id.clone()).unwrap_or_default();
        let tenant = |row: &StoredSubscription| tenant(row.customer_id);
        let mut listed = Self::listed(&self.subscriptions, (source_id, after), tenant);
        listed.truncate(limit as usize);
        Ok(listed)
    }
    fn has_records(&mut self) -> StoreResult<bool> {
        Ok(self.customers.values().any(|found| found.row.record.is_some()))
    }
    fn domain_claimants(&mut self, keys: &[&str]) -> StoreResult<Vec<DomainClaimant>> {
        let claims = self.customers.values().filter_map(|found| {
            let domain_key = search_key(found.row.record.as_ref()?.domain.as_deref()?);
            keys.contains(&domain_key.as_str())
                .then(|| DomainClaimant { domain_key, tenant_id: found.row.tenant_id.clone() })
        });
        Ok(claims.collect())
    }
    fn count_subscriptions(&mut self, customers: &[CustomerKey]) -> StoreResult<u64> {
        let own = |row: &StoredSubscription| row.seller_id == ME && customers.contains(&row.customer_id);
        Ok(self.subscriptions.values().filter(|found| own(&found.row)).count() as u64)
    }
}

/// An account that is its own company.
pub(crate) fn account(id: PartnerKey, partner_type: PartnerType, mpn_id: &str) -> AccountRow {
    AccountRow {
        id,
        tenant_id: None,
        company_id: None,
        partner_type,
        columns: PartnerColumns {
            country: Some("PL".parse().unwrap()),
            mpn_id: Some(mpn_id.to_owned()),
            onboarded: true,
            enrolled: true,
            vetting_status: VettingStatus::Authorized,
            ..PartnerColumns::default()
        },
    }
}

/// A provider that imports, and the sources of the formats that the tests use.
pub(crate) fn world() -> MemorySnapshot {
    MemorySnapshot {
        accounts: vec![account(ME, PartnerType::IndirectProvider, "1000001")],
        sources: vec![(SOURCE, "portal".to_owned()), (OTHER_SOURCE, "other".to_owned())],
        ..MemorySnapshot::default()
    }
}

/// The key of the source of [`file`].
pub(crate) const SOURCE: ImportSourceKey = ImportSourceKey::new(5);
pub(crate) const OTHER_SOURCE: ImportSourceKey = ImportSourceKey::new(6);
/// The key of a reseller's account.
pub(crate) const RESELLER: PartnerKey = PartnerKey::new(20);

pub(crate) fn tenant(n: u32) -> String {
    format!("11111111-0000-4000-8000-{n:012}")
}
pub(crate) fn subscription(n: u32) -> String {
    format!("22222222-0000-4000-8000-{n:012}")
}
/// A day of 2024.
pub(crate) fn day(month: u32, day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, month, day).and_then(|date| date.and_hms_opt(0, 0, 0)).unwrap()
}

/// A known customer, by a small number that is its key.
pub(crate) fn stored_customer(n: u32, name: &str) -> StoredCustomer {
    StoredCustomer {
        tenant_id: tenant(n),
        kind: TenantKind::Customer,
        customer_id: Some(CustomerKey::new(n.into())),
        own_country: None,
        relationship: Some(RelationshipToPartner::Reseller),
        relationship_removed_at: None,
        agreement_proven: false,
        record: Some(CustomerRecordRow {
            id: CustomerRecordKey::new(n.into()),
            version: 1,
            new_business_blocked: None,
            columns: CustomerRecordColumns {
                company_name: Some(name.to_owned()),
                country: Some("PL".parse().unwrap()),
                ..CustomerRecordColumns::default()
            },
        }),
    }
}

/// A subscription with this number of seats, by a small number that is its key.
pub(crate) fn stored_subscription(n: u32, customer: u32, seats: i64) -> StoredSubscription {
    StoredSubscription {
        id: SubscriptionKey::new(n.into()),
        subscription_id: subscription(n),
        seller_id: ME,
        customer_id: CustomerKey::new(customer.into()),
        reseller_id: None,
        partner_of_record_since: None,
        partner_of_record_run: None,
        partner_of_record_by: None,
        version: 1,
        columns: SubscriptionColumns {
            quantity: Some(seats),
            status: SubscriptionStatus::Active,
            ..SubscriptionColumns::default()
        },
    }
}

/// What a source stated about some fields at one time.
pub(crate) fn baseline_of(width: usize, fields: &[(usize, Value)], as_of: NaiveDateTime, rank: u8) -> Baseline {
    let mut baseline = Baseline::silent(width);
    for (field, value) in fields {
        baseline.fields[*field] = Some(StatedValue { value: value.clone(), as_of: as_of.and_utc().timestamp(), rank });
    }
    baseline
}

/// A stored baseline.
pub(crate) fn stored_baseline<K: BaselineKey>(
    kind: Kind<K>,
    source_id: ImportSourceKey,
    entity_id: K,
    baseline: &Baseline,
) -> StoredBaseline<K> {
    StoredBaseline {
        entity_id,
        source_id,
        as_of: chrono::DateTime::from_timestamp(baseline.as_of(), 0).unwrap().naive_utc(),
        fields: baseline.pack(kind.specs),
        absent_since_run: None,
    }
}

impl MemorySnapshot {
    pub(crate) fn with_customer(mut self, row: StoredCustomer, baselines: Vec<StoredBaseline<CustomerKey>>) -> Self {
        self.customers.insert(row.tenant_id.clone(), WithBaselines { row, baselines });
        self
    }
    pub(crate) fn with_subscription(
        mut self,
        row: StoredSubscription,
        baselines: Vec<StoredBaseline<SubscriptionKey>>,
    ) -> Self {
        self.subscriptions.insert(row.subscription_id.clone(), WithBaselines { row, baselines });
        self
    }
}

/// The small number of a tenant or subscription. Other keys are returned unchanged.
fn short(key: &str) -> &str {
    let number = key.rsplit('-').next().filter(|last| key.len() == 36 && last.len() == 12);
    number.map_or(key, |number| number.trim_start_matches('0'))
}

/// The result of a plan as text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// One letter per row: applied, merged, rejected, conflict.
    pub(crate) rows: String,
    /// The run's history, without the evidence of agreements.
    pub(crate) changes: Vec<String>,
    /// The evidence that it adds, by customer.
    pub(crate) agreements: Vec<String>,
    /// The codes of its issues, in the order of the report.
    pub(crate) codes: Vec<String>,
}

/// Makes a plan.
pub(crate) fn planned(mut snapshot: MemorySnapshot, files: &[TestFile], policy: Policy) -> Plan {
    plan(&mut snapshot, &intake(files), ME, policy, &Watch::new(&Silent, None).unwrap()).unwrap()
}

/// Makes a plan and returns its result as text.
pub(crate) fn seen(snapshot: MemorySnapshot, files: &[TestFile], policy: Policy) -> Seen {
    let plan = planned(snapshot, files, policy);
    let letter = |outcome: &Outcome| match outcome {
        Outcome::Open => 'o',
        Outcome::Applied => 'a',
        Outcome::Merged => 'm',
        Outcome::Rejected => 'r',
        Outcome::Conflict => 'c',
    };
    let is_agreement = |change: &NewChange| change.entity == "AGREEMENT";
    let (agreements, changes): (Vec<_>, Vec<_>) = plan.ops.changes.iter().map(Result::unwrap).partition(is_agreement);
    let changes = changes.into_iter().map(|change| {
        let name = format!("{} {}", change.entity, short(&change.key));
        match change.field {
            None => name,
            Some(field) => {
                let shown = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
                format!("{name} {field} {} > {}", shown(change.before), shown(change.after))
            }
        }
    });
    Seen {
        rows: plan.outcomes.iter().map(letter).collect(),
        changes: changes.collect(),
        agreements: agreements
            .iter()
            .map(|change| format!("{} {}", short(&change.key), change.after.as_deref().unwrap_or("-")))
            .collect(),
        codes: in_order(&[&plan.issues]).1.map(|issue| issue.unwrap().code.into_owned()).collect(),
    }
}
