//! Entitlements under an Azure plan. Each has its own description and partner of record, reconciled three-way like a
//! subscription's fields.

use std::collections::{BTreeMap, BTreeSet};

use partnergraph_domain::{EntitlementKey, Severity, SubscriptionKey};
use partnergraph_store::imports::rows::{ChangedEntitlement, Entitlement as Row, NewEntitlement};

use super::PlanError;
use super::context::Context;
use super::draft::{Draft, new_issue};
use super::ops::next;
use super::resellers::{Naming, Resellers};
use super::snapshot::Snapshot;
use super::subscription::{Entitled, SubscriptionDecision};
use super::subscription_writes::Subject;
use crate::baseline::Entitlement;
use crate::intake::Outcome;
use crate::request::OnConflict;

/// What all sources state about one entitlement: the newest description, and the newest partner of record with its
/// time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Combined {
    description: Option<String>,
    reseller: Option<Option<String>>,
    stated: i64,
}

/// The newest statement of all sources about each entitlement.
fn combined(entitled: &Entitled) -> BTreeMap<String, Combined> {
    let mut by_id: BTreeMap<String, Vec<&Entitlement>> = BTreeMap::new();
    for (_, entitlements) in entitled {
        for (id, stated) in entitlements {
            by_id.entry(id.clone()).or_default().push(stated);
        }
    }
    let newest = |stated: Vec<&Entitlement>| {
        let description = stated.iter().max_by_key(|one| (one.as_of.0, &one.description));
        let reseller =
            stated.iter().filter(|one| one.reseller.is_some()).max_by_key(|one| (one.as_of.1, &one.reseller));
        Combined {
            description: description.and_then(|one| one.description.clone()),
            reseller: reseller.and_then(|one| one.reseller.clone()),
            stated: reseller.map_or(0, |one| one.as_of.1),
        }
    };
    by_id.into_iter().map(|(id, stated)| (id, newest(stated))).collect()
}

/// Writes the entitlements of a subscription whose statements have changed.
pub(super) fn write(
    context: &Context<'_>,
    subject: &Subject,
    (id, decision): (SubscriptionKey, &SubscriptionDecision),
    resellers: &mut Resellers,
    snapshot: &mut impl Snapshot,
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    let Some(before) = &decision.entitlements_before else { return Ok(()) };
    let now: Entitled = decision.sources.iter().map(|(id, baseline)| (*id, baseline.entitlements.clone())).collect();
    let (before, now) = (combined(before), combined(&now));
    let stored = match &subject.stored {
        Some(_) => snapshot.entitlements(&subject.key)?,
        None => Vec::new(),
    };
    let mut touches = BTreeSet::new();
    for (entitlement_id, combined) in &now {
        let row = stored.iter().find(|row| row.entitlement_id == *entitlement_id);
        let was = before.get(entitlement_id).cloned().unwrap_or_default();
        let current = row.map(|row| (row.description.clone(), row.reseller_id.map(|id| resellers.mpn_of(id))));
        let (had_description, had_reseller) = current.clone().unwrap_or_default();
        let stated = combined.reseller.clone().flatten();
        let is_edited = row.is_some() && had_reseller != was.reseller.clone().flatten() && had_reseller != stated;
        let is_changed = combined.reseller != was.reseller;
        let reseller = match context.policy.on_conflict {
            _ if !is_edited => stated.clone(),
            OnConflict::File if is_changed => stated.clone(),
            _ => had_reseller.clone(),
        };
        if is_edited && is_changed && context.policy.on_conflict == OnConflict::Hold {
            let message = format!(
                "the partner of record of entitlement {entitlement_id} was changed both here and in the file; the current value stays until you decide"
            );
            let issue = new_issue(Severity::Error, "conflict.edited", message)
                .value(stated.as_deref().unwrap_or("none"))
                .hint("import again with --on-conflict file to use the file's value, or with --on-conflict keep to keep the current one");
            draft.report(subject.first_row, issue)?;
            draft.set(subject.first_row, Outcome::Conflict);
        }
        let description = combined.description.clone().or_else(|| had_description.clone());
        let naming = Naming::partner_of_record(subject.first_row, had_reseller != reseller, combined.stated);
        let reseller_id = match &reseller {
            Some(mpn_id) => resellers.key(context, mpn_id, naming, draft)?,
            None => None,
        };
        let by = decision.lines.of_entitlement(entitlement_id);
        let made = |key: EntitlementKey| Row {
            id: key,
            subscription_pk: id,
            entitlement_id: entitlement_id.clone(),
            description: description.clone(),
            reseller_id,
        };
        match row {
            None => {
                let key = next(&mut draft.keys.entitlement);
                draft.ops.entitlements.append(&NewEntitlement(made(key)))?;
                draft.created_for(
                    &subject.tenant_id,
                    ("ENTITLEMENT", &format!("{}/{entitlement_id}", subject.key)),
                    by,
                )?;
            }
            Some(row) if (&had_description, &had_reseller) != (&description, &reseller) => {
                draft.ops.changed_entitlements.append(&ChangedEntitlement(made(row.id)))?;
                for (field, before, after) in
                    [("description", had_description, description), ("partnerOfRecord", had_reseller, reseller)]
                {
                    if before != after {
                        draft.changed_for(
                            &subject.tenant_id,
                            ("ENTITLEMENT", &format!("{}/{entitlement_id}", subject.key)),
                            field,
                            (before, after),
                            by,
                        )?;
                    }
                }
            }
            Some(_) => continue,
        }
        touches.insert(subject.customer_id);
    }
    draft.touched.extend(touches);
    Ok(())
}
