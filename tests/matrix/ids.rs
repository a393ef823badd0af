//! One id, one object: a caller that receives a global id finds the object with that id by it, and an id never belongs to two
//! types.

use std::collections::BTreeMap;

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::matrix::Stage;
use crate::matrix::actors::ACTORS;
use crate::matrix::data;
use crate::support::{Postgres, Sqlite};

const NODE: &str = "query($id: ID!) { node(id: $id) { __typename id } }";

/// The objects in a response: type and id.
fn objects(value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Array(entries) => entries.iter().for_each(|entry| objects(entry, found)),
        Value::Object(members) => {
            if let (Some(kind), Some(id)) = (members.get("__typename"), members.get("id")) {
                found.push((kind.as_str().unwrap().to_owned(), id.as_str().unwrap().to_owned()));
            }
            members.values().for_each(|below| objects(below, found));
        }
        _ => {}
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn every_id_leads_to_its_own_object_and_to_no_other(#[case] backend: Backend) {
    let stage = Stage::on(backend);
    let routes = data::lines("data/routes.txt");
    let has_id = |name: &str| stage.shape.field(name, "id").is_some_and(|field| field.type_name == "ID");
    let mut types: BTreeMap<String, String> = BTreeMap::new();
    let mut reached: BTreeMap<String, usize> =
        stage.shape.readable().into_iter().filter(|name| has_id(name)).map(|name| (name, 0)).collect();
    for route in routes.iter().filter(|route| has_id(&route.name)) {
        let query = data::fill(&format!("{{ {} }}", route.text.replace('@', "__typename id")), |name| {
            stage.world.value(name).text
        });
        for actor in ACTORS.iter().filter(|actor| actor.is_known()) {
            let token = stage.world.token_of(actor);
            let mut met = Vec::new();
            objects(&stage.client.answer(token, &query, json!({}))["data"], &mut met);
            for (kind, id) in met {
                let node = stage.client.answer(token, NODE, json!({ "id": id }));
                let expected = json!({"__typename": kind, "id": id});
                assert_eq!(node["data"]["node"], expected, "{} by {query}: {node}", actor.name);
                let known = types.entry(id).or_insert_with(|| kind.clone());
                assert_eq!(*known, kind, "one id of two types");
                *reached.entry(kind).or_default() += 1;
            }
        }
    }
    let never: Vec<&String> = reached.iter().filter(|(_, times)| **times == 0).map(|(name, _)| name).collect();
    assert_eq!(never, [] as [&String; 0], "nobody met one of these");
}
