//! Idempotency keys: the same request sent a hundred times at once has one effect.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use partnergraph_domain::{MpnId, MpnKind, TenantId};
use partnergraph_store::imports::uploads::{self, UploadRow};
use partnergraph_store::sql::sql;
use partnergraph_store::write::users::{self, Organization};
use partnergraph_store::write::{mpn_profiles, tokens};
use partnergraph_store::{Backend, Conn};
use rstest::rstest;
use serde_json::{Value, json};

use crate::rows::{Count, grown, rows};
use crate::support::{Customer, Graph, Partner, Postgres, Role, Sqlite, Subscription, TestDatabase, moment};
use crate::world::Server;

const TIMES: usize = 100;
const KEY: &str = "monday-1";

/// A user that creates entities, with what it needs for that.
struct Maker {
    provider: Partner,
    /// Not a partner yet.
    reseller: Partner,
    customer: Customer,
    subscription: Subscription,
    upload: String,
    /// The tenant and MPN ID of a company that is about to enrol.
    newcomer: (TenantId, MpnId),
    admin: String,
    helpdesk: String,
    newcomers_admin: String,
    /// A reseller that is a partner, and a subscription whose partner of record it is.
    manager: Partner,
    managed: Subscription,
    managers_admin: String,
    managers_helpdesk: String,
}

impl Maker {
    fn new(graph: &Graph, name: &str) -> Self {
        let provider = graph.provider(name).add();
        let reseller = graph.reseller(&format!("{name}'s reseller")).add();
        let customer = graph.customer(&provider, &format!("{name}'s customer"));
        let subscription = graph.subscription(&provider, &customer).quantity(10).add();
        let manager = graph.reseller(&format!("{name}'s partner")).partner_of(&provider).add();
        let managed = graph.subscription(&provider, &customer).quantity(10).reseller(&manager).add();
        let newcomer = (TenantId(graph.guid()), MpnId(provider.mpn_id.0 + 900_000));
        let secret = tokens::fresh_secret();
        let roles = [Role::GlobalAdmin];
        let upload = graph.guid().to_string();
        graph.write(|conn, actor, now| {
            let country = Some("PL".parse().unwrap());
            mpn_profiles::enter(conn, actor, now, newcomer.1, MpnKind::Location, None, country)?;
            let person = "anna@newcomer.example";
            let (user, _) = users::set_roles(conn, actor, now, Organization::Tenant(newcomer.0), person, &roles)?;
            tokens::create(conn, now, user, &roles, &secret, None)?;
            enter_upload(conn, &upload, &provider)
        });
        Self {
            admin: graph.token(&provider, &roles),
            helpdesk: graph.token(&provider, &[Role::HelpdeskAgent]),
            newcomers_admin: secret,
            managers_admin: graph.token(&manager, &roles),
            managers_helpdesk: graph.token(&manager, &[Role::HelpdeskAgent]),
            manager,
            managed,
            provider,
            reseller,
            customer,
            subscription,
            upload,
            newcomer,
        }
    }

    fn token(&self, mutation: &str) -> &str {
        match mutation {
            "enrollPartner" => &self.newcomers_admin,
            "requestChange" => &self.managers_admin,
            _ => &self.admin,
        }
    }

    fn helpdesk(&self, mutation: &str) -> &str {
        if mutation == "requestChange" { &self.managers_helpdesk } else { &self.helpdesk }
    }

