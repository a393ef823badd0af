use partnergraph_domain::OrganizationLinkKind::{Affiliate, SameCompany};
use partnergraph_store::write::facts;
use rstest::rstest;
use serde_json::{Value, json};

use crate::enrolment::world::{World, errors, rules};
use crate::support::{Backend, Partner, Postgres, Role, Sqlite};

const LINK: &str = "mutation($input: LinkOrganizationsInput!) { linkOrganizations(input: $input) { userErrors { code field rule microsoftCode } } }";

fn input(a: &Partner, b: &Partner, kind: &str) -> Value {
    json!({"a": {"mpnId": a.mpn_id.to_string()}, "b": {"mpnId": b.mpn_id.to_string()}, "kind": kind})
}

fn link_between(world: &World, a: &Partner, b: &Partner) -> Option<partnergraph_domain::OrganizationLinkKind> {
    facts::tie(&mut world.graph.database.connect(), a.id, b.id).unwrap()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn companies_become_affiliates_or_are_merged_with_their_accounts(#[case] backend: Backend) {
    let world = World::on(backend);
    let [a, b, c] = ["Adatum", "Bellows", "Coho"].map(|name| world.graph.reseller(name).add());
    let second = world.graph.reseller("Bellows two").company("Bellows").add();
    let link = |input| world.run(&world.operator, LINK, input);
    assert_eq!(link_between(&world, &a, &b), None);
    assert_eq!(errors(&link(input(&b, &c, "AFFILIATE"))), [] as [Value; 0]);
    assert_eq!(link_between(&world, &c, &b), Some(Affiliate));
    let validated = link(crate::enrolment::world::with(input(&a, &b, "SAME_COMPANY"), "validateOnly", json!(true)));
    assert_eq!((errors(&validated).len(), link_between(&world, &a, &b)), (0, None));
    assert_eq!(errors(&link(input(&a, &b, "SAME_COMPANY"))), [] as [Value; 0]);
    assert_eq!(link_between(&world, &a, &second), Some(SameCompany));
    assert_eq!(link_between(&world, &a, &c), Some(Affiliate));
    assert_eq!(rules(&link(input(&a, &second, "AFFILIATE"))), ["SAME_COMPANY"]);
    // Affiliates can become one company.
    assert_eq!(errors(&link(input(&c, &a, "SAME_COMPANY"))), [] as [Value; 0]);
    assert_eq!(link_between(&world, &c, &second), Some(SameCompany));
    let again = link(input(&c, &a, "SAME_COMPANY"));
    assert_eq!(errors(&again), [] as [Value; 0]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_an_operator_links_two_accounts(#[case] backend: Backend) {
    let world = World::on(backend);
    let [a, b] = ["Adatum", "Bellows"].map(|name| world.graph.reseller(name).add());
    let refused = world.run(&world.graph.token(&a, &[Role::GlobalAdmin]), LINK, input(&a, &b, "AFFILIATE"));
    assert_eq!(
        (rules(&refused), &errors(&refused)[0]["microsoftCode"]),
        (vec!["ROLE_NOT_ALLOWED".to_owned()], &json!(900_150))
    );
    assert_eq!(rules(&world.run(&world.operator, LINK, input(&a, &a, "SAME_COMPANY"))), ["BAD_INPUT"]);
    let unknown = json!({"a": {"mpnId": "1"}, "b": {"mpnId": "2"}, "kind": "AFFILIATE"});
    assert_eq!(rules(&world.run(&world.operator, LINK, unknown)), ["NOT_FOUND", "NOT_FOUND"]);
}
