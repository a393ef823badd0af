//! The fifth stage: granular delegated admin relationships (GDAP, not DAP). They are separate facts about a customer
//! and have an end date.
//!
//! Such a relationship is approved once, can be extended, and ends once: it never returns under the same id. Files are
//! therefore merged without comparing their dates: an end is final, whoever states it, and of two end dates the later
//! one is used.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime};
use partnergraph_domain::{CustomerKey, GrantKey};
use partnergraph_store::imports::rows::{ChangedGrant, Grant, NewGrant};
use partnergraph_store::imports::stored::StoredGrant;

use super::PlanError;
use super::context::Context;
use super::customers::Customers;
use super::draft::Draft;
use super::ops::next;
use super::resellers::Resold;
use super::snapshot::Snapshot;
use crate::fact::GdapFact;
use crate::profiles::States;
use crate::reconcile::moment;
use crate::row_locations::FileLine;

/// What the files state about one relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct GrantDates {
    granted_at: NaiveDateTime,
    end_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

impl GrantDates {
    /// What one row states. `None` if the customer has not approved the relationship.
    fn of(fact: &GdapFact, as_of: NaiveDateTime) -> Option<Self> {
        let status = fact.status.as_deref().unwrap_or_default().to_ascii_lowercase();
        let standing = match status.as_str() {
            "active" => true,
            "expired" | "terminated" | "terminating" | "terminationrequested" => false,
            _ => return None,
        };
        let ended_at = if status == "expired" { fact.ends_at.unwrap_or(as_of) } else { as_of };
        Some(Self {
            granted_at: fact.activated_at.unwrap_or(as_of),
            end_at: fact.ends_at,
            revoked_at: (!standing).then_some(ended_at),
        })
    }

    fn combine(self, other: Self) -> Self {
        Self {
            granted_at: self.granted_at.min(other.granted_at),
            end_at: self.end_at.max(other.end_at),
            // The earliest end is the one that happened.
            revoked_at: self.revoked_at.into_iter().chain(other.revoked_at).min(),
        }
    }
}

/// What the files state about all relationships with the newest line and the tenant id, by customer and id.
type DatesByGrant = BTreeMap<(CustomerKey, String), (GrantDates, FileLine, String)>;

/// The relationships are planned.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(super) resold: Resold,
}

/// Plans what the relationship lists among the files state.
pub(crate) fn grants(
    context: &Context<'_>,
    resold: Resold,
    snapshot: &mut impl Snapshot,
    draft: &mut Draft<'_>,
) -> Result<Granted, PlanError> {
    if context.intake.files.iter().any(|file| file.profile.states == States::Gdap) {
        let known: BTreeMap<(CustomerKey, String), StoredGrant> =
            snapshot.grants()?.into_iter().map(|row| ((row.customer_id, row.external_id.clone()), row)).collect();
        for (key, stated) in stated_grants(context, &resold.settled.subscriptions.customers)? {
            let row = known.get(&key);
            write(key, stated, row, draft)?;
        }
    }
    Ok(Granted { resold })
}

fn stated_grants(context: &Context<'_>, customers: &Customers) -> Result<DatesByGrant, PlanError> {
    let intake = context.intake;
    let mut cursor = intake.statement_spool.cursor();
    let mut all = DatesByGrant::new();
    let taken_in = customers.keys.iter().enumerate().filter_map(|(customer, key)| Some((customer, (*key)?)));
    for (customer, customer_id) in taken_in {
        for number in intake.statements_of(customer) {
            if customers.statements.is_rejected(number) {
                continue;
            }
            let statement = cursor.get(intake.statements[number as usize].place)?;
            let by = statement.at();
            let Some(fact) = statement.gdap else { continue };
            let as_of = DateTime::from_timestamp(intake.rows.as_of[statement.row as usize].into(), 0);
            let as_of = as_of.unwrap_or_default().naive_utc();
            let (Some(id), Some(stated)) = (&fact.id, GrantDates::of(&fact, as_of)) else { continue };
            // The statements are read from the last one on.
            let tenant_id = statement.customer.tenant_id.to_string();
            let (both, ..) = all.entry((customer_id, id.to_lowercase())).or_insert((stated, by, tenant_id));
            *both = both.combine(stated);
        }
    }
    Ok(all)
}

