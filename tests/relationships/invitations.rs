//! The states of an invitation, and what its token reveals to whom.

use partnergraph_store::Backend;
use partnergraph_store::write::housekeeping::{self, Rest};
use rstest::rstest;
use serde_json::{Value, json};

use crate::relationships::world::{ANNA, World, drafted, expect_success, rules};
use crate::support::{Named, Postgres, Role, Sqlite, Verbs, moment, operation};

fn states(world: &World, token: &str, filter: Value) -> Vec<(String, String)> {
    let data = world.api.data(token, &operation("Invitations"), json!({"filter": filter}));
    let nodes = data["invitations"]["nodes"].as_array().unwrap();
    assert_eq!(data["invitations"]["totalCount"], nodes.len());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    nodes.iter().map(|node| (text(&node["kind"]), text(&node["state"]))).collect()
}

fn state(world: &World) -> String {
    states(world, &world.northwind, json!({}))[0].1.clone()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_its_author_marks_a_draft_as_done(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_reseller = world.as_reseller();
    let as_provider = world.as_provider();
    let (invitation, token) = world.request();
    assert_eq!(rules(&as_reseller.mark_invitation_done(&invitation)), ["NOT_FOUND"]);
    assert_eq!(rules(&world.as_user(&world.graph.operator_token()).mark_invitation_done(&invitation)), ["A-01"]);
    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    assert_eq!(rules(&world.as_user(&helpdesk).mark_invitation_done(&invitation)), ["A-01"]);
    let marked = expect_success(as_provider.mark_invitation_done(&invitation));
    assert_eq!(marked["invitation"]["state"], "DONE");
    let events = world.number("SELECT COUNT(*) AS number FROM audit_events");
    expect_success(as_provider.mark_invitation_done(&invitation));
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM audit_events"), events);
    expect_success(as_reseller.accept_partnership(&token));
    assert_eq!(rules(&as_provider.mark_invitation_done(&invitation)), ["P-05"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_the_owner_of_a_used_token_learns_that_it_was_used(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_reseller = world.as_reseller();
    let other = world.graph.token(&world.graph.reseller("Litware").add(), &[Role::GlobalAdmin]);
    let (_, named) = world.request();
    assert_eq!(rules(&world.as_user(&other).accept_partnership(&named)), ["NOT_FOUND"], "it names another reseller");
    assert_eq!(rules(&as_reseller.accept_partnership("no-such-token")), ["NOT_FOUND"]);
    let (_, unnamed) = drafted(world.as_provider().request_partnership(ANNA));
    expect_success(as_reseller.accept_partnership(&unnamed));
    let used = as_reseller.accept_partnership(&unnamed);
    assert_eq!(rules(&used), ["INVITATION_CLOSED", "ALREADY_PARTNERS"]);
    assert!(used["userErrors"][0]["message"].as_str().unwrap().contains("ACCEPTED"));
    assert_eq!(
        rules(&world.as_user(&other).accept_partnership(&unnamed)),
        ["NOT_FOUND"],
        "another reseller accepted it"
    );
    // A partnership request is not a customer invitation, and vice versa.
    assert_eq!(rules(&as_reseller.accept_with_agreement(&named)), ["NOT_FOUND"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_request_is_declined_and_can_be_made_again(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_reseller = world.as_reseller();
    let (_, token) = world.request();
    let sales = world.graph.token(&world.reseller, &[Role::SalesAgent]);
    assert_eq!(rules(&world.as_user(&sales).decline_invitation(&token)), ["P-08"]);
    let declined = expect_success(as_reseller.decline_invitation(&token));
    assert_eq!(declined["state"], "DECLINED");
    assert_eq!((world.partnership_states(), state(&world).as_str()), ((vec![], vec![]), "DECLINED"));
    assert_eq!(rules(&as_reseller.accept_partnership(&token)), ["INVITATION_CLOSED"]);
    let (_, token) = world.request();
    assert_eq!(world.partnership_states().0, ["REQUESTED"]);
    expect_success(as_reseller.accept_partnership(&token));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_revoked_request_cannot_be_accepted(#[case] backend: Backend) {
    let world = World::on(backend);
    let (first, token) = world.request();
    let (second, _) = world.request();
    let revoke = |token: &str, invitation: &Value| world.as_user(token).revoke_invitation(invitation);
    assert_eq!(rules(&revoke(&world.fabrikam, &first)), ["NOT_FOUND"]);
    assert_eq!(expect_success(revoke(&world.northwind, &first))["invitation"]["state"], "REVOKED");
    assert_eq!(world.partnership_states().0, ["REQUESTED"], "another request is open");
    expect_success(revoke(&world.northwind, &second));
    assert_eq!(world.partnership_states(), (vec![], vec![]));
    assert_eq!(rules(&world.as_reseller().accept_partnership(&token)), ["INVITATION_CLOSED"]);
    assert_eq!(rules(&revoke(&world.northwind, &first)), ["INVITATION_CLOSED"]);
    world.request();
    assert_eq!(world.partnership_states().1, ["REQUESTED"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_invitation_expires_at_once_and_the_state_is_written_later(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_reseller = world.as_reseller();
    let (invitation, token) = world.request();
    world.sql("UPDATE invitations SET expires_at = '2026-01-01 00:00:00'");
    assert_eq!((world.partnership_states(), state(&world).as_str()), ((vec![], vec![]), "EXPIRED"));
    assert_eq!(states(&world, &world.northwind, json!({"state": {"eq": "EXPIRED"}})).len(), 1);
    assert_eq!(states(&world, &world.northwind, json!({"state": {"in": ["DRAFT", "DONE"]}})), []);
    let refused = as_reseller.accept_partnership(&token);
    assert_eq!(rules(&refused), ["INVITATION_CLOSED"]);
    assert_eq!(rules(&world.as_provider().mark_invitation_done(&invitation)), ["P-05"]);

    assert_eq!(world.graph.write(|conn, _, now| housekeeping::expire_due(conn, now)), Rest::Nothing);
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM invitations WHERE state = 'EXPIRED'"), 1);
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM partnerships WHERE state = 'EXPIRED'"), 1);
    let events = world.number("SELECT COUNT(*) AS number FROM audit_events");
    world.graph.write(|conn, _, now| housekeeping::expire_due(conn, now));
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM audit_events"), events, "a second run changes nothing");
    let (_, token) = world.request();
    expect_success(as_reseller.accept_partnership(&token));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn old_idempotency_keys_are_deleted(#[case] backend: Backend) {
    let world = World::on(backend);
    expect_success(world.as_provider().with(json!({"idempotencyKey": "one"})).request_partnership(ANNA));
    world.graph.write(|conn, _, _| housekeeping::expire_due(conn, moment()));
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM idempotency_keys"), 1);
    world.sql("UPDATE idempotency_keys SET created_at = '2026-01-01 00:00:00'");
    world.graph.write(|conn, _, _| housekeeping::expire_due(conn, moment()));
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM idempotency_keys"), 0);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn invitations_are_visible_to_their_author_the_joint_provider_and_operators(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let other = world.graph.provider("Tailspin").add();
    let tailspin = world.graph.token(&other, &[Role::GlobalAdmin]);
    drafted(world.as_user(&tailspin).request_partnership(ANNA));
    let joint = json!({"jointProvider": {"mpnId": world.provider.mpn_id}, "delegatedAdmin": true});
    let (invitation, _) = world.invite(&world.fabrikam, joint);
    world.invite(&world.fabrikam, json!({}));
    let seen = |token: &str| states(&world, token, json!({})).len();
    assert_eq!(seen(&world.fabrikam), 2);
    assert_eq!(seen(&world.northwind), 1);
    assert_eq!(seen(&tailspin), 1);
    assert_eq!(seen(&world.graph.operator_token()), 3);
    assert_eq!(seen(&world.stranger().1), 0);
    // The joint provider can read it but not change it.
    assert_eq!(rules(&world.as_provider().revoke_invitation(&invitation)), ["A-02"]);
    assert_eq!(rules(&world.as_user(&tailspin).revoke_invitation(&invitation)), ["NOT_FOUND"]);

    let filter = json!({"and": [{"kind": {"eq": "JOINT_CUSTOMER"}}, {"delegatedAdmin": {"eq": true}},
        {"recipient": {"contains": "CONTOSO"}}, {"country": {"eq": "PL"}}, {"not": {"state": {"eq": "DONE"}}},
        {"createdAt": {"gt": "2020-01-01T00:00:00Z"}}, {"expiresAt": {"gt": "2020-01-01T00:00:00Z"}}]});
    assert_eq!(states(&world, &world.fabrikam, filter), [("JOINT_CUSTOMER".to_owned(), "DRAFT".to_owned())]);

    let node = "query($id: ID!, $f: InvitationOrderField!) { node(id: $id) { ... on Invitation { id kind link emailDraft { to } \
                portal partner { name } jointProvider { name } country cloud version createdBy } } \
                invitations(orderBy: [{field: $f, direction: ASC}], first: 1) { nodes { kind } pageInfo { hasNextPage } } }";
    for field in ["CREATED_AT", "EXPIRES_AT", "RECIPIENT", "STATE"] {
        let data = world.api.data(&world.fabrikam, node, json!({"id": invitation["id"], "f": field}));
        assert_eq!((&data["node"]["link"], &data["node"]["emailDraft"]), (&Value::Null, &Value::Null));
        assert_eq!(data["node"]["jointProvider"]["name"], "Northwind");
        assert_eq!(data["invitations"]["pageInfo"]["hasNextPage"], true);
    }
    let data = world.api.data(&tailspin, node, json!({"id": invitation["id"], "f": "STATE"}));
    assert_eq!(data["node"], Value::Null);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_placeholder_is_invited_by_its_mpn_id_and_accepts_once_it_has_enrolled(#[case] backend: Backend) {
    let world = World::on(backend);
    let placeholder = world.graph.reseller("Litware").add();
    world.sql("UPDATE partners SET tenant_id = NULL, onboarded = FALSE, enrolled = FALSE WHERE name = 'Litware'");
    let to_litware = world.as_provider().with(json!({"reseller": placeholder.lookup()}));
    let (_, token) = drafted(to_litware.request_partnership("anna@litware.example"));
    assert_eq!(rules(&world.as_reseller().accept_partnership(&token)), ["NOT_FOUND"], "it names another MPN ID");
    let (tenant_id, stranger) = world.stranger();
    assert_eq!(rules(&world.as_user(&stranger).accept_partnership(&token)), ["P-07"]);
    world.sql(&format!(
        "UPDATE partners SET tenant_id = '{}', onboarded = TRUE, enrolled = TRUE WHERE name = 'Litware'",
        placeholder.tenant_id
    ));
    assert_eq!(
        rules(&world.as_user(&world.graph.tenant_token(tenant_id, &[Role::GlobalAdmin])).accept_partnership(&token)),
        ["NOT_FOUND"]
    );
    expect_success(world.as_user(&world.graph.token(&placeholder, &[Role::GlobalAdmin])).accept_partnership(&token));
}

/// What the bearer of the token reads about the invitation; null if it is not for the bearer.
fn received(world: &World, bearer: &str, token: &str) -> Value {
    world.api.data(bearer, &operation("ReceivedInvitation"), json!({"token": token}))["receivedInvitation"].clone()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_person_who_receives_an_invitation_reads_who_invites_and_what_for(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let (tenant_id, admin) = world.stranger();
    let more = json!({"tenantId": tenant_id, "delegatedAdmin": true, "reseller": world.reseller.lookup(), "internalUseOf": {"mpnId": "77"}});
    let (_, token) = world.invite(&world.northwind, more);
    let partner = |name: &str, mpn_id: &str| json!({"name": name, "mpnId": mpn_id, "country": "PL"});
    let mut invitation = received(&world, &admin, &token);
    assert!(invitation["expiresAt"].take().as_str().unwrap().ends_with('Z'));
    assert_eq!(invitation["inviter"]["type"].take(), "INDIRECT_PROVIDER");
    let mut inviter = partner("Northwind", "4500001");
    inviter["type"] = Value::Null;
    let mut expected = json!({
        "kind": "CUSTOMER", "state": "DRAFT", "expiresAt": null, "inviter": inviter, "jointProvider": null, "delegatedAdmin": true,
        "providerDelegatedAdmin": false, "reseller": partner("Fabrikam", "4500002"), "internalUseOfMpnId": "77", "agreementRequired": true
    });
    assert_eq!(invitation, expected);
    // A joint invitation names its provider too, and a request asks for no agreement.
    let joint =
        json!({"jointProvider": world.provider.lookup(), "delegatedAdmin": false, "providerDelegatedAdmin": true});
    let (_, joint) = world.invite(&world.fabrikam, joint);
    let joint = received(&world, &admin, &joint);
    assert_eq!((&joint["inviter"]["name"], &joint["jointProvider"]["name"]), (&json!("Fabrikam"), &json!("Northwind")));
    assert_eq!(joint["providerDelegatedAdmin"], true);
    // It is read as what it has become, by whoever answered it.
    let (_, plain) = world.invite(&world.northwind, json!({}));
    expect_success(world.as_user(&admin).accept_with_agreement(&plain));
    let after = received(&world, &admin, &plain);
    assert_eq!((&after["state"], &after["agreementRequired"]), (&json!("ACCEPTED"), &json!(false)));
    world.sql("UPDATE invitations SET expires_at = '2026-01-02 03:04:05' WHERE state = 'DRAFT'");
    expected["state"] = json!("EXPIRED");
    assert_eq!(received(&world, &admin, &token)["state"], expected["state"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_invitation_for_somebody_else_reads_like_one_that_does_not_exist(#[case] backend: Backend) {
    let world = World::on(backend);
    let other = world.graph.token(&world.graph.reseller("Litware").add(), &[Role::GlobalAdmin]);
    let (tenant_id, admin) = world.stranger();
    let colleague = world.graph.tenant_token(tenant_id, &[Role::HelpdeskAgent]);
    let (_, request) = world.request();
    let (_, tenants) = world.invite(&world.northwind, json!({"tenantId": tenant_id}));
    let (_, anybodys) = world.invite(&world.northwind, json!({}));
    let reads = |bearer: &str, token: &str| !received(&world, bearer, token).is_null();
    for (bearer, expected) in [
        (&world.fabrikam, [true, false, true]),
        (&other, [false, false, true]),
        (&admin, [false, true, true]),
        (&colleague, [false, true, true]),
        // Its author has its own list, and no more from the token than anybody else.
        (&world.northwind, [false, false, true]),
    ] {
        assert_eq!([&request, &tenants, &anybodys].map(|token| reads(bearer, token)), expected);
        assert!(!reads(bearer, "no-such-token"));
    }
    expect_success(world.as_user(&admin).decline_invitation(&anybodys));
    assert!(reads(&colleague, &anybodys) && !reads(&other, &anybodys), "another organisation answered it");
    // Reading leaves no trace.
    let before = world.number("SELECT COUNT(*) AS number FROM audit_events");
    assert!(reads(&admin, &tenants));
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM audit_events"), before);
}
