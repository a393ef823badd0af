//! Direct answers are identical to the library's, byte for byte: generated queries, run in both ways by every actor.

mod queries;

use partnergraph::graphql::schema;
use partnergraph_domain::SubscriptionStatus;
use partnergraph_gate::{Gate, GateRequest, GateResponse};
use rstest::rstest;
use serde_json::{Value, json};

use self::queries::{CUSTOMER, Chance, PARTNER, SUBSCRIPTION, query};
use crate::support::{Backend, Graph, Postgres, Role, Sqlite, TestDatabase};

/// The entities that the queries name.
struct Known {
    tenants: Vec<String>,
    subscriptions: Vec<String>,
    reseller: String,
}

/// A graph in which half of all nullable values are null, and a token of each actor.
fn world(graph: &Graph) -> (Known, Vec<String>) {
    let provider = graph.provider("Northwind").company("Northwind \"Traders\" \\ Ltd").add();
    let other = graph.provider("Adatum").country("DE").add();
    let resellers = [
        graph.reseller("Fabrikam").global_mpn_id(9_900_001).partner_of(&provider).partner_of(&other).add(),
        graph.reseller("Fabrikam Süd\u{2028}\u{1F600}").country("DE").partner_of(&provider).add(),
        graph.reseller("Litware").without_agreement().partner_of(&other).add(),
    ];
    let direct = graph.direct_bill("Tailspin").add();
    let sellers = [&provider, &other, &direct];
    let mut known = Known { tenants: Vec::new(), subscriptions: Vec::new(), reseller: resellers[0].mpn_id.to_string() };
    let mut customers = Vec::new();
    for number in 0..9_usize {
        let seller = sellers[number % 3];
        let customer = graph.customer(seller, &format!("Customer {} \t\u{7f}\"{number}\"", 9 - number));
        if number % 2 == 0 && number % 3 != 2 {
            graph.association(seller, &customer, &resellers[0]);
        }
        for sold in 0..number {
            let mut new = graph.subscription(seller, &customer).quantity(sold as i64);
            if number % 3 != 2 && sold % 2 == 0 {
                new = new.reseller(&resellers[sold % 2 + usize::from(number % 3 == 1)]);
            }
            if number % 3 == 0 && sold % 3 == 1 {
                new = new.support_contact(&resellers[1]);
            }
            new = match sold % 4 {
                0 => new.usage(),
                1 => new.trial().friendly_name("Büro\n1"),
                2 => new.fixed().status(SubscriptionStatus::Suspended),
                _ => new.offer("CFQ7TTC0LH16:0001", "Exchange Online (Plan 1)"),
            };
            known.subscriptions.push(new.add().subscription_id.to_string());
        }
        known.tenants.push(customer.tenant_id.to_string());
        customers.push(customer);
    }
    graph.customer_also_of(&other, &customers[0]);
    graph
        .database
        .connect()
        .batch(
            "UPDATE subscriptions SET unit_type = 'Licenses', term_duration = 'P1Y', auto_renew_enabled = is_trial, \
             creation_date = '2025-11-03 10:12:00', effective_start_date = '2025-11-03', commitment_end_date = '2026-11-02', \
             order_id = 'o-1', publisher_name = 'Microsoft', product_type = 'Software' WHERE id % 2 = 0; \
             UPDATE customer_records SET tags = '[\"smb\",\"é\"]', custom_domains = '[\"a.example\"]', associated_partner_id = '123', \
             acquisition = 'OWN_MARKETING' WHERE id % 2 = 0; \
             UPDATE customer_records SET country = NULL, domain = NULL, domain_key = NULL WHERE id % 5 = 0",
        )
        .unwrap();
    let mut tokens = vec![graph.operator_token()];
    for partner in sellers.into_iter().chain(&resellers) {
        tokens.push(graph.token(partner, &[Role::GlobalAdmin]));
    }
    tokens.push(graph.customer_token(&customers[0]));
    tokens.push(graph.customer_token(&customers[4]));
    (known, tokens)
}

/// Runs a query in one of the two ways.
async fn execute(gate: &Gate, token: &str, query: &str) -> GateResponse {
    let request = GateRequest {
        query: query.to_owned(),
        token: Some(token.to_owned()),
        request_id: "test".to_owned(),
        report_cost: query.len().is_multiple_of(2),
        ..GateRequest::default()
    };
    gate.execute(request).await
}