/// The stored relationship after the files are merged.
fn merged(before: GrantDates, stated: GrantDates) -> GrantDates {
    GrantDates {
        granted_at: before.granted_at,
        revoked_at: before.revoked_at.or(stated.revoked_at),
        ..before.combine(stated)
    }
}

fn write(
    (customer_id, external_id): (CustomerKey, String),
    (stated, by, tenant_id): (GrantDates, FileLine, String),
    known: Option<&StoredGrant>,
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    let grant = |id: GrantKey, external_id: String, stated: GrantDates| Grant {
        id,
        customer_id,
        external_id,
        granted_at: moment(stated.granted_at),
        end_at: stated.end_at.map(moment),
        revoked_at: stated.revoked_at.map(moment),
    };
    let Some(row) = known else {
        let id = next(&mut draft.keys.grant);
        draft.created_for(&tenant_id, ("DELEGATED_ADMIN", &external_id), Some(by))?;
        draft.ops.grants.append(&NewGrant(grant(id, external_id, stated)))?;
        return Ok(());
    };
    let before = GrantDates { granted_at: row.granted_at, end_at: row.end_at, revoked_at: row.revoked_at };
    let after = merged(before, stated);
    if after == before {
        return Ok(());
    }
    for (field, before, after) in
        [("endDateTime", before.end_at, after.end_at), ("revokedAt", before.revoked_at, after.revoked_at)]
    {
        if before != after {
            let values = (before.map(moment), after.map(moment));
            draft.changed_for(&tenant_id, ("DELEGATED_ADMIN", &external_id), field, values, Some(by))?;
        }
    }
    draft.ops.changed_grants.append(&ChangedGrant(grant(row.id, external_id, after)))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn day(day: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, 1, day).and_then(|date| date.and_hms_opt(0, 0, 0)).unwrap_or_default()
    }

    fn fact(status: &str, ends_at: Option<NaiveDateTime>) -> GdapFact {
        GdapFact { id: None, name: None, status: Some(status.to_owned()), activated_at: Some(day(1)), ends_at }
    }

    #[test]
    fn only_what_the_customer_approved_is_a_relationship() {
        assert_eq!(GrantDates::of(&fact("approvalPending", None), day(2)), None);
        assert!(GrantDates::of(&fact("Active", None), day(2)).is_some_and(|stated| stated.revoked_at.is_none()));
    }

    #[test]
    fn an_end_is_final_and_the_later_end_date_holds() {
        let active = GrantDates::of(&fact("Active", Some(day(20))), day(2));
        let longer = GrantDates::of(&fact("active", Some(day(30))), day(3));
        let ended = GrantDates::of(&fact("Terminated", Some(day(20))), day(4));
        let all = [active, longer, ended].into_iter().flatten().reduce(GrantDates::combine);
        assert_eq!(all, Some(GrantDates { granted_at: day(1), end_at: Some(day(30)), revoked_at: Some(day(4)) }));
    }

    #[test]
    fn an_existing_grant_is_prolonged_or_ended_and_never_comes_back() {
        let stated = |end, revoked: Option<u32>| GrantDates {
            granted_at: day(5),
            end_at: Some(day(end)),
            revoked_at: revoked.map(day),
        };
        let current = |end, revoked: Option<u32>| GrantDates {
            granted_at: day(1),
            end_at: Some(day(end)),
            revoked_at: revoked.map(day),
        };
        let cases = [
            ("the same", current(20, None), stated(20, None), current(20, None)),
            ("prolonged", current(20, None), stated(30, None), current(30, None)),
            ("an older file", current(30, None), stated(20, None), current(30, None)),
            ("ended", current(20, None), stated(20, Some(9)), current(20, Some(9))),
            ("ended before; an active one is older", current(20, Some(9)), stated(20, None), current(20, Some(9))),
            ("ended before; the first end stays", current(20, Some(9)), stated(20, Some(8)), current(20, Some(9))),
        ];
        for (name, before, stated, expected) in cases {
            assert_eq!(merged(before, stated), expected, "{name}");
        }
    }
}
