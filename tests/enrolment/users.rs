use rstest::rstest;
use serde_json::{Value, json};

use crate::enrolment::world::{World, errors, rules};
use crate::support::{Backend, Postgres, Role, Sqlite, Verbs};

const LIST: &str = "query($n: Int) { users(first: $n) { totalCount nodes { id userPrincipalName displayName roles } pageInfo { hasNextPage } } }";

fn names(world: &World, token: &str) -> Vec<String> {
    let data = world.api.data(token, LIST, json!({}));
    let nodes = data["users"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["userPrincipalName"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_admin_agent_adds_changes_and_removes_users(#[case] backend: Backend) {
    let world = World::on(backend);
    let reseller = world.graph.reseller("Fabrikam").add();
    let agent = world.person(&reseller, "ada@fabrikam.example", &[Role::AdminAgent]);
    let validated = world.as_user(&agent).validating().update_user_roles("Ola@fabrikam.example", &["SALES_AGENT"]);
    assert_eq!((errors(&validated).len(), &validated["user"]["roles"]), (0, &json!(["SALES_AGENT"])));
    let named = world.as_user(&agent).with(json!({"displayName": "Ola"}));
    let added = named.update_user_roles("Ola@fabrikam.example", &["SALES_AGENT"]);
    assert_eq!((&added["user"]["roles"], &added["user"]["displayName"]), (&json!(["SALES_AGENT"]), &json!("Ola")));
    assert_eq!(names(&world, &agent), ["ada@fabrikam.example", "Ola@fabrikam.example"]);
    let changed = world.as_user(&agent).update_user_roles("ola@fabrikam.example", &["SALES_AGENT", "HELPDESK_AGENT"]);
    assert_eq!(changed["user"]["roles"], json!(["HELPDESK_AGENT", "SALES_AGENT"]));
    assert_eq!((&changed["user"]["id"], &changed["user"]["displayName"]), (&added["user"]["id"], &json!("Ola")));
    let stale = world.as_user(&agent).with(json!({"ifVersion": 1}));
    assert_eq!(rules(&stale.update_user_roles("ola@fabrikam.example", &["SALES_AGENT"])), ["STALE_VERSION"]);

    let ola = world.person(&reseller, "ola@fabrikam.example", &[Role::SalesAgent]);
    let removed = world.as_user(&agent).update_user_roles("ola@fabrikam.example", &[]);
    assert_eq!((errors(&removed).len(), &removed["user"]), (0, &json!(null)));
    assert_eq!(names(&world, &agent), ["ada@fabrikam.example"]);
    let response = world.api.response(&ola, "{ viewer { user { id } } }", json!({}));
    assert_eq!(response["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(rules(&world.as_user(&agent).update_user_roles("ola@fabrikam.example", &[])), ["NOT_FOUND"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_global_admin_can_join_the_admin_agents_and_then_add_users(#[case] backend: Backend) {
    let world = World::on(backend);
    let reseller = world.graph.reseller("Fabrikam").add();
    let admin = world.person(&reseller, "anna@fabrikam.example", &[Role::GlobalAdmin]);
    let refused = world.as_user(&admin).update_user_roles("ola@fabrikam.example", &["SALES_AGENT"]);
    assert_eq!((rules(&refused), &errors(&refused)[0]["microsoftCode"]), (vec!["A-04".to_owned()], &json!(900_150)));
    let joined = world.as_user(&admin).update_user_roles("anna@fabrikam.example", &["GLOBAL_ADMIN", "ADMIN_AGENT"]);
    assert_eq!(joined["user"]["roles"], json!(["ADMIN_AGENT", "GLOBAL_ADMIN"]));
    assert_eq!(
        errors(&world.as_user(&admin).update_user_roles("ola@fabrikam.example", &["SALES_AGENT"])),
        [] as [Value; 0]
    );
    // Neither a Helpdesk agent nor a Sales agent can add users.
    let seller = world.person(&reseller, "ola@fabrikam.example", &[Role::SalesAgent]);
    assert_eq!(
        rules(&world.as_user(&seller).update_user_roles("ola@fabrikam.example", &["SALES_AGENT", "ADMIN_AGENT"])),
        ["A-04"]
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn users_cannot_make_themselves_operator_or_global_admin(#[case] backend: Backend) {
    let world = World::on(backend);
    let reseller = world.graph.reseller("Fabrikam").add();
    world.person(&reseller, "anna@fabrikam.example", &[Role::GlobalAdmin]);
    let agent = world.person(&reseller, "ada@fabrikam.example", &[Role::AdminAgent]);
    let run = |name, roles: &[&str]| world.as_user(&agent).update_user_roles(name, roles);
    assert_eq!(rules(&run("ola@fabrikam.example", &["OPERATOR"])), ["ROLE_NOT_GRANTABLE"]);
    assert_eq!(rules(&run("ada@fabrikam.example", &["ADMIN_AGENT", "GLOBAL_ADMIN"])), ["OWN_ROLES_NOT_RAISED"]);
    assert_eq!(rules(&run("anna@fabrikam.example", &["SALES_AGENT"])), ["LAST_GLOBAL_ADMIN"]);
    assert_eq!(rules(&run("anna@fabrikam.example", &[])), ["LAST_GLOBAL_ADMIN"]);
    assert_eq!(errors(&run("eva@fabrikam.example", &["GLOBAL_ADMIN"])), [] as [Value; 0]);
    assert_eq!(errors(&run("anna@fabrikam.example", &[])), [] as [Value; 0]);
    assert_eq!(rules(&run("an na", &["SALES_AGENT"])), ["BAD_INPUT"]);
    let refused = world.as_operator().update_user_roles("ops@platform.example", &["OPERATOR"]);
    assert!(rules(&refused).contains(&"ROLE_NOT_ALLOWED".to_owned()));
    // A tenant without an account has no Admin agents yet.
    assert_eq!(rules(&world.as_tenant().update_user_roles("ola@fabrikam.example", &["SALES_AGENT"])), ["A-04"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_customers_global_admin_manages_its_users(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    let contoso = world.graph.customer(&provider, "Contoso");
    let admin = world.graph.customer_token(&contoso);
    let added = world.as_user(&admin).update_user_roles("cleo@contoso.example", &["GLOBAL_ADMIN"]);
    assert_eq!(added["user"]["roles"], json!(["GLOBAL_ADMIN"]));
    assert_eq!(names(&world, &admin), ["admin@contoso.example", "cleo@contoso.example"]);
    assert_eq!(
        rules(&world.as_user(&admin).update_user_roles("dora@contoso.example", &["SALES_AGENT"])),
        ["ROLE_NOT_GRANTABLE"]
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn users_list_the_users_of_their_own_organisation(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    let reseller = world.graph.reseller("Fabrikam").partner_of(&provider).add();
    let ours = world.person(&provider, "nina@northwind.example", &[Role::HelpdeskAgent]);
    let theirs = world.person(&reseller, "ola@fabrikam.example", &[Role::SalesAgent]);
    assert_eq!(names(&world, &ours), ["nina@northwind.example"]);
    assert_eq!(names(&world, &theirs), ["ola@fabrikam.example"]);
    assert_eq!(names(&world, &world.token), ["anna@fabrikam.example"]);
    assert_eq!(names(&world, &world.operator), ["operator@platform.example"]);
    let id = world.api.data(&ours, LIST, json!({}))["users"]["nodes"][0]["id"].clone();
    let node = "query($id: ID!) { node(id: $id) { ... on User { userPrincipalName } } }";
    assert_eq!(world.api.data(&ours, node, json!({"id": id}))["node"]["userPrincipalName"], "nina@northwind.example");
    assert_eq!(world.api.data(&theirs, node, json!({"id": id}))["node"], json!(null));
}