/// A response of the library, whose errors are ordered by when the root fields finish.
fn in_order(answer: &str) -> Value {
    let mut answer: Value = serde_json::from_str(answer).unwrap();
    if let Some(errors) = answer["errors"].as_array_mut() {
        errors.sort_by_key(|error| error["path"].to_string());
    }
    answer
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_direct_answer_is_the_librarys_byte_for_byte(#[case] backend: Backend) {
    let graph = Graph::new(TestDatabase::on(backend));
    let (known, tokens) = world(&graph);
    let database = graph.database.open();
    let direct = Gate::new(schema(), database.clone());
    let mut by_library = schema();
    by_library.direct = |_| None;
    let library = Gate::new(by_library, database);

    // Each field alone, to find one that uses a column that was not read.
    let mut queries = Vec::new();
    for field in CUSTOMER {
        queries.push(format!("{{ customers {{ nodes {{ {field} }} }} }}"));
    }
    for field in SUBSCRIPTION {
        queries.push(format!("{{ subscriptions(first: 100) {{ nodes {{ {field} }} }} }}"));
    }
    for field in PARTNER {
        queries.push(format!("{{ subscriptions(first: 100) {{ nodes {{ partnerOfRecord {{ {field} }} }} }} }}"));
        queries.push(format!("{{ customers {{ nodes {{ indirectResellers {{ nodes {{ {field} }} }} }} }} }}"));
    }
    for field in ["supportTenantId", "supportMpnId", "name", "isDefault"] {
        queries.push(format!("{{ subscriptions(first: 100) {{ nodes {{ supportContact {{ {field} }} }} }} }}"));
    }
    for order in ["FRIENDLY_NAME", "QUANTITY", "COMMITMENT_END_DATE", "OFFER_NAME", "CREATION_DATE"] {
        queries.push(format!(
            "{{ customers {{ nodes {{ subscriptions(first: 2, orderBy: [{{field: {order}, direction: DESC}}]) {{ \
             edges {{ cursor }} pageInfo {{ endCursor }} }} }} }} }}"
        ));
    }
    let alone = queries.len();
    let mut chance = Chance(20_261_130);
    queries.extend((0..1_200).map(|_| query(&mut chance, &known)));

    let mut answered = 0;
    for (number, query) in queries.iter().enumerate() {
        // The queries with a single field run for every actor; the others for one actor in turn.
        let everybody = if number < alone { &tokens[..] } else { std::slice::from_ref(&tokens[number % tokens.len()]) };
        for token in everybody {
            let by_library = serde_json::to_string(&execute(&library, token, query).await).unwrap();
            let directly = execute(&direct, token, query).await;
            let serialized = serde_json::to_string(&directly).unwrap();
            if let Ok(written) = directly.into_json() {
                assert_eq!(written, by_library, "{query}");
                assert_eq!(serialized, by_library, "{query}");
                answered += usize::from(number >= alone);
            } else {
                assert!(number >= alone, "this is answered directly: {query}");
                assert_eq!(in_order(&serialized), in_order(&by_library), "{query}");
            }
        }
    }
    assert!(answered > 600, "{answered} of {} were answered directly", queries.len() - alone);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
#[tokio::test]
async fn a_direct_answer_continues_at_its_cursors(#[case] backend: Backend) {
    let graph = Graph::new(TestDatabase::on(backend));
    let (_, tokens) = world(&graph);
    let gate = Gate::new(schema(), graph.database.open());
    let all = "{ subscriptions(first: 100) { totalCount nodes { subscriptionId } } }";
    for token in &tokens {
        let all = serde_json::to_value(execute(&gate, token, all).await).unwrap();
        let all = &all["data"]["subscriptions"];
        let mut walked = Vec::new();
        let mut after = Value::Null;
        loop {
            let query = format!(
                "{{ subscriptions(first: 7, after: {after}) {{ totalCount nodes {{ subscriptionId }} pageInfo {{ endCursor hasNextPage }} }} }}"
            );
            let page = serde_json::to_value(execute(&gate, token, &query).await).unwrap();
            let page = &page["data"]["subscriptions"];
            assert_eq!(page["totalCount"], all["totalCount"]);
            walked.extend(page["nodes"].as_array().unwrap().iter().cloned());
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] != json!(true) {
                break;
            }
        }
        assert_eq!(Value::from(walked.clone()), all["nodes"]);
        assert_eq!(json!(walked.len()), all["totalCount"]);
    }
}