    /// A valid input, and a change that makes it a different one.
    fn input(&self, mutation: &str) -> (Value, Value) {
        let line =
            |quantity: u32| json!([{"offerId": "CFQ7TTC0LH18:0001", "offerName": "Basic", "quantity": quantity}]);
        match mutation {
            "requestPartnership" => (
                json!({"resellerEmail": "info@reseller.example", "reseller": {"mpnId": self.reseller.mpn_id}}),
                json!({"resellerEmail": "sales@reseller.example"}),
            ),
            "inviteCustomer" => (
                json!({"customerEmail": "it@customer.example", "country": "PL", "delegatedAdmin": true}),
                json!({"delegatedAdmin": false}),
            ),
            "addCustomer" => (
                json!({
                    "companyName": "Adventure Works", "domain": format!("adventure{}.example", self.provider.mpn_id),
                    "country": "PL", "billingEmail": "bills@adventure.example", "customerAgreement": {"acceptedBy": {"firstName": "Maria", "lastName": "Wolska", "email": "maria@example.com"}, "dateAgreed": "2024-02-01"}, "channel": "PARTNER_CENTER",
                    "mode": "SUBMIT", "lines": line(3),
                }),
                json!({ "lines": line(4) }),
            ),
            "submitOrder" => (
                json!({
                    "customer": {"tenantId": self.customer.tenant_id}, "channel": "PARTNER_CENTER", "lines": line(3),
                }),
                json!({ "lines": line(4) }),
            ),
            "upgradeSubscription" => (
                json!({
                    "subscription": {"subscriptionId": self.subscription.subscription_id}, "channel": "PARTNER_CENTER",
                    "toOfferId": "CFQ7TTC0LCHC:0002", "toOfferName": "Premium", "quantity": 4,
                }),
                json!({"quantity": 5}),
            ),
            "moveReseller" => (
                json!({
                    "from": {"mpnId": self.manager.mpn_id}, "to": null, "what": ["ACCOUNT"], "mode": "APPLY",
                    "errorPolicy": "REJECT_EVERYTHING",
                }),
                json!({"what": ["SUPPORT_CONTACT"]}),
            ),
            "requestChange" => (
                json!({"change": {"update": {"subscription": {"subscriptionId": self.managed.subscription_id}, "quantity": 12}}}),
                json!({"note": "another"}),
            ),
            "enrollPartner" => (
                json!({
                    "type": "INDIRECT_RESELLER", "legalName": "Newcomer Sp. z o.o.", "country": "PL",
                    "mpnId": self.newcomer.1,
                    "address": {"addressLine1": "ul. Prosta 1", "city": "Warszawa", "postalCode": "00-001", "country": "PL"},
                    "primaryContact": {"firstName": "Anna", "lastName": "Nowak", "email": "anna@newcomer.example"},
                    "support": {
                        "email": "help@newcomer.example", "telephone": "+48 22 000 00 00",
                        "website": "https://newcomer.example",
                    },
                }),
                json!({"legalName": "Another Sp. z o.o."}),
            ),
            "startImport" => {
                (json!({"files": [{"upload": self.upload}], "mode": "DRY_RUN"}), json!({"onInvalid": "ABORT"}))
            }
            other => panic!("no input for {other}"),
        }
    }
}

fn enter_upload(conn: &mut Conn, id: &str, owner: &Partner) -> partnergraph_store::StoreResult<()> {
    let text = "Microsoft ID,Company name,Primary domain name,Relationship\r\n\
         5d1f6f0a-1111-4222-8333-944444444401,Adventure Works,adventure-works.example,Cloud Reseller\r\n";
    let row = UploadRow {
        id: id.to_owned(),
        partner_id: Some(owner.id),
        name: "Customers.csv".to_owned(),
        bytes: 0,
        sha256: String::new(),
        uploaded_by: "agent@provider.example".to_owned(),
        created_at: moment(),
    };
    uploads::begin(conn, &row)?;
    uploads::write_piece(conn, id, 0, text.as_bytes())?;
    uploads::finish(conn, id, i64::try_from(text.len()).unwrap(), &"0".repeat(64))
}

