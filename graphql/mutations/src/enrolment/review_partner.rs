use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, ReviewDecision as Decision, ReviewFacts};
use partnergraph_domain::rules::enrolment::{MpnIdUse, e_15_ground_of_rejection};
use partnergraph_domain::{
    CompanyKey, MpnId, PartnerKey, PartnerType, Refusal, ReviewGround, SubscriptionKey, VettingStatus, VettingSubStatus,
};
use partnergraph_store::read::parse_stored;
use partnergraph_store::read::partners::{self, PartnerRow};
use partnergraph_store::read::subscriptions;
use partnergraph_store::write::enrolment::{self, MpnIdClaim, Vetting};
use partnergraph_store::write::profile::Profile;
use partnergraph_store::write::{facts, takeover};
use partnergraph_store::{Actor, Conn, StoreResult};

use super::{mails, partner};
use crate::payload;
use crate::task::{self, Attempt, Outcome, bad_input, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::{CustomerSubscription, Partner};

/// The decision of a reviewer.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewDecision {
    /// The enrolment is authorised, and the account receives its MPN ID.
    Authorize,
    /// The enrolment is rejected.
    Reject,
}

/// A decision about an enrolment.
#[derive(InputObject, Debug, Clone)]
pub struct ReviewPartnerInput {
    /// The partner whose enrolment is decided. If several accounts match, the one under review. If several of them are under
    /// review, as when two companies claim an MPN ID, look the account up by its id or tenant id.
    partner: PartnerLookup,
    /// The decision.
    decision: ReviewDecision,
    /// Why the enrolment is rejected. Set only with REJECT. Defaults to `PROFILE`, which a review checks first.
    ground: Option<ReviewGround>,
    /// A note for the primary contact and the history. Optional.
    note: Option<String>,
    /// Confirms that the account takes over the placeholder of its MPN ID (E-17). Must be true to authorise an enrolment whose
    /// `review.placeholder` is not null. Set only with AUTHORIZE.
    #[graphql(default)]
    confirm_takeover: bool,
    /// Why the takeover is right although the register does not show it (E-17). Must not be null if `review.namesMatch` is
    /// false or null and there is a placeholder. Only operators can read it. Set only with AUTHORIZE.
    #[graphql(validator(custom = "Name"))]
    takeover_reason: Option<String>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// Result of a decision about an enrolment.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct ReviewPartnerPayload {
    /// The account after the decision. Null if the decision was rejected.
    partner: Option<Partner>,
    /// The subscriptions that name the account as partner of record or support contact although it is not an indirect
    /// reseller: it took them over from the placeholder of its MPN ID, and they stay as they are (M-07). At most 500. Empty
    /// for an indirect reseller.
    subscriptions: Vec<CustomerSubscription>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { ReviewPartnerPayload {
    /// `partner` with its cursor in the list in which it stands, in the default order and without a filter. Null if it is null.
    partner_edge: partner => partnergraph_types::PartnerEdge,
} }

impl ReviewPartnerPayload {
    async fn of(operation: &Operation, outcome: Outcome<Decided>) -> Result<Self> {
        let decided = match outcome {
            Ok(decided) => decided,
            Err(refusals) => {
                return Ok(Self { partner: None, subscriptions: Vec::new(), user_errors: user_errors(refusals) });
            }
        };
        Ok(Self {
            partner: partner(operation, decided.partner_id).await?,
            subscriptions: payload::subscriptions(operation, decided.concerned).await?,
            user_errors: Vec::new(),
        })
    }
}

/// `reviewPartner`.
#[derive(Debug, Default)]
pub struct ReviewPartner;

#[Object]
impl ReviewPartner {
    /// Decides the review of an enrolment. A review is decided once, after its primary contact has answered (E-08,
    /// E-09). Operators only.
    ///
    /// An authorised account replaces the placeholder with its MPN ID and takes over the placeholder's partnerships,
    /// partners of record, support contacts and associations, whatever its type. Such a takeover must be confirmed (E-17);
    /// `review` of the partner shows what it is about to do. Customers reported by Microsoft's own portals appear in
    /// its list (C-24). Customers reported only by other portals wait for an invitation (C-25). The primary contact
    /// gets one email.
    async fn review_partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `reviewPartner`.")] input: ReviewPartnerInput,
    ) -> Nullable<ReviewPartnerPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| review(conn, actor, now, &input)).await?;
            ReviewPartnerPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

/// What a decision is about.
struct Decided {
    partner_id: PartnerKey,
    /// The subscriptions that name the account although its type cannot be a reseller's.
    concerned: Vec<SubscriptionKey>,
}

/// The most subscriptions in a payload.
const MOST_CONCERNED: u32 = 500;

