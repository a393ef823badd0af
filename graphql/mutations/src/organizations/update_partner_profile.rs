use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, DirectoryChange, ProfileFacts};
use partnergraph_domain::{Capability, PartnerFacts, PartnerKey, Refusal, VettingStatus, VettingSubStatus};
use partnergraph_store::read::partners::{self, PartnerBy, PartnerRow};
use partnergraph_store::write::profile::{self, DirectoryEntry, Profile};
use partnergraph_store::write::{enrolment, facts, verifications};
use partnergraph_store::{Actor, Conn, Scope, StoreResult};

use super::inputs::{PartnerAddressInput, PartnerSupportInput, PrimaryContactInput, given, put};
use crate::enrolment::mails;
use crate::task::{self, Attempt, bad_input, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_operation::policy::Policy;
use partnergraph_types::Partner;

/// The entry in the provider directory. Fields that you leave out stay unchanged.
#[derive(InputObject, Debug, Clone)]
pub struct DirectoryProfileInput {
    /// The services that the provider offers its resellers (V-03). Null leaves them unchanged.
    services: Option<Vec<Capability>>,
    /// The names of the provider's programmes for resellers. Null leaves them unchanged.
    #[graphql(validator(list, custom = "Name"))]
    programs: Option<Vec<String>>,
    /// The level of support that the provider offers its resellers. Null removes it.
    #[graphql(validator(custom = "Name"))]
    support_level: MaybeUndefined<String>,
}

/// The changes to a partner account's profile. Fields that you leave out stay unchanged.
#[derive(InputObject, Debug, Clone)]
pub struct UpdatePartnerProfileInput {
    /// The account to change. Only operators set this. Defaults to your own account.
    partner: Option<PartnerLookup>,
    /// The name of the partner. Null leaves it unchanged.
    #[graphql(validator(custom = "Name"))]
    name: Option<String>,
    /// The partner's capabilities. Null leaves them unchanged.
    capabilities: Option<Vec<Capability>>,
    /// The legal address. Null leaves it unchanged.
    address: Option<PartnerAddressInput>,
    /// The primary contact. Null leaves it unchanged.
    primary_contact: Option<PrimaryContactInput>,
    /// The contact details for customer support. Null leaves them unchanged.
    support: Option<PartnerSupportInput>,
    /// The entry in the provider directory. Operators only (V-02). Null leaves it unchanged.
    directory: Option<DirectoryProfileInput>,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of changing the profile of a partner account.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct UpdatePartnerProfilePayload {
    /// The account after the change. Null if the change was rejected.
    partner: Option<Partner>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { UpdatePartnerProfilePayload {
    /// `partner` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    partner_edge: partner => partnergraph_types::PartnerEdge,
} }

/// `updatePartnerProfile`.
#[derive(Debug, Default)]
pub struct UpdatePartnerProfile;

#[Object]
impl UpdatePartnerProfile {
    /// Changes the profile of a partner account. Allowed for its Global admins and Admin agents, and for
    /// operators.
    ///
    /// If the primary contact has not yet answered, changing the contact's email address sends the verification email
    /// to the new address. Setting the same address again resends the email if the earlier one has expired. Only
    /// operators can change the entry in the provider directory (V-02).
    async fn update_partner_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `updatePartnerProfile`.")] input: UpdatePartnerProfileInput,
    ) -> Nullable<UpdatePartnerProfilePayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let (mode, policy) = (input.validate_only.into(), operation.policy().clone());
            let outcome =
                task::write(operation, mode, move |conn, actor, now| update(conn, actor, now, &policy, &input)).await?;
            let id = match outcome {
                Ok(id) => id,
                Err(refusals) => {
                    return Ok(UpdatePartnerProfilePayload { partner: None, user_errors: user_errors(refusals) });
                }
            };
            let row = operation.read(move |conn, scope| partners::find(conn, scope, PartnerBy::Row(id))).await?;
            let partner = row.map(|row| Partner(BatchRow::alone(row)));
            Ok(UpdatePartnerProfilePayload { partner, user_errors: Vec::new() })
        };
        Nullable::from(answer.await)
    }
}