/// The selection: everything that must be the same in each response, and the secrets that are returned once.
fn document(mutation: &str) -> (String, &'static [&'static str]) {
    let (selection, secrets): (&str, &[&str]) = match mutation {
        "requestPartnership" | "inviteCustomer" => (
            "invitation { id kind link emailDraft { to subject body mailto } }",
            &["/invitation/link", "/invitation/emailDraft"],
        ),
        "addCustomer" => (
            "customer { id tenantId } subscriptions { subscriptionId } credentials { userName temporaryPassword }",
            &["/credentials"],
        ),
        "submitOrder" => ("order { id } subscriptions { subscriptionId quantity }", &[]),
        "upgradeSubscription" => ("from { subscriptionId quantity status } to { subscriptionId quantity }", &[]),
        "requestChange" => ("changeRequest { id state quantity }", &[]),
        "enrollPartner" => ("partner { id mpnId vettingStatus }", &[]),
        "startImport" | "moveReseller" => ("importRun { id }", &[]),
        other => panic!("no document for {other}"),
    };
    let (first, rest) = mutation.split_at(1);
    let input = format!("{}{rest}Input", first.to_uppercase());
    let errors = "userErrors { code field rule }";
    (format!("mutation($input: {input}!) {{ {mutation}(input: $input) {{ {selection} {errors} }} }}"), secrets)
}

/// Sends a request, repeating it while the server responds that it is busy and did nothing, and returns the payload.
async fn send(server: &Server, token: &str, mutation: &str, input: Value) -> Value {
    loop {
        let response = server.response(token, &document(mutation).0, json!({ "input": input })).await;
        if response["errors"][0]["extensions"]["code"] == "BUSY" {
            continue;
        }
        assert_eq!(response.get("errors"), None, "{response:#}");
        return response["data"][mutation].clone();
    }
}

