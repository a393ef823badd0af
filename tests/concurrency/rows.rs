//! The rows of the tables, counted.

use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use partnergraph_store::Backend;
use partnergraph_store::sql::{Sql, sql};

use crate::support::Graph;

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
pub(crate) struct Count {
    #[diesel(sql_type = BigInt)]
    pub(crate) number: i64,
}

/// The number of rows of each table, and of each kind of event.
pub(crate) fn rows(graph: &Graph) -> BTreeMap<String, i64> {
    let mut conn = graph.database.connect();
    let tables = match conn.backend() {
        Backend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        Backend::Postgres => "SELECT CAST(tablename AS text) AS name FROM pg_tables WHERE schemaname = 'public'",
    };
    let tables: Vec<Named> = conn.rows(&sql(tables)).unwrap();
    let mut count = |query: Sql| conn.row::<Count>(&query).unwrap().unwrap().number;
    let mut rows: BTreeMap<String, i64> = tables
        .into_iter()
        .map(|table| (table.name.clone(), count(sql(format!("SELECT COUNT(*) AS number FROM {}", table.name)))))
        .collect();
    let kinds: Vec<Named> =
        graph.database.connect().rows(&sql("SELECT DISTINCT operation_type AS name FROM audit_events")).unwrap();
    for kind in kinds {
        let of_kind =
            sql("SELECT COUNT(*) AS number FROM audit_events WHERE operation_type = ").bind(kind.name.as_str());
        rows.insert(kind.name, count(of_kind));
    }
    rows
}

/// The additional rows, by table.
pub(crate) fn grown(before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    let more = |name: &String, count: &i64| count - before.get(name).copied().unwrap_or(0);
    after.iter().map(|(name, count)| (name.clone(), more(name, count))).filter(|(_, more)| *more != 0).collect()
}
