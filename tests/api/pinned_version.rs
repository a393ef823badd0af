//! What this program relies on in async-graphql and what other releases do otherwise. The version is pinned in `Cargo.toml`;
//! whoever moves it learns here what changed.

use async_graphql::{EmptyMutation, EmptySubscription, InputObject, MaybeUndefined, Object, Result, Schema};
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
async fn a_failed_non_null_field_nulls_its_parent_and_nothing_more() {
    let answer = run("{ children { name number } quick }", json!({})).await;
    assert_eq!(answer["data"]["children"][1], json!(null));
    assert_eq!(answer["data"]["children"][2], json!({"name": "child 2", "number": 2}));
    assert_eq!(answer["data"]["quick"], 2);
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
    // The leaf of the path is lost when the failure is inside a list; the item at fault is named all the same.
    let path = answer["errors"][0]["path"].as_array().unwrap();
    assert_eq!(path[..2], [json!("children"), json!(1)]);
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
