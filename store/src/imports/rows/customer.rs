use partnergraph_domain::{Cloud, CustomerKey, CustomerRecordKey, RelationshipKey, RelationshipToPartner, TenantKind};
use serde::{Deserialize, Serialize};

use super::super::bulk::copy_into;
use super::super::bulk::{Cell, ChangedRow, Kind, NewRow, Stamp};
use crate::columns::{CustomerRecordColumns, CustomerRecordKeys, chained};

/// A new tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTenant {
    /// Its id.
    pub tenant_id: String,
}

impl NewRow for NewTenant {
    copy_into!(tenants(tenant_id, kind, cloud, created_at));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![(&self.tenant_id).into(), TenantKind::Customer.into(), Cloud::Public.into(), (&stamp.now).into()]
    }
}

/// A customer. It is only a tenant id; what a partner knows of it is in the partner's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCustomer {
    /// Its key.
    pub id: CustomerKey,
    /// Its tenant.
    pub tenant_id: String,
}

impl NewRow for NewCustomer {
    copy_into!(customers(id, tenant_id, version, created_at, updated_at));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![self.id.into(), (&self.tenant_id).into(), 1.into(), (&stamp.now).into(), (&stamp.now).into()]
    }
}

/// The importing partner's record of a customer, as it is to be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The record's key.
    pub id: CustomerRecordKey,
    /// The customer that it is about.
    pub customer_id: CustomerKey,
    /// The rules that this customer breaks, if it was accepted nevertheless.
    pub new_business_blocked: Option<String>,
    /// Its search and sort keys.
    pub keys: CustomerRecordKeys,
    /// What the partner knows.
    pub columns: CustomerRecordColumns,
}

/// A record to insert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRecord(pub Record);

impl NewRow for NewRecord {
    copy_into!(customer_records(
        id,
        partner_id,
        customer_id,
        name_key,
        name_sort,
        domain_key,
        new_business_blocked,
        created_by_run,
        version,
        created_at,
        updated_at,
        ..CustomerRecordColumns
    ));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let row = &self.0;
        let mut cells: Vec<Cell<'a>> = Vec::with_capacity(Self::COLUMNS.len());
        let own: [Cell<'a>; 11] = [
            row.id.into(),
            stamp.partner_id.into(),
            row.customer_id.into(),
            (&row.keys.name_key).into(),
            (&row.keys.name_sort).into(),
            (&row.keys.domain_key).into(),
            (&row.new_business_blocked).into(),
            stamp.run_id.into(),
            1.into(),
            (&stamp.now).into(),
            (&stamp.now).into(),
        ];
        cells.extend(own);
        cells.extend(row.columns.cells());
        cells
    }
}

/// The columns of a record that an import changes in addition to [`CustomerRecordColumns`].
const BESIDE: &[(&str, Kind)] = &[
    ("name_key", Kind::Text),
    ("name_sort", Kind::Text),
    ("domain_key", Kind::Text),
    ("new_business_blocked", Kind::Text),
    ("updated_at", Kind::Time),
];
const CHANGED: [(&str, Kind); BESIDE.len() + CustomerRecordColumns::KINDS.len()] =
    chained(BESIDE, CustomerRecordColumns::KINDS);

/// A record to update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedRecord(pub Record);

impl ChangedRow for ChangedRecord {
    const TABLE: &'static str = "customer_records";
    const KEYS: &'static [(&'static str, Kind)] = &[("id", Kind::Int)];
    const COLUMNS: &'static [(&'static str, Kind)] = &CHANGED;
    const BESIDES: &'static str = "version = {t}version + 1";
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let row = &self.0;
        let mut cells: Vec<Cell<'a>> = Vec::with_capacity(1 + CHANGED.len());
        let own: [Cell<'a>; 6] = [
            row.id.into(),
            (&row.keys.name_key).into(),
            (&row.keys.name_sort).into(),
            (&row.keys.domain_key).into(),
            (&row.new_business_blocked).into(),
            (&stamp.now).into(),
        ];
        cells.extend(own);
        cells.extend(row.columns.cells());
        cells
    }
}

/// A relationship with the importing partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRelationship {
    /// Its key.
    pub id: RelationshipKey,
    /// The customer.
    pub customer_id: CustomerKey,
    /// The partner's relationship to the customer.
    pub relationship: RelationshipToPartner,
}

impl NewRow for NewRelationship {
    copy_into!(reseller_relationships(id, partner_id, customer_id, relationship_to_partner, since, created_by_run));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![
            self.id.into(),
            stamp.partner_id.into(),
            self.customer_id.into(),
            self.relationship.into(),
            (&stamp.now).into(),
            stamp.run_id.into(),
        ]
    }
}
