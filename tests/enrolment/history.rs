use diesel::QueryableByName;
use diesel::sql_types::Text;
use partnergraph_store::sql::sql;
use rstest::rstest;
use serde_json::{Value, json};

use crate::enrolment::world::{MPN_ID, World, errors, form, rules, with};
use crate::support::{Backend, Named, Postgres, Role, Sqlite, Verbs};

#[derive(QueryableByName)]
struct Event {
    #[diesel(sql_type = Text)]
    operation_type: String,
    #[diesel(sql_type = Text)]
    changes: String,
}

fn events(world: &World) -> Vec<(String, Value)> {
    let statement = sql("SELECT operation_type, changes FROM audit_events ORDER BY id");
    let rows: Vec<Event> = world.graph.database.connect().rows(&statement).unwrap();
    rows.into_iter().map(|row| (row.operation_type, serde_json::from_str(&row.changes).unwrap())).collect()
}

fn change(changes: &Value, field: &str) -> (Value, Value) {
    let changes = changes.as_array().unwrap();
    let found =
        changes.iter().find(|change| change["field"] == field).unwrap_or_else(|| panic!("{field} in {changes:?}"));
    (found["before"].clone(), found["after"].clone())
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn every_step_records_one_event_with_before_and_after_and_no_secret(#[case] backend: Backend) {
    let world = World::on(backend);
    let before = events(&world).len();
    world.enroll(form());
    let token = world.mailed_token();
    world.verify(true, true);
    world.review("AUTHORIZE");
    world.as_tenant().accept_partner_agreement();
    let events = events(&world).split_off(before);
    let kinds: Vec<&str> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["CREATE_PARTNER", "UPDATE_PARTNER", "UPDATE_PARTNER", "CREATE_AGREEMENT"]);
    assert_eq!(change(&events[0].1, "vettingStatus"), (json!("NONE"), json!("PENDING")));
    assert_eq!(change(&events[1].1, "vettingSubStatus"), (json!("EMAIL_OWNERSHIP"), json!("DECISION")));
    assert_eq!(change(&events[2].1, "vettingStatus"), (json!("PENDING"), json!("AUTHORIZED")));
    assert_eq!(change(&events[2].1, "status.enrolled"), (json!("false"), json!("true")));
    assert!(events.iter().all(|(_, changes)| !changes.to_string().contains(&token)));
}

/// A repeated enrolment can change everything, and all changes are recorded.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_repeated_enrolment_records_what_it_changes(#[case] backend: Backend) {
    let world = World::on(backend);
    world.profile(MPN_ID + 1, "PL");
    world.enroll(form());
    world.verify(true, true);
    world.review("REJECT");
    let changed = with(with(form(), "legalName", json!("Fabrikam Cloud")), "mpnId", json!((MPN_ID + 1).to_string()));
    let in_other_cloud = world.enroll(with(changed.clone(), "cloud", json!("US_GOVERNMENT")));
    assert_eq!(
        (rules(&in_other_cloud), &errors(&in_other_cloud)[0]["field"]),
        (vec!["BAD_INPUT".to_owned()], &json!(["cloud"]))
    );
    let enrolled = world.enroll(changed);
    assert_eq!(
        (&enrolled["partner"]["name"], &enrolled["partner"]["companyName"]),
        (&json!("Fabrikam Cloud"), &json!("Fabrikam Cloud"))
    );
    let (kind, changes) = events(&world).pop().unwrap();
    assert_eq!(kind, "UPDATE_PARTNER");
    assert_eq!(change(&changes, "mpnId"), (json!(MPN_ID.to_string()), json!((MPN_ID + 1).to_string())));
    assert_eq!(change(&changes, "vettingStatus"), (json!("REJECTED"), json!("PENDING")));
    assert_eq!(change(&changes, "vettingSubStatus"), (json!("BUSINESS_VERIFICATION"), json!("EMAIL_OWNERSHIP")));
    assert_eq!(change(&changes, "name"), (json!("Fabrikam Sp. z o.o."), json!("Fabrikam Cloud")));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn profiles_mpn_profiles_links_and_users_record_their_events(#[case] backend: Backend) {
    let world = World::on(backend);
    let [a, b] = ["Adatum", "Bellows"].map(|name| world.graph.reseller(name).add());
    let agent = world.person(&a, "ada@adatum.example", &[Role::AdminAgent]);
    let before = events(&world).len();
    let (as_agent, as_operator) = (world.as_user(&agent), world.as_operator());
    let assert_success = |payload: Value| assert_eq!(payload["userErrors"], json!([]));
    assert_success(as_agent.update_partner_profile(json!({"name": "Adatum SA"})));
    assert_success(as_operator.perform("UpsertMpnProfile", json!({"mpnId": a.mpn_id, "active": false})));
    let link = json!({"a": a.lookup(), "b": b.lookup(), "kind": "AFFILIATE"});
    assert_success(as_operator.perform("LinkOrganizations", link));
    for roles in [&["SALES_AGENT"][..], &["HELPDESK_AGENT"], &[]] {
        assert_success(as_agent.update_user_roles("bo@adatum.example", roles));
    }
    let events = events(&world).split_off(before);
    let kinds: Vec<&str> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["UPDATE_PARTNER", "UPDATE_MPN_PROFILE", "LINK_ORGANIZATIONS", "CREATE_USER", "UPDATE_USER", "DELETE_USER"]
    );
    assert_eq!(change(&events[0].1, "name"), (json!("Adatum"), json!("Adatum SA")));
    assert_eq!(change(&events[1].1, "active"), (json!("true"), json!("false")));
    assert_eq!(change(&events[2].1, "kind"), (json!(null), json!("AFFILIATE")));
    assert_eq!(change(&events[4].1, "roles"), (json!("SALES_AGENT"), json!("HELPDESK_AGENT")));
    assert_eq!(change(&events[5].1, "roles"), (json!("HELPDESK_AGENT"), json!(null)));
}
