//! Restores earlier values from the run's list of changes, item by item in the order of their keys.

use std::collections::HashMap;

use partnergraph_domain::{CustomerKey, PartnerKey, SubscriptionKey};
use partnergraph_store::Conn;
use partnergraph_store::imports::rows::{
    ChangedEntitlement, ChangedGrant, ChangedRecord, ChangedReseller, ChangedSubscription, Entitlement, Grant,
};
use partnergraph_store::imports::runs::ChangeRow;
use partnergraph_store::imports::stored::{self, StoredCustomer, StoredSubscription};
use partnergraph_store::imports::{sources, undo};

use super::Undo;
use crate::baseline::{CUSTOMER, FieldSpec, SUBSCRIPTION, Unset, Value, subscription as at};
use crate::plan::PlanError;
use crate::plan::customer_rows::{record_of, set as set_customer, stored_values as customer_values};
use crate::plan::resellers::bearers;
use crate::plan::subscription_rows::{row_of, set, stored_values};
use crate::plan::walk::{self, Walk, WithBaselines};
use crate::reconcile::moment;

/// Number of changes that are read at a time.
const CHUNK: i64 = 2_000;

const EDITED: &str = "changed since the import";
const SPOKEN: &str = "another import has stated something about it since";
const MISSING: &str = "no longer exists";

/// The accounts, by key and by MPN ID.
pub(super) struct Accounts {
    mpn_of: HashMap<PartnerKey, String>,
    bearer: HashMap<String, PartnerKey>,
}

impl Accounts {
    /// All accounts.
    pub(super) fn read(conn: &mut Conn) -> Result<Self, PlanError> {
        let partners = sources::partners(conn)?;
        Ok(Self {
            mpn_of: partners.iter().filter_map(|row| Some((row.id, row.mpn_id.clone()?))).collect(),
            bearer: bearers(&partners).into_iter().map(|(mpn_id, row)| (mpn_id.to_owned(), row.id)).collect(),
        })
    }

    /// The name of an account in the list of changes.
    pub(super) fn name(&self, id: PartnerKey) -> String {
        self.mpn_of.get(&id).cloned().unwrap_or_else(|| format!("#{id}"))
    }

    pub(super) fn key(&self, name: &str) -> Option<PartnerKey> {
        let by_key = || name.strip_prefix('#').and_then(|id| id.parse().ok());
        self.bearer.get(name).copied().or_else(by_key)
    }
}

/// What a run changed in one item.
struct Group {
    entity: String,
    key: String,
    lines: Vec<ChangeRow>,
}

