//! A small world, its users, and their servers.

use std::sync::Arc;
use std::time::Duration;

use partnergraph::graphql::schema;
use partnergraph_domain::TenantId;
use partnergraph_gate::as_variables;
use partnergraph_gate::{Gate, GateRequest};
use partnergraph_store::database::PoolSize;
use partnergraph_store::sql::sql;
use partnergraph_store::write::tokens;
use partnergraph_store::write::users::{self, Organization};
use partnergraph_store::{Backend, Conn, Database, StoreResult};
use serde_json::{Value, json};

use crate::act::{Act, Board, Known};
use crate::answers::Answer;
use crate::model::{Standing, State, Subscription};
use crate::support::{Customer, Graph, Partner, Role, TestDatabase};

pub(crate) const PROVIDERS: usize = 3;
/// Resellers with their own tenant.
pub(crate) const PLAIN_RESELLERS: usize = 6;
/// Tenants that have a reseller account and are also a customer: the last resellers and the last customers.
const BOTH: usize = 2;
pub(crate) const RESELLERS: usize = PLAIN_RESELLERS + BOTH;
const PLAIN_CUSTOMERS: usize = 8;
pub(crate) const CUSTOMERS: usize = PLAIN_CUSTOMERS + BOTH;

/// The organisation that a user acts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Org {
    Provider(usize),
    Reseller(usize),
    Customer(usize),
}

/// A user with an access token.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) org: Org,
    pub(crate) role: Role,
    /// The user name, by which the history identifies the user's acts.
    pub(crate) name: String,
    pub(crate) token: String,
}

pub(crate) struct World {
    pub(crate) graph: Graph,
    pub(crate) names: Arc<Names>,
    /// The initial state of the model.
    pub(crate) start: State,
}

/// The names for the indexes into the world's lists.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) providers: Vec<Partner>,
    pub(crate) resellers: Vec<Partner>,
    /// The customers' tenants.
    pub(crate) tenants: Vec<TenantId>,
}

/// The customer whose tenant also has that reseller account.
pub(crate) fn customer_of_reseller(reseller: usize) -> Option<usize> {
    reseller.checked_sub(PLAIN_RESELLERS).map(|place| PLAIN_CUSTOMERS + place)
}

/// The reseller account in that customer's tenant.
pub(crate) fn reseller_of_customer(customer: usize) -> Option<usize> {
    customer.checked_sub(PLAIN_CUSTOMERS).map(|place| PLAIN_RESELLERS + place)
}

impl World {
    pub(crate) fn on(backend: Backend) -> Self {
        let graph = Graph::new(TestDatabase::on(backend));
        let mut start = State::default();
        let providers: Vec<Partner> =
            (0..PROVIDERS).map(|place| graph.provider(&format!("Provider {place}")).add()).collect();
        let mut resellers: Vec<Partner> =
            (0..PLAIN_RESELLERS).map(|place| graph.reseller(&format!("Reseller {place}")).add()).collect();
        let mut tenants = Vec::new();
        for place in 0..CUSTOMERS {
            let first = place % PROVIDERS;
            let customer = graph.customer(&providers[first], &format!("Customer {place}"));
            tenants.push(customer.tenant_id);
            relate(&graph, &mut start, &providers, &customer, (first, place));
            if reseller_of_customer(place).is_some() {
                let account = graph.reseller(&format!("Reseller {}", resellers.len())).tenant_id(customer.tenant_id.0);
                resellers.push(account.add());
            } else {
                let second = (place + 1) % PROVIDERS;
                graph.customer_also_of(&providers[second], &customer);
                relate(&graph, &mut start, &providers, &customer, (second, place));
            }
        }
        for (place, provider) in providers.iter().enumerate() {
            for reseller in (0..PLAIN_RESELLERS).filter(|reseller| (place + reseller) % 3 != 2) {
                graph.partnership(provider, &resellers[reseller]);
                start.partnerships.insert((place, reseller), Standing::Active);
            }
        }
        Self { graph, names: Arc::new(Names { providers, resellers, tenants }), start }
    }

    /// What everyone knows at the start.
    pub(crate) fn board(&self) -> Board {
        let known = |(id, sold): (&String, &Subscription)| Known { id: id.clone(), seller: sold.seller, version: 1 };
        Board {
            subscriptions: self.start.subscriptions.iter().map(known).collect(),
            letters: Vec::new(),
            requests: Vec::new(),
        }
    }

