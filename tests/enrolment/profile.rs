use rstest::rstest;
use serde_json::{Value, json};

use crate::enrolment::world::{World, errors, rules};
use crate::support::{Backend, Postgres, Role, Sqlite, Verbs};

const MINE: &str = "{ myDirectoryProfile { name services programs supportLevel contact { email } } }";

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_partner_updates_its_profile(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    let token = world.graph.token(&provider, &[Role::AdminAgent]);
    let input = json!({
        "name": "Northwind Traders", "capabilities": ["TRAINING", "SUPPORT"], "address": {"addressLine1": "Main 1", "city": "Gdańsk"},
        "primaryContact": {"firstName": "Nina", "email": "nina@northwind.example"}, "support": {"email": "help@northwind.example", "telephone": "1"}
    });
    let as_agent = world.as_user(&token);
    let validated = as_agent.validating().update_partner_profile(input.clone());
    assert_eq!((errors(&validated).len(), &validated["partner"]["name"]), (0, &json!("Northwind Traders")));
    let changed = as_agent.update_partner_profile(input.clone());
    assert_eq!(errors(&changed), [] as [Value; 0]);
    let partner = &changed["partner"];
    assert_eq!(
        (&partner["name"], &partner["capabilities"]),
        (&json!("Northwind Traders"), &json!(["SUPPORT", "TRAINING"]))
    );
    assert_eq!(partner["version"], 2);
    assert_eq!(as_agent.update_partner_profile(input)["partner"]["version"], 2);
    // Omitted fields are unchanged, null clears a field.
    let cleared = as_agent.update_partner_profile(json!({"support": {"telephone": null}, "ifVersion": 2}));
    assert_eq!(cleared["partner"]["support"], json!({"email": "help@northwind.example", "telephone": null}));
    assert_eq!(rules(&as_agent.update_partner_profile(json!({"name": "X", "ifVersion": 2}))), ["STALE_VERSION"]);
    assert_eq!(rules(&as_agent.update_partner_profile(json!({"name": " "}))), ["BAD_INPUT"]);
    assert_eq!(rules(&as_agent.update_partner_profile(json!({"address": {"country": "DE"}}))), ["BAD_INPUT"]);
    for email in ["nina@gmail.com", "nina@outlook.pl"] {
        assert_eq!(
            rules(&as_agent.update_partner_profile(json!({"primaryContact": {"email": email}}))),
            ["E-07"],
            "{email}"
        );
    }
    assert_eq!(rules(&as_agent.update_partner_profile(json!({"primaryContact": {"email": null}}))), ["E-03"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_global_admins_and_admin_agents_of_the_account_update_its_profile(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    let reseller = world.graph.reseller("Fabrikam").partner_of(&provider).add();
    let seller = world.graph.token(&provider, &[Role::SalesAgent]);
    let refused = world.as_user(&seller).update_partner_profile(json!({"name": "X"}));
    assert_eq!((rules(&refused), &errors(&refused)[0]["microsoftCode"]), (vec!["A-04".to_owned()], &json!(900_150)));
    let admin = world.graph.token(&reseller, &[Role::GlobalAdmin]);
    let input =
        json!({"partner": {"mpnId": provider.mpn_id.to_string()}, "name": "X", "directory": {"supportLevel": "X"}});
    assert_eq!(rules(&world.as_user(&admin).update_partner_profile(input)), ["A-04"]);
    let unrelated = world.graph.provider("Litware").add();
    assert_eq!(
        rules(
            &world
                .as_user(&admin)
                .update_partner_profile(json!({"partner": {"mpnId": unrelated.mpn_id.to_string()}, "name": "X"}))
        ),
        ["NOT_FOUND"]
    );
    assert_eq!(rules(&world.as_operator().update_partner_profile(json!({"name": "X"}))), ["BAD_INPUT"]);
    assert_eq!(rules(&world.as_tenant().update_partner_profile(json!({"name": "X"}))), ["NOT_FOUND"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_directory_entry_is_changed_by_an_operator_and_not_by_the_provider(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    let token = world.graph.token(&provider, &[Role::GlobalAdmin]);
    let directory = json!({"services": ["TRAINING", "FINANCING"], "programs": ["Grow"], "supportLevel": "24/7"});
    let refused =
        world.as_user(&token).update_partner_profile(json!({"directory": directory, "capabilities": ["TRAINING"]}));
    assert_eq!(rules(&refused), ["V-02"]);
    assert_eq!(errors(&refused)[0]["field"], json!(["directory"]));
    let input = json!({"partner": {"mpnId": provider.mpn_id.to_string()}, "directory": directory, "support": {"email": "hi@northwind.example"}});
    assert_eq!(errors(&world.as_operator().update_partner_profile(input)), [] as [Value; 0]);
    let mine = world.api.data(&token, MINE, json!({}));
    assert_eq!(
        mine["myDirectoryProfile"],
        json!({"name": "Northwind", "services": ["TRAINING", "FINANCING"], "programs": ["Grow"],
        "supportLevel": "24/7", "contact": {"email": "hi@northwind.example"}})
    );
    assert_eq!(world.api.data(&world.token, MINE, json!({}))["myDirectoryProfile"], json!(null));
    assert_eq!(world.api.data(&world.operator, MINE, json!({}))["myDirectoryProfile"], json!(null));
}