impl Undo<'_> {
    /// Checks everything that the run changed in items that existed before.
    pub(super) fn restore_values(&mut self) -> Result<(), PlanError> {
        let accounts = Accounts::read(self.conn)?;
        let mut customers = Walk::<WithBaselines<StoredCustomer>>::new();
        let mut subscriptions = Walk::<WithBaselines<StoredSubscription>>::new();
        let mut waiting: Option<Group> = None;
        let mut after = -1;
        loop {
            let lines = undo::updates(self.conn, self.undoing.run_id, after, CHUNK)?;
            let Some(last) = lines.last() else { break };
            after = last.ordinal;
            let mut whole = Vec::new();
            for line in lines {
                match &mut waiting {
                    Some(group) if group.entity == line.entity && group.key == line.key => group.lines.push(line),
                    _ => {
                        let (entity, key) = (line.entity.clone(), line.key.clone());
                        whole.extend(waiting.replace(Group { entity, key, lines: vec![line] }));
                    }
                }
            }
            self.restore(whole, &accounts, &mut customers, &mut subscriptions)?;
        }
        self.restore(waiting.into_iter().collect(), &accounts, &mut customers, &mut subscriptions)
    }

    fn restore(
        &mut self,
        groups: Vec<Group>,
        accounts: &Accounts,
        customers: &mut Walk<WithBaselines<StoredCustomer>>,
        subscriptions: &mut Walk<WithBaselines<StoredSubscription>>,
    ) -> Result<(), PlanError> {
        let partner_id = self.undoing.partner_id;
        let (mut of_customers, mut of_subscriptions) = (Vec::new(), Vec::new());
        for group in groups {
            let conn = &mut *self.conn;
            match group.entity.as_str() {
                "CUSTOMER" => {
                    let row =
                        customers.seek(&group.key, |from, limit| walk::customers(conn, partner_id, from, limit))?;
                    let row = row.map(|found| found.row.clone()).filter(|row| row.record.is_some());
                    of_customers.push((row, group));
                }
                "SUBSCRIPTION" => {
                    let row = subscriptions.seek(&group.key, |from, limit| walk::subscriptions(conn, from, limit))?;
                    let row = row.map(|found| found.row.clone()).filter(|row| row.seller_id == partner_id);
                    of_subscriptions.push((row, group));
                }
                "ENTITLEMENT" => self.restore_entitlement(&group, accounts)?,
                _ => self.restore_grant(&group)?,
            }
        }
        let keys: Vec<CustomerKey> = of_customers.iter().filter_map(|(row, _)| row.as_ref()?.customer_id).collect();
        let spoken = undo::spoken_of(self.conn, &keys)?;
        for (row, group) in of_customers {
            match row {
                None => self.keep(&group.entity, &group.key, None, MISSING),
                Some(row) if row.customer_id.is_some_and(|id| spoken.contains(&id)) => {
                    self.keep(&group.entity, &group.key, None, SPOKEN);
                }
                Some(row) => self.restore_customer(&row, &group)?,
            }
        }
        let keys: Vec<SubscriptionKey> =
            of_subscriptions.iter().filter_map(|(row, _)| Some(row.as_ref()?.id)).collect();
        let spoken = undo::spoken_of(self.conn, &keys)?;
        for (row, group) in of_subscriptions {
            match row {
                None => self.keep(&group.entity, &group.key, None, MISSING),
                Some(row) if spoken.contains(&row.id) => self.keep(&group.entity, &group.key, None, SPOKEN),
                Some(row) => self.restore_subscription(&row, &group, accounts)?,
            }
        }
        Ok(())
    }

    fn restore_customer(&mut self, row: &StoredCustomer, group: &Group) -> Result<(), PlanError> {
        let (Some(record), Some(customer_id)) = (&row.record, row.customer_id) else { return Ok(()) };
        let mut values = customer_values(Some(row));
        let mut columns = record.columns.clone();
        let mut blocked = record.new_business_blocked.clone();
        let mut restored = false;
        for line in &group.lines {
            let place = place(&CUSTOMER, line);
            let current = place.map_or_else(|| blocked.clone(), |place| values[place].shown());
            if current != line.after {
                self.keep(&group.entity, &group.key, line.field.as_deref(), EDITED);
                continue;
            }
            match place {
                Some(place) => {
                    values[place] = value(&CUSTOMER[place], line.before.clone());
                    set_customer(&mut columns, place, &values[place])?;
                }
                None => blocked.clone_from(&line.before),
            }
            self.note(line)?;
            restored = true;
        }
        if restored {
            self.records.append(&ChangedRecord(record_of(record.id, customer_id, columns, blocked)))?;
            self.touched.push(customer_id);
            self.restored += 1;
        }
        Ok(())
    }

    fn restore_subscription(
        &mut self,
        row: &StoredSubscription,
        group: &Group,
        accounts: &Accounts,
    ) -> Result<(), PlanError> {
        let mut values = stored_values(Some(row), |id| accounts.name(id));
        let mut columns = row.columns.clone();
        let mut reseller_id = row.reseller_id;
        let mut restored = false;
        for line in &group.lines {
            let place = place(&SUBSCRIPTION, line);
            let current =
                place.map_or_else(|| Some(row.partner_of_record_fixed.to_string()), |place| values[place].shown());
            let reseller = line.before.as_deref().map(|name| accounts.key(name));
            let is_lost = place == Some(at::RESELLER) && reseller == Some(None);
            if current != line.after || is_lost {
                self.keep(&group.entity, &group.key, line.field.as_deref(), EDITED);
                continue;
            }
            match place {
                Some(place) => {
                    values[place] = value(&SUBSCRIPTION[place], line.before.clone());
                    set(&mut columns, place, &values[place])?;
                    if place == at::RESELLER {
                        reseller_id = reseller.flatten();
                    }
                }
                None => columns.partner_of_record_fixed = line.before.as_deref() == Some("true"),
            }
            self.note(line)?;
            restored = true;
        }
        if restored {
            let key = row.subscription_id.clone();
            let before = row_of(key, row.id, row.customer_id, reseller_id, columns);
            self.subscriptions.append(&ChangedSubscription(before))?;
            if reseller_id != row.reseller_id {
                // The start of the period is worked out from the baselines after they are restored.
                let since = None;
                self.resellers.append(&ChangedReseller {
                    id: row.id,
                    reseller_id,
                    since,
                    is_own: false,
                    run: None,
                    by: None,
                })?;
            }
            self.touched.push(row.customer_id);
            self.restored += 1;
        }
        Ok(())
    }

    /// An entitlement: its description and its partner of record.
    fn restore_entitlement(&mut self, group: &Group, accounts: &Accounts) -> Result<(), PlanError> {
        let found = match group.key.split_once('/') {
            Some((subscription, id)) => {
                let rows = stored::entitlements(self.conn, subscription, subscription)?;
                rows.into_iter().find(|row| row.entitlement_id == id)
            }
            None => None,
        };
        let Some(row) = found else {
            self.keep(&group.entity, &group.key, None, MISSING);
            return Ok(());
        };
        let mut description = row.description.clone();
        let mut reseller = row.reseller_id.map(|id| accounts.name(id));
        let mut restored = false;
        for line in &group.lines {
            let current = if line.field.as_deref() == Some("description") { &mut description } else { &mut reseller };
            if *current == line.after {
                current.clone_from(&line.before);
                restored = true;
                self.note(line)?;
            } else {
                self.keep(&group.entity, &group.key, line.field.as_deref(), EDITED);
            }
        }
        if restored {
            self.entitlements.append(&ChangedEntitlement(Entitlement {
                id: row.id,
                subscription_pk: row.subscription_pk,
                entitlement_id: row.entitlement_id,
                description,
                reseller_id: reseller.and_then(|name| accounts.key(&name)),
            }))?;
            self.restored += 1;
        }
        Ok(())
    }

    /// A granular relationship: its end date, and whether it has ended.
    fn restore_grant(&mut self, group: &Group) -> Result<(), PlanError> {
        let Some(row) = undo::grant(self.conn, self.undoing.partner_id, &group.key)? else {
            self.keep(&group.entity, &group.key, None, MISSING);
            return Ok(());
        };
        let (mut end_at, mut revoked_at) = (row.end_at.map(moment), row.revoked_at.map(moment));
        let mut restored = false;
        for line in &group.lines {
            let current = if line.field.as_deref() == Some("endDateTime") { &mut end_at } else { &mut revoked_at };
            if *current == line.after {
                current.clone_from(&line.before);
                restored = true;
                self.note(line)?;
            } else {
                self.keep(&group.entity, &group.key, line.field.as_deref(), EDITED);
            }
        }
        if restored {
            self.grants.append(&ChangedGrant(Grant {
                id: row.id,
                customer_id: row.customer_id,
                external_id: group.key.clone(),
                granted_at: moment(row.granted_at),
                end_at,
                revoked_at,
            }))?;
            self.restored += 1;
        }
        Ok(())
    }
}

fn place(specs: &[FieldSpec], line: &ChangeRow) -> Option<usize> {
    let name = line.field.as_deref()?;
    specs.iter().position(|spec| spec.name == name)
}

/// Parses a value from the list of changes.
fn value(spec: &FieldSpec, shown: Option<String>) -> Value {
    let Some(shown) = shown else { return Value::Null };
    match (spec.name, spec.unset, shown.as_str()) {
        ("quantity", ..) => shown.parse().map_or(Value::Text(shown), Value::Int),
        ("autoRenewEnabled", _, "true" | "false") | (_, Unset::False, _) => Value::Bool(shown == "true"),
        _ => Value::Text(shown),
    }
}
