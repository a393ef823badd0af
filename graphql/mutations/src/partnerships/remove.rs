use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::{self, PartnershipRemovalFacts};
use partnergraph_domain::rules::removal::{Remaining, x_07_legal_notice, x_10_advice};
use partnergraph_domain::{PartnerKey, PartnerType, PartnershipKey, RemovalChannel, RuleId};
use partnergraph_store::write::partnerships::{self, Removal};
use partnergraph_store::write::{facts, invitations};
use partnergraph_store::{Actor, Conn, Scope};

use super::{RepresentationInput, payload};
use crate::task::{self, Attempt, bad_input, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::name::Name;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::{UserError, user_errors};
use partnergraph_types::Partnership;

/// The partnership to end. A provider sets `partner` to the reseller. An operator sets `provider` and `reseller`.
#[derive(InputObject, Debug, Clone)]
pub struct RemovePartnershipInput {
    /// The reseller. Set only by its provider; null otherwise.
    partner: Option<PartnerLookup>,
    /// The provider. Set only by operators; null otherwise.
    provider: Option<PartnerLookup>,
    /// The reseller. Set only by operators; null otherwise.
    reseller: Option<PartnerLookup>,
    /// Who ends the partnership: `SELF_SERVICE` for its provider, `MICROSOFT_SUPPORT` for operators. Defaults to
    /// your own channel.
    channel: Option<RemovalChannel>,
    /// The support ticket in which either side asked an operator to end the partnership. Null if there is none.
    #[graphql(validator(custom = "Name"))]
    ticket: Option<String>,
    /// Must be true to end the partnership.
    #[graphql(default)]
    confirm: bool,
    /// The statements that you must confirm. All are required, so null is rejected.
    representation: Option<RepresentationInput>,
    /// The version you last read. Rejected if it has changed since. If null, the version is not checked.
    if_version: Option<i64>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// What the provider and the reseller shared, and what still names the reseller at the provider's customers. None of it is changed
///
#[derive(SimpleObject, Debug, Clone, Copy)]
pub struct PartnershipRemaining {
    /// The number of customers that the two share (C-28), as `customerCount` of the partnership showed it until now.
    customers: i64,
    /// The number of live subscriptions of these customers with the reseller as partner of record, of the subscription itself or of
    /// one of its entitlements.
    partners_of_record: i64,
    /// The number of live subscriptions with the reseller as support contact.
    support_contacts: i64,
    /// The number of the reseller's active grants of delegated admin privileges at these customers.
    delegated_admin: i64,
}

impl From<Remaining> for PartnershipRemaining {
    fn from(remaining: Remaining) -> Self {
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            customers: count(remaining.customers),
            partners_of_record: count(remaining.partners_of_record),
            support_contacts: count(remaining.support_contacts),
            delegated_admin: count(remaining.delegated_admin),
        }
    }
}

/// Result of ending a partnership.
#[derive(SimpleObject)]
#[allow(missing_debug_implementations)]
#[graphql(complex)]
pub struct RemovePartnershipPayload {
    /// The partnership after the change. From now on, only the remover's organisation and operators can see it. Null if
    /// the change was rejected.
    partnership: Option<Partnership>,
    /// What still names the reseller. Null if the change was rejected.
    remaining: Option<PartnershipRemaining>,
    /// What you must do yourself, because nobody is notified. Empty if the change was rejected.
    warnings: Vec<String>,
    /// Why it was rejected. Empty on success.
    user_errors: Vec<UserError>,
}

crate::payload::edges! { RemovePartnershipPayload {
    /// `partnership` with its cursor in `formerPartnerships`, in the default order and without a filter. Null if it is null.
    partnership_edge: partnership => partnergraph_types::PartnershipEdge,
} }

/// `removePartnership`.
#[derive(Debug, Default)]
pub struct RemovePartnership;

#[Object]
impl RemovePartnership {
    /// Ends a partnership. Allowed for its provider, and for an operator at the request of either side.
    ///
    /// The provider and the reseller disappear from each other's lists. Nothing else changes: customers, partners of
    /// record, support contacts and delegated admin privileges stay as they are. The provider can no longer newly
    /// associate the reseller. Nobody is notified.
    async fn remove_partnership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `removePartnership`.")] input: RemovePartnershipInput,
    ) -> Nullable<RemovePartnershipPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let outcome =
                task::write(operation, mode, move |conn, actor, now| remove(conn, actor, now, &input)).await?;
            Ok(match outcome {
                Ok((id, remaining)) => RemovePartnershipPayload {
                    partnership: payload::read(operation, id).await?,
                    remaining: Some(remaining.into()),
                    warnings: [x_07_legal_notice().to_owned()].into_iter().chain(x_10_advice(remaining)).collect(),
                    user_errors: Vec::new(),
                },
                Err(refusals) => RemovePartnershipPayload {
                    partnership: None,
                    remaining: None,
                    warnings: Vec::new(),
                    user_errors: user_errors(refusals),
                },
            })
        };
        Nullable::from(answer.await)
    }
}

