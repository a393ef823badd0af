//! The handwritten implementation: an axum handler with the best statements for exactly this response, written as JSON with serde.
//!
//! It supports only this query and this kind of caller: it reads only the columns of the response, and checks only once that the caller is a
//! provider of the reseller. It does not use the statements of the store. Its statements were chosen by measuring on both databases
//! (docs/PERFORMANCE.md) and are not changed with the program, so that ratios stay comparable over time.

use std::collections::{BTreeSet, HashMap};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use chrono::{NaiveDate, NaiveDateTime, SecondsFormat};
use diesel::QueryableByName;
use diesel::backend::Backend as DieselBackend;
use diesel::deserialize::{self, FromSql};
use diesel::row::NamedRow;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamp};
use partnergraph_domain::{CountryCode, PartnerKey, region_of};
use partnergraph_operation::auth::{self, Credential};
use partnergraph_operation::ids::GlobalId;
use partnergraph_store::read::row::cell;
use partnergraph_store::read::{json, parse_stored};
use partnergraph_store::sql::{Sql, sql};
use partnergraph_store::{Backend, Conn, Database, StoreResult, clock};
use serde::{Deserialize, Serialize};

use crate::shapes::{
    Customer, CustomerPage, Customers, Data, Edge, PageInfo, Partner, Resellers, Subscription, Subscriptions,
    SupportContact,
};

/// Serves `POST /customers`.
pub(crate) fn router(database: Database) -> Router {
    Router::new().route("/customers", post(answer)).with_state(database)
}

/// The request. The names are those of the query's variables.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestArguments {
    pub(crate) mpn_id: String,
    pub(crate) first: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
}

