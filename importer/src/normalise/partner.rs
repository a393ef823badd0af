//! Reads rows about partners: a provider's resellers, and the register of MPN profiles.

use chrono::NaiveDateTime;
use partnergraph_domain::{MpnId, MpnKind, SubscriptionStatus, TenantId, VettingStatus};

use super::cells::Cells;
use super::{customer, enums};
use crate::fact::{MpnProfileFact, ResellerFact};
use crate::profiles::Field;

/// A reseller of the importing provider. `None` if its MPN ID is missing or malformed.
pub(super) fn reseller(cells: &mut Cells<'_>, as_of: NaiveDateTime) -> Option<ResellerFact> {
    let mpn_id = required_mpn_id(cells);
    let country = customer::country(cells, Field::Country);
    let tenant_id: Option<TenantId> = cells.id(Field::PartnerTenant, "reseller.tenant_id.invalid", "the tenant id");
    let vetting_status = cells.enum_value(Field::VettingStatus, "vetting status", vetting_status_of);
    let mpa_signed_on = cells.date(Field::MpaSignedOn).map(|at| at.date());
    // What a placeholder is called that nobody has named; an export of resellers contains it.
    let is_own_name = |name: &String| mpn_id.is_some_and(|mpn_id| *name == format!("MPN {mpn_id}"));
    let name = cells.text(Field::CompanyName).filter(|name| !is_own_name(name));
    // A list without the column, or without a value in it, lists partners. A state that is not known states no partnership.
    let states_none = cells.get(Field::PartnershipState).is_none();
    let is_partner = cells.enum_value(Field::PartnershipState, "state of a partnership", is_partner_in);
    if let Some(own) = mpn_id.filter(|mpn_id| cells.context.own.mpn_ids.contains(mpn_id)) {
        let message = format!("{own} is the importing account's own MPN ID, which is not its reseller's");
        cells.fault(Field::MpnId, "reseller.own_mpn", message, "remove the row");
    }
    let is_partner = is_partner.unwrap_or(states_none);
    Some(ResellerFact { as_of, mpn_id: mpn_id?, name, country, tenant_id, vetting_status, mpa_signed_on, is_partner })
}

/// An entry of the register. `None` if its MPN ID is missing or malformed.
pub(super) fn mpn_profile(cells: &mut Cells<'_>) -> Option<MpnProfileFact> {
    let mpn_id = required_mpn_id(cells);
    let global_mpn_id = mpn_id_of(cells, Field::GlobalMpnId);
    let country = customer::country(cells, Field::Country);
    let kind = cells.enum_value(Field::MpnKind, "kind of MPN ID", mpn_kind);
    let active = cells.enum_value(Field::Active, "yes or no", enums::yes_or_no);
    let in_partner_membership_center =
        cells.enum_value(Field::InPartnerMembershipCenter, "yes or no", enums::yes_or_no);
    let company = cells.text(Field::CompanyName);
    if mpn_id.is_some() && mpn_id == global_mpn_id {
        let message = "the MPN ID of a location and that of its company are the same";
        cells.fault(Field::GlobalMpnId, "mpn_profile.global.own", message, "leave the cell of a global account blank");
    }
    Some(MpnProfileFact {
        mpn_id: mpn_id?,
        kind,
        global_mpn_id,
        company,
        country,
        active,
        in_partner_membership_center,
    })
}

fn required_mpn_id(cells: &mut Cells<'_>) -> Option<MpnId> {
    if cells.get(Field::MpnId).is_none() {
        let hint = "a partner is identified by its MPN ID only; names are not keys";
        cells.missing(Field::MpnId, "reseller.mpn_id.missing", "the row has no MPN ID", hint);
    }
    mpn_id_of(cells, Field::MpnId)
}

/// The MPN ID in a cell. `None` if the cell is blank or malformed, which is an error.
fn mpn_id_of(cells: &mut Cells<'_>, field: Field) -> Option<MpnId> {
    let text = cells.get(field)?;
    // Some programs write whole numbers as fractions.
    let parsed = text.strip_suffix(".0").unwrap_or(text).parse();
    match parsed {
        Ok(id) => Some(id),
        Err(error) => {
            let message = format!("the MPN ID is malformed: {error}");
            cells.fault(field, "reseller.mpn_id.invalid", message, "an MPN ID has digits only");
            None
        }
    }
}

/// Whether Microsoft authorised a partner.
fn vetting_status_of(text: &str) -> Option<VettingStatus> {
    enums::look_up(text, |word| {
        Some(match word {
            "authorized" | "authorised" | "verified" | "approved" => VettingStatus::Authorized,
            "pending" | "inprogress" | "inreview" => VettingStatus::Pending,
            "rejected" | "denied" | "failed" => VettingStatus::Rejected,
            "none" | "notstarted" => VettingStatus::None,
            _ => return None,
        })
    })
}

/// Whether a state is that of a partnership in force.
fn is_partner_in(text: &str) -> Option<bool> {
    enums::look_up(text, |word| {
        Some(match word {
            "active" | "imported" | "accepted" => true,
            "none" | "requested" | "declined" | "removed" | "inactive" => false,
            // The portal translates the other words like the statuses of subscriptions.
            _ => return enums::status(text).map(|status| status == SubscriptionStatus::Active),
        })
    })
}

/// What an MPN ID identifies.
fn mpn_kind(text: &str) -> Option<MpnKind> {
    enums::look_up(text, |word| {
        Some(match word {
            "location" | "pla" | "partnerlocationaccount" | "locationaccount" => MpnKind::Location,
            "global" | "pga" | "headquarter" | "headquarters" | "hq" | "partnerglobalaccount" | "globalaccount" => {
                MpnKind::Global
            }
            _ => return None,
        })
    })
}