fn with(input: &Value, more: &Value) -> Value {
    let mut input = input.clone();
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

fn codes(payload: &Value) -> Vec<&str> {
    payload["userErrors"].as_array().unwrap().iter().map(|error| error["code"].as_str().unwrap()).collect()
}

/// Waits until no import is running.
async fn imports_end(graph: &Graph) {
    let going = sql("SELECT COUNT(*) AS number FROM import_runs WHERE status IN ('QUEUED', 'PLANNING', 'APPLYING')");
    for _ in 0..3_000 {
        if graph.database.connect().row::<Count>(&going).unwrap().unwrap().number == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("an import never ended");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_requests_with_one_key_have_one_effect(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(
        "requestPartnership",
        "inviteCustomer",
        "addCustomer",
        "submitOrder",
        "upgradeSubscription",
        "requestChange",
        "enrollPartner",
        "startImport",
        "moveReseller"
    )]
    mutation: &'static str,
) {
    let graph = Graph::new(TestDatabase::on(backend));
    let (maker, other_maker) = (Maker::new(&graph, "Northwind"), Maker::new(&graph, "Tailspin"));
    // Two servers, because a client that reconnects may reach another one.
    let server = || {
        let database = partnergraph_store::Database::open(graph.database.url(), Default::default()).unwrap();
        Server::before(database)
    };
    let servers = [server(), server()];
    let (input, change) = maker.input(mutation);
    let keyed = with(&input, &json!({ "idempotencyKey": KEY }));
    let token = maker.token(mutation);

    // A validation, and a refused request, are not stored.
    let before = rows(&graph);
    let validated = send(&servers[0], token, mutation, with(&keyed, &json!({"validateOnly": true}))).await;
    assert_eq!(codes(&validated), [] as [&str; 0], "{validated:#}");
    let refused = send(&servers[0], maker.helpdesk(mutation), mutation, keyed.clone()).await;
    assert_ne!(codes(&refused), [] as [&str; 0], "{refused:#}");
    assert_eq!(grown(&before, &rows(&graph)), BTreeMap::new());

    let requests = (0..TIMES).map(|number| {
        let (server, token, keyed) = (servers[number % 2].clone(), token.to_owned(), keyed.clone());
        tokio::spawn(async move { send(&server, &token, mutation, keyed).await })
    });
    let mut answers: Vec<Value> = join_all(requests).await.into_iter().map(|answer| answer.unwrap()).collect();
    for secret in document(mutation).1 {
        let revealed = answers.iter_mut().filter_map(|answer| answer.pointer_mut(secret)).map(Value::take);
        assert_eq!(revealed.filter(|secret| !secret.is_null()).count(), 1, "{secret} is returned once");
    }
    assert_eq!(codes(&answers[0]), [] as [&str; 0], "{:#}", answers[0]);
    for answer in &answers {
        assert_eq!(*answer, answers[0]);
    }
    imports_end(&graph).await;
    let after = rows(&graph);
    let one_thing = grown(&before, &after);

    // The same key with another input is refused, and has no effect.
    let reused = send(&servers[1], token, mutation, with(&keyed, &change)).await;
    assert_eq!(codes(&reused), ["IDEMPOTENCY_KEY_REUSED"]);
    assert_eq!(reused["userErrors"][0]["field"], json!(["idempotencyKey"]));
    assert_eq!(grown(&after, &rows(&graph)), BTreeMap::new());

    // The same key of another organisation is a different key. Its first request has the same effect as above.
    let (input, _) = other_maker.input(mutation);
    let keyed = with(&input, &json!({ "idempotencyKey": KEY }));
    let other = send(&servers[1], other_maker.token(mutation), mutation, keyed).await;
    assert_eq!(codes(&other), [] as [&str; 0], "{other:#}");
    assert_ne!(other, answers[0]);
    imports_end(&graph).await;
    assert_eq!(grown(&after, &rows(&graph)), one_thing);
}

/// A replay checks the caller's role like the first request; the key does not bypass it.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_lost_the_role_is_refused_and_does_not_get_the_first_response(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values(
        "requestPartnership",
        "inviteCustomer",
        "addCustomer",
        "submitOrder",
        "upgradeSubscription",
        "requestChange",
        "enrollPartner",
        "startImport",
        "moveReseller"
    )]
    mutation: &'static str,
) {
    let graph = Graph::new(TestDatabase::on(backend));
    let maker = Maker::new(&graph, "Northwind");
    let server = Server::before(partnergraph_store::Database::open(graph.database.url(), Default::default()).unwrap());
    let roles = [Role::GlobalAdmin, Role::HelpdeskAgent];
    let organization = match mutation {
        "enrollPartner" => Organization::Tenant(maker.newcomer.0),
        "requestChange" => Organization::Partner { id: maker.manager.id, tenant_id: Some(maker.manager.tenant_id) },
        _ => Organization::Partner { id: maker.provider.id, tenant_id: Some(maker.provider.tenant_id) },
    };
    let token = graph.token_of(organization, "eve@maker.example", &roles);
    let (input, change) = maker.input(mutation);
    let keyed = with(&input, &json!({ "idempotencyKey": KEY }));
    let first = send(&server, &token, mutation, keyed.clone()).await;
    assert_eq!(codes(&first), [] as [&str; 0], "{first:#}");
    imports_end(&graph).await;

    let mut conn = graph.database.connect();
    let eves = "user_id = (SELECT id FROM users WHERE user_principal_name = 'eve@maker.example')";
    conn.batch(&format!("DELETE FROM user_roles WHERE role <> 'HELPDESK_AGENT' AND {eves}")).unwrap();
    for input in [keyed.clone(), with(&keyed, &change)] {
        let refused = send(&server, &token, mutation, input).await;
        assert_eq!(codes(&refused), ["ROLE_NOT_ALLOWED"], "{refused:#}");
        let revealed = refused.as_object().unwrap().iter().filter(|(name, _)| *name != "userErrors");
        for (name, value) in revealed {
            assert!(value.is_null() || *value == json!([]), "{name} is returned: {value}");
        }
    }

    let back = "INSERT INTO user_roles (user_id, role) SELECT id, 'GLOBAL_ADMIN' FROM users \
                WHERE user_principal_name = 'eve@maker.example'";
    conn.batch(back).unwrap();
    let mut again = send(&server, &token, mutation, keyed).await;
    let mut first = first;
    for secret in document(mutation).1 {
        for answer in [&mut first, &mut again] {
            answer.pointer_mut(secret).map(Value::take);
        }
    }
    assert_eq!(again, first);
}
