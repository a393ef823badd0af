//! The most important query of this system is a scan of one index on both databases, without a sort.

use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::Text;
use partnergraph_domain::{CustomerKey, PartnerType, Via};
use partnergraph_store::read::customers::{self, CustomerOrder};
use partnergraph_store::read::filter::{CustomerTerm, Filter, PartnerField, PartnerTerm, Test};
use partnergraph_store::read::page::{By, Order, Window};
use partnergraph_store::read::subscriptions::{self, SubscriptionOrder};
use partnergraph_store::sql::{Sql, Value, sql};
use partnergraph_store::{Conn, Scope};
use rstest::rstest;

use crate::support::{Backend, Graph, Partner, Postgres, Sqlite, TestDatabase};

#[derive(QueryableByName)]
struct SqliteStep {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct PostgresLine {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

fn plan(conn: &mut Conn, statement: Sql) -> String {
    let lines: Vec<String> = match conn {
        Conn::Sqlite(c) => {
            let steps: Vec<SqliteStep> = sql("EXPLAIN QUERY PLAN ").add(statement).statement().load(c).unwrap();
            steps.into_iter().map(|step| step.detail).collect()
        }
        Conn::Postgres(c) => {
            // A few rows could be read in any way; the test is about which plan is available.
            diesel::sql_query("SET enable_seqscan = off").execute(c).unwrap();
            diesel::sql_query("SET enable_bitmapscan = off").execute(c).unwrap();
            let lines: Vec<PostgresLine> = sql("EXPLAIN ").add(statement).statement().load(c).unwrap();
            lines.into_iter().map(|line| line.line).collect()
        }
    };
    lines.join("\n")
}

fn of_reseller(reseller: &Partner) -> Filter<CustomerTerm> {
    let mpn_id = Test::Is(Value::from(reseller.mpn_id.to_string()));
    let partner = Filter::Term(PartnerTerm::Field(PartnerField::MpnId, mpn_id));
    Filter::All(vec![Filter::Term(CustomerTerm::IndirectReseller(partner, Via::Any))])
}

fn by_name() -> Order<CustomerOrder> {
    Order::new(vec![By { field: CustomerOrder::CompanyName, descending: false }])
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_customers_of_a_reseller_are_an_index_range_in_the_order_of_their_names(#[case] backend: Backend) {
    let graph = Graph::new(TestDatabase::on(backend));
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    for number in 0..20 {
        let customer = graph.customer(&provider, &format!("Customer {number}"));
        graph.association(&provider, &customer, &reseller);
    }
    let scope = Scope::Partner { id: provider.id, partner_type: PartnerType::IndirectProvider };
    let filter = of_reseller(&reseller);
    let mut conn = graph.database.connect();
    conn.batch("ANALYZE").unwrap();

    let list = customers::list(&mut conn, &scope, &filter, by_name()).unwrap();
    let cursor = vec![Value::from("customer 15"), Value::from(7_i64)];
    for after in [None, Some(cursor)] {
        let window = Window { limit: 10, after, ..Window::default() };
        let plan = plan(&mut conn, list.statement(&window));
        assert!(plan.contains("reseller_customers_name"), "{plan}");
        assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
    }

    let all = customers::list(&mut conn, &scope, &Filter::default(), by_name()).unwrap();
    let plan = plan(&mut conn, all.statement(&Window { limit: 10, ..Window::default() }));
    assert!(plan.contains("customer_views_name"), "{plan}");
    assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
}

/// A hundred thousand customers are counted from derived data, without reading any of them.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_total_reads_no_record(#[case] backend: Backend) {
    let graph = Graph::new(TestDatabase::on(backend));
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    let customer = graph.customer(&provider, "Contoso");
    graph.association(&provider, &customer, &reseller);
    let scope = Scope::Partner { id: provider.id, partner_type: PartnerType::IndirectProvider };
    let mut conn = graph.database.connect();
    for (filter, derived) in [(Filter::default(), "customer_views"), (of_reseller(&reseller), "reseller_customers")] {
        let list = customers::list(&mut conn, &scope, &filter, by_name()).unwrap();
        assert_eq!(list.count(&mut conn).unwrap(), 1);
        let steps: Vec<String> = plan(&mut conn, list.count_statement(backend)).lines().map(str::to_owned).collect();
        let reads: Vec<&String> =
            steps.iter().filter(|step| step.contains("SEARCH") || step.contains("Scan")).collect();
        // SQLite names the rows v if it counts the rows of the list.
        let derived = if backend == Sqlite { "SEARCH v " } else { derived };
        assert!(reads.iter().any(|read| read.contains(derived)), "{steps:?}");
        assert_eq!(reads.len(), 1, "{steps:?}");
    }
}

/// Without statistics, as in a new database, all subscriptions of a provider must not be read for each customer of a page.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_subscriptions_of_a_customer_are_found_by_the_customer(#[case] backend: Backend) {
    let graph = Graph::new(TestDatabase::on(backend));
    let provider = graph.provider("Northwind").add();
    let scope = Scope::Partner { id: provider.id, partner_type: PartnerType::IndirectProvider };
    let order = Order::new(vec![By { field: SubscriptionOrder::SubscriptionId, descending: false }]);
    let list = subscriptions::of_customers(&scope, &Filter::default(), order);
    let window = Window { limit: 10, ..Window::default() };
    let mut conn = graph.database.connect();
    let many = plan(&mut conn, list.statement_below(backend, &window, CustomerKey::new(1)));
    assert!(!many.contains("subscriptions_seller"), "{many}");
    // PostgreSQL knows table sizes once there are rows; SQLite has only the text, which must therefore determine the plan.
    if backend == Sqlite {
        assert!(many.contains("subscriptions_customer"), "{many}");
    }
}
