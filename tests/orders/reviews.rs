use partnergraph::graphql::schema;
use partnergraph_gate::as_variables;
use partnergraph_gate::{Gate, GateRequest};
use partnergraph_operation::policy::Policy;
use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::orders::world::{ADD, CANCEL, World, assert_refused, errors, expect_success, rules, with};
use crate::support::{Postgres, Role, Sqlite, Verbs};

/// The review of a new customer, and the input that submits it.
fn review(world: &World) -> (Value, Value) {
    let payload = expect_success(world.as_provider().add_customer(with(world.addition(), json!({"mode": "REVIEW"}))));
    let review = payload["review"].clone();
    let submit = with(world.addition(), json!({"reviewToken": review["token"]}));
    (review, submit)
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_review_shows_what_submitting_it_creates_and_creates_nothing(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let counts = world.row_counts();
    let lines = json!([world.line(), with(world.line(), json!({"quantity": 7})), {"offerId": "Z:1", "offerName": "Z", "billingType": "USAGE"}]);
    let input = with(world.addition(), json!({"mode": "REVIEW", "lines": lines}));
    let payload = expect_success(as_provider.add_customer(input.clone()));
    assert_eq!(payload["review"]["totalLicenses"], 12);
    assert_eq!(payload["review"]["lines"][2], json!({"offerId": "Z:1", "offerName": "Z", "quantity": null}));
    assert_eq!((&payload["customer"], &payload["credentials"]), (&Value::Null, &Value::Null));
    assert_eq!(world.row_counts(), counts);
    assert_eq!(world.count("order_reviews"), 1);

    let token = json!({"mode": "SUBMIT", "reviewToken": payload["review"]["token"]});
    let added = expect_success(as_provider.add_customer(with(input, token)));
    assert_eq!(added["subscriptions"].as_array().unwrap().len(), 3);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_review_token_is_valid_once_for_the_reviewed_input_and_its_owner(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let (_, submit) = review(&world);
    let initial = world.row_counts();
    let other_input = as_provider.add_customer(with(submit.clone(), json!({"companyName": "Another"})));
    assert_refused(&other_input, "N-05", None);
    assert_eq!(other_input["userErrors"][0]["field"], json!(["reviewToken"]));
    let unknown = as_provider.add_customer(with(submit.clone(), json!({"reviewToken": "rev_made-up"})));
    assert_refused(&unknown, "N-05", None);
    let rival = world.graph.provider("Rival").add();
    let partnered = world.graph.reseller("Other").partner_of(&rival).add();
    let rival_token = world.graph.token(&rival, &[Role::AdminAgent]);
    let before = world.row_counts();
    let of_rival = world
        .as_user(&rival_token)
        .add_customer(with(submit.clone(), json!({"reseller": {"mpnId": partnered.mpn_id}})));
    assert_refused(&of_rival, "N-05", None);
    assert!(errors(&of_rival).iter().any(|error| error["message"] == "There is no review with this token."));
    assert_eq!(world.row_counts(), before);
    assert_ne!(world.row_counts(), initial);

    expect_success(as_provider.add_customer(submit.clone()));
    assert_eq!(rules(&as_provider.add_customer(submit)), ["N-05"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_cancelled_review_cannot_be_submitted(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let (review, submit) = review(&world);
    let token = review["token"].as_str().unwrap();
    let validated = expect_success(as_provider.validating().cancel_review(token));
    assert!(validated["cancelledAt"].is_string());
    let cancelled = expect_success(as_provider.cancel_review(token));
    assert_eq!(expect_success(as_provider.cancel_review(token))["cancelledAt"], cancelled["cancelledAt"]);
    let counts = world.row_counts();
    assert_refused(&as_provider.add_customer(submit), "N-05", None);
    assert_eq!(world.row_counts(), counts);

    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    assert_eq!(rules(&world.as_user(&helpdesk).cancel_review(token)), ["A-01"]);
    let rival = world.graph.provider("Rival").add();
    let rival_token = world.graph.token(&rival, &[Role::AdminAgent]);
    assert_eq!(
        world.as_user(&rival_token).cancel_review(token),
        world.as_user(&rival_token).cancel_review("rev_made-up")
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn an_expired_review_cannot_be_submitted_or_cancelled(#[case] backend: Backend) {
    let world = tokio::task::spawn_blocking(move || World::on(backend)).await.unwrap();
    let policy = Policy { review_minutes: 0, ..Policy::default() };
    let gate = Gate::new(schema(), world.graph.database.open()).with_policy(policy);
    let run = async |document: &str, input: Value| {
        let request = GateRequest {
            query: document.to_owned(),
            variables: as_variables(json!({ "input": input })),
            token: Some(world.token.clone()),
            ..GateRequest::default()
        };
        let response = serde_json::to_value(gate.execute(request).await).unwrap();
        response["data"].as_object().unwrap().values().next().unwrap().clone()
    };
    let reviewed = expect_success(run(ADD, with(world.addition(), json!({"mode": "REVIEW"}))).await);
    let token = reviewed["review"]["token"].clone();
    let expired = run(ADD, with(world.addition(), json!({"reviewToken": token}))).await;
    assert_eq!(rules(&expired), ["N-05"]);
    assert_eq!(expired["userErrors"][0]["message"], "The review has expired; start over.");
    assert_eq!(rules(&run(CANCEL, json!({"token": token})).await), ["N-05"]);
    // A runtime must not be dropped within another one.
    tokio::task::spawn_blocking(move || drop(world)).await.unwrap();
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_review_token_is_returned_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let input = with(world.addition(), json!({"mode": "REVIEW", "idempotencyKey": "review-1"}));
    let first = expect_success(as_provider.add_customer(input.clone()));
    let again = expect_success(as_provider.add_customer(input));
    assert!(first["review"]["token"].is_string());
    assert_eq!(again["review"], with(first["review"].clone(), json!({"token": null})));
    assert_eq!(world.count("order_reviews"), 1);
    let validated =
        expect_success(as_provider.validating().add_customer(with(world.addition(), json!({"mode": "REVIEW"}))));
    assert_eq!((&validated["review"]["token"], &validated["review"]["totalLicenses"]), (&Value::Null, &json!(5)));
    assert_eq!(world.count("order_reviews"), 1);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_submit_that_fails_at_its_last_step_writes_nothing_and_can_be_retried(#[case] backend: Backend) {
    let world = World::on(backend);
    let (_, submit) = review(&world);
    let counts = world.row_counts();
    let mut conn = world.graph.database.connect();
    conn.batch("ALTER TABLE user_credentials RENAME TO out_of_the_way").unwrap();
    let response = world.api.response(&world.token, ADD, json!({ "input": submit }));
    assert_eq!(response["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{response:#}");
    assert_eq!(world.row_counts(), counts);
    conn.batch("ALTER TABLE out_of_the_way RENAME TO user_credentials").unwrap();
    expect_success(world.as_provider().add_customer(submit));
}
