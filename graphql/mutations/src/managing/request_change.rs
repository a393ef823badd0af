use async_graphql::{Context, InputObject, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::checks::callers;
use partnergraph_domain::checks::{self, LineFacts, Offer};
use partnergraph_domain::rules::managing::{WantedChange, b_16_names_another};
use partnergraph_domain::{
    BillingType, ChangeRequestKey, ChangeRequestKind, CustomerKey, OrderChannel, PartnerKey, PartnerType, Refusal,
};
use partnergraph_store::read::subscriptions::SubscriptionRow;
use partnergraph_store::read::{change_requests as read, customers};
use partnergraph_store::write::change_requests::{self, NewChangeRequest, Wanted, WantedLine};
use partnergraph_store::write::{facts, partnerships, request_facts};
use partnergraph_store::{Actor, Conn};

use super::approve::{Approval, approve};
use super::{
    ChangeRequestPayload, RequestedChangeInput, RequestedOrderInput, RequestedUpdateInput, RequestedUpgradeInput,
};
use crate::orders::OrderLineInput;
use crate::orders::lines::filled;
use crate::targets;
use crate::task::{self, Attempt, Creation, bad_input, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::policy::Policy;

/// A change to request.
#[derive(InputObject, Debug, Clone)]
pub struct RequestChangeInput {
    /// What you ask for.
    change: RequestedChangeInput,
    /// A note for the provider, at most 10,000 characters. Null for none.
    note: Option<String>,
    /// Makes it safe to retry: repeating a request with the same key and input returns the first result, without secrets, and
    /// creates nothing. From 1 to 200 characters. If null, every request is new.
    idempotency_key: Option<String>,
    /// Validate without saving. The payload is as it would be; ids of what would be created are not kept.
    #[graphql(default)]
    validate_only: bool,
}

/// `requestChange`.
#[derive(Debug, Default)]
pub struct RequestChange;

#[Object]
impl RequestChange {
    /// Asks your provider for something that commits it: an order, more licences, automatic renewal or an upgrade (B-16).
    /// Requires a Global admin, Admin agent or Sales agent of a reseller with an active partnership that is the partner of
    /// record or associated with the customer account.
    ///
    /// The provider decides with `decideChange`, or has set that such requests are approved automatically. The rules of the
    /// sale are checked when it approves. You can have 1,000 open requests to one provider.
    async fn request_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `requestChange`.")] input: RequestChangeInput,
    ) -> Nullable<ChangeRequestPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let policy = operation.policy().clone();
            let work = move |conn: &mut Conn, actor: &Actor, now| once(conn, actor, now, &policy, &input);
            let outcome = task::write(operation, mode, work).await?;
            ChangeRequestPayload::of(operation, outcome).await
        };
        Nullable::from(answer.await)
    }
}

fn once(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    policy: &Policy,
    input: &RequestChangeInput,
) -> Attempt<ChangeRequestKey> {
    let Some(reseller_id) = request_facts::reseller_of(&actor.scope) else {
        return Err(callers::requests_without_reseller().into());
    };
    let creation = Creation::of("requestChange", input.idempotency_key.as_deref(), input);
    let role = |conn: &mut Conn| {
        let reseller = facts::partner(conn, reseller_id)?;
        task::refuse_if(checks::manages_for(&facts::actor(actor)?, &reseller))
    };
    let work = |conn: &mut Conn| Ok((request(conn, actor, now, (reseller_id, policy), input)?, ()));
    let (id, _) = task::once(conn, actor, now, &creation, role, work)?;
    Ok(id)
}

/// A request that passed every check.
struct Checked {
    seller_id: PartnerKey,
    customer_id: CustomerKey,
    wanted: Wanted,
}