async fn answer(
    State(database): State<Database>,
    headers: HeaderMap,
    Json(request): Json<RequestArguments>,
) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(auth::bearer);
    let Some(token) = token.map(str::to_owned) else { return StatusCode::UNAUTHORIZED.into_response() };
    match database.read(move |conn| read(conn, &token, &request)).await {
        Ok(Some(read)) => match read.answer() {
            Ok(customers) => Json(Data { data: Customers { customers } }).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        Ok(None) => StatusCode::UNAUTHORIZED.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Declares a row that is read by the positions of its columns.
macro_rules! row {
    ($name:ident { $($field:ident: $type:ty => $sql:ty),+ $(,)? }) => {
        struct $name {
            $($field: $type,)+
        }

        impl<DB> QueryableByName<DB> for $name
        where
            DB: DieselBackend,
            $($type: FromSql<$sql, DB>,)+
        {
            fn build<'a>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Self> {
                let mut place = 0..;
                $(let $field = cell::<DB, $sql, $type>(row, place.next().unwrap_or(0), stringify!($field))?;)+
                Ok(Self { $($field),+ })
            }
        }
    };
}

row!(CustomerRow {
    customer_id: i64 => BigInt,
    name_sort: String => Text,
    tenant_id: String => Text,
    company_name: Option<String> => Nullable<Text>,
    domain: Option<String> => Nullable<Text>,
    country: Option<String> => Nullable<Text>,
    tags: String => Text,
    version: i64 => BigInt,
    created_at: NaiveDateTime => Timestamp,
    updated_at: NaiveDateTime => Timestamp,
    cloud: String => Text,
    relationship: Option<String> => Nullable<Text>,
    delegated: bool => Bool,
});

row!(ResellerRow { customer_id: i64 => BigInt, id: i64 => BigInt });

row!(SubscriptionRow {
    customer_id: i64 => BigInt,
    subscription_id: String => Text,
    offer_id: Option<String> => Nullable<Text>,
    offer_name: Option<String> => Nullable<Text>,
    friendly_name: Option<String> => Nullable<Text>,
    quantity: Option<i64> => Nullable<BigInt>,
    status: String => Text,
    billing_type: String => Text,
    auto_renew_enabled: Option<bool> => Nullable<Bool>,
    billing_cycle: String => Text,
    term_duration: Option<String> => Nullable<Text>,
    commitment_end_date: Option<NaiveDate> => Nullable<Date>,
    reseller_id: Option<i64> => Nullable<BigInt>,
    support_contact_id: Option<i64> => Nullable<BigInt>,
});

row!(CountRow { customer_id: i64 => BigInt, rows: i64 => BigInt });

row!(PartnerRow {
    id: i64 => BigInt,
    tenant_id: Option<String> => Nullable<Text>,
    mpn_id: Option<String> => Nullable<Text>,
    name: String => Text,
    name_sort: String => Text,
});

/// Everything that the response needs.
pub(crate) struct Read {
    total: i64,
    customers: Vec<CustomerRow>,
    has_next: bool,
    has_previous: bool,
    resellers: HashMap<i64, Vec<i64>>,
    subscriptions: HashMap<i64, Vec<SubscriptionRow>>,
    counts: HashMap<i64, i64>,
    partners: HashMap<i64, PartnerRow>,
    seller_id: i64,
}

const CUSTOMERS: &str = "SELECT v.customer_id, v.name_sort, c.tenant_id, r.company_name, r.domain, r.country, r.tags, r.version, \
     r.created_at, r.updated_at, t.cloud, (SELECT rr.relationship_to_partner FROM reseller_relationships rr \
     WHERE rr.partner_id = v.provider_id AND rr.customer_id = v.customer_id AND rr.removed_at IS NULL) AS relationship, \
     EXISTS (SELECT 1 FROM delegated_admin_grants g WHERE g.partner_id = v.provider_id AND g.customer_id = v.customer_id \
     AND g.revoked_at IS NULL AND (g.end_at IS NULL OR g.end_at > CURRENT_TIMESTAMP)) AS delegated \
     FROM reseller_customers v JOIN customer_records r ON r.partner_id = v.provider_id AND r.customer_id = v.customer_id \
     JOIN customers c ON c.id = v.customer_id JOIN tenants t ON t.tenant_id = c.tenant_id WHERE v.provider_id = ";

const SUBSCRIPTION: &str = "s.customer_id, s.subscription_id, s.offer_id, s.offer_name, s.friendly_name, s.quantity, s.status, \
     s.billing_type, s.auto_renew_enabled, s.billing_cycle, s.term_duration, s.commitment_end_date, s.reseller_id, s.support_contact_id";

/// The number of subscriptions per customer in the response.
const SHOWN: usize = 10;
/// The number of resellers per customer in the response.
const RESELLERS: usize = 5;

/// Runs the statements. `None` if the token is not valid.
pub(crate) fn read(conn: &mut Conn, token: &str, request: &RequestArguments) -> StoreResult<Option<Read>> {
    let now = clock::now();
    let Some(actor) = auth::actor(conn, &Credential::AccessToken(auth::token_hash(token)), now)? else {
        return Ok(None);
    };
    let Some(seller) = actor.scope.partner_id() else { return Ok(None) };
    let reseller = sql("SELECT p.id FROM partners p JOIN partnerships ps ON ps.reseller_id = p.id WHERE p.mpn_id = ")
        .bind(request.mpn_id.as_str())
        .push(" AND ps.provider_id = ")
        .bind(seller)
        .push(" LIMIT 1");
    let Some(reseller) = conn.keys::<PartnerKey>(&reseller)?.pop() else { return Ok(None) };

    let shared = |statement: Sql| statement.bind(seller).push(" AND v.reseller_id = ").bind(reseller);
    let mut page = shared(sql(CUSTOMERS));
    if let Some((name, customer)) = request.after.as_deref().and_then(place) {
        page = page.push(" AND (v.name_sort, v.customer_id) > (").bind(name).push(", ").bind(customer).push(")");
    }
    let page = page.push(" ORDER BY v.name_sort, v.customer_id LIMIT ").bind(request.first + 1);
    let mut customers: Vec<CustomerRow> = conn.rows(&page)?;
    let has_next = customers.len() > usize::try_from(request.first).unwrap_or(0);
    customers.truncate(usize::try_from(request.first).unwrap_or(0));
    let count = shared(sql(
        "SELECT CAST(0 AS BIGINT) AS customer_id, COUNT(*) AS rows FROM reseller_customers v WHERE v.provider_id = ",
    ));
    let total = conn.row::<CountRow>(&count)?.map_or(0, |count| count.rows);

    let keys: Vec<i64> = customers.iter().map(|customer| customer.customer_id).collect();
    let below = ids(conn.backend(), &keys);
    let statement = sql("SELECT rc.customer_id, rc.reseller_id AS id FROM ")
        .add(below)
        .push(" JOIN reseller_customers rc ON rc.customer_id = up.id AND rc.provider_id = ")
        .bind(seller);
    let mut resellers: HashMap<i64, Vec<i64>> = HashMap::new();
    for row in conn.rows::<ResellerRow>(&statement)? {
        resellers.entry(row.customer_id).or_default().push(row.id);
    }
    let mut subscriptions: HashMap<i64, Vec<SubscriptionRow>> = HashMap::new();
    for row in sold(conn, seller, &keys)? {
        subscriptions.entry(row.customer_id).or_default().push(row);
    }
    // A list that is complete in the response is already counted.
    let mut counts = HashMap::new();
    let mut longer = Vec::new();
    for (customer, rows) in &mut subscriptions {
        if rows.len() > SHOWN {
            rows.truncate(SHOWN);
            longer.push(*customer);
        } else {
            counts.insert(*customer, i64::try_from(rows.len()).unwrap_or(0));
        }
    }
    let statement =
        sql("SELECT up.id AS customer_id, (SELECT COUNT(*) FROM subscriptions s WHERE s.customer_id = up.id AND ")
            .push(seller_is(conn.backend()))
            .bind(seller)
            .push(" AND s.removed_at IS NULL) AS rows FROM ")
            .add(ids(conn.backend(), &longer));
    counts.extend(conn.rows::<CountRow>(&statement)?.into_iter().map(|row| (row.customer_id, row.rows)));

    let mut named: BTreeSet<i64> = BTreeSet::from([seller.get()]);
    named.extend(resellers.values().flatten());
    named.extend(subscriptions.values().flatten().flat_map(|row| [row.reseller_id, row.support_contact_id]).flatten());
    let named: Vec<i64> = named.into_iter().collect();
    let statement = sql("SELECT p.id, p.tenant_id, p.mpn_id, p.name, p.name_sort FROM ")
        .add(ids(conn.backend(), &named))
        .push(" JOIN partners p ON p.id = up.id WHERE p.removed_at IS NULL");
    let partners: HashMap<i64, PartnerRow> =
        conn.rows::<PartnerRow>(&statement)?.into_iter().map(|row| (row.id, row)).collect();
    for resellers in resellers.values_mut() {
        resellers.sort_by_key(|id| partners.get(id).map(|row| (row.name_sort.as_str(), row.id)));
        resellers.truncate(RESELLERS);
    }
    let has_previous = request.after.is_some();
    let seller_id = seller.get();
    Ok(Some(Read { total, customers, has_next, has_previous, resellers, subscriptions, counts, partners, seller_id }))
}

/// Without statistics, SQLite may use the index on the seller for the subscriptions of one customer. The `+` prevents that.
fn seller_is(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "+s.seller_id = ",
        Backend::Postgres => "s.seller_id = ",
    }
}

