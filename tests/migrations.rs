//! The migrations are pairs: on both databases they result in the tables that diesel expects.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{Graph, Postgres, Sqlite, TestDatabase};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Text};
use partnergraph_store::sql::{Sql, sql};
use partnergraph_store::{Backend, Conn, migrate};
use rstest::rstest;

/// By column: its name, and whether it is nullable.
type Tables = BTreeMap<String, BTreeMap<String, bool>>;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

fn columns(conn: &mut Conn) -> Tables {
    let query = match conn.backend() {
        Backend::Sqlite => {
            "SELECT m.name AS table_name, c.name AS column_name, c.\"notnull\" = 0 AND c.pk = 0 AS nullable \
             FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
        }
        Backend::Postgres => {
            "SELECT CAST(table_name AS text) AS table_name, CAST(column_name AS text) AS column_name, \
             is_nullable = 'YES' AS nullable FROM information_schema.columns WHERE table_schema = 'public'"
        }
    };
    let mut tables = Tables::new();
    for row in conn.rows::<Column>(&sql(query)).unwrap() {
        if !row.table_name.starts_with("sqlite_") && row.table_name != "__diesel_schema_migrations" {
            tables.entry(row.table_name).or_default().insert(row.column_name, row.nullable);
        }
    }
    tables
}

#[derive(QueryableByName, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Index {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    columns: String,
    #[diesel(sql_type = Bool)]
    is_unique: bool,
    #[diesel(sql_type = Bool)]
    is_partial: bool,
}

fn indexes(conn: &mut Conn) -> BTreeSet<Index> {
    let query = match conn.backend() {
        Backend::Sqlite => {
            "SELECT m.name AS table_name, l.\"unique\" AS is_unique, l.partial AS is_partial, \
             (SELECT group_concat(i.name, ',' ORDER BY i.seqno) FROM pragma_index_info(l.name) i) AS columns \
             FROM sqlite_master m JOIN pragma_index_list(m.name) l WHERE m.type = 'table' AND l.origin <> 'pk'"
        }
        Backend::Postgres => {
            "SELECT CAST(t.relname AS text) AS table_name, x.indisunique AS is_unique, x.indpred IS NOT NULL AS is_partial, \
             (SELECT string_agg(CAST(a.attname AS text), ',' ORDER BY k.place) FROM unnest(x.indkey) WITH ORDINALITY k (number, place) \
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) AS columns \
             FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
             WHERE n.nspname = 'public' AND NOT x.indisprimary"
        }
    };
    conn.rows::<Index>(&sql(query)).unwrap().into_iter().collect()
}

/// The tables of `store/src/schema.rs`, parsed from its text, because diesel's macro leaves no information at run time.
fn tables_of_diesel() -> Tables {
    let text = include_str!("../store/src/schema.rs");
    let mut tables = Tables::new();
    for table in text.split("diesel::table! {").skip(1) {
        // Two of them can be the same table, by its name in SQL.
        let named = table.trim_start().strip_prefix("#[sql_name = \"").map(|rest| rest.split('"').next().unwrap());
        let name = named.unwrap_or_else(|| table.trim_start().split([' ', '(']).next().unwrap());
        let columns = tables.entry(name.to_owned()).or_default();
        for line in table.lines().take_while(|line| !line.starts_with('}')) {
            if let Some((column, kind)) = line.trim().split_once(" -> ") {
                columns.insert(column.to_owned(), kind.starts_with("Nullable"));
            }
        }
    }
    tables
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_tables_are_those_that_diesel_expects(#[case] backend: Backend) {
    let database = TestDatabase::on(backend);
    assert_eq!(columns(&mut database.connect()), tables_of_diesel());
}

#[test]
fn both_databases_have_the_same_indexes() {
    let embedded = indexes(&mut TestDatabase::sqlite().connect());
    assert!(embedded.len() > 20, "{embedded:?}");
    assert_eq!(embedded, indexes(&mut TestDatabase::postgres().connect()));
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn count(conn: &mut Conn, what: Sql) -> i64 {
    conn.row::<Count>(&what).unwrap().unwrap().number
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn reverting_the_derived_tables_and_migrating_again_loses_nothing(#[case] backend: Backend) {
    let graph = Graph::new(TestDatabase::on(backend));
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    let other = graph.reseller("Litware").partner_of(&provider).add();
    let customer = graph.customer(&provider, "Contoso");
    graph.subscription(&provider, &customer).reseller(&reseller).quantity(7).add();
    graph.association(&provider, &customer, &other);
    let mut conn = graph.database.connect();
    let rows = |conn: &mut Conn| {
        (
            count(conn, sql("SELECT COUNT(*) AS number FROM reseller_customers WHERE license_count = 7 OR by_account")),
            count(conn, sql("SELECT COUNT(*) AS number FROM customer_views")),
            count(conn, sql("SELECT COUNT(*) AS number FROM audit_events")),
        )
    };
    let before = rows(&mut conn);
    assert_eq!((before.0, before.1), (2, 3));

    let mut reverted = Vec::new();
    while columns(&mut conn).contains_key("customer_views") {
        reverted.insert(0, migrate::revert_last(&mut conn).unwrap());
    }
    assert_eq!(migrate::pending(&mut conn).unwrap().len(), reverted.len());
    assert_eq!(migrate::run(&mut conn).unwrap(), reverted);
    assert_eq!(rows(&mut conn), before);
    assert!(migrate::pending(&mut conn).unwrap().is_empty());
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn every_migration_can_be_reverted(#[case] backend: Backend) {
    let database = TestDatabase::on(backend);
    let mut conn = database.connect();
    while !columns(&mut conn).is_empty() {
        migrate::revert_last(&mut conn).unwrap();
    }
    migrate::run(&mut conn).unwrap();
    assert_eq!(columns(&mut conn), tables_of_diesel());
}