fn request(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (reseller_id, policy): (PartnerKey, &Policy),
    input: &RequestChangeInput,
) -> Attempt<ChangeRequestKey> {
    let (kind, name, checked) = match &input.change {
        RequestedChangeInput::Order(order) => {
            (ChangeRequestKind::Order, "order", ordered(conn, actor, reseller_id, order))
        }
        RequestedChangeInput::Update(change) => {
            (ChangeRequestKind::Update, "update", changed(conn, actor, now, change))
        }
        RequestedChangeInput::Upgrade(change) => {
            (ChangeRequestKind::Upgrade, "upgrade", upgraded(conn, actor, now, change))
        }
    };
    let place = |refusals: Vec<Refusal>| -> Vec<Refusal> {
        refusals.into_iter().map(|refusal| refusal.under(["change", name])).collect()
    };
    let Checked { seller_id, customer_id, wanted } = task::settled(checked)?.map_err(place)?;
    let pair = (seller_id, reseller_id);
    task::refuse_if(checks::room_for_request(change_requests::open(conn, now, pair)?).into_iter().collect())?;
    let renews = matches!(wanted, Wanted::Update { auto_renew_enabled: Some(true), .. });
    let new = NewChangeRequest {
        seller_id,
        reseller_id,
        customer_id,
        wanted,
        note: filled(input.note.as_deref()),
        expires_at: now + policy.change_request_lasts(),
    };
    let id = change_requests::make(conn, actor, now, &new)?;
    approve_automatically(conn, now, pair, (id, kind, renews))?;
    Ok(id)
}

/// Approves the request at once, if the provider has set that and no rule refuses. Otherwise the provider decides.
fn approve_automatically(
    conn: &mut Conn,
    now: NaiveDateTime,
    (seller_id, reseller_id): (PartnerKey, PartnerKey),
    (id, kind, renews): (ChangeRequestKey, ChangeRequestKind, bool),
) -> Attempt<()> {
    let Some(partnership) = partnerships::latest(conn, seller_id, reseller_id)? else { return Ok(()) };
    if !checks::approves_automatically(partnership.auto_approve, kind, renews) {
        return Ok(());
    }
    let Some(approver) = change_requests::approver(conn, &partnership)? else { return Ok(()) };
    if let Some(row) = read::find(conn, &approver.scope, id, now)? {
        // A refusal is not the reseller's to read. The provider reads it in the verdicts.
        let _ = task::settled(approve(conn, &approver, now, &row, Approval::Automatic))?;
    }
    Ok(())
}

fn ordered(conn: &mut Conn, actor: &Actor, reseller_id: PartnerKey, input: &RequestedOrderInput) -> Attempt<Checked> {
    let mut missing = Vec::new();
    let seller_id = match input.provider.key() {
        Some(key) => facts::account(conn, &actor.scope, key, PartnerType::IndirectProvider)?,
        None => None,
    };
    let row = match input.customer.key() {
        Some(key) => customers::find(conn, &actor.scope, &key)?,
        None => None,
    };
    missing.extend(seller_id.is_none().then(|| not_found("partner", "provider")));
    missing.extend(row.is_none().then(|| not_found("customer", "customer")));
    let Some((seller_id, row)) = seller_id.zip(row) else { return Err(missing.into()) };
    let customer_id = row.customer_id;
    let (mut lines, mut facts_of_lines, mut refusals) = (Vec::new(), Vec::new(), Vec::new());
    for (index, line) in input.lines.iter().enumerate() {
        let mut names = |lookup: &Option<PartnerLookup>, field: &'static str| -> Attempt<bool> {
            let Some(lookup) = lookup else { return Ok(false) };
            let named = match lookup.key() {
                Some(key) => facts::account(conn, &actor.scope, key, PartnerType::IndirectReseller)?,
                None => None,
            };
            if named != Some(reseller_id) {
                refusals.push(b_16_names_another(field).under(["lines".to_owned(), index.to_string()]));
            }
            Ok(true)
        };
        let (through, supported) =
            (names(&line.reseller, "reseller")?, names(&line.support_contact, "supportContact")?);
        facts_of_lines.push(facts_of(line));
        lines.push(wanted_line(line, through, supported));
    }
    let management = request_facts::of_customer(conn, (seller_id, reseller_id), customer_id)?;
    let customer = facts::customer(conn, seller_id, customer_id)?;
    let caller = facts::actor(actor)?;
    refusals.splice(0..0, checks::request_order(&caller, &management, &customer, &facts_of_lines));
    task::refuse_if(refusals)?;
    Ok(Checked { seller_id, customer_id, wanted: Wanted::Order(lines) })
}

