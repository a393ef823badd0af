//! The number of statements of an operation depends on the document and, on SQLite, where calls are cheap because it runs
//! in-process, on the number of rows that its pages show. It never depends on the size of the data.

use rstest::rstest;
use serde_json::{Value, json};

use crate::api::caller::{Api, operation};
use crate::support::{Backend, Postgres, Sqlite};

/// A provider with this many customers of one reseller, with three subscriptions each.
fn filled(backend: Backend, customers: usize) -> (Api, String, Value) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    let reseller = api.graph.reseller("Fabrikam").partner_of(&provider).add();
    let other = api.graph.reseller("Tailspin").partner_of(&provider).add();
    for number in 0..customers {
        let customer = api.graph.customer(&provider, &format!("Customer {number}"));
        api.graph.association(&provider, &customer, &reseller);
        api.graph.subscription(&provider, &customer).reseller(&reseller).add();
        api.graph.subscription(&provider, &customer).reseller(&other).support_contact(&other).add();
        api.graph.subscription(&provider, &customer).add();
    }
    let token = api.admin(&provider);
    (api, token, json!({"mpnId": reseller.mpn_id.to_string(), "first": 50}))
}

async fn statements(api: &Api, token: &str, query: &str, variables: Value) -> u64 {
    let before = api.database.statements();
    api.ask(token, query, variables).await;
    api.database.statements() - before
}

/// The number of statements for the lists of one field below this many rows.
pub(super) fn lists_below(backend: Backend, parents: usize) -> u64 {
    match backend {
        Backend::Sqlite => parents as u64,
        Backend::Postgres => 1,
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn customers_of_reseller_takes_six_statements_for_one_customer_or_many(#[case] backend: Backend) {
    for customers in [1, 12] {
        let lists = lists_below(backend, customers);
        let (api, token, variables) = filled(backend, customers);
        // The token, the reseller, the page, the resellers, the subscriptions, and the partners that the subscriptions
        // name. A list that is shown completely is not counted separately.
        assert_eq!(
            statements(&api, &token, &operation("CustomersOfReseller"), variables).await,
            5 + lists,
            "{customers} customers"
        );
    }
    // For lists that continue, the whole list and those of all customers are counted.
    let (api, token, mut variables) = filled(backend, 12);
    variables["first"] = json!(10);
    let shorter = operation("CustomersOfReseller").replace("subscriptions(first: 10", "subscriptions(first: 2");
    assert_eq!(statements(&api, &token, &shorter, variables).await, 7 + lists_below(backend, 10));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn three_levels_take_as_many_statements_as_the_document_has_lists(#[case] backend: Backend) {
    let query = "{ indirectResellers { edges { partnership { customerCount customers(first: 5) { nodes { companyName \
                 subscriptions(first: 2) { nodes { offerName customer { companyName } partnerOfRecord { name customerCount } } } \
                 more: subscriptions(first: 1, orderBy: [{field: QUANTITY}]) { nodes { id } } } } } node { name licenseCount } } } }";
    // Two partnerships with the same customers, of which a page shows five.
    for (customers, shown) in [(1, 1), (8, 5)] {
        let (api, token, _) = filled(backend, customers);
        let lists = lists_below(backend, 2) + 2 * lists_below(backend, shown);
        assert_eq!(statements(&api, &token, query, json!({})).await, 8 + lists, "{customers} customers");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn aliases_with_different_arguments_do_not_mix(#[case] backend: Backend) {
    let (api, token, _) = filled(backend, 3);
    let query = "query ($no: Boolean!) { customers { nodes { a: subscriptions(first: 1) { nodes { id } } ...rest \
                 skipped: subscriptions(first: 9) @skip(if: true) { totalCount } other: subscriptions(first: 9) @include(if: $no) { totalCount } } } } \
                 fragment rest on Customer { b: subscriptions(first: 2) { nodes { id } } c: subscriptions(filter: {supportContact: {isDefault: false}}) { nodes { supportContact { name } } } }";
    let data = api.ask(&token, query, json!({"no": false})).await;
    for node in data["customers"]["nodes"].as_array().unwrap() {
        assert_eq!(node["a"]["nodes"].as_array().unwrap().len(), 1);
        assert_eq!(node["b"]["nodes"].as_array().unwrap().len(), 2);
        assert_eq!(node["c"]["nodes"], json!([{"supportContact": {"name": "Tailspin"}}]));
        assert!(node.get("skipped").is_none() && node.get("other").is_none());
    }
    let before = api.database.statements();
    api.ask(&token, query, json!({"no": false})).await;
    assert_eq!(api.database.statements() - before, 3 + 3 * lists_below(backend, 3));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn former_customers_take_as_many_statements_for_one_as_for_many(#[case] backend: Backend) {
    let query = "{ formerCustomers(first: 5) { totalCount edges { removedAt representation { goodFaith } \
                 node { companyName subscriptions(first: 2) { nodes { quantity customer { companyName } } } } } } }";
    for (customers, shown) in [(1, 1), (8, 5)] {
        let (api, token, _) = filled(backend, customers);
        let ended = "UPDATE reseller_relationships SET removed_at = since, representation = '{\"goodFaith\": true}'";
        api.graph.write(|conn, _, _| {
            conn.batch(ended)?;
            partnergraph_store::derive::rebuild(conn)
        });
        // The token, the page, the ends of the relationships, the subscriptions below each, and their customers: first those that
        // the caller sees, then those that it left.
        let counted = u64::from(customers > shown);
        assert_eq!(
            statements(&api, &token, query, json!({})).await,
            5 + counted + lists_below(backend, shown),
            "{customers} customers"
        );
    }
}

/// What decides about the actions is read for all rows of a page at once, on both databases.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn actions_take_as_many_statements_for_fifty_rows_as_for_two(#[case] backend: Backend) {
    let actions = "actions { name allowed verdicts { rule message } }";
    let mut counts = Vec::new();
    for rows in [2, 50] {
        let api = Api::on(backend);
        let provider = api.graph.provider("Northwind").add();
        let reseller = api.graph.reseller("Fabrikam").partner_of(&provider).add();
        for number in 1..rows {
            api.graph.reseller(&format!("Reseller {number}")).partner_of(&provider).add();
        }
        for number in 0..rows {
            let customer = api.graph.customer(&provider, &format!("Customer {number}"));
            api.graph.association(&provider, &customer, &reseller);
            api.graph.subscription(&provider, &customer).reseller(&reseller).add();
        }
        // The own use of a customer's tenant adds what decides about the buyer.
        let own_use = format!("UPDATE customers SET internal_use_of = {}", reseller.id);
        api.graph.write(|conn, _, _| conn.batch(&own_use));
        let tokens = [api.admin(&provider), api.admin(&reseller), api.graph.operator_token()];
        let mut of_rows = Vec::new();
        for token in tokens {
            for list in ["customers", "subscriptions", "partners", "indirectResellers"] {
                let nodes = match list {
                    "indirectResellers" => format!("edges {{ partnership {{ {actions} }} }}"),
                    _ => format!("nodes {{ {actions} }}"),
                };
                let query = format!("{{ {list}(first: 50) {{ {nodes} }} }}");
                of_rows.push((list, statements(&api, &token, &query, json!({})).await));
            }
        }
        counts.push(of_rows);
    }
    assert_eq!(counts[0], counts[1]);
    assert!(counts[0].iter().all(|(_, statements)| *statements < 20), "{counts:?}");
}
