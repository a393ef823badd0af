//! What a provider sets about one of its resellers.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{AutoApproval, OperationType};

use super::partnerships::PartnershipRow;
use super::{Change, Event, Outcome, json_list, record};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::partnerships;
use crate::scope::Actor;

/// The settings to change; `None` leaves one unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartnershipSettings {
    /// The provider's own name for the reseller; `Some(None)` clears it.
    pub label: Option<Option<String>>,
    /// Which change requests are approved automatically, from now on under the actor's name.
    pub auto_approve: Option<AutoApproval>,
}

/// Changes the settings. Only the provider's own organisation is notified: the label is its own.
///
/// # Errors
/// Any database error.
pub fn update(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    row: &PartnershipRow,
    settings: &PartnershipSettings,
) -> StoreResult<Outcome> {
    let label = settings.label.clone().unwrap_or_else(|| row.label.clone());
    let (auto_approve, set_by) = match settings.auto_approve {
        None => (row.auto_approve, row.auto_approve_by.clone()),
        Some(AutoApproval::None) => (AutoApproval::None, None),
        Some(setting) => (setting, Some(actor.user_principal_name.clone())),
    };
    let changes: Vec<Change> = [
        Change::of("label", row.label.clone(), label.clone()),
        Change::of("autoApprove", Some(row.auto_approve.to_string()), Some(auto_approve.to_string())),
        Change::of("autoApproveSetBy", row.auto_approve_by.clone(), set_by.clone()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (user, roles) = match (settings.auto_approve, &set_by) {
        (None, _) => (row.auto_approve_user, row.auto_approve_roles.clone()),
        (Some(_), None) => (None, None),
        (Some(_), Some(_)) => {
            let roles: Vec<&str> = actor.roles.iter().map(|role| role.as_str()).collect();
            (actor.user_id, Some(json_list(&roles)))
        }
    };
    // Set again by the same user, it lasts with the roles that the user has now.
    if changes.is_empty() && user == row.auto_approve_user && roles == row.auto_approve_roles {
        return Ok(Outcome::Unchanged);
    }
    on!(conn, c => diesel::update(partnerships::table.find(row.id))
        .set((
            partnerships::label.eq(label.as_deref()),
            partnerships::auto_approve.eq(auto_approve),
            partnerships::auto_approve_by.eq(set_by.as_deref()),
            partnerships::auto_approve_user.eq(user),
            partnerships::auto_approve_roles.eq(roles.as_deref()),
            partnerships::version.eq(row.version + 1),
            partnerships::updated_at.eq(now),
        ))
        .execute(c))?;
    let mut event = Event::succeeded(OperationType::UpdatePartnerRelationship);
    event.partner_id = Some(row.reseller_id);
    event.partnership_id = Some(row.id);
    event.changes = changes;
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}
