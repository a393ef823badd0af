//! `associateReseller` over the API against the same statements run in process: the reads of the rules, the association, its derived rows and
//! the audit record. Both share the writer, and with it its commits.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use partnergraph_domain::{AssociateCustomerFacts, MpnId, TenantId, checks};
use partnergraph_operation::auth::{self, Credential};
use partnergraph_store::read::customers::{self, CustomerBy};
use partnergraph_store::read::partners::{self, PartnerBy};
use partnergraph_store::sql::sql;
use partnergraph_store::write::associations::{self, AssociationOf};
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn, Database, DatabaseUrl, Scope, StoreError, StoreResult, clock};
use serde_json::{Value, json};

use crate::book::TOKEN;
use crate::client::{self, Load};

/// The mutation as front ends send it.
const OPERATION: &str = include_str!("../../docs/operations/AssociateReseller.graphql");
/// The reseller of the mutations over the API, and that of those in process, as `benches/graphql` has added them.
pub(crate) const RESELLERS: [MpnId; 2] = [MpnId(8_800_001), MpnId(8_800_002)];
/// How many customers one measurement can use up.
const CUSTOMERS_OF_A_ROUND: usize = 10_000;

/// Customers that neither reseller is associated with; each measurement uses up a part of them.
pub(crate) struct Customers {
    tenants: Vec<TenantId>,
    used: [usize; 2],
}

impl Customers {
    /// All of them. `None` if the resellers are missing.
    pub(crate) fn of(url: &DatabaseUrl) -> anyhow::Result<Option<Self>> {
        let mut conn = Conn::open(url)?;
        let mut resellers = Vec::new();
        for mpn_id in RESELLERS {
            match partners::find(&mut conn, &Scope::Operator, PartnerBy::Mpn(mpn_id))? {
                Some(reseller) => resellers.push(reseller.id),
                None => return Ok(None),
            }
        }
        let free = sql("SELECT c.id FROM customers c WHERE NOT EXISTS (SELECT 1 FROM customer_associations a \
                        WHERE a.customer_id = c.id AND a.reseller_id IN ")
        .list(resellers)
        .push(") ORDER BY c.id % 97, c.id");
        let keys = conn.keys(&free)?;
        let rows = customers::by_ids(&mut conn, &Scope::Operator, &keys)?;
        let tenants = rows.iter().map(|row| row.tenant_id.parse()).collect::<Result<_, _>>()?;
        Ok(Some(Self { tenants, used: [0; 2] }))
    }

    /// Those of the next measurement with that reseller of [`RESELLERS`].
    pub(crate) fn next(&mut self, reseller: usize) -> anyhow::Result<Vec<TenantId>> {
        let from = self.used.get_mut(reseller).context("there are two resellers")?;
        let part = self.tenants.get(*from..*from + CUSTOMERS_OF_A_ROUND);
        *from += CUSTOMERS_OF_A_ROUND;
        Ok(part.context("the book has too few customers for so many rounds of mutations")?.to_vec())
    }
}

/// The variables and the document of one mutation.
pub(crate) fn operation(tenant: TenantId) -> Value {
    let input =
        json!({ "customer": { "tenantId": tenant.to_string() }, "reseller": { "mpnId": RESELLERS[0].to_string() } });
    json!({ "query": OPERATION, "operationName": "AssociateReseller", "variables": { "input": input } })
}

/// Fails unless the API accepts the last of these mutations, which no measurement reaches.
pub(crate) async fn is_accepted(server: SocketAddr, requests: &[Vec<u8>]) -> anyhow::Result<()> {
    let last = requests.last().context("there are no customers left")?;
    let response: Value = serde_json::from_slice(&client::ask(server, last).await?)?;
    ensure!(response["data"]["associateReseller"]["userErrors"] == json!([]), "the mutation is rejected: {response}");
    Ok(())
}

/// Associates the second reseller with these customers, so many at the same time.
pub(crate) async fn in_process(
    database: &Database,
    tenants: Vec<TenantId>,
    at_once: usize,
    time: Duration,
) -> anyhow::Result<Load> {
    let credential = Credential::AccessToken(auth::token_hash(TOKEN));
    let actor = database.read(move |conn| auth::actor(conn, &credential, clock::now())).await?;
    let actor = Arc::new(actor.context("the token is nobody's")?);
    let started = Instant::now();
    let mut busy = tokio::task::JoinSet::new();
    for number in 0..at_once {
        let (database, actor) = (database.clone(), actor.clone());
        let part: Vec<TenantId> = tenants.iter().copied().skip(number).step_by(at_once).collect();
        busy.spawn(async move {
            let mut times = Vec::new();
            for tenant in part {
                if started.elapsed() >= time {
                    break;
                }
                let (actor, sent) = (actor.clone(), Instant::now());
                let written = database.write(move |conn| associate(conn, &actor, tenant)).await?;
                ensure!(written, "a rule rejects the association");
                times.push(sent.elapsed().as_secs_f64() * 1_000.0);
            }
            anyhow::Ok(times)
        });
    }
    Load::gather(started, busy).await
}

/// What the mutation does within its transaction. `false` if a rule rejects it.
fn associate(conn: &mut Conn, actor: &Actor, tenant: TenantId) -> StoreResult<bool> {
    let missing = |what: &'static str| StoreError::Value { value: tenant.to_string(), expected: what };
    let row = customers::find(conn, &actor.scope, &CustomerBy::Tenant(tenant))?;
    let row = row.ok_or_else(|| missing("a customer of the book"))?;
    let provider_id = row.partner_id.ok_or_else(|| missing("a customer of the provider"))?;
    let provider = facts::partner(conn, provider_id)?;
    let customer = facts::customer(conn, provider_id, row.customer_id)?;
    let named = facts::named_partner(conn, &actor.scope, provider_id, PartnerBy::Mpn(RESELLERS[1]))?;
    let named = named.ok_or_else(|| missing("a reseller of the provider"))?;
    let facts = AssociateCustomerFacts { actor: facts::actor(actor)?, provider, customer, reseller: named.choice };
    let Some(reseller_id) = named.id.filter(|_| checks::associate_reseller_to_customer(&facts).is_empty()) else {
        return Ok(false);
    };
    let key = AssociationOf { provider_id, customer_id: row.customer_id, reseller_id };
    associations::associate(conn, actor, clock::now(), key)?;
    Ok(true)
}