/// The first subscriptions of each customer, and one more if there are more.
fn sold(conn: &mut Conn, seller: PartnerKey, customers: &[i64]) -> StoreResult<Vec<SubscriptionRow>> {
    let few = |customer: Sql| {
        sql("SELECT ")
            .push(SUBSCRIPTION)
            .push(" FROM subscriptions s WHERE s.customer_id = ")
            .add(customer)
            .push(" AND s.removed_at IS NULL AND ")
            .push(seller_is(Backend::Sqlite))
            .bind(seller)
            .push(" ORDER BY s.subscription_id LIMIT 11")
    };
    match conn.backend() {
        Backend::Sqlite => {
            let mut all = Vec::with_capacity(customers.len() * (SHOWN + 1));
            for customer in customers {
                all.append(&mut conn.rows(&few(sql("").bind(*customer)))?);
            }
            Ok(all)
        }
        Backend::Postgres => {
            let statement = sql("SELECT s.* FROM ")
                .add(ids(Backend::Postgres, customers))
                .push(" CROSS JOIN LATERAL (")
                .add(few(sql("up.id")))
                .push(") s ORDER BY up.id, s.subscription_id");
            conn.rows(&statement)
        }
    }
}

/// Keys as a table `up`.
fn ids(backend: Backend, ids: &[i64]) -> Sql {
    let list = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    match backend {
        Backend::Sqlite => sql("(SELECT value AS id FROM json_each(").bind(format!("[{list}]")).push(")) up"),
        Backend::Postgres => sql("unnest(CAST(string_to_array(").bind(list).push(", ',') AS bigint[])) AS up(id)"),
    }
}

