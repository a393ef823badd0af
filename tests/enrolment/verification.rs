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
fn two_yeses_send_the_enrolment_to_the_reviewer(#[case] backend: Backend) {
    let world = World::on(backend);
    world.enroll(form());
    let token = world.mailed_token();
    let answered = world.verify(true, true);
    assert_eq!(errors(&answered), [] as [Value; 0]);
    assert_eq!(status(&answered), ("PENDING", "DECISION"));
    // The status is what it was, so there is no second mail (E-09); the token is in no mail any more.
    let mails = world.mails();
    assert_eq!(mails.len(), 1);
    assert!(!mails[0]["body"].as_str().unwrap().contains(&token));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_no_to_either_question_rejects(#[case] backend: Backend) {
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
fn a_token_is_used_once_and_says_so_to_its_own_people_only(#[case] backend: Backend) {
    let world = World::on(backend);
    world.enroll(form());
    let input = json!({"token": world.mailed_token(), "signedUp": true, "emailBelongsToCompany": true});
    // Whoever holds the token answers; a stranger does not see whose account it is.
    let stranger = world.graph.token(&world.graph.provider("Northwind").add(), &[Role::SalesAgent]);
    let answered = world.run(&stranger, VERIFY, input.clone());
    assert_eq!((errors(&answered).len(), &answered["partner"]), (0, &json!(null)));
    assert_eq!(rules(&world.run(&world.token, VERIFY, input.clone())), ["TOKEN_USED"]);
    assert_eq!(rules(&world.run(&stranger, VERIFY, input)), ["NOT_FOUND"]);
    let wrong = json!({"token": "pgv_nothing", "signedUp": true, "emailBelongsToCompany": true});
    assert_eq!(rules(&world.run(&world.token, VERIFY, wrong)), ["NOT_FOUND"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_question_whose_time_is_over_is_put_anew_from_the_profile(#[case] backend: Backend) {
    let world = World::on(backend);
    world.enroll(form());
    let input = json!({"token": world.mailed_token(), "signedUp": true, "emailBelongsToCompany": true});
    let earlier = (clock::now() - Duration::days(1)).format("%Y-%m-%d %H:%M:%S").to_string();
    world.graph.write(|conn, _, _| conn.batch(&format!("UPDATE contact_verifications SET expires_at = '{earlier}'")));
    assert_eq!(rules(&world.run(&world.token, VERIFY, input.clone())), ["TOKEN_EXPIRED"]);
    let stranger = world.graph.token(&world.graph.provider("Northwind").add(), &[Role::GlobalAdmin]);
    assert_eq!(rules(&world.run(&stranger, VERIFY, input)), ["NOT_FOUND"]);
    let update = "mutation($input: UpdatePartnerProfileInput!) { updatePartnerProfile(input: $input) { partner { id } userErrors { code rule } } }";
    let again = world.run(&world.token, update, json!({"primaryContact": {"email": "ewa.nowak@fabrikam.example"}}));
    assert_eq!(errors(&again), [] as [Value; 0]);
    assert_eq!(world.mails().len(), 2);
    assert_eq!(status(&world.verify(true, true)), ("PENDING", "DECISION"));
}
