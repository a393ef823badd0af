use rstest::rstest;
use serde_json::{Value, json};

use crate::api::caller::{Api, texts};
use crate::support::{Backend, Postgres, Sqlite};

const PAGE: &str = "query ($o: [CustomerOrder!], $first: Int, $last: Int, $after: String, $before: String, $f: CustomerFilter) { \
     customers(filter: $f, orderBy: $o, first: $first, last: $last, after: $after, before: $before) { \
     totalCount nodes { companyName } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

async fn walk(api: &Api, token: &str, order: Value, backwards: bool) -> Vec<String> {
    let mut names = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let variables = match backwards {
            false => json!({"o": order, "first": 2, "after": cursor}),
            true => json!({"o": order, "last": 2, "before": cursor}),
        };
        let page = api.ask(token, PAGE, variables).await["customers"].take();
        let mut shown = texts(&page["nodes"], "companyName");
        if backwards {
            shown.reverse();
        }
        names.extend(shown);
        let info = &page["pageInfo"];
        let (more, next) = match backwards {
            false => ("hasNextPage", "endCursor"),
            true => ("hasPreviousPage", "startCursor"),
        };
        if info[more] == false {
            return names;
        }
        cursor = info[next].clone();
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn pages_walk_a_list_in_both_directions_and_nulls_come_last_ascending(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    let names = ["alpha", "Beta", "Żubr", "delta", "Zeta"];
    let customers: Vec<_> = names.iter().map(|name| api.graph.customer(&provider, name)).collect();
    // Two customers without a known country.
    api.graph.write(|conn, _, _| {
        use partnergraph_store::sql::sql;
        for (customer, country) in customers.iter().zip([Some("DE"), None, Some("PL"), None, Some("AT")]) {
            conn.execute(
                &sql("UPDATE customer_records SET country = ")
                    .bind(country)
                    .push(" WHERE customer_id = ")
                    .bind(customer.id),
            )?;
        }
        Ok(())
    });
    let token = api.admin(&provider);

    let by_name = json!([{"field": "COMPANY_NAME", "direction": "ASC"}]);
    let expected = ["alpha", "Beta", "delta", "Zeta", "Żubr"];
    assert_eq!(walk(&api, &token, by_name.clone(), false).await, expected);
    let mut reversed = expected.to_vec();
    reversed.reverse();
    assert_eq!(walk(&api, &token, by_name, true).await, reversed);

    let by_country = json!([{"field": "COUNTRY", "direction": "ASC"}]);
    assert_eq!(walk(&api, &token, by_country.clone(), false).await, ["Zeta", "alpha", "Żubr", "Beta", "delta"]);
    assert_eq!(walk(&api, &token, by_country, true).await, ["delta", "Beta", "Żubr", "alpha", "Zeta"]);
    let descending = json!([{"field": "COUNTRY", "direction": "DESC"}, {"field": "COMPANY_NAME", "direction": "DESC"}]);
    assert_eq!(walk(&api, &token, descending.clone(), false).await, ["delta", "Beta", "Żubr", "alpha", "Zeta"]);
    assert_eq!(walk(&api, &token, descending, true).await, ["Zeta", "alpha", "Żubr", "Beta", "delta"]);
    let mixed = json!([{"field": "COUNTRY", "direction": "DESC"}, {"field": "COMPANY_NAME", "direction": "ASC"}]);
    assert_eq!(walk(&api, &token, mixed, false).await, ["Beta", "delta", "Żubr", "alpha", "Zeta"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn lists_below_many_rows_are_the_lists_below_each(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    let resellers: Vec<_> =
        (0..12).map(|number| api.graph.reseller(&format!("R{number:02}")).partner_of(&provider).add()).collect();
    // From lists that all fit on their pages to one that is longer than all pages together.
    let expected: Vec<(String, Vec<String>)> = [0, 12, 1, 3]
        .into_iter()
        .enumerate()
        .map(|(number, count)| {
            let customer = api.graph.customer(&provider, &format!("C{number}"));
            for reseller in &resellers[..count] {
                api.graph.association(&provider, &customer, reseller);
            }
            (format!("C{number}"), (0..count).map(|number| format!("R{number:02}")).collect())
        })
        .collect();
    let token = api.admin(&provider);
    for size in 0..14 {
        for backwards in [false, true] {
            let end = if backwards { "last" } else { "first" };
            let query = format!(
                "{{ customers(orderBy: [{{field: COMPANY_NAME}}]) {{ nodes {{ companyName \
                 indirectResellers({end}: {size}) {{ totalCount nodes {{ name }} pageInfo {{ hasNextPage hasPreviousPage }} }} }} }} }}"
            );
            let data = api.ask(&token, &query, json!({})).await;
            for (customer, (name, all)) in data["customers"]["nodes"].as_array().unwrap().iter().zip(&expected) {
                let list = &customer["indirectResellers"];
                let page = if backwards { &all[all.len().saturating_sub(size)..] } else { &all[..size.min(all.len())] };
                let case = format!("{name}, {end}: {size}");
                assert_eq!(customer["companyName"], json!(name));
                assert_eq!(list["totalCount"], all.len(), "{case}");
                assert_eq!(texts(&list["nodes"], "name"), *page, "{case}");
                assert_eq!(list["pageInfo"]["hasNextPage"], !backwards && size < all.len(), "{case}");
                assert_eq!(list["pageInfo"]["hasPreviousPage"], backwards && size < all.len(), "{case}");
            }
        }
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_cursor_keeps_its_place_when_rows_are_inserted(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    for name in ["b", "d", "f"] {
        api.graph.customer(&provider, name);
    }
    let token = api.admin(&provider);
    let first = api.ask(&token, PAGE, json!({"first": 2})).await["customers"].take();
    for name in ["a", "c", "e"] {
        api.graph.customer(&provider, name);
    }
    let rest = api.ask(&token, PAGE, json!({"first": 9, "after": first["pageInfo"]["endCursor"]})).await;
    assert_eq!(texts(&rest["customers"]["nodes"], "companyName"), ["e", "f"]);
    assert_eq!(rest["customers"]["totalCount"], 6);
    assert_eq!(rest["customers"]["pageInfo"]["hasPreviousPage"], true);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn invalid_pages_are_refused_with_a_code(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    for number in 0..3 {
        api.graph.customer(&provider, &format!("c{number}"));
    }
    let token = api.admin(&provider);
    for variables in [json!({"first": 101}), json!({"first": -1}), json!({"last": 101}), json!({"first": 1, "last": 1})]
    {
        assert_eq!(api.code(&token, PAGE, variables).await, "BAD_PAGE_SIZE");
    }
    let empty = api.ask(&token, PAGE, json!({"first": 0})).await;
    assert_eq!(empty["customers"]["nodes"], json!([]));
    assert_eq!(empty["customers"]["pageInfo"]["hasNextPage"], true);

    let page = api.ask(&token, PAGE, json!({"first": 1})).await;
    let cursor = &page["customers"]["pageInfo"]["endCursor"];
    let other_order = json!({"after": cursor, "o": [{"field": "COMPANY_NAME", "direction": "DESC"}]});
    let other_filter = json!({"after": cursor, "f": {"companyName": {"contains": "c"}}});
    for variables in [other_order, other_filter, json!({"after": "nonsense"}), json!({"before": ""})] {
        assert_eq!(api.code(&token, PAGE, variables).await, "BAD_CURSOR");
    }
    let children = "query ($n: Int) { customers { nodes { subscriptions(first: $n) { totalCount } } } }";
    assert_eq!(api.code(&token, children, json!({"n": 101})).await, "BAD_PAGE_SIZE");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_cursor_survives_a_restart_and_is_valid_only_in_its_own_list(#[case] backend: Backend) {
    let api = Api::on(backend);
    let provider = api.graph.provider("Northwind").add();
    for name in ["a", "b", "c"] {
        let customer = api.graph.customer(&provider, name);
        api.graph.subscription(&provider, &customer).add();
    }
    let token = api.admin(&provider);
    let filter = json!({"companyName": {"in": ["a", "b", "c"]}, "not": {"createdAt": {"lt": "2001-02-03T04:05:06Z"}}});
    let page = api.ask(&token, PAGE, json!({"first": 1, "f": filter})).await;
    let cursor = &page["customers"]["pageInfo"]["endCursor"];

    let api = api.restarted();
    let rest = api.ask(&token, PAGE, json!({"first": 9, "after": cursor, "f": filter})).await;
    assert_eq!(texts(&rest["customers"]["nodes"], "companyName"), ["b", "c"]);

    // Two lists with the same order and without a filter.
    let of_all = "query ($after: String) { subscriptions(first: 1, after: $after) { edges { cursor } } }";
    let of_customer = "query ($after: String) { customers { nodes { subscriptions(after: $after) { totalCount } } } }";
    let page = api.ask(&token, of_all, json!({})).await;
    let cursor = &page["subscriptions"]["edges"][0]["cursor"];
    api.ask(&token, of_all, json!({"after": cursor})).await;
    assert_eq!(api.code(&token, of_customer, json!({"after": cursor})).await, "BAD_CURSOR");
}
