//! `/invitation`: who invites and what for, and the answer.

use rstest::rstest;
use serde_json::{Value, json};

use super::page::{ENTER, ESCAPE, Page, SPACE};
use crate::relationships::world::{World, drafted};
use crate::support::{Backend, Named, Postgres, Role, Sqlite, Verbs, operation};

fn path(token: &str) -> String {
    format!("/invitation#token={token}")
}

/// The states of the invitations of the provider.
fn states(world: &World) -> Vec<Value> {
    let data = world.api.data(&world.northwind, &operation("Invitations"), json!({}));
    data["invitations"]["nodes"].as_array().unwrap().iter().map(|node| node["state"].clone()).collect()
}

fn sign(page: &Page) {
    page.click("#accept-agreement");
    page.fill("#first-name", "Anna");
    page.fill("#last-name", "Nowak");
    page.fill("#email", "anna@contoso.example");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_checks_and_accepts_a_request(#[case] backend: Backend) {
    let world = World::on(backend);
    let (_, token) = world.request();
    let page = Page::of(&world.graph);
    page.ask(&path(&token), &world.fabrikam);
    // The token is no longer in the address; a reload still finds it.
    assert_eq!(page.address(), "/invitation");
    page.shows("#found", "Northwind (MPN ID 4500001, PL)");
    page.shows("#found", "A request for a partnership");
    page.shows("#found-effects", "administrator access to your partner account");
    assert_eq!(page.focused(), "found-title");
    // The rule speaks, beside the field that it names; nothing is written.
    page.click("#accept");
    page.shows("#errors", "P-08");
    assert_eq!((page.focused().as_str(), page.error_beside("#confirm").is_empty()), ("errors", false));
    page.click("#confirm");
    page.click("#check");
    page.shows("#done", "Nothing has been saved yet");
    assert_eq!(states(&world), ["DRAFT"]);
    page.click("#accept");
    page.shows("#done", "You and Northwind are partners now.");
    page.shows("#found-facts", "Accepted");
    assert_eq!(page.text("#answer"), "");
    assert_eq!((states(&world), page.focused().as_str()), (vec![json!("ACCEPTED")], "done"));
    assert_eq!(world.partnership_states(), (vec!["ACTIVE".to_owned()], vec!["ACTIVE".to_owned()]));
    assert_eq!(page.complaints(), [] as [&str; 0]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_customer_accepts_with_the_agreement(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let more = json!({"delegatedAdmin": true, "reseller": world.reseller.lookup()});
    let (_, token) = world.invite(&world.northwind, more);
    let (tenant_id, admin) = world.stranger();
    let page = Page::of(&world.graph);
    page.ask(&path(&token), &admin);
    page.shows("#found-effects", "go to Northwind. You can remove them at any time.");
    page.shows("#found-effects", "Fabrikam (MPN ID 4500002, PL) is associated with your account");
    page.click("#accept");
    page.shows("#errors", "C-10");
    assert!(page.error_beside("#accept-agreement").contains("Microsoft Customer Agreement"));
    page.click("#accept-agreement");
    page.fill("#email", "anna");
    page.click("#check");
    page.shows("#errors", "Not a valid email address.");
    assert!(page.error_beside("#first-name").contains("Enter the name"));
    assert_eq!(page.error_beside("#email"), "Not a valid email address.");
    // A line of the summary leads to its field.
    page.click("#errors li:last-child a");
    assert_eq!((page.focused().as_str(), page.address().as_str()), ("email", "/invitation"));
    page.click("#accept-agreement");
    sign(&page);
    page.fill("#company-name", "Contoso");
    page.click("#accept");
    page.shows("#done", "Northwind is now connected with your company.");
    page.shows("#done", "Delegated administration privileges are granted");
    assert_eq!(world.customers(&world.northwind), [tenant_id.to_string()]);
    assert_eq!(page.complaints(), [] as [&str; 0]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_invitation_is_declined_after_a_question(#[case] backend: Backend) {
    let world = World::on(backend);
    let (_, token) = world.invite(&world.northwind, json!({}));
    let (_, admin) = world.stranger();
    let page = Page::of(&world.graph);
    page.ask(&path(&token), &admin);
    page.shows("#found-effects", "Nobody gets administrator rights in your tenant.");
    page.click("#decline-open");
    page.shows("#decline", "Northwind sees that you declined.");
    page.click("#decline-no");
    assert_eq!((page.text("#decline").as_str(), states(&world)), ("", vec![json!("DRAFT")]));
    page.click("#decline-open");
    page.click("#decline-yes");
    page.shows("#done", "You have declined the invitation");
    assert_eq!(states(&world), ["DECLINED"]);
    // Whoever opens the link again learns that it was answered.
    page.ask(&path(&token), &admin);
    page.shows("#closed", "already declined this invitation");
    assert_eq!(page.text("#answer"), "");
    assert_eq!(page.complaints(), [] as [&str; 0]);
}

#[test]
fn an_invitation_for_internal_use_is_confirmed() {
    let world = World::on(Sqlite);
    let (tenant_id, admin) = world.stranger();
    let as_provider = world.as_provider().with(json!({"internalUseOf": world.reseller.lookup()}));
    let (_, token) = drafted(as_provider.invite_tenant(tenant_id));
    let page = Page::of(&world.graph);
    page.ask(&path(&token), &admin);
    page.shows("#own-use", "internal use of the partner with MPN ID 4500002");
    sign(&page);
    page.click("#check");
    page.shows("#errors", "Q-05");
    assert!(!page.error_beside("#confirm-own-use").is_empty());
    page.click("#confirm-own-use");
    page.click("#accept");
    page.shows("#done", "Nobody got administrator rights by it.");
    let marked = "{ customers { nodes { internalUseOf { name } } } }";
    let marked = &world.api.data(&world.northwind, marked, json!({}))["customers"]["nodes"][0];
    assert_eq!(marked["internalUseOf"]["name"], "Fabrikam");
    assert_eq!(page.complaints(), [] as [&str; 0]);
}

#[test]
fn what_stands_against_an_acceptance_is_shown_before_anything_is_entered() {
    let world = World::on(Sqlite);
    let (_, token) = world.invite(&world.northwind, json!({}));
    let (tenant_id, _) = world.stranger();
    let helpdesk = world.graph.tenant_token(tenant_id, &[Role::HelpdeskAgent]);
    let page = Page::of(&world.graph);
    page.ask(&path(&token), &helpdesk);
    page.shows("#errors", "As things are, you cannot accept");
    page.shows("#errors", "A-06");
    assert!(!page.text("#errors").contains("C-10"), "the form asks for the agreement");
    // An invitation of another organisation looks as if there were none.
    let (_, named) = world.request();
    for token in [named.as_str(), "no-such-token"] {
        page.ask(&path(token), &helpdesk);
        page.shows("#errors", "There is no invitation for your organisation with this link.");
        assert_eq!(page.text("#found"), "");
    }
}

#[test]
fn an_invitation_that_was_revoked_or_expired_says_so() {
    let world = World::on(Sqlite);
    let (invitation, revoked) = world.invite(&world.northwind, json!({}));
    world.as_provider().revoke_invitation(&invitation);
    let (_, expired) = world.invite(&world.northwind, json!({}));
    world.sql("UPDATE invitations SET expires_at = '2026-01-02 03:04:05' WHERE state = 'DRAFT'");
    let (_, admin) = world.stranger();
    let page = Page::of(&world.graph);
    page.ask(&path(&revoked), &admin);
    page.shows("#closed", "Northwind has revoked this invitation. Ask Northwind for a new invitation.");
    page.ask(&path(&expired), &admin);
    page.shows("#closed", "This invitation expired on 2 January 2026");
    assert_eq!(page.text("#answer"), "");
}

#[test]
fn a_request_without_an_answer_says_what_to_do() {
    let world = World::on(Sqlite);
    let (_, token) = world.request();
    let mut page = Page::with(&world.graph, &[("PARTNERGRAPH_QUERY_BUDGET_PER_MINUTE", "1")]);
    page.open("/invitation");
    page.click("#ask-form button.main");
    page.shows("#errors", "Enter your access token.");
    page.fill("#access", "wrong");
    page.click("#ask-form button.main");
    page.shows("#errors", "Enter the link of the invitation, or its token.");
    // A pasted link is as good as an opened one.
    page.fill("#link", &format!("http://127.0.0.1:8080/invitation#token={token}"));
    page.click("#ask-form button.main");
    page.shows("#errors", "The access token is wrong, or it has expired.");
    assert!(page.error_beside("#access").contains("Enter a valid one"));
    // What is asked for costs more than the installation allows in a minute.
    page.fill("#access", &format!("Bearer {}", world.fabrikam));
    page.click("#ask-form button.main");
    page.shows("#errors", "There were too many requests with your token. Nothing was changed. Wait");
    let unavailable = "window.fetch = async () => new Response(JSON.stringify({ errors: [{ message: 'Busy.', extensions: { code: 'BUSY', \
                       retryAfter: 5 } }] }), { status: 503 }); return true";
    page.script(unavailable);
    page.click("#check");
    page.shows("#errors", "The server is busy. Nothing was changed. Wait 5 seconds, and try again.");
    page.open("/invitation");
    page.stop_server();
    page.fill("#access", "any");
    page.fill("#link", "any");
    page.click("#ask-form button.main");
    page.shows("#errors", "The server could not be reached.");
}

#[test]
fn an_acceptance_needs_only_the_keyboard() {
    let world = World::on(Sqlite);
    let (_, token) = world.request();
    let page = Page::of(&world.graph);
    page.open(&path(&token));
    page.tab_to("access");
    page.press(&world.fabrikam.chars().collect::<Vec<_>>());
    page.press(&[ENTER]);
    page.shows("#found", "Northwind");
    page.tab_to("confirm");
    page.press(&[SPACE]);
    page.tab_to("decline-open");
    page.press(&[ENTER]);
    page.shows("#decline", "Decline the invitation?");
    page.press(&[ESCAPE]);
    assert_eq!(page.focused(), "decline-open");
    page.tab_to("accept");
    page.press(&[ENTER]);
    page.shows("#done", "partners now");
    assert_eq!(page.focused(), "done");
    assert_eq!(page.complaints(), [] as [&str; 0]);
}

#[test]
fn a_second_link_in_the_same_tab_replaces_the_first() {
    let world = World::on(Sqlite);
    let (_, first) = world.request();
    let (_, second) = world.invite(&world.northwind, json!({}));
    let page = Page::of(&world.graph);
    page.ask(&path(&first), &world.fabrikam);
    page.shows("#found", "A request for a partnership");
    assert_eq!(page.text("#ask"), "");
    page.script(&format!("location.hash = 'token={second}'; return true"));
    page.until("the address", "return location.hash === ''");
    assert_eq!(page.text("#found"), "");
    // The access token can be shown, and is hidden at first.
    assert_eq!(page.script("return document.querySelector('#access').type"), "password");
    page.click("#access-show");
    assert_eq!(page.script("return document.querySelector('#access').type"), "text");
    page.click("#ask-form button.main");
    page.shows("#found", "An invitation to a reseller relationship");
    assert_eq!(page.complaints(), [] as [&str; 0]);
}
