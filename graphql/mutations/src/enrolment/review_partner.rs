use async_graphql::{Context, Enum, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, ReviewDecision as Decision, ReviewFacts};
use partnergraph_domain::rules::enrolment::{MpnIdUse, e_15_ground_of_rejection};
use partnergraph_domain::{CompanyKey, PartnerKey, ReviewGround, VettingStatus, VettingSubStatus};
use partnergraph_store::read::parse_stored;
use partnergraph_store::read::partners::{self, PartnerRow, Preference};
use partnergraph_store::write::enrolment::{self, MpnIdClaim, Vetting};
use partnergraph_store::write::facts;
use partnergraph_store::write::profile::Profile;
use partnergraph_store::{Actor, Conn, StoreResult};

use super::{PartnerPayload, mails};
use crate::task::{self, Attempt, bad_input, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::nullable::Nullable;

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
    /// The partner whose enrolment is decided. If several accounts match an MPN ID or a tenant id, the one under review.
    partner: PartnerLookup,
    /// The decision.
    decision: ReviewDecision,
    /// Why the enrolment is rejected. Set only with REJECT. Defaults to `PROFILE`, which a review checks first.
    ground: Option<ReviewGround>,
    /// A note for the primary contact and the history. Optional.
    note: Option<String>,
    /// Validate without saving.
    #[graphql(default)]
    validate_only: bool,
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
    /// partners of record, support contacts and associations. Customers reported by Microsoft's own portals appear in
    /// its list (C-24). Customers reported only by other portals wait for an invitation (C-25). The primary contact
    /// gets one email.
    async fn review_partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `reviewPartner`.")] input: ReviewPartnerInput,
    ) -> Nullable<PartnerPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| review(conn, actor, now, &input)).await?;
            PartnerPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn review(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &ReviewPartnerInput) -> Attempt<PartnerKey> {
    let caller = facts::actor(actor)?;
    task::refuse_if(checks::decide_reviews(&caller))?;
    let row = match input.partner.key() {
        Some(key) => partners::find_preferred(conn, &actor.scope, key, Preference::UnderReview)?,
        None => None,
    };
    let row = row.ok_or_else(|| not_found("partner", "partner"))?;
    let vetting = enrolment::vetting(conn, row.id)?;
    let decision = match input.decision {
        ReviewDecision::Authorize => Decision::Authorize,
        ReviewDecision::Reject => Decision::Reject(input.ground),
    };
    let mut refusals = checks::review_partner(&ReviewFacts {
        actor: caller,
        status: vetting.status,
        sub_status: vetting.sub_status,
        mpn_id_use: mpn_id_use(conn, &row)?,
        decision,
    });
    if input.ground.is_some() && input.decision == ReviewDecision::Authorize {
        refusals.push(bad_input("A ground can only be set with REJECT.", &["ground"]));
    }
    task::refuse_if(refusals)?;
    let after = match decision {
        Decision::Authorize => Vetting { status: VettingStatus::Authorized, sub_status: VettingSubStatus::None },
        Decision::Reject(ground) => {
            Vetting { status: VettingStatus::Rejected, sub_status: e_15_ground_of_rejection(ground) }
        }
    };
    let note = input.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    let profile = Profile::of(conn, row.id)?;
    let news = mails::news(&profile, (after.status, after.sub_status), note);
    enrolment::move_on(conn, actor, now, row.id, (after, note), news.as_ref())?;
    Ok(row.id)
}

/// Whether someone else has been authorised with the MPN ID since the enrolment was made.
fn mpn_id_use(conn: &mut Conn, row: &PartnerRow) -> StoreResult<MpnIdUse> {
    let Some(mpn_id) = row.mpn_id.as_deref().map(|text| parse_stored(text, "an MPN ID")).transpose()? else {
        return Ok(MpnIdUse::Free);
    };
    let tenant_id = row.tenant_id.as_deref().map(|text| parse_stored(text, "a tenant id")).transpose()?;
    let companies: Vec<CompanyKey> = match tenant_id {
        Some(tenant_id) => enrolment::held(conn, tenant_id)?.iter().filter_map(|held| held.company_id).collect(),
        None => Vec::new(),
    };
    let partner_type = row.partner_type;
    let claim = MpnIdClaim { mpn_id, partner_type, tenant_id, companies: &companies, account: Some(row.id) };
    enrolment::mpn_id_use(conn, &claim)
}
