use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::{MpnId, MpnKind, Refusal, checks};
use partnergraph_store::read::mpn_profiles as read_profiles;
use partnergraph_store::write::facts;
use partnergraph_store::write::mpn_profiles::{self, Activity, Home, ProfileEntry};
use partnergraph_store::{Actor, Conn};

use super::inputs::given;
use crate::task::{self, Attempt, Mode, bad_input};
use partnergraph_operation::Operation;
use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_operation::scalars::CountryCode;
use partnergraph_types::MpnProfile;

/// The entry for an MPN ID in the register. Fields that you leave out stay unchanged.
#[derive(InputObject, Debug, Clone)]
pub struct UpsertMpnProfileInput {
    /// The MPN ID. If the register has no profile for it, one is added.
    mpn_id: String,
    /// Whether the MPN ID is a global account or a location account. Null leaves it unchanged; a new profile defaults
    /// to a location.
    kind: Option<MpnKind>,
    /// The country. Null leaves it unchanged; required for a new profile.
    country: Option<CountryCode>,
    /// The MPN ID of the company's global account. Null removes it.
    global_mpn_id: MaybeUndefined<String>,
    /// Whether the profile is active. Null leaves it unchanged; a new profile defaults to true.
    active: Option<bool>,
    /// Whether the profile is still managed in Partner Membership Center (E-12). Null leaves it unchanged; a new
    /// profile defaults to false.
    in_partner_membership_center: Option<bool>,
    /// The company name. Null removes it.
    #[graphql(validator(custom = "Name"))]
    company: MaybeUndefined<String>,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of adding or changing an MPN profile.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct UpsertMpnProfilePayload {
    /// The profile after the change. Null if the change was rejected.
    mpn_profile: Option<MpnProfile>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { UpsertMpnProfilePayload {
    /// `mpnProfile` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    mpn_profile_edge: mpn_profile => partnergraph_types::MpnProfileEdge,
} }

/// `upsertMpnProfile`.
#[derive(Debug, Default)]
pub struct UpsertMpnProfile;

#[Object]
impl UpsertMpnProfile {
    /// Adds or changes an MPN profile in the register (E-05). Operators only.
    async fn upsert_mpn_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `upsertMpnProfile`.")] input: UpsertMpnProfileInput,
    ) -> Nullable<UpsertMpnProfilePayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = Mode::from(input.validate_only);
            let outcome =
                task::write(operation, mode, move |conn, actor, now| upsert(conn, actor, now, &input)).await?;
            let mpn_id = match outcome {
                Ok(mpn_id) => mpn_id,
                Err(refusals) => {
                    return Ok(UpsertMpnProfilePayload { mpn_profile: None, user_errors: user_errors(refusals) });
                }
            };
            let row = operation.read(move |conn, scope| read_profiles::find(conn, scope, mpn_id)).await?;
            let mpn_profile = row.map(|row| MpnProfile(BatchRow::alone(row)));
            Ok(UpsertMpnProfilePayload { mpn_profile, user_errors: Vec::new() })
        };
        Nullable::from(answer.await)
    }
}

fn upsert(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &UpsertMpnProfileInput) -> Attempt<MpnId> {
    task::refuse_if(checks::keep_register(&facts::actor(actor)?))?;
    let mut refusals = Vec::new();
    let mpn_id = mpn_id(&input.mpn_id, "mpnId").map_err(|refusal| refusals.push(refusal)).ok();
    let global = match given(&input.global_mpn_id) {
        Some(text) => mpn_id_of_company(&text).map_err(|refusal| refusals.push(refusal)).ok(),
        None => None,
    };
    let version = mpn_id.map_or(Ok(None), |id| mpn_profiles::version(conn, id))?;
    match version {
        Some(version) => refusals.extend(task::stale(input.if_version, version)),
        None if mpn_id.is_some() && input.country.is_none() => {
            refusals.push(bad_input("A new profile requires a country.", &["country"]));
        }
        None => {}
    }
    if mpn_id.is_some() && mpn_id == global {
        refusals.push(bad_input("A profile's global MPN ID must differ from its own MPN ID.", &["globalMpnId"]));
    }
    let Some(mpn_id) = mpn_id.filter(|_| refusals.is_empty()) else { return Err(refusals.into()) };
    let entry = ProfileEntry {
        kind: input.kind,
        country: input.country.map(|country| country.0),
        global_mpn_id: (!input.global_mpn_id.is_undefined()).then_some(global),
        activity: input.active.map(|active| if active { Activity::Active } else { Activity::Inactive }),
        home: input
            .in_partner_membership_center
            .map(|there| if there { Home::PartnerMembershipCenter } else { Home::PartnerCenter }),
        company: (!input.company.is_undefined()).then(|| given(&input.company)),
    };
    mpn_profiles::upsert(conn, actor, now, mpn_id, &entry)?;
    Ok(mpn_id)
}

fn mpn_id(text: &str, field: &str) -> Result<MpnId, Refusal> {
    text.trim().parse().map_err(|_| bad_input("An MPN ID must be a number.", &[field]))
}

fn mpn_id_of_company(text: &str) -> Result<MpnId, Refusal> {
    mpn_id(text, "globalMpnId")
}
