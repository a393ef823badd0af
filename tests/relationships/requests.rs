//! Partnership requests: who can make them, and their contents (A-01, P-01 to P-05, P-17).

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::relationships::world::{ANNA, World, drafted, expect_success, rules};
use crate::support::{Postgres, Role, Sqlite, Verbs};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_request_is_drafted_with_a_link_personalised_to_the_provider(#[case] backend: Backend) {
    let world = World::on(backend);
    let (invitation, token) = world.request();
    assert_eq!((invitation["kind"].as_str(), invitation["state"].as_str()), (Some("PARTNERSHIP"), Some("DRAFT")));
    let draft = &invitation["emailDraft"];
    let sender = format!("Northwind (MPN ID {})", world.provider.mpn_id);
    assert_eq!(draft["to"], "anna@fabrikam.example");
    assert!(draft["subject"].as_str().unwrap().contains(&sender), "P-03: {draft}");
    let body = draft["body"].as_str().unwrap();
    assert!(body.contains(&sender) && body.contains(invitation["link"].as_str().unwrap()));
    // The link opens the same e-mail: recipient, subject, and body with the line ends of e-mails (RFC 6068).
    let mailto = url::Url::parse(draft["mailto"].as_str().unwrap()).unwrap();
    assert_eq!((mailto.scheme(), mailto.path()), ("mailto", "anna@fabrikam.example"));
    let decoded: Vec<(String, String)> = mailto.query_pairs().into_owned().collect();
    let subject = draft["subject"].as_str().unwrap().to_owned();
    assert_eq!(decoded, [("subject".to_owned(), subject), ("body".to_owned(), body.replace('\n', "\r\n"))]);

    // Two requests have two tokens, and no table contains one.
    let (_, other) = drafted(world.as_provider().request_partnership(ANNA));
    assert_ne!(token, other);
    assert!(token.len() >= 43);
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM invitations WHERE message LIKE '%{link}%'"), 2);
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM invitations WHERE message LIKE '%#token=%'"), 0);
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM audit_events WHERE changes LIKE '%token%'"), 0);
    // P-05: the system sends nothing.
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM outbox"), 0);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_message_can_be_edited_if_it_keeps_the_link(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let edited = as_provider.with(json!({"message": "Work with us: {link}. Bye"}));
    let (invitation, token) = drafted(edited.request_partnership(ANNA));
    let body = format!("Work with us: http://127.0.0.1:8080/invitation#token={token}. Bye");
    assert_eq!(invitation["emailDraft"]["body"], body);
    let refused = as_provider.with(json!({"message": "Work with us."})).request_partnership(ANNA);
    assert_eq!(rules(&refused), ["P-04"]);
    assert_eq!(refused["userErrors"][0]["field"], json!(["message"]));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_partnership_is_requested_by_a_provider_with_an_address(#[case] backend: Backend) {
    let world = World::on(backend);
    assert_eq!(rules(&world.as_reseller().request_partnership(ANNA)), ["P-01"]);
    for address in ["", "anna"] {
        let refused = world.as_provider().request_partnership(address);
        assert_eq!(rules(&refused), ["P-02"], "{address}");
    }
    let request = |token: &str| world.as_user(token).request_partnership(ANNA);
    for role in [Role::UserAdmin, Role::AdminAgent, Role::SalesAgent] {
        expect_success(request(&world.graph.token(&world.provider, &[role])));
    }
    let refused = request(&world.graph.token(&world.provider, &[Role::HelpdeskAgent]));
    assert_eq!(rules(&refused), ["A-01"]);
    assert_eq!(refused["userErrors"][0]["microsoftCode"], 900_150);
    let customer = world.graph.customer(&world.provider, "Contoso");
    for token in [world.graph.operator_token(), world.graph.customer_token(&customer)] {
        let refused = request(&token);
        assert_eq!(
            (rules(&refused), &refused["userErrors"][0]["microsoftCode"]),
            (vec!["A-01".to_owned()], &json!(900_150))
        );
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_is_named_by_its_public_ids_and_must_be_in_the_region(#[case] backend: Backend) {
    let world = World::on(backend);
    let request = |reseller: Value| world.as_provider().with(json!({"reseller": reseller})).request_partnership(ANNA);
    expect_success(request(json!({"tenantId": world.reseller.tenant_id})));
    assert_eq!(rules(&request(json!({"mpnId": "1"}))), ["NOT_FOUND"]);
    assert_eq!(rules(&request(json!({"mpnId": world.provider.mpn_id}))), ["NOT_FOUND"]);
    let far = world.graph.reseller("Tokyo").country("JP").add();
    let refused = request(json!({"mpnId": far.mpn_id}));
    assert_eq!(rules(&refused), ["P-17"]);
    assert_eq!(refused["userErrors"][0]["microsoftCode"], 2201);
    // two markets of the same region.
    let near = world.graph.reseller("Lisboa").country("PT").add();
    expect_success(request(json!({"mpnId": near.mpn_id})));
    world.graph.partnership(&world.provider, &world.reseller);
    assert_eq!(rules(&request(json!({"mpnId": world.reseller.mpn_id}))), ["ALREADY_PARTNERS"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_idempotency_key_makes_one_request_and_returns_its_link_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let with_key = world.as_provider().with(json!({"idempotencyKey": "one"}));
    let (first, _) = drafted(with_key.request_partnership(ANNA));
    let again = expect_success(with_key.request_partnership(ANNA));
    assert_eq!(again["invitation"]["id"], first["id"]);
    assert_eq!((&again["invitation"]["link"], &again["invitation"]["emailDraft"]), (&Value::Null, &Value::Null));
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM invitations"), 1);
    assert_eq!(rules(&with_key.request_partnership("jan@fabrikam.example")), ["IDEMPOTENCY_KEY_REUSED"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn validating_a_request_creates_and_returns_nothing(#[case] backend: Backend) {
    let world = World::on(backend);
    let reseller = json!({"reseller": {"mpnId": world.reseller.mpn_id}, "validateOnly": true});
    let validated = expect_success(world.as_provider().with(reseller).request_partnership(ANNA));
    assert_eq!(validated["invitation"], Value::Null);
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM invitations"), 0);
    assert_eq!(world.partnership_states(), (vec![], vec![]));
}
