//! `/verify`: the two questions to the primary contact of an enrolment.

use rstest::rstest;

use super::page::{DOWN, ENTER, Page, SPACE};
use crate::enrolment::world::{World, form};
use crate::support::{Backend, Postgres, Sqlite};

/// A world with an enrolment, and the path of the link in its mail.
fn enrolled(backend: Backend) -> (World, String) {
    let world = World::on(backend);
    world.enroll(form());
    let path = format!("/verify#token={}", world.mailed_token());
    (world, path)
}

/// The status of the enrolment, and what it waits for.
fn vetting(world: &World) -> (String, String) {
    let query = "{ viewer { organization { ... on Partner { vettingStatus vettingSubStatus } } } }";
    let data = world.api.data(&world.token, query, serde_json::json!({}));
    let text = |name: &str| data["viewer"]["organization"][name].as_str().unwrap().to_owned();
    (text("vettingStatus"), text("vettingSubStatus"))
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_contact_answers_the_two_questions(#[case] backend: Backend) {
    let (world, path) = enrolled(backend);
    let page = Page::of(&world.graph);
    page.open(&path);
    assert_eq!(page.address(), "/verify");
    page.fill("#access", &world.token);
    page.click("#send");
    page.shows("#errors", "Choose yes or no.");
    assert!(!page.error_beside("#signed-up-yes").is_empty() && !page.error_beside("#belongs-yes").is_empty());
    page.click("#signed-up-yes");
    page.click("#belongs-yes");
    page.click("#check");
    page.shows("#done", "the enrolment would go to its review");
    assert_eq!(vetting(&world), ("PENDING".to_owned(), "EMAIL_OWNERSHIP".to_owned()));
    page.click("#send");
    page.shows("#done", "Thank you, the answers are saved");
    assert_eq!((vetting(&world).1.as_str(), page.focused().as_str()), ("DECISION", "done"));
    // A token can be used once.
    page.open(&path);
    page.fill("#access", &world.token);
    page.click("#signed-up-yes");
    page.click("#belongs-yes");
    page.click("#send");
    page.shows("#errors", "This token was already used, or a newer email replaced it.");
    assert!(page.error_beside("#link").is_empty(), "the field of the link is hidden");
    assert_eq!(page.complaints(), [] as [&str; 0]);
}

#[test]
fn a_no_rejects_the_enrolment_and_says_so_before() {
    let (world, path) = enrolled(Sqlite);
    let page = Page::of(&world.graph);
    page.open("/verify");
    page.fill("#access", &world.operator);
    page.fill("#link", "pgv_no-such-token");
    page.click("#signed-up-yes");
    page.click("#belongs-yes");
    page.click("#send");
    page.shows("#errors", "There is no open verification with this link.");
    // By keyboard: the radio buttons of one question are one stop.
    page.open(&path);
    page.tab_to("access");
    page.press(&world.operator.chars().collect::<Vec<_>>());
    page.tab_to("signed-up-yes");
    page.press(&[SPACE]);
    assert_eq!(page.text("#rejects"), "");
    page.tab_to("belongs-yes");
    page.press(&[DOWN]);
    page.shows("#rejects", "the enrolment is rejected");
    page.tab_to("send");
    page.press(&[ENTER]);
    page.shows("#done", "The enrolment is rejected");
    assert_eq!(vetting(&world), ("REJECTED".to_owned(), "EMAIL_DOMAIN".to_owned()));
    assert_eq!(page.complaints(), [] as [&str; 0]);
}