    /// Users of all organisations, most of them of providers; every tenth of those is a helpdesk agent.
    pub(crate) fn people(&self, count: usize) -> Vec<Person> {
        let role = |org: Org, number: usize| match org {
            Org::Provider(_) if number % 10 == 7 => Role::HelpdeskAgent,
            _ => Role::GlobalAdmin,
        };
        let person = |number: usize| {
            let org = Self::org(number);
            let name = format!("person{number}@people.example");
            Person { org, role: role(org, number), name, token: tokens::fresh_secret() }
        };
        let people: Vec<Person> = (0..count).map(person).collect();
        self.graph.write(|conn, actor, now| {
            for person in &people {
                let roles = [person.role];
                let organization = self.organization(person.org);
                let (user, _) = users::set_roles(conn, actor, now, organization, &person.name, &roles)?;
                tokens::create(conn, now, user, &roles, &person.token, None)?;
            }
            Ok(())
        });
        people
    }

    /// The organisation of the user with that number.
    pub(crate) fn org(number: usize) -> Org {
        match number % 5 {
            0..3 => Org::Provider((number / 5 + number % 5) % PROVIDERS),
            3 => Org::Reseller(number / 5 % RESELLERS),
            _ => Org::Customer(number / 5 % CUSTOMERS),
        }
    }

    fn organization(&self, org: Org) -> Organization {
        let partner = |partner: &Partner| Organization::Partner { id: partner.id, tenant_id: Some(partner.tenant_id) };
        match org {
            Org::Provider(place) => partner(&self.names.providers[place]),
            Org::Reseller(place) => partner(&self.names.resellers[place]),
            Org::Customer(place) => Organization::Tenant(self.names.tenants[place]),
        }
    }

    /// A server on the world's database, with its own pool.
    pub(crate) fn server(&self) -> Server {
        Server::before(Database::open(self.graph.database.url(), PoolSize::default()).unwrap())
    }
}

/// The provider sells one subscription to the customer, which is its own by now.
fn relate(
    graph: &Graph,
    start: &mut State,
    providers: &[Partner],
    customer: &Customer,
    (provider, place): (usize, usize),
) {
    let sold = graph.subscription(&providers[provider], customer).quantity(5).add();
    start.related.insert((provider, place));
    start.subscriptions.insert(sold.subscription_id.to_string(), Subscription::sold(provider, place, None, 5));
}

/// The error code of a run whose plan can no longer be applied.
pub(crate) const STALE: &str = "plan.stale";

/// A gate in front of a database.
#[derive(Clone)]
pub(crate) struct Server {
    gate: Gate,
    pub(crate) database: Database,
}

impl Server {
    /// A server with that pool.
    ///
    /// Hundreds of simultaneous clients have to wait on a slow machine. These tests check the responses, not their speed.
    pub(crate) fn before(database: Database) -> Self {
        let gate = Gate::new(schema(), database.clone()).with_deadline(Duration::from_secs(120));
        Self { gate, database }
    }

    /// The whole response.
    pub(crate) async fn response(&self, token: &str, query: &str, variables: Value) -> Value {
        let request = GateRequest {
            query: query.to_owned(),
            variables: as_variables(variables),
            token: Some(token.to_owned()),
            request_id: "test".to_owned(),
            ..GateRequest::default()
        };
        serde_json::to_value(self.gate.execute(request).await).unwrap()
    }

    /// Performs an act.
    pub(crate) async fn perform(&self, names: &Names, act: &Act) -> Answer {
        let input = act.op.input(act, names);
        let mut answer = Answer::of(&self.response(&act.by.token, act.op.document(), json!({ "input": input })).await);
        if let Some(run) = &answer.run {
            match self.outcome(&act.by.token, run).await {
                None => {}
                // The new reseller has lost its standing since the request was accepted.
                Some((code, _)) if code == STALE => answer.refused.extend([code]),
                Some((_, response)) => answer.failed = Some(response),
            }
        }
        answer
    }

    /// Waits for a run to end. Returns the error code if it failed, and the whole response.
    async fn outcome(&self, token: &str, run: &str) -> Option<(String, String)> {
        let query = "query($id: ID!) { importRun(id: $id) { status errorCode errorMessage } }";
        loop {
            let response = self.response(token, query, json!({ "id": run })).await;
            let run = &response["data"]["importRun"];
            match run["status"].as_str() {
                Some("QUEUED" | "PLANNING" | "APPLYING") => tokio::time::sleep(Duration::from_millis(5)).await,
                Some("APPLIED") => return None,
                _ => return Some((run["errorCode"].as_str().unwrap_or_default().to_owned(), response.to_string())),
            }
        }
    }

    /// The id of the last event of the feed.
    pub(crate) async fn last_event(&self) -> i64 {
        self.database.read(last_event).await.unwrap()
    }
}

#[derive(diesel::QueryableByName)]
struct Last {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    last: i64,
}

pub(crate) fn last_event(conn: &mut Conn) -> StoreResult<i64> {
    let row: Option<Last> = conn.row(&sql("SELECT COALESCE(MAX(id), 0) AS last FROM audit_events"))?;
    Ok(row.map_or(0, |row| row.last))
}
