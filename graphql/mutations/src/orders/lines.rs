//! The lines of an order: the entities they name, the facts for the rules, and the subscriptions they become.

use async_graphql::InputObject;
use chrono::NaiveDate;
use partnergraph_domain::checks::LineFacts;
use partnergraph_domain::rules::life_cycle;
use partnergraph_domain::{
    BillingCycle, BillingType, CustomerKey, PartnerKey, Refusal, SubscriptionId, SubscriptionStatus,
    SupportContactChoice, TermDuration,
};
use partnergraph_store::columns::SubscriptionColumns;
use partnergraph_store::write::sale_facts;
use partnergraph_store::write::subscriptions::NewSubscription;
use partnergraph_store::{Conn, Scope, StoreResult};
use uuid::Uuid;

use crate::targets::named_partner;
use crate::task::{Attempt, gather, refuse_if};
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::name::Name;

/// One line of an order. It becomes one subscription.
#[derive(InputObject, Debug, Clone)]
pub struct OrderLineInput {
    /// The id of the offer in the price list.
    #[graphql(validator(custom = "Name"))]
    pub(crate) offer_id: String,
    /// The name of the offer in the price list.
    #[graphql(validator(custom = "Name"))]
    pub(crate) offer_name: String,
    /// The number of licences, at least 1 (N-04). Null for a usage-based offer.
    pub(crate) quantity: Option<i64>,
    /// Licence-based or usage-based billing. Defaults to licence-based.
    pub(crate) billing_type: Option<BillingType>,
    /// The duration of the term commitment. Null for no commitment.
    pub(crate) term_duration: Option<TermDuration>,
    /// The billing cycle: how often the subscription is charged. Defaults to monthly.
    pub(crate) billing_cycle: Option<BillingCycle>,
    /// Whether the subscription renews automatically. Defaults to true.
    pub(crate) auto_renew_enabled: Option<bool>,
    /// A friendly name for the subscription. Null for none.
    #[graphql(validator(custom = "Name"))]
    pub(crate) friendly_name: Option<String>,
    /// The publisher of the offer. Null if unknown.
    #[graphql(validator(custom = "Name"))]
    pub(crate) publisher_name: Option<String>,
    /// The reseller that becomes the partner of record and earns the incentives, named by its location MPN ID. Null for
    /// none.
    pub(crate) reseller: Option<PartnerLookup>,
    /// The reseller that becomes the support contact. Defaults to the seller.
    pub(crate) support_contact: Option<PartnerLookup>,
}

/// A line with the entities it names.
#[derive(Debug, Clone)]
pub(super) struct NamedLine {
    pub(super) facts: LineFacts,
    reseller_id: Option<PartnerKey>,
    contact_id: Option<PartnerKey>,
}

/// Who sells the lines, to whom and when.
#[derive(Debug, Clone)]
pub(super) struct Sold<'a> {
    pub(super) seller_id: PartnerKey,
    pub(super) customer_id: CustomerKey,
    pub(super) order_number: &'a str,
    pub(super) today: NaiveDate,
}

/// Finds the entities that the lines name within the caller's scope. Refuses with every one that is missing.
pub(super) fn name(
    conn: &mut Conn,
    scope: &Scope,
    (seller_id, buyer_id): (PartnerKey, Option<PartnerKey>),
    lines: &[OrderLineInput],
) -> Attempt<Vec<NamedLine>> {
    let (mut named, mut missing) = (Vec::new(), Vec::new());
    for (index, line) in lines.iter().enumerate() {
        let mut find = |lookup: &Option<PartnerLookup>, field: &str| -> StoreResult<_> {
            let Some(lookup) = lookup else { return Ok(None) };
            let mut of_line = Vec::new();
            let found = gather(named_partner(conn, scope, seller_id, lookup, field), &mut of_line)?;
            let place = ["lines".to_owned(), index.to_string()];
            missing.extend(of_line.into_iter().map(|refusal| refusal.under(place.clone())));
            Ok(found)
        };
        let reseller = find(&line.reseller, "reseller")?;
        let contact = find(&line.support_contact, "supportContact")?;
        let reseller_id = reseller.as_ref().and_then(|named| named.id);
        let contact_id = contact.as_ref().and_then(|named| named.id);
        let facts = LineFacts {
            offer_id: line.offer_id.clone(),
            offer_name: line.offer_name.clone(),
            billing_type: line.billing_type.unwrap_or(BillingType::License),
            quantity: line.quantity,
            reseller: reseller.map(|named| named.choice),
            tie_to_reseller: sale_facts::tie(conn, buyer_id, reseller_id)?,
            support_contact: contact.map(|named| SupportContactChoice::Reseller(named.choice)),
        };
        named.push(NamedLine { facts, reseller_id, contact_id });
    }
    refuse_if(missing)?;
    Ok(named)
}

/// The same lines, with `reseller` filled in on the lines that name no reseller.
pub(super) fn sold_through(lines: &[OrderLineInput], reseller: Option<&PartnerLookup>) -> Vec<OrderLineInput> {
    let through = |line: &OrderLineInput| {
        let reseller = line.reseller.as_ref().or(reseller).cloned();
        OrderLineInput { reseller, ..line.clone() }
    };
    lines.iter().map(through).collect()
}

/// The facts about the lines that the rules need.
pub(super) fn facts(lines: &[NamedLine]) -> Vec<LineFacts> {
    lines.iter().map(|line| line.facts.clone()).collect()
}

/// The subscriptions that the lines become. Their terms begin today and end on the day before the next term would
/// begin.
pub(super) fn sold(sold: &Sold<'_>, lines: &[OrderLineInput], named: &[NamedLine]) -> Vec<NewSubscription> {
    let pairs = lines.iter().zip(named);
    pairs
        .map(|(line, named)| {
            let term = line.term_duration;
            NewSubscription {
                subscription_id: SubscriptionId(Uuid::new_v4()),
                seller_id: sold.seller_id,
                customer_id: sold.customer_id,
                reseller_id: named.reseller_id,
                support_contact_id: named.contact_id,
                columns: SubscriptionColumns {
                    offer_id: Some(line.offer_id.trim().to_owned()),
                    offer_name: Some(line.offer_name.trim().to_owned()),
                    friendly_name: filled(line.friendly_name.as_deref()),
                    quantity: line.quantity,
                    status: SubscriptionStatus::Active,
                    billing_type: named.facts.billing_type,
                    billing_cycle: line.billing_cycle.unwrap_or(BillingCycle::Monthly),
                    term_duration: term,
                    auto_renew_enabled: Some(line.auto_renew_enabled.unwrap_or(true)),
                    effective_start_date: Some(sold.today),
                    commitment_end_date: term.and_then(|term| life_cycle::last_day_of_term(sold.today, term)),
                    publisher_name: filled(line.publisher_name.as_deref()),
                    order_id: Some(sold.order_number.to_owned()),
                    ..SubscriptionColumns::default()
                },
            }
        })
        .collect()
}

/// The trimmed text; `None` if it is missing or blank.
pub(crate) fn filled(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The same refusals, pointing to another input field.
pub(super) fn at(refusals: Vec<Refusal>, field: &'static str) -> Vec<Refusal> {
    refusals.into_iter().map(|refusal| refusal.field([field])).collect()
}
