//! The facts about a reseller that manages what its provider sold, and about the approval of what it asks for (B-16).

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use partnergraph_domain::checks::{
    ApprovalFacts, LineFacts, OrderFacts, RequestedChange, SubscriptionChangeFacts, upgrade_offer,
};
use partnergraph_domain::rules::managing::{Management, WantedChange};
use partnergraph_domain::rules::standing::Standing;
use partnergraph_domain::{
    Actor, BillingType, ChangeRequestKind, CustomerKey, OrderChannel, PartnerKey, PartnerType, Refusal, ResellerChoice,
    SubscriptionStatus, SupportContactChoice,
};

use super::{facts, partnerships, sale_facts};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::change_requests::{self, ChangeRequestLineRow, ChangeRequestRow};
use crate::read::subscriptions::{self, SubscriptionBy, SubscriptionRow};
use crate::schema::{customer_associations, subscriptions as sold};
use crate::scope::Scope;

/// The change of a subscription by that actor.
///
/// # Errors
/// Any database error.
pub fn change(
    conn: &mut Conn,
    actor: Actor,
    row: &SubscriptionRow,
    wanted: WantedChange,
    (channel, on): (OrderChannel, NaiveDate),
) -> StoreResult<SubscriptionChangeFacts> {
    Ok(SubscriptionChangeFacts {
        actor,
        seller: facts::partner(conn, row.seller_id)?,
        customer: facts::customer(conn, row.seller_id, row.customer_id)?,
        subscription: facts::subscription(conn, row)?,
        quantity: wanted.quantity,
        status: wanted.status,
        auto_renew: wanted.auto_renew,
        renamed: wanted.renamed,
        channel,
        on,
    })
}

/// How the reseller stands to a subscription.
///
/// # Errors
/// Any database error.
pub fn of_subscription(conn: &mut Conn, reseller_id: PartnerKey, row: &SubscriptionRow) -> StoreResult<Management> {
    let partner_of_record = row.reseller_id == Some(reseller_id);
    management(conn, (row.seller_id, reseller_id), row.customer_id, partner_of_record)
}

/// How the reseller stands to what the provider sold to a customer.
///
/// # Errors
/// Any database error.
pub fn of_customer(
    conn: &mut Conn,
    (provider_id, reseller_id): (PartnerKey, PartnerKey),
    customer_id: CustomerKey,
) -> StoreResult<Management> {
    let recorded: i64 = on!(conn, c => sold::table
        .filter(
            sold::seller_id.eq(provider_id)
                .and(sold::customer_id.eq(customer_id))
                .and(sold::reseller_id.eq(reseller_id))
                .and(sold::removed_at.is_null())
                .and(sold::status.ne(SubscriptionStatus::Deleted)))
        .count()
        .get_result(c))?;
    management(conn, (provider_id, reseller_id), customer_id, recorded > 0)
}

fn management(
    conn: &mut Conn,
    (provider_id, reseller_id): (PartnerKey, PartnerKey),
    customer_id: CustomerKey,
    partner_of_record: bool,
) -> StoreResult<Management> {
    let associated: i64 = on!(conn, c => customer_associations::table
        .filter(
            customer_associations::provider_id.eq(provider_id)
                .and(customer_associations::customer_id.eq(customer_id))
                .and(customer_associations::reseller_id.eq(reseller_id))
                .and(customer_associations::removed_at.is_null()))
        .count()
        .get_result(c))?;
    Ok(Management {
        reseller: facts::partner(conn, reseller_id)?,
        partnership: partnerships::latest(conn, provider_id, reseller_id)?.map(|row| row.state),
        standing: Standing { account_association: associated > 0, partner_of_record, ..Standing::default() },
    })
}

/// What decides whether the request can be approved at `now` by that actor of the provider. The same facts as those of the mutations
/// that the approval runs.
///
/// # Errors
/// Any database error.
pub fn approval(
    conn: &mut Conn,
    actor: Actor,
    request: &ChangeRequestRow,
    now: NaiveDateTime,
) -> StoreResult<ApprovalFacts> {
    if request.kind == ChangeRequestKind::Order {
        let pair = (request.seller_id, request.reseller_id);
        return Ok(ApprovalFacts {
            management: of_customer(conn, pair, request.customer_id)?,
            change: RequestedChange::Order(Box::new(order(conn, actor, request, now.date())?)),
        });
    }
    let row = match request.subscription_pk {
        Some(pk) => subscriptions::find(conn, &Scope::Operator, SubscriptionBy::Row(pk))?,
        None => None,
    };
    let Some(row) = row else {
        let pair = (request.seller_id, request.reseller_id);
        let management = of_customer(conn, pair, request.customer_id)?;
        return Ok(ApprovalFacts { management, change: RequestedChange::Nothing });
    };
    let management = of_subscription(conn, request.reseller_id, &row)?;
    let wanted =
        WantedChange { quantity: request.quantity, auto_renew: request.auto_renew_enabled, ..WantedChange::default() };
    let change = Box::new(change(conn, actor, &row, wanted, (OrderChannel::PartnerCenter, now.date()))?);
    let stale = Refusal::stale(request.if_version, row.version);
    let change = match request.kind {
        ChangeRequestKind::Upgrade => RequestedChange::Upgrade {
            stale,
            offer: upgrade_offer(
                row.offer_id.as_deref(),
                request.to_offer_id.as_deref().unwrap_or_default(),
                request.to_offer_name.as_deref().unwrap_or_default(),
            ),
            kept: match sale_facts::must_keep_reseller(conn, &change)? {
                true => sale_facts::named_on(conn, row.seller_id, row.reseller_id)?.map(|(_, choice)| choice),
                false => None,
            },
            change,
        },
        ChangeRequestKind::Update | ChangeRequestKind::Order => RequestedChange::Update { change, stale },
    };
    Ok(ApprovalFacts { management, change })
}

fn order(conn: &mut Conn, actor: Actor, request: &ChangeRequestRow, on: NaiveDate) -> StoreResult<OrderFacts> {
    let requester = sale_facts::named_on(conn, request.seller_id, Some(request.reseller_id))?;
    let requester = requester.map(|(_, choice)| choice);
    let rows = change_requests::lines(conn, &[request.id])?;
    let order = sale_facts::Ordered {
        seller_id: request.seller_id,
        customer_id: request.customer_id,
        channel: OrderChannel::PartnerCenter,
    };
    let mut facts = sale_facts::order(conn, actor, &order, on)?;
    let buyer_id = sale_facts::buyer_of(conn, request.customer_id)?;
    let tie = sale_facts::tie(conn, buyer_id, Some(request.reseller_id))?;
    facts.lines = rows
        .into_iter()
        .map(|line| LineFacts {
            tie_to_reseller: tie.filter(|_| line.is_through_requester),
            ..line_facts(line, requester.as_ref())
        })
        .collect();
    Ok(facts)
}

fn line_facts(line: ChangeRequestLineRow, requester: Option<&ResellerChoice>) -> LineFacts {
    LineFacts {
        offer_id: line.offer_id,
        offer_name: line.offer_name,
        billing_type: line.billing_type.unwrap_or(BillingType::License),
        quantity: line.quantity,
        reseller: requester.filter(|_| line.is_through_requester).cloned(),
        tie_to_reseller: None,
        support_contact: requester
            .filter(|_| line.is_supported_by_requester)
            .map(|choice| SupportContactChoice::Reseller(choice.clone())),
    }
}

/// The reseller of a partner account, if it is one.
#[must_use]
pub fn reseller_of(scope: &Scope) -> Option<PartnerKey> {
    match scope {
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } => Some(*id),
        _ => None,
    }
}