fn review(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &ReviewPartnerInput) -> Attempt<Decided> {
    let caller = facts::actor(actor)?;
    task::refuse_if(checks::decide_reviews(&caller))?;
    let row = under_review(conn, actor, &input.partner)?;
    let vetting = enrolment::vetting(conn, row.id)?;
    let decision = match input.decision {
        ReviewDecision::Authorize => Decision::Authorize,
        ReviewDecision::Reject => Decision::Reject(input.ground),
    };
    let mpn_id = row.mpn_id.as_deref().map(|text| parse_stored(text, "an MPN ID")).transpose()?;
    let placeholder = match mpn_id {
        Some(mpn_id) => takeover::placeholder(conn, mpn_id)?,
        None => None,
    };
    let reason = stated(input.takeover_reason.as_deref());
    let mut refusals = checks::review_partner(&ReviewFacts {
        actor: caller,
        status: vetting.status,
        sub_status: vetting.sub_status,
        mpn_id_use: mpn_id_use(conn, &row, mpn_id)?,
        decision,
        takeover: match mpn_id.filter(|_| placeholder.is_some()) {
            Some(mpn_id) => Some(takeover::facts(conn, mpn_id, &row.profile.name, input.confirm_takeover, reason)?),
            None => None,
        },
    });
    refusals.extend(misplaced(input));
    task::refuse_if(refusals)?;
    let note = stated(input.note.as_deref());
    let profile = Profile::of(conn, row.id)?;
    match decision {
        Decision::Authorize => {
            let news = mails::news(&profile, (VettingStatus::Authorized, VettingSubStatus::None), note);
            let over = (placeholder.as_ref(), reason);
            enrolment::authorize(conn, actor, now, row.id, over, (note, news.as_ref()))?;
        }
        Decision::Reject(ground) => {
            let sub_status = e_15_ground_of_rejection(ground);
            let news = mails::news(&profile, (VettingStatus::Rejected, sub_status), note);
            let after = Vetting { status: VettingStatus::Rejected, sub_status };
            enrolment::move_on(conn, actor, now, row.id, (after, note), news.as_ref())?;
        }
    }
    let concerned = match row.partner_type {
        PartnerType::IndirectReseller => Vec::new(),
        _ => subscriptions::naming(conn, &actor.scope, row.id, MOST_CONCERNED)?,
    };
    Ok(Decided { partner_id: row.id, concerned })
}

/// The account whose enrolment is decided. Anybody can claim an MPN ID, so it finds an enrolment only if no other one under
/// review claims it.
fn under_review(conn: &mut Conn, actor: &Actor, lookup: &PartnerLookup) -> Attempt<PartnerRow> {
    let mut accounts = match lookup.key() {
        Some(key) => partners::find_all(conn, &actor.scope, key)?,
        None => Vec::new(),
    };
    accounts.retain(|row| row.tenant_id.is_some());
    let is_meant = |row: &PartnerRow| row.vetting_status == VettingStatus::Pending;
    if accounts.iter().filter(|row| is_meant(row)).count() > 1 {
        let message = "Several enrolments match. Look the account up by its id, or by its tenant id.";
        return Err(bad_input(message, &["partner"]).into());
    }
    let at = accounts.iter().position(is_meant).unwrap_or_default();
    accounts.into_iter().nth(at).ok_or_else(|| not_found("partner", "partner").into())
}

/// A text that is not blank.
fn stated(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// The fields that belong to the other decision.
fn misplaced(input: &ReviewPartnerInput) -> Vec<Refusal> {
    let (decision, fields) = match input.decision {
        ReviewDecision::Authorize => ("REJECT", vec![("ground", input.ground.is_some())]),
        ReviewDecision::Reject => (
            "AUTHORIZE",
            vec![("confirmTakeover", input.confirm_takeover), ("takeoverReason", input.takeover_reason.is_some())],
        ),
    };
    let set = fields.into_iter().filter(|(_, is_set)| *is_set);
    set.map(|(field, _)| bad_input(&format!("{field} can only be set with {decision}."), &[field])).collect()
}

/// Whether someone else has been authorised with the MPN ID since the enrolment was made.
fn mpn_id_use(conn: &mut Conn, row: &PartnerRow, mpn_id: Option<MpnId>) -> StoreResult<MpnIdUse> {
    let Some(mpn_id) = mpn_id else { return Ok(MpnIdUse::Free) };
    let tenant_id = row.tenant_id.as_deref().map(|text| parse_stored(text, "a tenant id")).transpose()?;
    let companies: Vec<CompanyKey> = match tenant_id {
        Some(tenant_id) => enrolment::held(conn, tenant_id)?.iter().filter_map(|held| held.company_id).collect(),
        None => Vec::new(),
    };
    let partner_type = row.partner_type;
    let claim = MpnIdClaim { mpn_id, partner_type, tenant_id, companies: &companies, account: Some(row.id) };
    enrolment::mpn_id_use(conn, &claim)
}
