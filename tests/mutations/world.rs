//! One provider with a customer, a subscription and a reseller that meet every rule.

use partnergraph_store::read::subscriptions::{self, SubscriptionBy, SubscriptionRow};
use partnergraph_store::{Backend, Scope};
use serde_json::{Value, json};

use crate::support::{Api, Customer, Graph, Partner, Role, Subscription, TestDatabase, User};

const START: &str = "mutation($input: StartImportInput!) { startImport(input: $input) { importRun { id status } \
     userErrors { code message field rule microsoftCode } } }";
const APPLY: &str = "mutation($input: ApplyImportInput!) { applyImport(input: $input) { importRun { id status } \
     userErrors { code message field rule microsoftCode } } }";
const DISCARD: &str = "mutation($input: DiscardImportInput!) { discardImport(input: $input) { importRun { id status errorCode } \
     userErrors { code message field rule microsoftCode } } }";
const REVERT: &str = "mutation($input: RevertImportInput!) { revertImport(input: $input) { importRun { id status } restored removed kept \
     userErrors { code message field rule microsoftCode } } }";
/// The documents of mutations that select more fields than those in `docs/operations`.
const DOCUMENTS: &[(&str, &str)] =
    &[("StartImport", START), ("ApplyImport", APPLY), ("DiscardImport", DISCARD), ("RevertImport", REVERT)];

pub(crate) struct World {
    pub(crate) graph: Graph,
    pub(crate) api: Api,
    pub(crate) provider: Partner,
    pub(crate) reseller: Partner,
    pub(crate) customer: Customer,
    pub(crate) subscription: Subscription,
    /// The token of an Admin agent of the provider.
    pub(crate) token: String,
}

impl World {
    pub(crate) fn on(backend: Backend) -> Self {
        let graph = Graph::new(TestDatabase::on(backend));
        let provider = graph.provider("Northwind").add();
        let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
        let customer = graph.customer(&provider, "Contoso");
        let subscription = graph.subscription(&provider, &customer).quantity(5).add();
        let token = graph.token(&provider, &[Role::AdminAgent]);
        let api = Api::on(&graph.database);
        Self { graph, api, provider, reseller, customer, subscription, token }
    }

    /// An Admin agent of the provider.
    pub(crate) fn as_provider(&self) -> User<'_> {
        self.as_user(&self.token)
    }

    pub(crate) fn as_user(&self, token: &str) -> User<'_> {
        self.api.as_user(token).selecting(DOCUMENTS)
    }

    /// `{"subscription": …, "reseller": …}` for the world's subscription and this reseller.
    pub(crate) fn association(&self, reseller: &Partner) -> Value {
        json!({"subscription": {"subscriptionId": self.subscription.subscription_id},
               "reseller": {"mpnId": reseller.mpn_id}})
    }

    /// The subscription as stored in the database.
    pub(crate) fn stored(&self) -> SubscriptionRow {
        let key = SubscriptionBy::Row(self.subscription.pk);
        subscriptions::find(&mut self.graph.database.connect(), &Scope::Operator, key).unwrap().unwrap()
    }
}

/// The rules in a payload's errors, `-` for an error without a rule.
pub(crate) fn rules(payload: &Value) -> Vec<String> {
    errors(payload).iter().map(|error| error["rule"].as_str().unwrap_or("-").to_owned()).collect()
}

/// The codes of a payload's errors.
pub(crate) fn codes(payload: &Value) -> Vec<String> {
    errors(payload).iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn errors(payload: &Value) -> Vec<Value> {
    payload["userErrors"].as_array().unwrap().clone()
}
