use partnergraph::graphql::{schema, sdl};

/// Clients are generated from `schema.graphql`. A change of it is a change of the API, and shows in the diff.
#[test]
fn the_schema_in_the_repository_is_the_one_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, sdl()).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(stored == sdl(), "schema.graphql is not current: run `UPDATE_SCHEMA=1 tests/run --test tests api::schema`");
}

/// The schema is the API's manual: everything in it has a description.
#[tokio::test]
async fn every_type_field_argument_and_value_is_described() {
    let query = "{ __schema { types { name description fields { name description args { name description } } \
                 inputFields { name description } enumValues { name description } } } }";
    let answer = serde_json::to_value(schema().quick.execute(query.into()).await).unwrap();
    let mut bare = Vec::new();
    let mut look = |path: String, thing: &serde_json::Value| {
        if thing["description"].as_str().is_none_or(str::is_empty) {
            bare.push(path);
        }
    };
    for kind in answer["data"]["__schema"]["types"].as_array().unwrap() {
        let name = kind["name"].as_str().unwrap();
        // `ID` and the introspection types are GraphQL's own.
        if name.starts_with("__") || name == "ID" {
            continue;
        }
        look(name.to_owned(), kind);
        for part in ["fields", "inputFields", "enumValues"] {
            for field in kind[part].as_array().into_iter().flatten() {
                let path = format!("{name}.{}", field["name"].as_str().unwrap());
                look(path.clone(), field);
                for argument in field["args"].as_array().into_iter().flatten() {
                    look(format!("{path}({})", argument["name"].as_str().unwrap()), argument);
                }
            }
        }
    }
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}