/// The facts of a line that a request is checked by. Those about the reseller are asked at the approval.
fn facts_of(line: &OrderLineInput) -> LineFacts {
    LineFacts {
        offer_id: line.offer_id.clone(),
        offer_name: line.offer_name.clone(),
        billing_type: line.billing_type.unwrap_or(BillingType::License),
        quantity: line.quantity,
        reseller: None,
        tie_to_reseller: None,
        support_contact: None,
    }
}

fn wanted_line(line: &OrderLineInput, is_through_requester: bool, is_supported_by_requester: bool) -> WantedLine {
    WantedLine {
        offer_id: line.offer_id.trim().to_owned(),
        offer_name: line.offer_name.trim().to_owned(),
        quantity: line.quantity,
        billing_type: line.billing_type,
        billing_cycle: line.billing_cycle,
        term_duration: line.term_duration,
        auto_renew_enabled: line.auto_renew_enabled,
        friendly_name: filled(line.friendly_name.as_deref()),
        publisher_name: filled(line.publisher_name.as_deref()),
        is_through_requester,
        is_supported_by_requester,
    }
}

fn changed(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &RequestedUpdateInput) -> Attempt<Checked> {
    let row = targets::subscription(conn, actor, &input.subscription)?;
    if input.quantity.is_none() && input.auto_renew_enabled.is_none() {
        return Err(bad_input("Set quantity, autoRenewEnabled or both.", &[]).into());
    }
    let wanted =
        WantedChange { quantity: input.quantity, auto_renew: input.auto_renew_enabled, ..WantedChange::default() };
    check(conn, actor, now, (&row, wanted, input.if_version), checks::request_update)?;
    let wanted = Wanted::Update {
        subscription_pk: row.id,
        quantity: input.quantity,
        auto_renew_enabled: input.auto_renew_enabled,
        if_version: input.if_version,
    };
    Ok(Checked { seller_id: row.seller_id, customer_id: row.customer_id, wanted })
}

fn upgraded(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, input: &RequestedUpgradeInput) -> Attempt<Checked> {
    let row = targets::subscription(conn, actor, &input.subscription)?;
    let wanted = WantedChange { quantity: input.quantity, ..WantedChange::default() };
    let offer = Offer { held: row.offer_id.as_deref(), wanted: &input.to_offer_id, name: &input.to_offer_name };
    check(conn, actor, now, (&row, wanted, input.if_version), |facts, management| {
        checks::request_upgrade(facts, management, offer)
    })?;
    let wanted = Wanted::Upgrade {
        subscription_pk: row.id,
        to_offer: (input.to_offer_id.trim().to_owned(), input.to_offer_name.trim().to_owned()),
        quantity: input.quantity,
        if_version: input.if_version,
    };
    Ok(Checked { seller_id: row.seller_id, customer_id: row.customer_id, wanted })
}

/// Checks a request about a subscription, including the version that the reseller saw.
fn check(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (row, wanted, if_version): (&SubscriptionRow, WantedChange, Option<i64>),
    rules: impl FnOnce(&checks::SubscriptionChangeFacts, &partnergraph_domain::rules::managing::Management) -> Vec<Refusal>,
) -> Attempt<()> {
    let channel = OrderChannel::PartnerCenter;
    let facts = request_facts::change(conn, facts::actor(actor)?, row, wanted, (channel, now.date()))?;
    let Some(management) = targets::manager(conn, actor, row, &facts.seller)? else {
        return Err(callers::requests_from_itself().into());
    };
    let mut refusals = rules(&facts, &management);
    refusals.extend(task::stale(if_version, row.version));
    task::refuse_if(refusals)
}
