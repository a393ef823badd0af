//! `/reviews`: an operator decides about enrolments (E-09, E-17).

use rstest::rstest;
use serde_json::json;

use super::page::{DOWN, ENTER, Page, SPACE};
use crate::enrolment::takeover::{import, partner_center_files};
use crate::enrolment::world::{World, form};
use crate::support::{Backend, Postgres, Role, Sqlite};

/// A world in which a provider's import made a placeholder, and a newcomer claims its MPN ID.
fn claimed(backend: Backend) -> World {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    import(&world, &provider, partner_center_files());
    world.enroll(form());
    world.verify(true, true);
    world
}

fn under_review(world: &World) -> i64 {
    let data = world.api.data(&world.operator, "{ partnerReviews { totalCount } }", json!({}));
    data["partnerReviews"]["totalCount"].as_i64().unwrap()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_takeover_is_confirmed_and_explained(#[case] backend: Backend) {
    let world = claimed(backend);
    let page = Page::of(&world.graph);
    page.ask("/reviews", &world.operator);
    page.shows("#list", "Enrolments under review: 1");
    page.shows("#rows", "Takes over 1 customer and 1 subscription");
    page.click("#rows button");
    page.shows("#review-facts", "The register has no name for this MPN ID");
    page.shows("#takes-over-facts", "Licences\n7");
    assert_eq!((page.focused().as_str(), page.text("#takeover-fields").as_str()), ("review-title", ""));
    page.click("#decide");
    page.shows("#errors", "Choose a decision.");
    page.click("#authorize");
    page.click("#check");
    page.shows("#errors", "E-17");
    assert!(!page.error_beside("#confirm-takeover").is_empty() && !page.error_beside("#takeover-reason").is_empty());
    page.click("#confirm-takeover");
    page.fill("#takeover-reason", "The contract names this MPN ID.");
    page.click("#check");
    page.shows("#done", "Nothing has been saved yet");
    assert_eq!(under_review(&world), 1);
    page.click("#decide");
    page.shows("#done", "Fabrikam Sp. z o.o. is authorised");
    page.shows("#list", "No enrolment is under review.");
    assert_eq!(under_review(&world), 0);
    // The enrolling account sees the result with its own token.
    page.ask("/reviews", &world.token);
    page.shows("#own", "Authorised");
    assert_eq!(page.text("#list"), "");
    assert_eq!(page.complaints(), [] as [&str; 0]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_enrolment_is_rejected_with_a_ground(#[case] backend: Backend) {
    let world = claimed(backend);
    let page = Page::of(&world.graph);
    page.ask("/reviews", &world.operator);
    // By keyboard alone.
    page.shows("#list", "Enrolments under review: 1");
    assert_eq!(page.focused(), "list-title");
    page.tab_to("review-1");
    page.press(&[ENTER]);
    page.shows("#review", "Fabrikam");
    page.tab_to("authorize");
    page.press(&[DOWN]);
    assert_eq!((page.focused().as_str(), page.text("#takeover-fields").as_str()), ("reject", ""));
    page.tab_to("ground");
    page.press(&[DOWN]);
    page.tab_to("note");
    page.press(&"No answer by phone.".chars().collect::<Vec<_>>());
    page.tab_to("decide");
    page.press(&[SPACE]);
    page.shows("#done", "Fabrikam Sp. z o.o. is rejected");
    let mail = world.mails()[0]["body"].as_str().unwrap().to_owned();
    assert!(mail.contains("may act for the company") && mail.contains("No answer by phone."), "{mail}");
    page.ask("/reviews", &world.token);
    page.shows("#own", "It could not be confirmed that the person who enrolled may act for the company.");
    assert_eq!(page.complaints(), [] as [&str; 0]);
}

#[test]
fn only_operators_review_and_partners_see_their_own() {
    let world = World::on(Sqlite);
    world.enroll(form());
    let page = Page::of(&world.graph);
    page.ask("/reviews", &world.token);
    page.shows("#own", "The primary contact has to answer the verification email first.");
    // A review cannot be decided before; the rule says so.
    page.ask("/reviews", &world.operator);
    page.shows("#rows", "Waiting for its primary contact");
    page.click("#rows button");
    page.shows("#takes-nothing", "nothing is taken over");
    page.click("#authorize");
    page.click("#decide");
    page.shows("#errors", "E-08");
    page.click("#back");
    page.shows("#rows", "Fabrikam");
    let stranger = world.graph.tenant_token(partnergraph_domain::TenantId(world.graph.guid()), &[Role::GlobalAdmin]);
    page.ask("/reviews", &stranger);
    page.shows("#errors", "Only operators can review enrolments");
    assert_eq!(page.text("#list"), "");
    assert_eq!(page.complaints(), [] as [&str; 0]);
}
