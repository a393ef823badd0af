//! Tokens of an OpenID Connect issuer.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use partnergraph::graphql::schema;
use partnergraph_domain::TenantId;
use partnergraph_gate::{Gate, GateRequest};
use partnergraph_operation::auth::{Authenticator, Credential, KeySource, OidcSettings, actor};
use partnergraph_store::Scope;
use partnergraph_store::clock;
use partnergraph_store::write::users::{self, Organization};
use rstest::rstest;
use serde_json::{Value, json};

use crate::api::caller::Api;
use crate::api::issuer::{Key, issuer};
use crate::support::{Backend, Postgres, Role, Sqlite};

const ISSUER: &str = "https://login.example/v2.0";
const AUDIENCE: &str = "api://partnergraph";
const VIEWER: &str = "{ viewer { userPrincipalName roles user { id } \
     organization { __typename ... on Partner { mpnId } ... on Customer { tenantId } } } }";

/// The claims of a token that is valid for an hour.
fn claims(tenant: TenantId, roles: &[&str]) -> Value {
    let now = clock::now().and_utc().timestamp();
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "tid": tenant, "upn": "ida@issuer.example", "roles": roles,
        "iat": now, "nbf": now, "exp": now + 3600,
    })
}

fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

fn without(claims: &Value, name: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

/// A graph behind a gate that trusts the issuer.
struct World {
    api: Api,
    key: Key,
    file: PathBuf,
}

impl World {
    fn on(backend: Backend) -> Self {
        let (api, key) = (Api::on(backend), Key::rsa("one"));
        let file = api.graph.database.directory().join("keys.json");
        let world = Self { api, key, file };
        world.publish(&[&world.key]);
        world
    }

    fn publish(&self, keys: &[&Key]) {
        let keys: Vec<&Value> = keys.iter().map(|key| &key.public).collect();
        std::fs::write(&self.file, json!({ "keys": keys }).to_string()).unwrap();
    }

    fn settings(&self) -> OidcSettings {
        OidcSettings {
            issuer: ISSUER.to_owned(),
            audiences: vec!["api://other".to_owned(), AUDIENCE.to_owned()],
            keys: KeySource::File(self.file.clone()),
            operator_role: None,
            operator_tenant: None,
            retry_after: Duration::ZERO,
        }
    }

    fn gate(&self, settings: OidcSettings) -> Gate {
        Gate::new(schema(), self.api.database.clone()).with_authenticator(Authenticator::new(Some(settings)))
    }
}

async fn answer(gate: &Gate, token: &str) -> Value {
    let request = GateRequest {
        query: VIEWER.to_owned(),
        token: Some(token.to_owned()),
        request_id: "test".to_owned(),
        ..GateRequest::default()
    };
    serde_json::to_value(gate.execute(request).await).unwrap()
}

async fn viewer(gate: &Gate, token: &str) -> Value {
    let mut answer = answer(gate, token).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"]["viewer"].take()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_token_of_the_issuer_acts_for_its_tenants_organisation_with_its_own_roles(#[case] backend: Backend) {
    let world = World::on(backend);
    let elliptic = Key::elliptic("two");
    world.publish(&[&world.key, &elliptic]);
    let provider = world.api.graph.provider("Northwind").add();
    let customer = world.api.graph.customer(&provider, "Contoso");
    let nobody = TenantId(world.api.graph.guid());
    let gate = world.gate(world.settings());
    for key in [&world.key, &elliptic] {
        let partners = claims(provider.tenant_id, &["SALES_AGENT", "Some.Other.App", "HELPDESK_AGENT", "OPERATOR"]);
        assert_eq!(
            viewer(&gate, &key.sign(&partners)).await,
            json!({
                "userPrincipalName": "ida@issuer.example", "roles": ["HELPDESK_AGENT", "SALES_AGENT"], "user": null,
                "organization": {"__typename": "Partner", "mpnId": provider.mpn_id.to_string()},
            })
        );
        let customers = viewer(&gate, &key.sign(&claims(customer.tenant_id, &["GLOBAL_ADMIN"]))).await;
        assert_eq!(customers["organization"], json!({"__typename": "Customer", "tenantId": customer.tenant_id}));
        for token in [claims(nobody, &["GLOBAL_ADMIN"]), claims(provider.tenant_id, &["Some.Other.App"])] {
            assert_eq!(viewer(&gate, &key.sign(&token)).await["organization"], Value::Null);
        }
    }
    // Access tokens are still accepted.
    let ours = world.api.admin(&provider);
    assert!(viewer(&gate, &ours).await["user"]["id"].is_string());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn every_invalid_token_gets_the_same_response(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.api.graph.provider("Northwind").add();
    let gate = world.gate(world.settings());
    let (key, good, now) =
        (&world.key, claims(provider.tenant_id, &["GLOBAL_ADMIN"]), clock::now().and_utc().timestamp());
    let refused = answer(&gate, "pgr_wrong").await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");

    let mut bad: Vec<(&str, String)> = [
        ("another issuer", with(&good, "iss", json!("https://login.example"))),
        ("another audience", with(&good, "aud", json!("api://somebody"))),
        ("expired", with(&good, "exp", json!(now - 120))),
        ("not valid yet", with(&good, "nbf", json!(now + 120))),
        ("no tenant that is one", with(&good, "tid", json!("northwind"))),
        ("a name of two lines", with(&good, "upn", json!("ida@issuer.example\nroot"))),
    ]
    .into_iter()
    .map(|(what, claims)| (what, key.sign(&claims)))
    .collect();
    for claim in ["iss", "aud", "exp", "tid", "upn"] {
        bad.push((claim, key.sign(&without(&good, claim))));
    }
    let signed = key.sign(&good);
    let parts: Vec<&str> = signed.split('.').collect();
    let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let more = encoded(with(&good, "roles", json!(["GLOBAL_ADMIN", "ADMIN_AGENT"])));
    bad.push(("changed after it was signed", format!("{}.{more}.{}", parts[0], parts[2])));
    let none = encoded(json!({"alg": "none", "typ": "JWT", "kid": "one"}));
    bad.push(("not signed", format!("{none}.{}.", parts[1])));
    bad.push(("not signed, in other words", format!("{none}.{}.{}", parts[1], parts[2])));
    // The public key, which everyone knows, used as a secret.
    let secret = EncodingKey::from_secret(key.public["n"].as_str().unwrap().as_bytes());
    let shared = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::HS256) };
    bad.push(("signed with the public key", encode(&shared, &good, &secret).unwrap()));
    let stranger = Key::rsa("one");
    bad.push(("signed with another key", stranger.sign(&good)));
    bad.push(("of a key that is not known", Key::rsa("zero").sign(&good)));
    bad.push(("of another kind of key", Key::elliptic("one").sign(&good)));
    let header = |change: fn(&mut Header)| {
        let mut header = key.header();
        change(&mut header);
        encode(&header, &good, &key.signing).unwrap()
    };
    bad.push(("critical", header(|header| header.crit = Some(vec!["exp".to_owned()]))));
    bad.push(("a logout token", header(|header| header.typ = Some("logout+jwt".to_owned()))));
    bad.push(("endless", format!("{}{}", "e".repeat(20_000), signed)));
    bad.push(("nonsense", "a.b.c".to_owned()));
    for (what, token) in bad {
        assert_eq!(answer(&gate, &token).await, refused, "{what}");
    }
    // Small clock differences, and another spelling of the type, are accepted.
    for fine in [with(&good, "exp", json!(now - 30)), with(&good, "nbf", json!(now + 30))] {
        viewer(&gate, &key.sign(&fine)).await;
    }
    viewer(&gate, &header(|header| header.typ = Some("at+jwt".to_owned()))).await;
    // A server that trusts no issuer accepts none of its tokens.
    let trusting_none = Gate::new(schema(), world.api.database.clone());
    assert_eq!(answer(&trusting_none, &signed).await, refused);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn only_the_configured_role_and_tenant_make_an_operator(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.api.graph.provider("Northwind").add();
    world.api.graph.customer(&provider, "Contoso");
    let platform = TenantId(world.api.graph.guid());
    let customers = async |gate: &Gate, tenant: TenantId, role: &str| {
        let request = GateRequest {
            query: "{ customers { totalCount } viewer { roles } }".to_owned(),
            token: Some(world.key.sign(&claims(tenant, &[role, "OPERATOR"]))),
            ..GateRequest::default()
        };
        serde_json::to_value(gate.execute(request).await).unwrap()["data"].take()
    };
    let nothing = json!({"customers": {"totalCount": 0}, "viewer": {"roles": []}});
    let everything = json!({"customers": {"totalCount": 1}, "viewer": {"roles": ["OPERATOR"]}});
    let gate = world.gate(world.settings());
    assert_eq!(customers(&gate, platform, "Graph.Operate").await, nothing);
    let named = OidcSettings { operator_role: Some("Graph.Operate".to_owned()), ..world.settings() };
    let gate = world.gate(named.clone());
    assert_eq!(customers(&gate, platform, "Graph.Operate").await, everything);
    assert_eq!(customers(&gate, platform, "GRAPH.OPERATE").await, nothing);
    let gate = world.gate(OidcSettings { operator_tenant: Some(platform), ..named });
    assert_eq!(customers(&gate, platform, "Graph.Operate").await, everything);
    assert_eq!(customers(&gate, provider.tenant_id, "Graph.Operate").await, nothing);
}

#[tokio::test]
async fn an_issuer_of_many_tenants_names_the_tenant_in_its_tokens() {
    let world = World::on(Sqlite);
    let provider = world.api.graph.provider("Northwind").add();
    let settings = OidcSettings { issuer: "https://login.example/{tenantid}/v2.0".to_owned(), ..world.settings() };
    let gate = world.gate(settings);
    let of = |issuer: TenantId| {
        let issuer = json!(format!("https://login.example/{issuer}/v2.0"));
        world.key.sign(&with(&claims(provider.tenant_id, &["GLOBAL_ADMIN"]), "iss", issuer))
    };
    assert_eq!(viewer(&gate, &of(provider.tenant_id)).await["organization"]["__typename"], "Partner");
    let other = TenantId(world.api.graph.guid());
    assert_eq!(answer(&gate, &of(other)).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_known_user_acts_as_that_user_and_a_removed_one_is_refused(#[case] backend: Backend) {
    let world = World::on(backend);
    let graph = &world.api.graph;
    let direct = graph.direct_bill("Direct").add();
    let reseller = graph.reseller("Reseller").tenant_id(direct.tenant_id.0).add();
    let gate = world.gate(world.settings());
    let token = world.key.sign(&claims(direct.tenant_id, &["ADMIN_AGENT"]));
    assert_eq!(viewer(&gate, &token).await["organization"]["mpnId"], direct.mpn_id.to_string());

    let organization = Organization::Partner { id: reseller.id, tenant_id: Some(reseller.tenant_id) };
    let name = "Ida@Issuer.example";
    let (user, _) =
        graph.write(|conn, actor, now| users::set_roles(conn, actor, now, organization, name, &[Role::HelpdeskAgent]));
    let known = viewer(&gate, &token).await;
    assert_eq!(known["organization"]["mpnId"], reseller.mpn_id.to_string());
    assert_eq!((known["user"]["id"].is_string(), &known["roles"]), (true, &json!(["ADMIN_AGENT"])));

    graph.write(|conn, actor, now| users::remove(conn, actor, now, organization, user));
    assert_eq!(answer(&gate, &token).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_long_operation_ends_when_the_token_expires(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.api.graph.provider("Northwind").add();
    let token = world.key.sign(&claims(provider.tenant_id, &["ADMIN_AGENT"]));
    let credential = Authenticator::new(Some(world.settings())).identify(&token).await.unwrap();
    assert!(matches!(credential, Credential::Issued(_)));
    let mut conn = world.api.graph.database.connect();
    let now = clock::now();
    let mut scope = |after| actor(&mut conn, &credential, now + chrono::Duration::seconds(after)).unwrap();
    assert!(matches!(scope(3_600).map(|actor| actor.scope), Some(Scope::Partner { id, .. }) if id == provider.id));
    assert!(scope(3_700).is_none());
}

#[tokio::test]
async fn tokens_with_invented_keys_do_not_cause_requests_to_the_issuer() {
    let world = World::on(Sqlite);
    let provider = world.api.graph.provider("Northwind").add();
    let (address, requests) = issuer(json!({ "keys": [world.key.public] })).await;
    let keys = KeySource::Url(address.parse().unwrap());
    let gate = world.gate(OidcSettings { keys, retry_after: Duration::from_secs(60), ..world.settings() });
    let good = claims(provider.tenant_id, &["ADMIN_AGENT"]);
    let stranger = Key::rsa("zero");
    let tokens: Vec<String> = (0..20)
        .map(|number| stranger.sign(&with(&good, "jti", json!(number))))
        .chain([world.key.sign(&good)])
        .collect();
    futures_util::future::join_all(tokens.iter().map(|token| answer(&gate, token))).await;
    viewer(&gate, &world.key.sign(&good)).await;
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_new_key_is_found_and_a_withdrawn_key_is_not_trusted() {
    let world = World::on(Sqlite);
    let provider = world.api.graph.provider("Northwind").add();
    let gate = world.gate(world.settings());
    let (next, good) = (Key::elliptic("two"), claims(provider.tenant_id, &["ADMIN_AGENT"]));
    viewer(&gate, &world.key.sign(&good)).await;
    world.publish(&[&next]);
    viewer(&gate, &next.sign(&good)).await;
    assert_eq!(answer(&gate, &world.key.sign(&good)).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn secrets_and_keys_of_other_uses_in_the_set_verify_nothing() {
    let world = World::on(Sqlite);
    let provider = world.api.graph.provider("Northwind").add();
    let (encrypting, weak) = (Key::rsa("enc"), Key::rsa("weak"));
    let mut public = encrypting.public.clone();
    public["use"] = json!("enc");
    let secret = json!({"kty": "oct", "kid": "oct", "k": URL_SAFE_NO_PAD.encode("secret"), "alg": "HS256"});
    let mut other = weak.public.clone();
    other["alg"] = json!("RS512");
    let keys = json!({"keys": [public, secret, other, {"kty": "unheard-of"}, world.key.public]});
    std::fs::write(&world.file, keys.to_string()).unwrap();
    let gate = world.gate(world.settings());
    let good = claims(provider.tenant_id, &["ADMIN_AGENT"]);
    viewer(&gate, &world.key.sign(&good)).await;
    let shared = Header { kid: Some("oct".to_owned()), ..Header::new(Algorithm::HS256) };
    let shared = encode(&shared, &good, &EncodingKey::from_secret(b"secret")).unwrap();
    for token in [encrypting.sign(&good), weak.sign(&good), shared] {
        assert_eq!(answer(&gate, &token).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn an_unreachable_issuer_does_not_affect_other_tokens() {
    let world = World::on(Sqlite);
    let provider = world.api.graph.provider("Northwind").add();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/keys", listener.local_addr().unwrap());
    drop(listener);
    let keys = KeySource::Url(address.parse().unwrap());
    let gate = world.gate(OidcSettings { keys, ..world.settings() });
    let token = world.key.sign(&claims(provider.tenant_id, &["ADMIN_AGENT"]));
    assert_eq!(answer(&gate, &token).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    viewer(&gate, &world.api.admin(&provider)).await;
}