fn update(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    policy: &Policy,
    input: &UpdatePartnerProfileInput,
) -> Attempt<PartnerKey> {
    let row = target(conn, actor, input.partner.as_ref())?;
    let partner = facts::partner(conn, row.id)?;
    let contact = input.primary_contact.as_ref().filter(|contact| !contact.email.is_undefined());
    let facts = ProfileFacts {
        actor: facts::actor(actor)?,
        partner,
        contact_email: contact.map(|contact| given(&contact.email).unwrap_or_default()),
        directory: if input.directory.is_some() { DirectoryChange::Wanted } else { DirectoryChange::None },
    };
    let mut refusals = checks::update_partner_profile(&facts);
    refusals.extend(malformed(input, &facts.partner));
    refusals.extend(task::stale(input.if_version, row.version));
    if actor.scope != Scope::Operator {
        // The V-02 refusal is not confidential, but it is shown only to callers that may change the rest of the
        // profile.
        refusals = checks::visible_to_caller(refusals, &facts.actor, &facts.partner);
    }
    task::refuse_if(refusals)?;
    let mut after = Profile::of(conn, row.id)?;
    apply(&mut after, input);
    let mut entry = DirectoryEntry::of(conn, row.id)?;
    list_in_directory(&mut entry, input);
    profile::update(conn, actor, now, row.id, (&after, &entry))?;
    if contact.is_some() {
        ask_again(conn, now, policy, row.id, &after)?;
    }
    Ok(row.id)
}

/// The account to change: the caller's own, or the one named.
fn target(conn: &mut Conn, actor: &Actor, named: Option<&PartnerLookup>) -> Attempt<PartnerRow> {
    let key = match named {
        Some(lookup) => lookup.key(),
        None => actor.scope.partner_id().map(PartnerBy::Row),
    };
    let row = match key {
        Some(key) => partners::find(conn, &actor.scope, key)?,
        None => None,
    };
    match (row, named, actor.scope) {
        (Some(row), ..) => Ok(row),
        (None, None, Scope::Operator) => {
            Err(bad_input("Set the partner whose profile to change.", &["partner"]).into())
        }
        (None, ..) => Err(not_found("partner", "partner").into()),
    }
}

fn malformed(input: &UpdatePartnerProfileInput, partner: &PartnerFacts) -> Vec<Refusal> {
    let mut found = Vec::new();
    if input.name.as_ref().is_some_and(|name| name.trim().is_empty()) {
        found.push(bad_input("The name cannot be empty.", &["name"]));
    }
    let stated = input.address.as_ref().and_then(|address| address.country);
    if stated.is_some_and(|country| Some(country.0) != partner.country) {
        let message = "The country of an account is the country of its tenant and cannot be changed here.";
        found.push(bad_input(message, &["address", "country"]));
    }
    found
}

fn apply(profile: &mut Profile, input: &UpdatePartnerProfileInput) {
    if let Some(name) = &input.name {
        name.trim().clone_into(&mut profile.name);
    }
    if let Some(capabilities) = &input.capabilities {
        profile.set_capabilities(capabilities);
    }
    if let Some(address) = &input.address {
        put(&mut profile.address_line1, &address.address_line1);
        put(&mut profile.city, &address.city);
        put(&mut profile.postal_code, &address.postal_code);
    }
    if let Some(contact) = &input.primary_contact {
        put(&mut profile.contact_first_name, &contact.first_name);
        put(&mut profile.contact_last_name, &contact.last_name);
        put(&mut profile.contact_email, &contact.email);
        put(&mut profile.contact_phone, &contact.phone_number);
    }
    if let Some(support) = &input.support {
        put(&mut profile.support_email, &support.email);
        put(&mut profile.support_telephone, &support.telephone);
        put(&mut profile.support_website, &support.website);
    }
}

fn list_in_directory(entry: &mut DirectoryEntry, input: &UpdatePartnerProfileInput) {
    let Some(directory) = &input.directory else { return };
    if let Some(services) = &directory.services {
        entry.set_services(services);
    }
    if let Some(programs) = &directory.programs {
        entry.set_programs(programs);
    }
    put(&mut entry.support_level, &directory.support_level);
}

/// Emails the verification questions again if the contact's answer is pending and either the address has changed or the
/// earlier email has expired.
fn ask_again(
    conn: &mut Conn,
    now: NaiveDateTime,
    policy: &Policy,
    partner_id: PartnerKey,
    profile: &Profile,
) -> StoreResult<()> {
    let vetting = enrolment::vetting(conn, partner_id)?;
    let Some(email) = profile.contact_email.as_deref() else { return Ok(()) };
    if vetting.status != VettingStatus::Pending || vetting.sub_status != VettingSubStatus::EmailOwnership {
        return Ok(());
    }
    let open = verifications::latest(conn, partner_id)?
        .is_some_and(|row| row.answered_at.is_none() && row.expires_at > now && row.recipient == email);
    if open { Ok(()) } else { mails::ask_contact(conn, now, policy, partner_id, profile) }
}
