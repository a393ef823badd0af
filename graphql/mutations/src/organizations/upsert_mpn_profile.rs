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
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_operation::scalars::CountryCode;
use partnergraph_operation::siblings::Member;
use partnergraph_types::MpnProfile;

/// What the register is to say of an MPN ID. What is left out stays as it is.
#[derive(InputObject, Debug, Clone)]
pub struct UpsertMpnProfileInput {
    /// The MPN ID. A profile is entered where the register has none.
    mpn_id: String,
    /// Whether it stands for a whole company or for one location. Null: as it is; a new one is a location's.
    kind: Option<MpnKind>,
    /// The country. Null: as it is; a new one must have one.
    country: Option<CountryCode>,
    /// The MPN ID of the whole company. Null: none.
    global_mpn_id: MaybeUndefined<String>,
    /// Whether it is in force. Null: as it is; a new one is.
    active: Option<bool>,
    /// Whether it is still managed in Partner Membership Center (E-12). Null: as it is; a new one is not.
    in_partner_membership_center: Option<bool>,
    /// The company's name. Null: none.
    #[graphql(validator(custom = "Name"))]
    company: MaybeUndefined<String>,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving.
    #[graphql(default)]
    validate_only: bool,
}

/// A profile that was entered or changed.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
pub struct UpsertMpnProfilePayload {
    /// The profile as it is now. Null where it would only have been entered, and where anything is refused.
    mpn_profile: Option<MpnProfile>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

/// `upsertMpnProfile`.
#[derive(Debug, Default)]
pub struct UpsertMpnProfile;

#[Object]
impl UpsertMpnProfile {
    /// Enters an MPN profile in the register, or changes it. For operators (E-05).
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
            let mpn_profile = row.map(|row| MpnProfile(Member::alone(row)));
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
            refusals.push(bad_input("A new profile needs its country.", &["country"]));
        }
        None => {}
    }
    if mpn_id.is_some() && mpn_id == global {
        refusals.push(bad_input("A profile is not its own company's.", &["globalMpnId"]));
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
    text.trim().parse().map_err(|_| bad_input("An MPN ID is a number.", &[field]))
}

fn mpn_id_of_company(text: &str) -> Result<MpnId, Refusal> {
    mpn_id(text, "globalMpnId")
}
