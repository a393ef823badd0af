use partnergraph::graphql::schema;
use partnergraph_gate::as_variables;
use partnergraph_gate::{Gate, GateRequest};
use partnergraph_operation::policy::Policy;
use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::orders::world::{ADD, CANCEL, World, done, errors, refused, rules, with};
use crate::support::{Postgres, Role, Sqlite, Verbs};

/// The review of a new customer, and the input that submits it.
fn review(world: &World) -> (Value, Value) {
    let payload = done(world.as_provider().add_customer(with(world.addition(), json!({"mode": "REVIEW"}))));
    let review = payload["review"].clone();
    let submit = with(world.addition(), json!({"reviewToken": review["token"]}));
    (review, submit)
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_review_shows_what_a_submit_creates_and_creates_nothing_itself(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let made = world.made();
    let lines = json!([world.line(), with(world.line(), json!({"quantity": 7})), {"offerId": "Z:1", "offerName": "Z", "billingType": "USAGE"}]);
    let input = with(world.addition(), json!({"mode": "REVIEW", "lines": lines}));
    let payload = done(as_provider.add_customer(input.clone()));
    assert_eq!(payload["review"]["totalLicenses"], 12);
    assert_eq!(payload["review"]["lines"][2], json!({"offerId": "Z:1", "offerName": "Z", "quantity": null}));
    assert_eq!((&payload["customer"], &payload["credentials"]), (&Value::Null, &Value::Null));
    assert_eq!(world.made(), made);
    assert_eq!(world.count("order_reviews"), 1);

    let token = json!({"mode": "SUBMIT", "reviewToken": payload["review"]["token"]});
    let added = done(as_provider.add_customer(with(input, token)));
    assert_eq!(added["subscriptions"].as_array().unwrap().len(), 3);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_token_is_valid_once_for_the_reviewed_input_and_its_owner(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let (_, submit) = review(&world);
    let made = world.made();
    let other_input = as_provider.add_customer(with(submit.clone(), json!({"companyName": "Another"})));
    refused(&other_input, "N-05", None);
    assert_eq!(other_input["userErrors"][0]["field"], json!(["reviewToken"]));
    let made_up = as_provider.add_customer(with(submit.clone(), json!({"reviewToken": "rev_made-up"})));
    refused(&made_up, "N-05", None);
    let rival = world.graph.provider("Rival").add();
    let partnered = world.graph.reseller("Other").partner_of(&rival).add();
    let rivals = world.graph.token(&rival, &[Role::AdminAgent]);
    let before = world.made();
    let theirs =
        world.as_user(&rivals).add_customer(with(submit.clone(), json!({"reseller": {"mpnId": partnered.mpn_id}})));
    refused(&theirs, "N-05", None);
    assert!(errors(&theirs).iter().any(|error| error["message"] == "There is no review with this token."));
    assert_eq!(world.made(), before);
    assert_ne!(world.made(), made);

    done(as_provider.add_customer(submit.clone()));
    assert_eq!(rules(&as_provider.add_customer(submit)), ["N-05"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_cancelled_review_submits_nothing(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let (review, submit) = review(&world);
    let token = review["token"].as_str().unwrap();
    let validated = done(as_provider.validating().cancel_review(token));
    assert_eq!(validated["cancelledAt"], Value::Null);
    let cancelled = done(as_provider.cancel_review(token));
    assert_eq!(done(as_provider.cancel_review(token))["cancelledAt"], cancelled["cancelledAt"]);
    let made = world.made();
    refused(&as_provider.add_customer(submit), "N-05", None);
    assert_eq!(world.made(), made);

    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    assert_eq!(rules(&world.as_user(&helpdesk).cancel_review(token)), ["A-01"]);
    let rival = world.graph.provider("Rival").add();
    let rivals = world.graph.token(&rival, &[Role::AdminAgent]);
    assert_eq!(world.as_user(&rivals).cancel_review(token), world.as_user(&rivals).cancel_review("rev_made-up"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn an_expired_review_submits_nothing_and_cannot_be_cancelled(#[case] backend: Backend) {
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
        let answer = serde_json::to_value(gate.execute(request).await).unwrap();
        answer["data"].as_object().unwrap().values().next().unwrap().clone()
    };
    let reviewed = done(run(ADD, with(world.addition(), json!({"mode": "REVIEW"}))).await);
    let token = reviewed["review"]["token"].clone();
    let late = run(ADD, with(world.addition(), json!({"reviewToken": token}))).await;
    assert_eq!(rules(&late), ["N-05"]);
    assert_eq!(late["userErrors"][0]["message"], "The review has expired; start over.");
    assert_eq!(rules(&run(CANCEL, json!({"token": token})).await), ["N-05"]);
    // A runtime must not be dropped within another one.
    tokio::task::spawn_blocking(move || drop(world)).await.unwrap();
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reviews_token_is_returned_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let input = with(world.addition(), json!({"mode": "REVIEW", "idempotencyKey": "review-1"}));
    let first = done(as_provider.add_customer(input.clone()));
    let again = done(as_provider.add_customer(input));
    assert!(first["review"]["token"].is_string());
    assert_eq!(again["review"], with(first["review"].clone(), json!({"token": null})));
    assert_eq!(world.count("order_reviews"), 1);
    let validated = done(as_provider.validating().add_customer(with(world.addition(), json!({"mode": "REVIEW"}))));
    assert_eq!(validated["review"], Value::Null);
    assert_eq!(world.count("order_reviews"), 1);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_submit_that_fails_at_its_last_step_writes_nothing_and_can_be_retried(#[case] backend: Backend) {
    let world = World::on(backend);
    let (_, submit) = review(&world);
    let made = world.made();
    let mut conn = world.graph.database.connect();
    conn.batch("ALTER TABLE user_credentials RENAME TO out_of_the_way").unwrap();
    let answer = world.api.response(&world.token, ADD, json!({ "input": submit }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{answer:#}");
    assert_eq!(world.made(), made);
    conn.batch("ALTER TABLE out_of_the_way RENAME TO user_credentials").unwrap();
    done(world.as_provider().add_customer(submit));
}
