//! The enum values of the domain in the tables: each list reads what it writes, and an unknown value is reported and not mistaken
//! for another.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use partnergraph_domain::{self as domain, IntoEnumIterator};
use partnergraph_store::imports::{sources, stored};
use partnergraph_store::read::exports::{self, Period};
use partnergraph_store::read::partners::{self, PartnerBy};
use partnergraph_store::sql::sql;
use partnergraph_store::write::enrolment;
use partnergraph_store::{Scope, StoreError, on};
use rstest::rstest;
use serde_json::json;

use crate::support::{Api, Backend, Graph, Postgres, Role, Sqlite, TestDatabase};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn every_list_reads_what_it_writes(#[case] backend: Backend) {
    let database = TestDatabase::on(backend);
    let mut conn = database.connect();
    macro_rules! written_and_read {
        ($($list:ident),+) => {$({
            #[derive(QueryableByName)]
            struct Row {
                #[diesel(sql_type = Text)]
                word: domain::$list,
                #[diesel(sql_type = Text)]
                text: String,
                #[diesel(sql_type = Nullable<Text>)]
                none: Option<domain::$list>,
            }
            for word in domain::$list::iter() {
                let row = sql("SELECT CAST(").bind(word).push(" AS TEXT) AS word, CAST(").bind(Some(word));
                let row = row.push(" AS TEXT) AS text, CAST(").bind(None::<domain::$list>).push(" AS TEXT) AS none");
                let row: Row = conn.row(&row).unwrap().unwrap();
                assert_eq!((row.word, row.text.as_str(), row.none), (word, word.as_str(), None));
                let selected = on!(&mut conn, c => diesel::select((word.into_sql::<Text>(), Some(word).into_sql::<Nullable<Text>>()))
                    .get_result::<(domain::$list, Option<domain::$list>)>(c));
                assert_eq!(selected.unwrap(), (word, Some(word)));
            }
        })+};
    }
    domain::for_each_word_list!(written_and_read);
}

/// Some columns accept only the values of a list: the list and the column's constraint agree.
#[test]
fn the_check_constraint_of_a_column_has_the_values_of_its_list() {
    fn held<W: IntoEnumIterator + std::fmt::Display>(column: &str) -> String {
        let words: Vec<String> = W::iter().map(|word| format!("'{word}'")).collect();
        format!("CHECK ({column} IN ({}))", words.join(", "))
    }
    let lists = [
        held::<domain::AgreementType>("agreement_type"),
        held::<domain::BillingType>("billing_type"),
        held::<domain::Cloud>("cloud"),
        held::<domain::GrantKind>("kind"),
        held::<domain::ImportMode>("mode"),
        held::<domain::ImportStatus>("status"),
        held::<domain::MpnKind>("kind"),
        held::<domain::OperationStatus>("operation_status"),
        held::<domain::OrderChannel>("channel"),
        held::<domain::PartnerType>("partner_type"),
        held::<domain::PartnershipState>("state"),
        held::<domain::RelationshipToPartner>("relationship_to_partner"),
        held::<domain::SubscriptionStatus>("status"),
        held::<domain::TenantKind>("kind"),
    ];
    for folder in ["sqlite", "postgres"] {
        let migrations = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let read = |entry: std::fs::DirEntry| std::fs::read_to_string(entry.path().join("up.sql")).unwrap();
        let text: String = std::fs::read_dir(migrations).unwrap().map(|entry| read(entry.unwrap())).collect();
        let checks = text.match_indices("CHECK (").map(|(at, _)| text[at..].lines().next().unwrap());
        let checks: Vec<&str> =
            checks.filter(|check| check.contains(" IN ('") && !check.contains("'C', 'S'")).collect();
        for check in &checks {
            assert!(lists.iter().any(|list| check.starts_with(list)), "no list has these words: {check}");
        }
        for list in &lists {
            assert!(checks.iter().any(|check| check.starts_with(list)), "no column is held to {list}");
        }
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_unknown_value_is_an_error_that_names_it(#[case] backend: Backend) {
    let graph = Graph::new(TestDatabase::on(backend));
    let provider = graph.provider("Northwind").add();
    let customer = graph.customer(&provider, "Contoso");
    graph.subscription(&provider, &customer).add();
    let token = graph.token(&provider, &[Role::GlobalAdmin]);
    let mut conn = graph.database.connect();
    let told = |error: Option<StoreError>| error.map(|error| error.to_string()).unwrap_or_default();
    let held = |value: &str, expected: &str| format!("the database contains {value:?} instead of {expected}");
    let (operator, key) = (Scope::Operator, PartnerBy::Row(provider.id));

    conn.batch("UPDATE partners SET vetting_status = 'MAYBE'").unwrap();
    let maybe = held("MAYBE", "a vetting status");
    assert_eq!(told(partners::find(&mut conn, &operator, key).err()), maybe);
    assert_eq!(told(enrolment::vetting(&mut conn, provider.id).err()), maybe);
    assert_eq!(told(sources::partners(&mut conn).err()), maybe);
    let asked = Api::on(&graph.database).response(&token, "{ partners { nodes { vettingStatus } } }", json!({}));
    assert_eq!(asked["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{asked:#}");
    conn.batch("UPDATE partners SET vetting_status = 'AUTHORIZED', country = 'UK'").unwrap();
    assert_eq!(told(partners::find(&mut conn, &operator, key).err()), held("UK", "a country"));
    conn.execute(&sql("UPDATE partners SET country = ").bind("PL".parse::<domain::CountryCode>().unwrap())).unwrap();

    for (capabilities, value, expected) in [
        (r#"["SUPPORT", "MAGIC"]"#, "MAGIC", "a capability"),
        (r#"["support"]"#, "support", "a capability"),
        ("SUPPORT", "SUPPORT", "a JSON list of enum values"),
        ("[1]", "[1]", "a JSON list of enum values"),
    ] {
        conn.execute(&sql("UPDATE partners SET capabilities = ").bind(capabilities)).unwrap();
        let found = partners::find(&mut conn, &operator, key).unwrap().unwrap();
        assert_eq!(told(found.profile.capabilities().err()), held(value, expected));
    }

    conn.batch("UPDATE subscriptions SET billing_cycle = 'SOMETIMES'; UPDATE audit_events SET operation_type = 'sold'")
        .unwrap();
    assert_eq!(told(stored::subscriptions(&mut conn, "", 10).err()), held("SOMETIMES", "a billing cycle"));
    let activity = exports::activity(&mut conn, &operator, Period::default(), None);
    assert_eq!(told(activity.err()), held("sold", "the type of an operation"));

    // A null where a value is required is a different error, not an unknown value.
    let nothing = conn.row::<Spelled>(&sql("SELECT CAST(NULL AS TEXT) AS word")).err();
    assert!(matches!(nothing, Some(StoreError::Query(_))), "{nothing:?}");
}

#[derive(QueryableByName)]
struct Spelled {
    #[diesel(sql_type = Text)]
    #[allow(dead_code, reason = "it is never read")]
    word: domain::Cloud,
}
