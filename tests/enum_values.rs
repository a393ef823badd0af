//! The enum values of the domain in the tables: each enum reads what it writes, and an unknown value is reported and not mistaken
//! for another.

use std::collections::BTreeSet;

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

/// Some columns accept only the values of an enum: the enum and the constraints of the migrated tables agree.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_constraint_of_a_column_has_the_values_of_its_enum(#[case] backend: Backend) {
    fn of<E: IntoEnumIterator + std::fmt::Display>(column: &str) -> (String, Vec<String>) {
        (column.to_owned(), E::iter().map(|value| value.to_string()).collect())
    }
    let expected = BTreeSet::from([
        of::<domain::AgreementEvidence>("evidence"),
        of::<domain::AutoApproval>("auto_approve"),
        of::<domain::BillingType>("billing_type"),
        of::<domain::ChangeRequestKind>("kind"),
        of::<domain::ChangeRequestState>("state"),
        of::<domain::Cloud>("cloud"),
        of::<domain::ErrorPolicy>("error_policy"),
        of::<domain::GrantKind>("kind"),
        of::<domain::ImportMode>("mode"),
        of::<domain::ImportStatus>("status"),
        of::<domain::MovedKind>("kind"),
        of::<domain::MpnKind>("kind"),
        of::<domain::OperationStatus>("operation_status"),
        of::<domain::OrderChannel>("channel"),
        of::<domain::PartnerType>("partner_type"),
        of::<domain::PartnershipState>("state"),
        of::<domain::RelationshipToPartner>("relationship_to_partner"),
        of::<domain::SubscriptionStatus>("status"),
        of::<domain::TenantKind>("kind"),
        // The two entities of which imports keep a baseline; no enum is stored.
        ("entity".to_owned(), vec!["C".to_owned(), "S".to_owned()]),
    ]);
    let stored = match backend {
        Sqlite => "SELECT sql AS text FROM sqlite_master WHERE type = 'table'",
        Postgres => {
            "SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0 \
             AND pg_get_constraintdef(oid) LIKE '% = ANY (%'"
        }
    };
    let texts: Vec<Definition> = TestDatabase::on(backend).connect().rows(&sql(stored)).unwrap();
    let constraints = texts.iter().flat_map(|definition| definition.text.split("CHECK (").skip(1));
    // `kind IN ('A', 'B')` on SQLite, `(kind = ANY (ARRAY['A'::text, 'B'::text]))` on PostgreSQL.
    let lists = constraints.filter_map(|text| text.lines().next()?.split("))").next());
    let lists = lists.filter(|text| text.contains(" IN ('") || text.contains("= ANY (ARRAY['"));
    let found = lists.map(|text| {
        let column = text.trim_start_matches('(').split(' ').next().unwrap();
        (column.to_owned(), text.split('\'').skip(1).step_by(2).map(str::to_owned).collect())
    });
    assert_eq!(found.collect::<BTreeSet<_>>(), expected);
}

#[derive(QueryableByName)]
struct Definition {
    #[diesel(sql_type = Text)]
    text: String,
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
