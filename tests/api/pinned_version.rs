//! The behaviour of async-graphql that this program relies on and that differs in other releases. The version is pinned in
//! `Cargo.toml`; these tests show what changed when it is upgraded.

use async_graphql::{EmptyMutation, EmptySubscription, InputObject, MaybeUndefined, Object, Request, Result, Schema};
use partnergraph_operation::propagation::{Failures, Propagation, is_reported_correctly};
use serde_json::json;

#[derive(Default)]
struct Root;

struct Child(i32);

#[derive(InputObject)]
struct Inner {
    a: Option<i32>,
}

#[derive(InputObject)]
struct Outer {
    #[graphql(flatten)]
    inner: Inner,
    b: MaybeUndefined<i32>,
}

#[Object]
impl Root {
    async fn slow(&self) -> i32 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        1
    }

    async fn quick(&self) -> i32 {
        2
    }

    async fn children(&self) -> Vec<Option<Child>> {
        (0..3).map(|number| Some(Child(number))).collect()
    }

    async fn input(&self, of: Outer) -> String {
        format!("{:?} {:?}", of.inner.a, of.b)
    }
}

#[Object]
impl Child {
    async fn number(&self) -> Result<i32> {
        if self.0 == 1 { Err("one fails".into()) } else { Ok(self.0) }
    }

    async fn name(&self) -> String {
        format!("child {}", self.0)
    }

    async fn maybe(&self) -> Result<Option<i32>> {
        if self.0 == 1 { Err("one fails".into()) } else { Ok(None) }
    }

    async fn grandchildren(&self) -> Vec<Child> {
        vec![Child(0), Child(self.0)]
    }
}

async fn run(query: &str, variables: serde_json::Value) -> serde_json::Value {
    let schema = Schema::new(Root, EmptyMutation, EmptySubscription);
    let request = async_graphql::Request::new(query).variables(async_graphql::Variables::from_json(variables));
    serde_json::to_value(schema.execute(request).await).unwrap()
}

#[tokio::test]
async fn response_keys_keep_the_order_of_the_document() {
    let answer = run("{ slow quick again: slow }", json!({})).await;
    assert_eq!(answer["data"].as_object().unwrap().keys().collect::<Vec<_>>(), ["slow", "quick", "again"]);
}

#[tokio::test]
async fn a_failed_non_null_field_nulls_only_its_parent() {
    let answer = run("{ children { name number } quick }", json!({})).await;
    assert_eq!(answer["data"]["children"][1], json!(null));
    assert_eq!(answer["data"]["children"][2], json!({"name": "child 2", "number": 2}));
    assert_eq!(answer["data"]["quick"], 2);
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
    // The last element of the path is lost if the failure is inside a list; the failed item is named nevertheless.
    let path = answer["errors"][0]["path"].as_array().unwrap();
    assert_eq!(path[..2], [json!("children"), json!(1)]);
}

#[tokio::test]
async fn a_failed_nullable_field_nulls_its_parent_unless_prevented() {
    let answer = run("{ children { name maybe } }", json!({})).await;
    assert_eq!(answer["data"]["children"][1], json!(null));
}

#[tokio::test]
async fn with_care_a_failure_nulls_only_its_own_field_and_has_a_path() {
    let schema = Schema::build(Root, EmptyMutation, EmptySubscription).extension(Propagation).finish();
    let child = |number: i32, of: serde_json::Value| json!({"name": format!("child {number}"), "of": of});
    for (query, children, paths) in [
        (
            "{ children { name of: maybe } }",
            json!([child(0, json!(null)), child(1, json!(null)), child(2, json!(null))]),
            json!([["children", 1, "of"]]),
        ),
        (
            "{ children { name of: number } }",
            json!([child(0, json!(0)), null, child(2, json!(2))]),
            json!([["children", 1, "of"]]),
        ),
        (
            "{ children { name of: grandchildren { number } } }",
            json!([
                child(0, json!([{"number": 0}, {"number": 0}])),
                null,
                child(2, json!([{"number": 0}, {"number": 2}]))
            ]),
            json!([["children", 1, "of", 1, "number"]]),
        ),
        (
            "{ children { name of: grandchildren { maybe } } }",
            json!([0, 1, 2].map(|number| child(number, json!([{"maybe": null}, {"maybe": null}])))),
            json!([["children", 1, "of", 1, "maybe"]]),
        ),
    ] {
        let failures = Failures::default();
        let mut response = schema.execute(Request::new(query).data(failures.clone())).await;
        failures.add_to(&mut response);
        let answer = serde_json::to_value(&response).unwrap();
        assert_eq!(answer["data"]["children"], children, "{query}");
        let reported: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|error| error["path"].clone()).collect();
        assert_eq!(json!(reported), paths, "{query}");
        assert_eq!(answer["errors"][0]["message"], "one fails", "{query}");
        // Without care, the first look shows that it is needed.
        let plain = Schema::new(Root, EmptyMutation, EmptySubscription).execute(query).await;
        assert!(!is_reported_correctly(&plain), "{query}");
    }
    assert!(is_reported_correctly(&schema.execute(Request::new("{ quick }").data(Failures::default())).await));
}

#[tokio::test]
async fn an_omitted_variable_in_an_input_object_arrives_as_absent() {
    let query = "query ($a: Int, $b: Int) { input(of: {a: $a, b: $b}) }";
    assert_eq!(run(query, json!({})).await["data"]["input"], "None Undefined");
    assert_eq!(run(query, json!({"b": null})).await["data"]["input"], "None Null");
    assert_eq!(run(query, json!({"a": 1, "b": 2})).await["data"]["input"], "Some(1) Value(2)");
}

#[tokio::test]
async fn a_document_with_several_operations_and_variables_runs_the_one_that_is_named() {
    let query = "query One($a: Int) { input(of: {a: $a}) } query Two { quick }";
    let schema = Schema::new(Root, EmptyMutation, EmptySubscription);
    let answer = schema.execute(async_graphql::Request::new(query).operation_name("Two")).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
}