/// The position in the list that a cursor encodes.
fn place(cursor: &str) -> Option<(String, i64)> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (_, place): (String, (String, i64)) = serde_json::from_slice(&bytes).ok()?;
    Some(place)
}

impl Read {
    fn answer(&self) -> StoreResult<CustomerPage<'_>> {
        let edges: Vec<Edge> = self.customers.iter().map(|row| Edge { cursor: cursor(row) }).collect();
        let cursor_of = |edge: Option<&Edge>| edge.map(|edge| edge.cursor.clone());
        Ok(CustomerPage {
            total_count: self.total,
            nodes: self.customers.iter().map(|row| self.customer(row)).collect::<StoreResult<_>>()?,
            page_info: PageInfo {
                has_next_page: self.has_next,
                has_previous_page: self.has_previous,
                start_cursor: cursor_of(edges.first()),
                end_cursor: cursor_of(edges.last()),
            },
            edges,
        })
    }

    fn customer<'a>(&'a self, row: &'a CustomerRow) -> StoreResult<Customer<'a>> {
        let resellers = self.resellers.get(&row.customer_id).map_or(&[][..], Vec::as_slice);
        let subscriptions = self.subscriptions.get(&row.customer_id).map_or(&[][..], Vec::as_slice);
        let country: Option<CountryCode> =
            row.country.as_deref().map(|country| parse_stored(country, "a country")).transpose()?;
        Ok(Customer {
            id: GlobalId::Customer(parse_stored(&row.tenant_id, "a tenant")?).to_string(),
            tenant_id: &row.tenant_id,
            company_name: row.company_name.as_deref(),
            domain: row.domain.as_deref(),
            country: row.country.as_deref(),
            region: country.and_then(region_of).map(|region| region.code.as_str()),
            cloud: &row.cloud,
            relationship_to_partner: row.relationship.as_deref().unwrap_or("NONE"),
            allow_delegated_access: row.delegated,
            tags: json(&row.tags, "a list of tags")?,
            version: row.version,
            created_at: moment(row.created_at),
            updated_at: moment(row.updated_at),
            indirect_resellers: Resellers {
                nodes: resellers.iter().filter_map(|id| self.partners.get(id)).map(partner).collect(),
            },
            subscriptions: Subscriptions {
                total_count: self.counts.get(&row.customer_id).copied().unwrap_or(0),
                nodes: subscriptions.iter().map(|row| self.subscription(row)).collect::<StoreResult<_>>()?,
            },
        })
    }

    fn subscription<'a>(&'a self, row: &'a SubscriptionRow) -> StoreResult<Subscription<'a>> {
        let designated = row.support_contact_id.filter(|id| *id != self.seller_id);
        let contact = self.partners.get(&designated.unwrap_or(self.seller_id));
        Ok(Subscription {
            id: GlobalId::CustomerSubscription(parse_stored(&row.subscription_id, "a subscription")?).to_string(),
            subscription_id: &row.subscription_id,
            offer_id: row.offer_id.as_deref(),
            offer_name: row.offer_name.as_deref(),
            friendly_name: row.friendly_name.as_deref(),
            quantity: row.quantity,
            status: &row.status,
            billing_type: &row.billing_type,
            auto_renew_enabled: row.auto_renew_enabled,
            billing_cycle: &row.billing_cycle,
            term_duration: row.term_duration.as_deref(),
            commitment_end_date: row.commitment_end_date,
            partner_of_record: row.reseller_id.and_then(|id| self.partners.get(&id)).map(partner),
            support_contact: SupportContact {
                support_tenant_id: contact.and_then(|row| row.tenant_id.as_deref()),
                support_mpn_id: contact.and_then(|row| row.mpn_id.as_deref()),
                name: contact.map(|row| row.name.as_str()),
                is_default: designated.is_none(),
            },
        })
    }
}

/// The same cursor as in the API, except for the fingerprint of the list, which has the same length.
fn cursor(row: &CustomerRow) -> String {
    use base64::Engine;
    let values = serde_json::json!(["000000000000000000000000", [row.name_sort, row.customer_id]]);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(values.to_string())
}

fn moment(moment: NaiveDateTime) -> String {
    moment.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn partner(row: &PartnerRow) -> Partner<'_> {
    Partner {
        id: GlobalId::Partner(PartnerKey::new(row.id)).to_string(),
        mpn_id: row.mpn_id.as_deref(),
        name: &row.name,
    }
}
