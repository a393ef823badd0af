use rstest::rstest;
use serde_json::{Value, json};

use crate::enrolment::world::{World, errors, rules};
use crate::support::{Backend, Postgres, Role, Sqlite};

const UPSERT: &str = "mutation($input: UpsertMpnProfileInput!) { upsertMpnProfile(input: $input) { \
     mpnProfile { mpnId kind globalMpnId country active inPartnerMembershipCenter company version } \
     userErrors { code field rule microsoftCode } } }";
const LIST: &str = "query($f: MpnProfileFilter) { mpnProfiles(filter: $f) { totalCount nodes { mpnId kind country active \
     inPartnerMembershipCenter company } } }";

fn ids(world: &World, token: &str, filter: Value) -> Vec<String> {
    let data = world.api.data(token, LIST, json!({"f": filter}));
    let nodes = data["mpnProfiles"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["mpnId"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_operator_maintains_the_mpn_profiles(#[case] backend: Backend) {
    let world = World::on(backend);
    let run = |input| world.run(&world.operator, UPSERT, input);
    assert_eq!(rules(&run(json!({"mpnId": "77"}))), ["BAD_INPUT"]);
    assert_eq!(rules(&run(json!({"mpnId": "x", "country": "PL"}))), ["BAD_INPUT"]);
    let new = json!({"mpnId": "77", "country": "PL", "globalMpnId": "70", "company": "Fabrikam"});
    let validated = run(crate::enrolment::world::with(new.clone(), "validateOnly", json!(true)));
    assert_eq!((errors(&validated).len(), &validated["mpnProfile"]["company"]), (0, &json!("Fabrikam")));
    let created = run(new.clone());
    assert_eq!(
        created["mpnProfile"],
        json!({"mpnId": "77", "kind": "LOCATION", "globalMpnId": "70", "country": "PL",
        "active": true, "inPartnerMembershipCenter": false, "company": "Fabrikam", "version": 1})
    );
    assert_eq!(run(new)["mpnProfile"]["version"], 1);
    let changed = run(json!({"mpnId": "77", "active": false, "company": null, "ifVersion": 1}));
    assert_eq!((&changed["mpnProfile"]["active"], &changed["mpnProfile"]["company"]), (&json!(false), &json!(null)));
    assert_eq!(changed["mpnProfile"]["globalMpnId"], "70");
    assert_eq!(changed["mpnProfile"]["version"], 2);
    let stale = run(json!({"mpnId": "77", "active": true, "ifVersion": 1}));
    assert_eq!((rules(&stale), &errors(&stale)[0]["microsoftCode"]), (vec!["STALE_VERSION".to_owned()], &json!(2055)));
    let refused = world.run(&world.token, UPSERT, json!({"mpnId": "77", "active": true}));
    assert_eq!(
        (rules(&refused), &errors(&refused)[0]["microsoftCode"]),
        (vec!["ROLE_NOT_ALLOWED".to_owned()], &json!(900_150))
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_partner_reads_only_its_companys_profiles(#[case] backend: Backend) {
    let world = World::on(backend);
    let graph = &world.graph;
    let fabrikam = graph.reseller("Fabrikam").mpn_id(71).global_mpn_id(70).add();
    graph.reseller("Litware").mpn_id(81).add();
    for input in [
        json!({"mpnId": "72", "country": "PL", "globalMpnId": "70"}),
        json!({"mpnId": "70", "kind": "GLOBAL"}),
        json!({"mpnId": "90", "country": "DE", "inPartnerMembershipCenter": true, "company": "Tailspin"}),
    ] {
        assert_eq!(errors(&world.run(&world.operator, UPSERT, input)), [] as [Value; 0]);
    }
    let token = graph.token(&fabrikam, &[Role::SalesAgent]);
    assert_eq!(ids(&world, &token, json!({})), ["70", "71", "72"]);
    assert_eq!(ids(&world, &world.operator, json!({})), ["2000001", "70", "71", "72", "81", "90"]);
    assert_eq!(ids(&world, &world.token, json!({})), [] as [&str; 0]);
    for (filter, expected) in [
        (json!({"kind": {"eq": "GLOBAL"}}), vec!["70"]),
        (json!({"country": {"eq": "DE"}}), vec!["90"]),
        (json!({"inPartnerMembershipCenter": {"eq": true}}), vec!["90"]),
        (json!({"company": {"eq": "tailspin"}}), vec!["90"]),
        (json!({"globalMpnId": {"eq": "70"}, "not": {"mpnId": {"eq": "71"}}}), vec!["72"]),
        (json!({"or": [{"mpnId": {"startsWith": "8"}}, {"active": {"eq": false}}]}), vec!["81"]),
    ] {
        assert_eq!(ids(&world, &world.operator, filter.clone()), expected, "{filter}");
    }
}
