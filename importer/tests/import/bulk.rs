//! A first load, which drops indexes and foreign keys and creates them again.

use std::fmt::Write as _;

use rstest::rstest;

use crate::support::*;

/// Enough rows for the bulk path.
const ROWS: u32 = 20_000;
const OF_A_CUSTOMER: u32 = 10;

fn large() -> String {
    let mut text = charges(&[]);
    for n in 1..=ROWS {
        let line = charge(n.div_ceil(OF_A_CUSTOMER), n, "3").line();
        write!(text, "{line}\r\n").unwrap();
    }
    text
}

/// Indexes, keys and constraints, as the database itself prints them.
fn structure(world: &mut World, kind: Kind) -> Vec<String> {
    match kind {
        Kind::Sqlite => {
            world.lines("SELECT name || ' ' || sql AS line FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name")
        }
        Kind::Postgres => {
            let indexes = "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname";
            let keys = "SELECT conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated::text \
                        AS line FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1";
            [world.lines(indexes), world.lines(keys)].concat()
        }
    }
}

#[rstest]
fn a_first_load_leaves_indexes_and_keys_as_the_migrations_made_them(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind);
    let before = structure(&mut world, kind);
    assert!(before.iter().any(|line| line.contains("subscriptions_")));
    let file = large();
    let report = world.import(&[("large.csv", &file)]);
    assert_eq!(structure(&mut world, kind), before);
    let rows_of_it = u64::from(ROWS);
    assert_eq!(rows(&report), [rows_of_it, rows_of_it, 0, 0, 0]);
    assert_eq!((report.customers.created, report.subscriptions.created), (rows_of_it / 10, rows_of_it));
    let totals =
        "SELECT count(*) || ' ' || sum(quantity) || ' ' || count(DISTINCT customer_id) AS line FROM subscriptions";
    assert_eq!(world.one(totals), "20000 60000 2000");
    let derived = "SELECT CAST(sum(license_count) AS TEXT) AS line FROM reseller_customers";
    assert_eq!(world.one(derived), "60000");
    let contents = world.contents();
    let again = world.import(&[("large.csv", &file)]);
    assert_eq!(again.subscriptions.unchanged, rows_of_it);
    assert!(world.contents() == contents, "the same file wrote something");
}

/// A small data set is planned by its statistics as well as one of a million rows: without statistics PostgreSQL joined 1,200
/// subscriptions row by row, which took seconds.
#[rstest]
fn the_database_knows_what_an_import_wrote(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let lines: Vec<Charge> = (1..=40).map(|n| charge(n, n, "10")).collect();
    world.import(&[("june.csv", &charges(&lines))]);
    let known = match kind {
        Kind::Sqlite => {
            "SELECT tbl || ' ' || MAX(CAST(stat AS INTEGER)) AS line FROM sqlite_stat1 \
             WHERE tbl IN ('subscriptions', 'customers') GROUP BY tbl ORDER BY 1"
        }
        Kind::Postgres => {
            "SELECT relname || ' ' || reltuples AS line FROM pg_class \
             WHERE relname IN ('subscriptions', 'customers') ORDER BY 1"
        }
    };
    assert_eq!(world.lines(known), ["customers 40", "subscriptions 40"]);
}

/// A revert recomputes all derived data, and the derived data of removed customers is removed too.
#[rstest]
fn a_reverted_first_load_leaves_no_derived_data(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let list: Vec<(u32, &str, &str)> = (1..=2_100).map(|n| (n, "Contoso", "contoso.example")).collect();
    let run_id = world.import(&[("list.csv", &customers(&list)), ("june.csv", &large())]).run.unwrap();
    let derived = "SELECT CAST(COUNT(*) AS TEXT) AS line FROM customer_views UNION ALL \
                   SELECT CAST(COUNT(*) AS TEXT) AS line FROM reseller_customers";
    assert_eq!(world.lines(derived), ["4100", "2000"]);
    partnergraph_importer::revert(&world.url, run_id, &actor(world.provider), now()).unwrap();
    assert_eq!(world.lines(derived), ["0", "0"]);
}
