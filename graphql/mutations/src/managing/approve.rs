//! An approval runs the mutation that was asked for, with the provider as the actor.

use async_graphql::MaybeUndefined;
use chrono::NaiveDateTime;
use partnergraph_domain::refusal::refusals;
use partnergraph_domain::{
    ChangeRequestKind, CustomerKey, OrderChannel, OrderKey, PartnerKey, SubscriptionKey, TenantId, checks,
};
use partnergraph_store::read::change_requests::{self as read, ChangeRequestLineRow, ChangeRequestRow};
use partnergraph_store::read::customers::{self, CustomerBy};
use partnergraph_store::read::subscriptions::{self, SubscriptionBy};
use partnergraph_store::write::change_requests::{self, Decision};
use partnergraph_store::write::{facts, request_facts};
use partnergraph_store::{Actor, Conn};

use crate::orders::lines::OrderLineInput;
use crate::orders::submit_order::{SubmitOrderInput, submit};
use crate::orders::update_subscription::{UpdateSubscriptionInput, update};
use crate::orders::upgrade_subscription::{UpgradeSubscriptionInput, upgrade};
use crate::task::{self, Attempt, not_found};
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::lookups::{CustomerLookup, PartnerLookup, SubscriptionLookup};
use partnergraph_operation::scalars::Guid;

/// What an approval did.
#[derive(Debug, Clone, Default)]
pub(super) struct Done {
    pub(super) order_id: Option<OrderKey>,
    /// The subscriptions that were ordered, changed or upgraded.
    pub(super) subscriptions: Vec<SubscriptionKey>,
    /// What an upgrade left out.
    pub(super) warnings: Vec<String>,
}

/// How an approval came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Approval<'a> {
    /// A user approved, with this note.
    ByUser(Option<&'a str>),
    /// Nobody was asked.
    Automatic,
}

/// Approves an open request: checks every rule as of now, does what was asked for, and closes the request. Writes nothing if it
/// is refused.
pub(super) fn approve(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    request: &ChangeRequestRow,
    approval: Approval<'_>,
) -> Attempt<Done> {
    let facts = request_facts::approval(conn, facts::actor(actor)?, request, now)?;
    task::refuse_if(refusals(checks::approval(&facts)))?;
    let seller = Actor { approves: Some(request.id), ..actor.clone() };
    let done = match request.kind {
        ChangeRequestKind::Order => order(conn, &seller, now, request)?,
        ChangeRequestKind::Update => change(conn, &seller, now, request)?,
        ChangeRequestKind::Upgrade => upgraded(conn, &seller, now, request)?,
    };
    let (note, is_automatic) = match approval {
        Approval::ByUser(note) => (note, false),
        Approval::Automatic => (None, true),
    };
    let decision = Decision::Approved { order_id: done.order_id, is_automatic };
    change_requests::decide(conn, actor, now, request, decision, note)?;
    Ok(done)
}

fn order(conn: &mut Conn, seller: &Actor, now: NaiveDateTime, request: &ChangeRequestRow) -> Attempt<Done> {
    let lines = read::lines(conn, &[request.id])?;
    let input = SubmitOrderInput {
        customer: customer(conn, seller, request.customer_id)?,
        lines: lines.into_iter().map(|line| line_of(line, request.reseller_id)).collect(),
        channel: OrderChannel::PartnerCenter,
        idempotency_key: None,
        validate_only: false,
    };
    let placed = submit(conn, seller, now, &input)?;
    Ok(Done { order_id: Some(placed.order_id), subscriptions: placed.subscriptions, warnings: Vec::new() })
}

fn line_of(line: ChangeRequestLineRow, requester: PartnerKey) -> OrderLineInput {
    let requester = PartnerLookup::Id(GlobalId::Partner(requester).into());
    OrderLineInput {
        offer_id: line.offer_id,
        offer_name: line.offer_name,
        quantity: line.quantity,
        billing_type: line.billing_type,
        term_duration: line.term_duration,
        billing_cycle: line.billing_cycle,
        auto_renew_enabled: line.auto_renew_enabled,
        friendly_name: line.friendly_name,
        publisher_name: line.publisher_name,
        reseller: line.is_through_requester.then(|| requester.clone()),
        support_contact: line.is_supported_by_requester.then_some(requester),
    }
}

fn change(conn: &mut Conn, seller: &Actor, now: NaiveDateTime, request: &ChangeRequestRow) -> Attempt<Done> {
    let input = UpdateSubscriptionInput {
        subscription: subscription(conn, seller, request.subscription_pk)?,
        friendly_name: MaybeUndefined::Undefined,
        quantity: request.quantity,
        status: None,
        auto_renew_enabled: request.auto_renew_enabled,
        channel: Some(OrderChannel::PartnerCenter),
        if_version: request.if_version,
        validate_only: false,
    };
    let changed = update(conn, seller, now, &input)?;
    Ok(Done { subscriptions: changed.subscription_pk.into_iter().collect(), ..Done::default() })
}

fn upgraded(conn: &mut Conn, seller: &Actor, now: NaiveDateTime, request: &ChangeRequestRow) -> Attempt<Done> {
    let input = UpgradeSubscriptionInput {
        subscription: subscription(conn, seller, request.subscription_pk)?,
        to_offer_id: request.to_offer_id.clone().unwrap_or_default(),
        to_offer_name: request.to_offer_name.clone().unwrap_or_default(),
        quantity: request.quantity,
        channel: OrderChannel::PartnerCenter,
        if_version: request.if_version,
        idempotency_key: None,
        validate_only: false,
    };
    let upgraded = upgrade(conn, seller, now, &input)?;
    Ok(Done { order_id: None, subscriptions: vec![upgraded.from, upgraded.to], warnings: upgraded.warnings })
}

fn customer(conn: &mut Conn, seller: &Actor, customer_id: CustomerKey) -> Attempt<CustomerLookup> {
    let row = customers::find(conn, &seller.scope, &CustomerBy::Row(customer_id))?;
    let row = row.ok_or_else(|| not_found("customer", "changeRequest"))?;
    Ok(CustomerLookup::TenantId(Guid::stored(&row.tenant_id).map(TenantId::from)?.into()))
}

fn subscription(conn: &mut Conn, seller: &Actor, pk: Option<SubscriptionKey>) -> Attempt<SubscriptionLookup> {
    let row = match pk {
        Some(pk) => subscriptions::find(conn, &seller.scope, SubscriptionBy::Row(pk))?,
        None => None,
    };
    let row = row.ok_or_else(|| not_found("subscription", "changeRequest"))?;
    Ok(SubscriptionLookup::SubscriptionId(Guid::stored(&row.subscription_id)?))
}