fn remove(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    input: &RemovePartnershipInput,
) -> Attempt<(PartnershipKey, Remaining)> {
    let pair = ends(conn, actor, input)?;
    let named_by = if input.partner.is_some() { "partner" } else { "reseller" };
    let row = partnerships::latest(conn, pair.0, pair.1)?.ok_or_else(|| not_found("partnership", named_by))?;
    let representation = input.representation.unwrap_or_default();
    let facts = PartnershipRemovalFacts {
        actor: facts::actor(actor)?,
        provider: facts::partner(conn, pair.0)?,
        state: row.state,
        channel: input.channel,
        confirmed: input.confirm,
        representation: representation.facts(),
    };
    let stale = task::stale(input.if_version, row.version);
    let channel = match (checks::remove_partnership(&facts), stale) {
        (Ok(channel), None) => channel,
        (Ok(_), Some(stale)) => return Err(stale.into()),
        (Err(mut refusals), stale) => {
            refusals.extend(stale);
            return Err(refusals.into());
        }
    };
    let remaining = facts::remaining(conn, now, pair.0, pair.1)?;
    // Open requests to this reseller no longer apply.
    for request in invitations::open_requests(conn, now, pair)? {
        invitations::revoke(conn, actor, now, &request)?;
    }
    let ticket = input.ticket.as_deref().map(str::trim).filter(|ticket| !ticket.is_empty());
    let removal = Removal { channel, ticket, representation: &representation.recorded() };
    partnerships::end(conn, actor, now, pair, removal)?;
    Ok((row.id, remaining))
}

/// The two sides: provider and reseller.
fn ends(conn: &mut Conn, actor: &Actor, input: &RemovePartnershipInput) -> Attempt<(PartnerKey, PartnerKey)> {
    let mut find = |lookup: &Option<PartnerLookup>, partner_type, field: &'static str| -> Attempt<PartnerKey> {
        let lookup =
            lookup.as_ref().ok_or_else(|| bad_input("Set this field to name the partnership to end.", &[field]))?;
        let found = match lookup.key() {
            Some(key) => facts::account(conn, &actor.scope, key, partner_type)?,
            None => None,
        };
        Ok(found.ok_or_else(|| not_found("partner", field))?)
    };
    let (provider, reseller) = (PartnerType::IndirectProvider, PartnerType::IndirectReseller);
    match actor.scope {
        Scope::Operator => {
            let mut missing = Vec::new();
            let provider_id = task::gather(find(&input.provider, provider, "provider"), &mut missing)?;
            let reseller_id = task::gather(find(&input.reseller, reseller, "reseller"), &mut missing)?;
            provider_id.zip(reseller_id).ok_or_else(|| missing.into())
        }
        // A reseller names its provider; the rules then refuse, because only the provider can end the partnership.
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } => {
            let other = if input.partner.is_some() { &input.partner } else { &input.provider };
            Ok((find(other, provider, "partner")?, id))
        }
        Scope::Partner { id, .. } => {
            let other = if input.partner.is_some() { &input.partner } else { &input.reseller };
            Ok((id, find(other, reseller, "partner")?))
        }
        Scope::Customer { .. } | Scope::Nobody => {
            let message = "Only the provider or an operator can end a partnership.";
            Err(task::not_for_caller(RuleId::A_01, message).into())
        }
    }
}
