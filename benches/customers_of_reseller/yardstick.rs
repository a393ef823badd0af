//! The same answer by hand: an axum handler that runs the same statements on the same connections and writes the rows as JSON.
//!
//! What the GraphQL costs over it is parsing, validation, and the execution of every single field.

use std::collections::{HashMap, HashSet};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use chrono::{NaiveDate, NaiveDateTime, SecondsFormat};
use partnergraph_domain::{CountryCode, CustomerKey, PartnerKey, Via, region_of};
use partnergraph_operation::auth::{self, Credential};
use partnergraph_operation::ids::GlobalId;
use partnergraph_store::read::customers::{self, CustomerOrder, CustomerRow, StandingRow};
use partnergraph_store::read::filter::{CustomerTerm, Filter, PartnerField, PartnerTerm, Test};
use partnergraph_store::read::page::{By, Order, OrderField, Page, Window, to_json};
use partnergraph_store::read::partners::{self, PartnerOrder, PartnerRow};
use partnergraph_store::read::subscriptions::{self, SubscriptionOrder, SubscriptionRow};
use partnergraph_store::read::{json, word};
use partnergraph_store::{Conn, Database, StoreError, StoreResult, clock};
use serde::{Deserialize, Serialize};

/// Serves `POST /customers`.
pub(crate) fn router(database: Database) -> Router {
    Router::new().route("/customers", post(answer)).with_state(database)
}

/// What is asked; the names are those of the query's variables.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Asked {
    pub(crate) mpn_id: String,
    pub(crate) first: i64,
}

async fn answer(State(database): State<Database>, headers: HeaderMap, Json(asked): Json<Asked>) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(auth::bearer);
    let Some(token) = token.map(str::to_owned) else { return StatusCode::UNAUTHORIZED.into_response() };
    match database.read(move |conn| read(conn, &token, &asked)).await {
        Ok(Some(read)) => match read.answer() {
            Ok(customers) => Json(Data { data: Customers { customers } }).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        Ok(None) => StatusCode::UNAUTHORIZED.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Everything that the answer is made of.
pub(crate) struct Read {
    total: i64,
    page: Page<CustomerRow>,
    standings: Vec<StandingRow>,
    resellers: HashMap<CustomerKey, Page<PartnerRow>>,
    subscriptions: HashMap<CustomerKey, Page<SubscriptionRow>>,
    subscription_counts: HashMap<CustomerKey, i64>,
    partners: Vec<PartnerRow>,
}

/// Runs the statements of the query. `None` where the token is nobody's.
pub(crate) fn read(conn: &mut Conn, token: &str, asked: &Asked) -> StoreResult<Option<Read>> {
    let now = clock::now();
    let Some(actor) = auth::actor(conn, &Credential::AccessToken(auth::token_hash(token)), now)? else {
        return Ok(None);
    };
    let scope = actor.scope;
    let mpn_id = Filter::Term(PartnerTerm::Field(PartnerField::MpnId, Test::Is(asked.mpn_id.as_str().into())));
    let filter = Filter::Term(CustomerTerm::IndirectReseller(mpn_id, Via::Any));
    let list = customers::list(conn, &scope, &filter, ascending(CustomerOrder::CompanyName))?;
    let page = list.page(conn, &first(asked.first))?;
    let total = list.count(conn)?;
    let parents: Vec<CustomerKey> = page.rows.iter().map(|row| row.customer_id).collect();
    let standings = customers::standings(conn, &scope, &parents, now)?;
    let resellers = partners::resellers_of_customers(&scope, &Filter::default(), ascending(PartnerOrder::Name)).pages(
        conn,
        &first(5),
        &parents,
    )?;
    let list = subscriptions::of_customers(&scope, &Filter::default(), ascending(SubscriptionOrder::SubscriptionId));
    let subscriptions = list.pages(conn, &first(10), &parents)?;
    let subscription_counts = list.counts(conn, &parents)?;
    let named: HashSet<PartnerKey> = subscriptions
        .values()
        .flat_map(|page| &page.rows)
        .flat_map(|row| [Some(row.seller_id), row.reseller_id, row.support_contact_id])
        .flatten()
        .collect();
    let partners = partners::by_ids(conn, &scope, &named.into_iter().collect::<Vec<_>>())?;
    Ok(Some(Read { total, page, standings, resellers, subscriptions, subscription_counts, partners }))
}

fn ascending<F: OrderField>(field: F) -> Order<F> {
    Order::new(vec![By { field, descending: false }])
}

fn first(limit: i64) -> Window {
    Window { limit, ..Window::default() }
}

impl Read {
    fn answer(&self) -> StoreResult<CustomerPage<'_>> {
        let standings: HashMap<CustomerKey, &StandingRow> =
            self.standings.iter().map(|row| (row.customer_id, row)).collect();
        let partners: HashMap<PartnerKey, &PartnerRow> = self.partners.iter().map(|row| (row.id, row)).collect();
        let nodes = self.page.rows.iter().map(|row| self.customer(row, &standings, &partners));
        let edges: Vec<Edge> = self.page.rows.iter().map(|row| Edge { cursor: cursor(row) }).collect();
        let cursor_of = |edge: Option<&Edge>| edge.map(|edge| edge.cursor.clone());
        Ok(CustomerPage {
            total_count: self.total,
            nodes: nodes.collect::<StoreResult<_>>()?,
            page_info: PageInfo {
                has_next_page: self.page.has_next,
                has_previous_page: self.page.has_previous,
                start_cursor: cursor_of(edges.first()),
                end_cursor: cursor_of(edges.last()),
            },
            edges,
        })
    }

    fn customer<'a>(
        &'a self,
        row: &'a CustomerRow,
        standings: &HashMap<CustomerKey, &'a StandingRow>,
        partners: &HashMap<PartnerKey, &'a PartnerRow>,
    ) -> StoreResult<Customer<'a>> {
        let standing = standings.get(&row.customer_id).ok_or(StoreError::Stopped)?;
        let resellers = self.resellers.get(&row.customer_id).map_or(&[][..], |page| &page.rows);
        let subscriptions = self.subscriptions.get(&row.customer_id).map_or(&[][..], |page| &page.rows);
        let nodes = subscriptions.iter().map(|row| subscription(row, partners));
        Ok(Customer {
            id: GlobalId::Customer(word(&row.tenant_id, "a tenant")?).to_string(),
            tenant_id: &row.tenant_id,
            company_name: row.company_name.as_deref(),
            domain: row.domain.as_deref(),
            country: row.country.as_ref().map(CountryCode::as_str),
            region: row.country.and_then(region_of).map(|region| region.code.as_str()),
            cloud: standing.cloud.as_str(),
            relationship_to_partner: standing.relationship_to_partner.map_or("NONE", |word| word.as_str()),
            allow_delegated_access: standing.delegated,
            tags: json(&row.tags, "a list of tags")?,
            version: row.version,
            created_at: moment(row.created_at),
            updated_at: moment(row.updated_at),
            indirect_resellers: Resellers { nodes: resellers.iter().map(partner).collect() },
            subscriptions: Subscriptions {
                total_count: self.subscription_counts.get(&row.customer_id).copied().unwrap_or(0),
                nodes: nodes.collect::<StoreResult<_>>()?,
            },
        })
    }
}

