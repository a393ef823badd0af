//! A provider with a reseller, a customer and a subscription that meet every rule, and the documents of this area.

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use partnergraph_store::Backend;
use partnergraph_store::sql::sql;
use serde_json::{Value, json};

use crate::support::{Api, Customer, Graph, Partner, Role, Subscription, TestDatabase, User, Verbs};

pub(crate) const ADD: &str = "mutation AddCustomer($input: AddCustomerInput!) { addCustomer(input: $input) {
  customer { id tenantId companyName domain country acquisition internalUseOf { mpnId } agreements { type evidence acceptedBy { firstName lastName email } }
    partners { relationshipToPartner rights { name allowed } } indirectResellers(first: 5) { nodes { mpnId } }
    billingProfile { email firstName addressLine1 country } }
  order { id orderNumber channel lines { lineNumber offerId quantity subscription { subscriptionId } } }
  subscriptions { subscriptionId quantity status orderId friendlyName publisherName billingType billingCycle autoRenewEnabled
    effectiveStartDate commitmentEndDate partnerOfRecord { mpnId } supportContact { supportMpnId isDefault } }
  credentials { userName temporaryPassword }
  review { token expiresAt lines { offerId offerName quantity } totalLicenses }
  userErrors { code message field rule microsoftCode options } } }";
pub(crate) const CANCEL: &str = "mutation($input: CancelReviewInput!) { cancelReview(input: $input) {
  cancelledAt userErrors { code message field rule microsoftCode } } }";
const ORDER: &str = "mutation SubmitOrder($input: SubmitOrderInput!) { submitOrder(input: $input) {
  order { id orderNumber createdAt channel orderedBy lines { offerId offerName quantity } }
  subscriptions { id subscriptionId quantity billingType status orderId commitmentEndDate partnerOfRecord { mpnId }
    supportContact { supportMpnId } salesChain { role name } }
  userErrors { code message field rule microsoftCode options } } }";
const UPGRADE: &str =
    "mutation UpgradeSubscription($input: UpgradeSubscriptionInput!) { upgradeSubscription(input: $input) {
  from { subscriptionId quantity status } to { subscriptionId offerId quantity status parentSubscriptionId friendlyName
    partnerOfRecord { mpnId } supportContact { supportMpnId } }
  warnings userErrors { code message field rule microsoftCode } } }";
pub(crate) const ELIGIBILITY: &str =
    "query SalesEligibility($input: SalesEligibilityInput!) { salesEligibility(input: $input) {
  allowed verdicts { rule passed message microsoftCode options } } }";
/// The documents of mutations that select more fields than those in `docs/operations`.
const DOCUMENTS: &[(&str, &str)] = &[("AddCustomer", ADD), ("SubmitOrder", ORDER), ("UpgradeSubscription", UPGRADE)];
pub(crate) const COUNTS: &str = "{ customers { totalCount } subscriptions { totalCount } }";

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

    /// Runs a document with that input as the provider and returns its response.
    pub(crate) fn run(&self, document: &str, input: Value) -> Value {
        self.run_as(&self.token, document, input)
    }

    pub(crate) fn run_as(&self, token: &str, document: &str, input: Value) -> Value {
        self.as_user(token).run(document, input)
    }

    /// A partner's user invites the customer's tenant, and its Global admin accepts (C-30).
    pub(crate) fn win(&self, token: &str, customer: &Customer) {
        let invited = expect_success(self.as_user(token).invite_tenant(customer.tenant_id));
        let (_, secret) = invited["invitation"]["link"].as_str().unwrap().split_once("token=").unwrap();
        expect_success(self.as_user(&self.graph.customer_token(customer)).accept_with_agreement(secret));
    }

    /// A customer to add with one line of five licences, sold through the reseller, without a review.
    pub(crate) fn addition(&self) -> Value {
        json!({
            "companyName": "Tailspin Toys", "domain": "tailspin.example", "country": "PL",
            "billingEmail": "bills@tailspin.example",
            "customerAgreement": {"acceptedBy": {"firstName": "Maria", "lastName": "Wolska", "email": "maria@example.com"}, "dateAgreed": "2024-02-01"}, "reseller": {"mpnId": self.reseller.mpn_id},
            "lines": [self.line()], "mode": "SUBMIT", "channel": "PARTNER_CENTER",
        })
    }

    /// A line of five licences with the reseller as partner of record.
    pub(crate) fn line(&self) -> Value {
        json!({"offerId": "CFQ7TTC0LH18:0001", "offerName": "Microsoft 365 Business Basic", "quantity": 5,
               "reseller": {"mpnId": self.reseller.mpn_id}})
    }

    /// The number of rows of a table.
    pub(crate) fn count(&self, table: &'static str) -> i64 {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            number: i64,
        }
        let query = sql("SELECT COUNT(*) AS number FROM ").push(table);
        self.graph.database.connect().row::<Count>(&query).unwrap().unwrap().number
    }

    /// The number of rows in every table that an order adds to; equal numbers mean that nothing was created.
    pub(crate) fn row_counts(&self) -> [i64; 8] {
        [
            "tenants",
            "customers",
            "customer_records",
            "orders",
            "subscriptions",
            "users",
            "customer_agreements",
            "audit_events",
        ]
        .map(|table| self.count(table))
    }
}

/// The input with these members added or replaced.
pub(crate) fn with(mut input: Value, members: Value) -> Value {
    let all = input.as_object_mut().unwrap();
    for (name, value) in members.as_object().unwrap() {
        all.insert(name.clone(), value.clone());
    }
    input
}

pub(crate) fn errors(payload: &Value) -> Vec<Value> {
    payload["userErrors"].as_array().unwrap().clone()
}

/// The rules in a payload's errors, `-` for an error without a rule.
pub(crate) fn rules(payload: &Value) -> Vec<String> {
    errors(payload).iter().map(|error| error["rule"].as_str().unwrap_or("-").to_owned()).collect()
}

pub(crate) fn codes(payload: &Value) -> Vec<String> {
    errors(payload).iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

/// Asserts that the mutation was not refused, and returns its payload.
#[track_caller]
pub(crate) fn expect_success(payload: Value) -> Value {
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload
}

/// Asserts that a payload's errors contain the rule, with that Microsoft error code.
#[track_caller]
pub(crate) fn assert_refused(payload: &Value, rule: &str, microsoft_code: Option<i64>) {
    let found = errors(payload).into_iter().find(|error| error["rule"] == rule);
    let found = found.unwrap_or_else(|| panic!("{rule} does not refuse: {payload:#}"));
    assert_eq!(found["microsoftCode"].as_i64(), microsoft_code, "{found:#}");
}
