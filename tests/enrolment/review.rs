use rstest::rstest;
use serde_json::{Value, json};

use crate::enrolment::world::{MPN_ID, REVIEW, World, errors, form, rules};
use crate::support::{Backend, Postgres, Sqlite};

fn decide(world: &World, more: Value) -> Value {
    let mut input = json!({"partner": {"mpnId": MPN_ID.to_string()}, "decision": "REJECT"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.run(&world.operator, REVIEW, input)
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_review_follows_the_contact_verification_and_is_decided_once(#[case] backend: Backend) {
    let world = World::on(backend);
    world.enroll(form());
    assert_eq!(rules(&world.review("AUTHORIZE")), ["E-08"]);
    world.verify(true, true);
    let reviewed = world.review("AUTHORIZE");
    assert_eq!(errors(&reviewed), [] as [Value; 0]);
    assert_eq!(reviewed["partner"]["vettingStatus"], "AUTHORIZED");
    assert_eq!(reviewed["partner"]["status"]["enrolled"], true);
    assert_eq!(rules(&world.review("REJECT")), ["E-09"]);
    // One e-mail for the question, and one for each change of the status (E-09).
    let kinds: Vec<Value> = world.mails().iter().map(|mail| mail["kind"].clone()).collect();
    assert_eq!(kinds, ["ENROLMENT_NEWS", "CONTACT_VERIFICATION"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_an_operator_decides_a_review(#[case] backend: Backend) {
    let world = World::on(backend);
    world.enroll(form());
    world.verify(true, true);
    let input = json!({"partner": {"tenantId": world.tenant_id}, "decision": "AUTHORIZE"});
    let refused = world.run(&world.token, REVIEW, input.clone());
    assert_eq!(
        (rules(&refused), &errors(&refused)[0]["microsoftCode"]),
        (vec!["ROLE_NOT_ALLOWED".to_owned()], &json!(900_150))
    );
    let stranger = world.graph.token(&world.graph.provider("Northwind").add(), &[crate::support::Role::GlobalAdmin]);
    assert_eq!(rules(&world.run(&stranger, REVIEW, input)), ["ROLE_NOT_ALLOWED"]);
    let unknown = json!({"partner": {"mpnId": "999"}, "decision": "AUTHORIZE"});
    assert_eq!(rules(&world.run(&world.operator, REVIEW, unknown)), ["NOT_FOUND"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_rejection_states_its_reason_and_the_partner_can_enrol_again(#[case] backend: Backend) {
    for (ground, expected) in [(json!("AUTHORITY"), "EMPLOYMENT_VERIFICATION"), (json!(null), "BUSINESS_VERIFICATION")]
    {
        let world = World::on(backend);
        let first = world.enroll(form());
        world.verify(true, true);
        let rejected = decide(&world, json!({"ground": ground, "note": "No trace of the company."}));
        assert_eq!(errors(&rejected), [] as [Value; 0]);
        assert_eq!(rejected["partner"]["vettingSubStatus"], expected);
        assert!(world.mails()[0]["body"].as_str().unwrap().contains("No trace of the company."));
        let again = world.enroll(form());
        assert_eq!(errors(&again), [] as [Value; 0]);
        assert_eq!(again["partner"]["id"], first["partner"]["id"]);
        assert_eq!(again["partner"]["vettingStatus"], "PENDING");
        assert_eq!(world.mails().len(), 3);
        world.verify(true, true);
        assert_eq!(errors(&world.review("AUTHORIZE")), [] as [Value; 0]);
    }
    let world = World::on(backend);
    world.enroll(form());
    world.verify(true, true);
    assert_eq!(rules(&decide(&world, json!({"decision": "AUTHORIZE", "ground": "PROFILE"}))), ["BAD_INPUT"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn of_two_enrolments_with_one_mpn_id_the_first_authorised_one_gets_it(#[case] backend: Backend) {
    let world = World::on(backend);
    world.enroll(form());
    world.verify(true, true);
    // An undecided enrolment does not take the MPN ID from anyone.
    let rival = world.graph.newcomer_token(
        partnergraph_domain::TenantId(world.graph.guid()),
        "li@litware.example",
        &[crate::support::Role::GlobalAdmin],
    );
    let enrolled = world.run(&rival, crate::enrolment::world::ENROLL, form());
    assert_eq!(errors(&enrolled), [] as [Value; 0]);
    let answers = json!({"token": world.mailed_token(), "signedUp": true, "emailBelongsToCompany": true});
    world.run(&rival, crate::enrolment::world::VERIFY, answers);
    assert_eq!(errors(&world.review("AUTHORIZE")), [] as [Value; 0]);
    let input = json!({"partner": {"id": enrolled["partner"]["id"]}, "decision": "AUTHORIZE"});
    assert_eq!(rules(&world.run(&world.operator, REVIEW, input.clone())), ["MPN_ID_TAKEN"]);
    let mut rejection = input;
    rejection["decision"] = json!("REJECT");
    assert_eq!(errors(&world.run(&world.operator, REVIEW, rejection)), [] as [Value; 0]);
    // The MPN ID refers to the account that holds it.
    let query = "query($m: String!) { partner(by: {mpnId: $m}) { tenantId } }";
    let seen = world.api.data(&world.operator, query, json!({"m": MPN_ID.to_string()}));
    assert_eq!(seen["partner"]["tenantId"], json!(world.tenant_id));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_operator_finds_the_enrolments_under_review(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    world.graph.reseller("Litware").add();
    world.enroll(form());
    let list = "query($f: PartnerFilter) { partners(filter: $f) { totalCount nodes { name } } }";
    let pending = json!({"f": {"vettingStatus": {"eq": "PENDING"}}});
    let seen = world.api.data(&world.operator, list, pending.clone());
    assert_eq!(seen["partners"], json!({"totalCount": 1, "nodes": [{"name": "Fabrikam Sp. z o.o."}]}));
    let stranger = world.graph.token(&provider, &[crate::support::Role::SalesAgent]);
    assert_eq!(world.api.data(&stranger, list, pending)["partners"]["totalCount"], 0);
    let own = world.api.data(&stranger, list, json!({}));
    assert_eq!(own["partners"], json!({"totalCount": 1, "nodes": [{"name": "Northwind"}]}));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_operators_read_the_outbox(#[case] backend: Backend) {
    let world = World::on(backend);
    world.enroll(form());
    let seen = world.api.data(&world.token, crate::enrolment::world::OUTBOX, json!({}));
    assert_eq!(seen["outbox"]["totalCount"], 0);
    let mail = &world.mails()[0];
    assert_eq!((&mail["sentAt"], &mail["attempts"], &mail["lastError"]), (&json!(null), &json!(0), &json!(null)));
}
