use chrono::Duration;
use partnergraph_store::clock;
use rstest::rstest;
use serde_json::{Value, json};

use crate::enrolment::world::{VERIFY, World, errors, form, rules};
use crate::support::{Backend, Postgres, Role, Sqlite};

fn status(payload: &Value) -> (&str, &str) {
    (payload["partner"]["vettingStatus"].as_str().unwrap(), payload["partner"]["vettingSubStatus"].as_str().unwrap())
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn if_both_answers_are_yes_the_enrolment_goes_to_review(#[case] backend: Backend) {
    let world = World::on(backend);
    world.enroll(form());
    let token = world.mailed_token();
    let payload = world.verify(true, true);
    assert_eq!(errors(&payload), [] as [Value; 0]);
    assert_eq!(status(&payload), ("PENDING", "DECISION"));
    // The status is unchanged, so there is no second e-mail (E-09); no e-mail contains the token any more.
    let mails = world.mails();
    assert_eq!(mails.len(), 1);
    assert!(!mails[0]["body"].as_str().unwrap().contains(&token));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn if_either_answer_is_no_the_enrolment_is_rejected(#[case] backend: Backend) {
    for (signed_up, belongs, expected) in [(false, true, "EMAIL_OWNERSHIP"), (true, false, "EMAIL_DOMAIN")] {
        let world = World::on(backend);
        world.enroll(form());
        assert_eq!(status(&world.verify(signed_up, belongs)), ("REJECTED", expected));
        let mails = world.mails();
        assert_eq!(mails.len(), 2);
        assert_eq!(
            (&mails[0]["kind"], &mails[0]["recipient"]),
            (&json!("ENROLMENT_NEWS"), &json!("ewa.nowak@fabrikam.example"))
        );
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_token_can_be_used_once_and_only_its_own_users_learn_that_it_was_used(#[case] backend: Backend) {
    let world = World::on(backend);
    world.enroll(form());
    let input = json!({"token": world.mailed_token(), "signedUp": true, "emailBelongsToCompany": true});
    // Anyone with the token can answer, but a stranger cannot see whose account it is.
    let stranger = world.graph.token(&world.graph.provider("Northwind").add(), &[Role::SalesAgent]);
    let payload = world.run(&stranger, VERIFY, input.clone());
    assert_eq!((errors(&payload).len(), &payload["partner"]), (0, &json!(null)));
    assert_eq!(rules(&world.run(&world.token, VERIFY, input.clone())), ["TOKEN_USED"]);
    assert_eq!(rules(&world.run(&stranger, VERIFY, input)), ["NOT_FOUND"]);
    let unknown = json!({"token": "pgv_nothing", "signedUp": true, "emailBelongsToCompany": true});
    assert_eq!(rules(&world.run(&world.token, VERIFY, unknown)), ["NOT_FOUND"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_expired_verification_is_sent_again_when_the_profile_is_updated(#[case] backend: Backend) {
    let world = World::on(backend);
    world.enroll(form());
    let input = json!({"token": world.mailed_token(), "signedUp": true, "emailBelongsToCompany": true});
    let yesterday = (clock::now() - Duration::days(1)).format("%Y-%m-%d %H:%M:%S").to_string();
    world.graph.write(|conn, _, _| conn.batch(&format!("UPDATE contact_verifications SET expires_at = '{yesterday}'")));
    assert_eq!(rules(&world.run(&world.token, VERIFY, input.clone())), ["TOKEN_EXPIRED"]);
    let stranger = world.graph.token(&world.graph.provider("Northwind").add(), &[Role::GlobalAdmin]);
    assert_eq!(rules(&world.run(&stranger, VERIFY, input)), ["NOT_FOUND"]);
    let update = "mutation($input: UpdatePartnerProfileInput!) { updatePartnerProfile(input: $input) { partner { id } userErrors { code rule } } }";
    let updated = world.run(&world.token, update, json!({"primaryContact": {"email": "ewa.nowak@fabrikam.example"}}));
    assert_eq!(errors(&updated), [] as [Value; 0]);
    assert_eq!(world.mails().len(), 2);
    assert_eq!(status(&world.verify(true, true)), ("PENDING", "DECISION"));
}
