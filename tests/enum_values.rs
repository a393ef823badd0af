//! The enum values of the domain in the tables: each enum reads what it writes, and an unknown value is reported and not mistaken
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
fn every_enum_reads_what_it_writes(#[case] backend: Backend) {
    let database = TestDatabase::on(backend);
    let mut conn = database.connect();
    macro_rules! written_and_read {
        ($($list:ident),+) => {$({
            #[derive(QueryableByName)]
            struct Row {
                #[diesel(sql_type = Text)]
                value: domain::$list,
                #[diesel(sql_type = Text)]
                text: String,
                #[diesel(sql_type = Nullable<Text>)]
                none: Option<domain::$list>,
            }
            for value in domain::$list::iter() {
                let row = sql("SELECT CAST(").bind(value).push(" AS TEXT) AS value, CAST(").bind(Some(value));
                let row = row.push(" AS TEXT) AS text, CAST(").bind(None::<domain::$list>).push(" AS TEXT) AS none");
                let row: Row = conn.row(&row).unwrap().unwrap();
                assert_eq!((row.value, row.text.as_str(), row.none), (value, value.as_str(), None));
                let selected = on!(&mut conn, c => diesel::select((value.into_sql::<Text>(), Some(value).into_sql::<Nullable<Text>>()))
                    .get_result::<(domain::$list, Option<domain::$list>)>(c));
                assert_eq!(selected.unwrap(), (value, Some(value)));
            }
        })+};
    }
    domain::for_each_enum!(written_and_read);
}

/// Some columns accept only the values of an enum: the enum and the column's constraint agree.
#[test]
fn the_check_constraint_of_a_column_has_the_values_of_its_enum() {
    fn constraint<E: IntoEnumIterator + std::fmt::Display>(column: &str) -> String {
        let values: Vec<String> = E::iter().map(|value| format!("'{value}'")).collect();
        format!("CHECK ({column} IN ({}))", values.join(", "))
    }
    let lists = [
        constraint::<domain::AgreementEvidence>("evidence"),
        constraint::<domain::AgreementType>("agreement_type"),
        constraint::<domain::BillingType>("billing_type"),
        constraint::<domain::Cloud>("cloud"),
        constraint::<domain::GrantKind>("kind"),
        constraint::<domain::ImportMode>("mode"),
        constraint::<domain::ImportStatus>("status"),
        constraint::<domain::MpnKind>("kind"),
        constraint::<domain::OperationStatus>("operation_status"),
        constraint::<domain::OrderChannel>("channel"),
        constraint::<domain::PartnerType>("partner_type"),
        constraint::<domain::PartnershipState>("state"),
        constraint::<domain::RelationshipToPartner>("relationship_to_partner"),
        constraint::<domain::SubscriptionStatus>("status"),
        constraint::<domain::TenantKind>("kind"),
    ];
    for folder in ["sqlite", "postgres"] {
        let migrations = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let read = |entry: std::fs::DirEntry| std::fs::read_to_string(entry.path().join("up.sql")).unwrap();
        let text: String = std::fs::read_dir(migrations).unwrap().map(|entry| read(entry.unwrap())).collect();
        let checks = text.match_indices("CHECK (").map(|(at, _)| text[at..].lines().next().unwrap());
        let checks: Vec<&str> =
            checks.filter(|check| check.contains(" IN ('") && !check.contains("'C', 'S'")).collect();
        for check in &checks {
            assert!(lists.iter().any(|list| check.starts_with(list)), "no enum has these values: {check}");
        }
        for list in &lists {
            assert!(checks.iter().any(|check| check.starts_with(list)), "no column is constrained to {list}");
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
    let message = |error: Option<StoreError>| error.map(|error| error.to_string()).unwrap_or_default();
    let error = |value: &str, expected: &str| format!("the database contains {value:?} instead of {expected}");
    let (operator, key) = (Scope::Operator, PartnerBy::Row(provider.id));

    conn.batch("UPDATE partners SET vetting_status = 'MAYBE'").unwrap();
    let maybe = error("MAYBE", "a vetting status");
    assert_eq!(message(partners::find(&mut conn, &operator, key).err()), maybe);
    assert_eq!(message(enrolment::vetting(&mut conn, provider.id).err()), maybe);
    assert_eq!(message(sources::partners(&mut conn).err()), maybe);
    let response = Api::on(&graph.database).response(&token, "{ partners { nodes { vettingStatus } } }", json!({}));
    assert_eq!(response["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{response:#}");
    conn.batch("UPDATE partners SET vetting_status = 'AUTHORIZED', country = 'UK'").unwrap();
    assert_eq!(message(partners::find(&mut conn, &operator, key).err()), error("UK", "a country"));
    conn.execute(&sql("UPDATE partners SET country = ").bind("PL".parse::<domain::CountryCode>().unwrap())).unwrap();

    for (capabilities, value, expected) in [
        (r#"["SUPPORT", "MAGIC"]"#, "MAGIC", "a capability"),
        (r#"["support"]"#, "support", "a capability"),
        ("SUPPORT", "SUPPORT", "a JSON list of enum values"),
        ("[1]", "[1]", "a JSON list of enum values"),
    ] {
        conn.execute(&sql("UPDATE partners SET capabilities = ").bind(capabilities)).unwrap();
        let found = partners::find(&mut conn, &operator, key).unwrap().unwrap();
        assert_eq!(message(found.profile.capabilities().err()), error(value, expected));
    }

    conn.batch("UPDATE subscriptions SET billing_cycle = 'SOMETIMES'; UPDATE audit_events SET operation_type = 'sold'")
        .unwrap();
    assert_eq!(message(stored::subscriptions(&mut conn, "", 10).err()), error("SOMETIMES", "a billing cycle"));
    let activity = exports::activity(&mut conn, &operator, Period::default(), None);
    assert_eq!(message(activity.err()), error("sold", "the type of an operation"));

    // A null where a value is required is a different error, not an unknown value.
    let nothing = conn.row::<Spelled>(&sql("SELECT CAST(NULL AS TEXT) AS value")).err();
    assert!(matches!(nothing, Some(StoreError::Query(_))), "{nothing:?}");
}

#[derive(QueryableByName)]
struct Spelled {
    #[diesel(sql_type = Text)]
    #[allow(dead_code, reason = "it is never read")]
    value: domain::Cloud,
}
