//! A provider that sells to a customer through two resellers: one is partner of record of a subscription, the other associated with
//! the account.

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use partnergraph_store::Backend;
use partnergraph_store::sql::sql;
use serde_json::{Value, json};

use crate::support::{Api, Customer, Graph, Named, Partner, Role, Subscription, TestDatabase, User};

pub(crate) struct World {
    pub(crate) graph: Graph,
    pub(crate) api: Api,
    pub(crate) provider: Partner,
    /// The partner of record of the subscription, and of nothing else.
    pub(crate) fabrikam: Partner,
    /// Associated with the account.
    pub(crate) tailspin: Partner,
    pub(crate) customer: Customer,
    /// Ten licences, renewed automatically.
    pub(crate) subscription: Subscription,
    /// One licence, without a partner of record.
    pub(crate) plain: Subscription,
    provider_token: String,
    fabrikam_token: String,
    tailspin_token: String,
}

impl World {
    pub(crate) fn on(backend: Backend) -> Self {
        let graph = Graph::new(TestDatabase::on(backend));
        let provider = graph.provider("Northwind").add();
        let fabrikam = graph.reseller("Fabrikam").partner_of(&provider).add();
        let tailspin = graph.reseller("Tailspin").partner_of(&provider).add();
        let customer = graph.customer(&provider, "Contoso");
        let subscription = graph.subscription(&provider, &customer).quantity(10).reseller(&fabrikam).add();
        let plain = graph.subscription(&provider, &customer).add();
        graph.association(&provider, &customer, &tailspin);
        let provider_token = graph.token(&provider, &[Role::AdminAgent]);
        let fabrikam_token = graph.token(&fabrikam, &[Role::SalesAgent]);
        let tailspin_token = graph.token(&tailspin, &[Role::GlobalAdmin]);
        let api = Api::on(&graph.database);
        Self {
            graph,
            api,
            provider,
            fabrikam,
            tailspin,
            customer,
            subscription,
            plain,
            provider_token,
            fabrikam_token,
            tailspin_token,
        }
    }

    pub(crate) fn as_provider(&self) -> User<'_> {
        self.api.as_user(&self.provider_token)
    }

    /// The partner of record.
    pub(crate) fn as_fabrikam(&self) -> User<'_> {
        self.api.as_user(&self.fabrikam_token)
    }

    /// The reseller with access to the account.
    pub(crate) fn as_tailspin(&self) -> User<'_> {
        self.api.as_user(&self.tailspin_token)
    }

    pub(crate) fn query(&self, user: Reader, query: &str) -> Value {
        let token = match user {
            Reader::Provider => &self.provider_token,
            Reader::Fabrikam => &self.fabrikam_token,
            Reader::Tailspin => &self.tailspin_token,
        };
        self.api.data(token, query, json!({}))
    }

    /// A change to the subscription, for a request.
    pub(crate) fn update(&self, change: Value) -> Value {
        let mut update = change;
        update["subscription"] = self.subscription.lookup();
        json!({ "update": update })
    }

    /// An upgrade of the subscription.
    pub(crate) fn upgrade(&self) -> Value {
        json!({"upgrade": {"subscription": self.subscription.lookup(), "toOfferId": "CFQ7TTC0LCHC:0002",
                           "toOfferName": "Microsoft 365 Business Premium"}})
    }

    /// An order of these lines for the customer.
    pub(crate) fn order(&self, lines: Value) -> Value {
        json!({"order": {"provider": self.provider.lookup(), "customer": self.customer.lookup(), "lines": lines}})
    }

    /// The number of licences of the subscription.
    pub(crate) fn quantity(&self) -> i64 {
        self.number(&format!("SELECT quantity AS number FROM subscriptions WHERE id = {}", self.subscription.pk))
    }

    pub(crate) fn number(&self, query: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            number: i64,
        }
        self.graph.database.connect().row::<Row>(&sql(query.to_owned())).unwrap().unwrap().number
    }

    /// The number of events and of requests: equal numbers mean that nothing was written.
    pub(crate) fn written(&self) -> [i64; 2] {
        ["audit_events", "change_requests"].map(|table| self.number(&format!("SELECT COUNT(*) AS number FROM {table}")))
    }

    pub(crate) fn batch(&self, statement: String) {
        self.graph.database.connect().execute(&sql(statement)).unwrap();
    }

    /// The partner has signed the Microsoft Partner Agreement, or has not.
    pub(crate) fn signed(&self, partner: &Partner, is_signed: bool) {
        let ended = if is_signed { "NULL" } else { "accepted_at" };
        self.batch(format!("UPDATE partner_agreements SET ended_at = {ended} WHERE partner_id = {}", partner.id));
    }

    /// Lets all open requests expire.
    pub(crate) fn expire(&self) {
        self.batch("UPDATE change_requests SET expires_at = '2026-03-01 00:00:00'".to_owned());
    }
}

/// Whose view is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reader {
    Provider,
    Fabrikam,
    Tailspin,
}

/// A line of five licences.
pub(crate) fn line() -> Value {
    json!({"offerId": "CFQ7TTC0LH18:0001", "offerName": "Microsoft 365 Business Basic", "quantity": 5})
}

/// The request in a payload that was not refused.
#[track_caller]
pub(crate) fn made(payload: Value) -> Value {
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload["changeRequest"].clone()
}

#[track_caller]
pub(crate) fn done(payload: Value) -> Value {
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload
}

/// The rules that refuse, or the code of a refusal without a rule.
pub(crate) fn refused(payload: &Value) -> Vec<&str> {
    let errors = payload["userErrors"].as_array().unwrap();
    errors.iter().map(|error| error["rule"].as_str().or(error["code"].as_str()).unwrap()).collect()
}

pub(crate) fn codes(payload: &Value) -> Vec<&str> {
    let errors = payload["userErrors"].as_array().unwrap();
    errors.iter().map(|error| error["code"].as_str().unwrap()).collect()
}