/// The cursor as the API makes it, but for the mark of its list, which is as long.
fn cursor(row: &CustomerRow) -> String {
    use base64::Engine;
    let values = ascending(CustomerOrder::CompanyName).values(row);
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .encode(serde_json::json!(["000000000000", to_json(&values)]).to_string())
}

fn moment(moment: NaiveDateTime) -> String {
    moment.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn partner(row: &PartnerRow) -> Partner<'_> {
    Partner { id: GlobalId::Partner(row.id).to_string(), mpn_id: row.mpn_id.as_deref(), name: &row.name }
}

fn subscription<'a>(
    row: &'a SubscriptionRow,
    partners: &HashMap<PartnerKey, &'a PartnerRow>,
) -> StoreResult<Subscription<'a>> {
    let designated = row.support_contact_id.filter(|id| *id != row.seller_id);
    let contact = partners.get(&designated.unwrap_or(row.seller_id)).copied();
    Ok(Subscription {
        id: GlobalId::CustomerSubscription(word(&row.subscription_id, "a subscription")?).to_string(),
        subscription_id: &row.subscription_id,
        offer_id: row.offer_id.as_deref(),
        offer_name: row.offer_name.as_deref(),
        friendly_name: row.friendly_name.as_deref(),
        quantity: row.quantity,
        status: row.status.as_str(),
        billing_type: row.billing_type.as_str(),
        auto_renew_enabled: row.auto_renew_enabled,
        billing_cycle: row.billing_cycle.as_str(),
        term_duration: row.term_duration.map(|word| word.as_str()),
        commitment_end_date: row.commitment_end_date,
        partner_of_record: row.reseller_id.and_then(|id| partners.get(&id)).map(|row| partner(row)),
        support_contact: SupportContact {
            support_tenant_id: contact.and_then(|row| row.tenant_id.as_deref()),
            support_mpn_id: contact.and_then(|row| row.mpn_id.as_deref()),
            name: contact.map(|row| row.name.as_str()),
            is_default: designated.is_none(),
        },
    })
}

#[derive(Serialize)]
struct Data<'a> {
    data: Customers<'a>,
}

#[derive(Serialize)]
struct Customers<'a> {
    customers: CustomerPage<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CustomerPage<'a> {
    total_count: i64,
    edges: Vec<Edge>,
    nodes: Vec<Customer<'a>>,
    page_info: PageInfo,
}

#[derive(Serialize)]
struct Edge {
    cursor: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    has_previous_page: bool,
    start_cursor: Option<String>,
    end_cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Customer<'a> {
    id: String,
    tenant_id: &'a str,
    company_name: Option<&'a str>,
    domain: Option<&'a str>,
    country: Option<&'a str>,
    region: Option<&'static str>,
    cloud: &'a str,
    relationship_to_partner: &'a str,
    allow_delegated_access: bool,
    tags: Vec<String>,
    version: i64,
    created_at: String,
    updated_at: String,
    indirect_resellers: Resellers<'a>,
    subscriptions: Subscriptions<'a>,
}

#[derive(Serialize)]
struct Resellers<'a> {
    nodes: Vec<Partner<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Partner<'a> {
    id: String,
    mpn_id: Option<&'a str>,
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Subscriptions<'a> {
    total_count: i64,
    nodes: Vec<Subscription<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Subscription<'a> {
    id: String,
    subscription_id: &'a str,
    offer_id: Option<&'a str>,
    offer_name: Option<&'a str>,
    friendly_name: Option<&'a str>,
    quantity: Option<i64>,
    status: &'a str,
    billing_type: &'a str,
    auto_renew_enabled: Option<bool>,
    billing_cycle: &'a str,
    term_duration: Option<&'a str>,
    commitment_end_date: Option<NaiveDate>,
    partner_of_record: Option<Partner<'a>>,
    support_contact: SupportContact<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SupportContact<'a> {
    support_tenant_id: Option<&'a str>,
    support_mpn_id: Option<&'a str>,
    name: Option<&'a str>,
    is_default: bool,
}
