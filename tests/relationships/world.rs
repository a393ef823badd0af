//! A provider and a reseller that are not partners yet.

use partnergraph_domain::TenantId;
use partnergraph_store::Backend;
use serde_json::{Value, json};

use crate::support::{Api, Customer, Graph, Named, Partner, Role, TestDatabase, User, Verbs};

/// The address of a person at the reseller.
pub(crate) const ANNA: &str = "anna@fabrikam.example";
/// The address of a customer.
pub(crate) const CONTOSO: &str = "it@contoso.example";

pub(crate) struct World {
    pub(crate) graph: Graph,
    pub(crate) api: Api,
    pub(crate) provider: Partner,
    pub(crate) reseller: Partner,
    /// The token of a Global admin of the provider.
    pub(crate) northwind: String,
    /// The token of a Global admin of the reseller.
    pub(crate) fabrikam: String,
}

impl World {
    pub(crate) fn on(backend: Backend) -> Self {
        let graph = Graph::new(TestDatabase::on(backend));
        let provider = graph.provider("Northwind").add();
        let reseller = graph.reseller("Fabrikam").add();
        let northwind = graph.token(&provider, &[Role::GlobalAdmin]);
        let fabrikam = graph.token(&reseller, &[Role::GlobalAdmin]);
        let api = Api::on(&graph.database);
        Self { graph, api, provider, reseller, northwind, fabrikam }
    }

    /// The same with an active partnership between the two.
    pub(crate) fn partnered(backend: Backend) -> Self {
        let world = Self::on(backend);
        world.graph.partnership(&world.provider, &world.reseller);
        world
    }

    /// A Global admin of the provider.
    pub(crate) fn as_provider(&self) -> User<'_> {
        self.as_user(&self.northwind)
    }

    /// A Global admin of the reseller.
    pub(crate) fn as_reseller(&self) -> User<'_> {
        self.as_user(&self.fabrikam)
    }

    pub(crate) fn as_user(&self, token: &str) -> User<'_> {
        self.api.as_user(token)
    }

    /// A partnership request from the provider to the reseller, and its token.
    pub(crate) fn request(&self) -> (Value, String) {
        let to_reseller = self.as_provider().with(json!({"reseller": self.reseller.lookup()}));
        drafted(to_reseller.request_partnership(ANNA))
    }

    /// A customer invitation, and its token.
    pub(crate) fn invite(&self, token: &str, more: Value) -> (Value, String) {
        drafted(self.as_user(token).with(more).invite_customer(CONTOSO))
    }

    /// An unknown tenant, and a token of its Global admin.
    pub(crate) fn stranger(&self) -> (TenantId, String) {
        let tenant_id = TenantId(self.graph.guid());
        (tenant_id, self.graph.tenant_token(tenant_id, &[Role::GlobalAdmin]))
    }

    /// The states of the partnerships in the provider's and in the reseller's list.
    pub(crate) fn partnership_states(&self) -> (Vec<String>, Vec<String>) {
        let of = |token: &str, list: &str| {
            let query = format!("{{ {list} {{ edges {{ partnership {{ state }} }} }} }}");
            let data = self.api.data(token, &query, json!({}));
            let edges = data[list]["edges"].as_array().unwrap().clone();
            edges.iter().map(|edge| edge["partnership"]["state"].as_str().unwrap().to_owned()).collect()
        };
        (of(&self.northwind, "indirectResellers"), of(&self.fabrikam, "indirectProviders"))
    }

    /// What the customer sees of its partners: name, relationship, whether delegated admin privileges are active, support.
    pub(crate) fn partners_of(&self, customer: &Customer) -> Vec<(String, String, bool, bool)> {
        let query = "query($by: CustomerLookup!) { customer(by: $by) { partners { partner { name } relationshipToPartner \
                     delegatedAdmin { granted } supportResponsible } } }";
        let by = json!({"by": {"tenantId": customer.tenant_id}});
        let data = self.api.data(&self.graph.customer_token(customer), query, by);
        let partners = data["customer"]["partners"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        partners
            .iter()
            .map(|partner| {
                (
                    text(&partner["partner"]["name"]),
                    text(&partner["relationshipToPartner"]),
                    partner["delegatedAdmin"]["granted"].as_bool().unwrap(),
                    partner["supportResponsible"].as_bool().unwrap(),
                )
            })
            .collect()
    }

    /// The names of the customers in a caller's list.
    pub(crate) fn customers(&self, token: &str) -> Vec<String> {
        let data = self.api.data(token, "{ customers { nodes { tenantId } } }", json!({}));
        let nodes = data["customers"]["nodes"].as_array().unwrap().clone();
        nodes.iter().map(|node| node["tenantId"].as_str().unwrap().to_owned()).collect()
    }

    /// Runs SQL without parameters.
    pub(crate) fn sql(&self, text: &str) {
        self.graph.write(|conn, _, _| conn.batch(text));
    }

    /// The number that a query returns.
    pub(crate) fn number(&self, text: &'static str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Number {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            number: i64,
        }
        let found: Option<Number> = self.graph.database.connect().row(&partnergraph_store::sql::sql(text)).unwrap();
        found.unwrap().number
    }
}

pub(crate) fn with(mut input: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

/// A drafted invitation and the token in its link.
pub(crate) fn drafted(payload: Value) -> (Value, String) {
    assert_eq!(payload["userErrors"], json!([]));
    let invitation = payload["invitation"].clone();
    let link = invitation["link"].as_str().unwrap();
    let token = link.strip_prefix("http://127.0.0.1:8080/invitation#token=").unwrap().to_owned();
    (invitation, token)
}

/// The rules in a payload's errors, or the code of an error without a rule.
pub(crate) fn rules(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().unwrap();
    let name = |error: &Value| error["rule"].as_str().or(error["code"].as_str()).unwrap().to_owned();
    errors.iter().map(name).collect()
}

/// Asserts that the mutation was not refused, and returns its payload.
#[track_caller]
pub(crate) fn expect_success(payload: Value) -> Value {
    assert_eq!(payload["userErrors"], json!([]));
    payload
}
