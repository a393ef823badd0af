use partnergraph_domain::{SubscriptionId, SubscriptionStatus};
use partnergraph_store::Backend;
use partnergraph_store::write::associations::{self, AssociationOf};
use rstest::rstest;
use serde_json::{Value, json};

use crate::mutations::world::{World, codes, errors, rules};
use crate::support::{Api, Named, Partner, Postgres, Role, Sqlite, Verbs};

fn has_access(world: &World, reseller: &Partner) -> bool {
    let key =
        AssociationOf { provider_id: world.provider.id, customer_id: world.customer.id, reseller_id: reseller.id };
    associations::stands(&mut world.graph.database.connect(), key).unwrap()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_partner_of_record_of_a_subscription_is_set_and_cleared(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let payload = as_provider.associate(&world.subscription, &world.reseller);
    assert_eq!(errors(&payload), [] as [Value; 0]);
    assert_eq!(payload["customerSubscription"]["version"], 2);
    assert_eq!(world.stored().reseller_id, Some(world.reseller.id));

    let cleared = as_provider.dissociate(&world.subscription);
    assert_eq!(errors(&cleared), [] as [Value; 0]);
    assert_eq!((world.stored().reseller_id, world.stored().version), (None, 3));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_same_association_again_changes_nothing(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    as_provider.associate(&world.subscription, &world.reseller);
    let before = world.stored();
    let again = as_provider.associate(&world.subscription, &world.reseller);
    assert_eq!(errors(&again), [] as [Value; 0]);
    assert_eq!(world.stored(), before);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn validating_returns_the_same_errors_and_writes_nothing(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let before = world.stored();
    let accepted = as_provider.validating().associate(&world.subscription, &world.reseller);
    assert_eq!(errors(&accepted), [] as [Value; 0]);
    assert_eq!(accepted["customerSubscription"]["version"], 2);
    assert_eq!(world.stored(), before);

    let unsigned = world.graph.reseller("Litware").without_agreement().partner_of(&world.provider).add();
    let validated = as_provider.validating().associate(&world.subscription, &unsigned);
    let refused = as_provider.associate(&world.subscription, &unsigned);
    assert_eq!(validated, refused);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_without_the_agreement_is_refused_with_every_rule_it_breaks(#[case] backend: Backend) {
    let world = World::on(backend);
    let unsigned = world.graph.reseller("Litware").without_agreement().partner_of(&world.provider).add();
    let refused = world.as_provider().associate(&world.subscription, &unsigned);
    assert_eq!(rules(&refused), ["M-02", "B-06", "M-03", "M-04"]);
    assert_eq!(errors(&refused)[0]["microsoftCode"], 2203);
    assert_eq!(errors(&refused)[2]["microsoftCode"], 900_123);
    assert_eq!(errors(&refused)[0]["field"], json!(["reseller"]));
    assert_eq!(refused["customerSubscription"], Value::Null);
    assert_eq!(world.stored().reseller_id, None);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_invisible_and_an_unknown_mpn_id_are_refused_alike(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let stranger = world.graph.reseller("Stranger").add();
    let known = as_provider.associate(&world.subscription, &stranger);
    let unknown = as_provider.associate(&world.subscription, "7777777");
    assert!(rules(&known).contains(&"N-09".to_owned()) && rules(&known).contains(&"P-06".to_owned()), "{known:#}");
    assert!(errors(&known).iter().any(|error| error["microsoftCode"] == 800_016));
    let without_number = |payload: &Value| payload.to_string().replace(&stranger.mpn_id.to_string(), "7777777");
    // The stranger's MPN ID is in the MPN profiles, which are public in that respect; nothing about its account is revealed.
    let comparable = |payload: &Value| {
        errors(payload)
            .into_iter()
            .filter(|error| error["rule"] != "B-05")
            .map(|error| without_number(&error))
            .collect::<Vec<_>>()
    };
    assert_eq!(comparable(&known), comparable(&unknown));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn after_a_partnership_existing_assignments_remain_but_new_ones_are_refused(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let assigned = world.graph.subscription(&world.provider, &world.customer).reseller(&world.reseller).add();
    world.graph.end_partnership(&world.provider, &world.reseller);
    let refused = as_provider.associate(&world.subscription, &world.reseller);
    assert_eq!(rules(&refused), ["P-06", "N-09", "X-09"]);
    let cleared = as_provider.dissociate(&assigned);
    assert_eq!(errors(&cleared), [] as [Value; 0]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_deleted_subscription_and_a_reservation_cannot_be_changed(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let deleted = world.graph.subscription(&world.provider, &world.customer).status(SubscriptionStatus::Deleted).add();
    let fixed = world.graph.subscription(&world.provider, &world.customer).fixed().add();
    let refused = as_provider.associate(&deleted, &world.reseller);
    assert_eq!(errors(&refused)[0]["microsoftCode"], 2011);
    let refused = as_provider.associate(&fixed, &world.reseller);
    assert_eq!(rules(&refused), ["B-03"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_the_accounts_own_location_mpn_id_is_accepted(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    world.graph.reseller("Litware").global_mpn_id(4_999_000).partner_of(&world.provider).add();
    let refused = as_provider.associate(&world.subscription, "4999000");
    assert_eq!(rules(&refused), ["B-05"]);
    assert_eq!(errors(&refused)[0]["microsoftCode"], 2200);

    let own = as_provider.associate(&world.subscription, &world.provider);
    assert_eq!(errors(&own)[0]["microsoftCode"], 2072);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_role_that_is_not_allowed_is_reported_alone(#[case] backend: Backend) {
    let world = World::on(backend);
    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    let refused = world.as_user(&helpdesk).associate(&world.subscription, &world.reseller);
    assert_eq!(rules(&refused), ["A-01"]);
    assert_eq!(errors(&refused)[0]["microsoftCode"], 900_150);

    // A reseller and the customer see the subscription but cannot change it, and learn only that.
    world.as_provider().associate(&world.subscription, &world.reseller);
    let unsigned = world.graph.reseller("Litware").without_agreement().partner_of(&world.provider).add();
    for token in [
        world.graph.token(&world.reseller, &[Role::GlobalAdmin]),
        world.graph.customer_token(&world.customer),
        world.graph.operator_token(),
    ] {
        let refused = world.as_user(&token).associate(&world.subscription, &unsigned);
        assert_eq!(rules(&refused), ["A-01"], "{refused:#}");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_invisible_target_is_not_found(#[case] backend: Backend) {
    let world = World::on(backend);
    let other = world.graph.provider("Adatum").add();
    let token = world.graph.token(&other, &[Role::AdminAgent]);
    let hidden = world.as_user(&token).associate(&world.subscription, &world.reseller);
    assert_eq!((codes(&hidden), rules(&hidden)), (vec!["NOT_FOUND".to_owned()], vec!["-".to_owned()]));
    assert_eq!(errors(&hidden)[0]["field"], json!(["subscription"]));
    let unknown = SubscriptionId(world.graph.guid());
    assert_eq!(world.as_user(&token).associate(&unknown, &world.reseller), hidden);
    let hidden = world.as_user(&token).associate(&world.customer, &world.reseller);
    assert_eq!(errors(&hidden)[0]["field"], json!(["customer"]));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_stale_version_is_reported_with_the_other_errors(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let fresh = as_provider.with(json!({"ifVersion": 1})).associate(&world.subscription, &world.reseller);
    assert_eq!(errors(&fresh), [] as [Value; 0]);
    let unsigned = world.graph.reseller("Litware").without_agreement().partner_of(&world.provider).add();
    let refused = as_provider.with(json!({"ifVersion": 1})).associate(&world.subscription, &unsigned);
    assert_eq!(rules(&refused), ["M-02", "B-06", "M-03", "M-04", "-"]);
    let last = &errors(&refused)[4];
    assert_eq!(
        (&last["microsoftCode"], &last["rule"], &last["field"]),
        (&json!(2055), &Value::Null, &json!(["ifVersion"]))
    );
    assert_eq!(world.stored().version, 2);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn of_many_updates_of_the_same_version_only_one_succeeds(#[case] backend: Backend) {
    let world = World::on(backend);
    let other = world.graph.reseller("Litware").partner_of(&world.provider).add();
    // Separate servers, so that only the database coordinates them.
    let apis: Vec<Api> = (0..8).map(|_| Api::on(&world.graph.database)).collect();
    let (token, subscription) = (world.token.as_str(), &world.subscription);
    let responses: Vec<Value> = std::thread::scope(|scope| {
        let running: Vec<_> = apis
            .iter()
            .zip([&world.reseller, &other].into_iter().cycle())
            .map(|(api, reseller)| {
                let as_provider = api.as_user(token).with(json!({"ifVersion": 1}));
                scope.spawn(move || as_provider.associate(subscription, reseller))
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let succeeded = responses.iter().filter(|response| errors(response).is_empty()).count();
    let stale = responses.iter().filter(|response| codes(response) == ["STALE_VERSION"]).count();
    assert_eq!((succeeded, stale, world.stored().version), (1, 7, 2));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_account_association_changes_no_partner_of_record(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let before = world.stored();
    let payload = as_provider.associate(&world.customer, &world.reseller);
    assert_eq!(errors(&payload), [] as [Value; 0]);
    assert!(has_access(&world, &world.reseller));
    assert_eq!(world.stored(), before);
    assert_eq!(payload["customerSubscription"], Value::Null);

    let removed = as_provider.dissociate_account(&world.customer, &world.reseller);
    assert_eq!(errors(&removed), [] as [Value; 0]);
    assert!(!has_access(&world, &world.reseller));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_cannot_grant_or_remove_access_even_to_its_own_customers(#[case] backend: Backend) {
    let world = World::on(backend);
    world.as_provider().associate(&world.customer, &world.reseller);
    let token = world.graph.token(&world.reseller, &[Role::GlobalAdmin]);
    let own = world.graph.customer_also_of(&world.reseller, &world.customer);
    assert_eq!(own.id, world.customer.id);
    assert_eq!(rules(&world.as_user(&token).dissociate_account(&world.customer, &world.reseller)), ["A-01"]);
    assert_eq!(rules(&world.as_user(&token).associate(&world.customer, &world.reseller)), ["A-01"]);
    assert!(has_access(&world, &world.reseller));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_input_must_name_exactly_one_target(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let both = as_provider.with(json!({"customer": world.customer.lookup()}));
    assert_eq!(codes(&both.associate(&world.subscription, &world.reseller)), ["BAD_INPUT"]);
    let neither = json!({"reseller": world.reseller.lookup()});
    assert_eq!(codes(&as_provider.perform("AssociateReseller", neither)), ["BAD_INPUT"]);
    assert_eq!(codes(&as_provider.dissociate(&world.customer)), ["BAD_INPUT"], "an account needs a reseller");
}

const MANY: &str = "mutation($input: AssociateResellersInput!) { associateResellers(input: $input) { succeeded failed \
     results { index customerSubscription { subscriptionId } userErrors { rule field } } } }";

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn bulk_changes_are_all_or_nothing_or_partial_on_request(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let unsigned = world.graph.reseller("Litware").without_agreement().partner_of(&world.provider).add();
    let second = world.graph.subscription(&world.provider, &world.customer).add();
    let refused_item = json!({"subscription": second.lookup(), "reseller": unsigned.lookup()});
    let items = json!([world.association(&world.reseller), refused_item]);

    let rejected = as_provider.run(MANY, json!({"errorPolicy": "REJECT_EVERYTHING", "items": items}));
    assert_eq!((&rejected["succeeded"], &rejected["failed"]), (&json!(0), &json!(2)));
    assert_eq!(rejected["results"][0]["userErrors"], json!([]));
    assert_eq!(rejected["results"][1]["userErrors"][0], json!({"rule": "M-02", "field": ["items", "1", "reseller"]}));
    assert_eq!(world.stored().reseller_id, None);

    // An item cannot be validated while others are saved.
    let mut validated = items.clone();
    validated[1]["validateOnly"] = json!(true);
    let input = json!({"input": {"errorPolicy": "REJECT_FAILED_ROWS", "items": validated}});
    let response = world.api.response(&world.token, MANY, input);
    assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{response:#}");
    assert_eq!(world.stored().reseller_id, None);

    let partial = as_provider.run(MANY, json!({"errorPolicy": "REJECT_FAILED_ROWS", "items": items}));
    assert_eq!((&partial["succeeded"], &partial["failed"]), (&json!(1), &json!(1)));
    assert_eq!(world.stored().reseller_id, Some(world.reseller.id));
}
