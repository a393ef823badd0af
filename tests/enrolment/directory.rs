use rstest::rstest;
use serde_json::{Value, json};

use crate::enrolment::world::{World, form};
use crate::support::{Backend, Postgres, Role, Sqlite};

const LIST: &str = "query($filter: PartnerFilter, $first: Int) { providerDirectory(filter: $filter, first: $first) { totalCount \
     nodes { id name country region services programs supportLevel contact { email telephone website } } pageInfo { hasNextPage endCursor } } }";

fn names(world: &World, token: &str, filter: Value) -> Vec<String> {
    let data = world.api.data(token, LIST, json!({"filter": filter, "first": 50}));
    let nodes = data["providerDirectory"]["nodes"].as_array().unwrap();
    assert_eq!(data["providerDirectory"]["totalCount"], nodes.len());
    nodes.iter().map(|node| node["name"].as_str().unwrap().to_owned()).collect()
}

fn providers(world: &World) {
    world.graph.provider("Northwind").add();
    world.graph.provider("Alpine").country("DE").add();
    world.graph.provider("Contoso Japan").country("JP").add();
    world.graph.reseller("Fabrikam").add();
    world.graph.write(|conn, _, _| {
        conn.batch(
            "DELETE FROM directory_entries WHERE partner_id = (SELECT id FROM partners WHERE name = 'Alpine'); \
             INSERT INTO directory_entries SELECT id, '[\"TRAINING\",\"MARKETING\"]', '[]', NULL FROM partners WHERE name = 'Alpine'",
        )
    });
    world.graph.provider("Unenrolled").add();
    world.graph.write(|conn, _, _| conn.batch("UPDATE partners SET enrolled = FALSE WHERE name = 'Unenrolled'"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_directory_is_searched_to_choose_a_provider(#[case] backend: Backend) {
    let world = World::on(backend);
    providers(&world);
    let japanese = world.graph.reseller("Tailspin").country("JP").add();
    let stranger = world.graph.token(&japanese, &[Role::HelpdeskAgent]);
    assert_eq!(names(&world, &stranger, json!({})), ["Contoso Japan"]);
    // A user whose tenant is unknown sees all entries, and those of its own region once the tenant is known.
    assert_eq!(names(&world, &world.token, json!({})), ["Alpine", "Contoso Japan", "Northwind"]);
    assert_eq!(names(&world, &world.operator, json!({})), ["Alpine", "Contoso Japan", "Northwind"]);
    world.enroll(form());
    assert_eq!(names(&world, &world.token, json!({})), ["Alpine", "Northwind"]);
    let provider = world.graph.provider("Litware").add();
    let contoso = world.graph.customer(&provider, "Contoso");
    assert_eq!(names(&world, &world.graph.customer_token(&contoso), json!({})), ["Alpine", "Litware", "Northwind"]);
    for (filter, expected) in [
        (json!({"region": {"eq": "JAPAN"}}), vec!["Contoso Japan"]),
        (json!({"country": {"eq": "DE"}}), vec!["Alpine"]),
        (json!({"services": ["TRAINING"]}), vec!["Alpine"]),
        (json!({"services": ["TRAINING", "FINANCING"]}), vec![]),
        (json!({"name": {"startsWith": "north"}}), vec!["Northwind"]),
        (json!({"country": {"ne": "PL"}}), vec!["Alpine", "Contoso Japan"]),
    ] {
        assert_eq!(names(&world, &world.token, filter.clone()), expected, "{filter}");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_directory_reveals_only_its_entries(#[case] backend: Backend) {
    let world = World::on(backend);
    providers(&world);
    for filter in [
        json!({"mpnId": {"startsWith": "45"}}),
        json!({"or": [{"tenantId": {"ne": null}}]}),
        json!({"not": {"capabilities": ["SUPPORT"]}}),
        json!({"and": [{"vettingStatus": {"eq": "AUTHORIZED"}}]}),
    ] {
        let response = world.api.response(&world.token, LIST, json!({"filter": filter, "first": 5}));
        assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_FILTER", "{filter}");
    }
    // An entry leads to the account only for those who can see the account anyway.
    let data = world.api.data(&world.token, LIST, json!({"first": 1}));
    let id = &data["providerDirectory"]["nodes"][0]["id"];
    let node = "query($id: ID!) { node(id: $id) { __typename id ... on DirectoryEntry { entity { id } } } }";
    let entry = json!({"__typename": "DirectoryEntry", "id": id, "entity": null});
    assert_eq!(world.api.data(&world.token, node, json!({"id": id}))["node"], entry);
}
