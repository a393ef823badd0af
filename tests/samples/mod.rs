//! The main use case, end to end: the sample exports of a complete book of business are imported by the command line, as in the
//! demo, and the graph is compared, row by row, with the samples' own model (`samples/expected.json`, which is independent of the
//! importer).

mod documented;
mod first_day;
mod ids;
mod sellable;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::support::Api;
use crate::support::{Backend, Postgres, Sqlite, TestDatabase};
use partnergraph_domain::ImportRunKey;
use partnergraph_operation::ids::GlobalId;
use rstest::rstest;
use serde_json::{Value, json};

const PROVIDER: &str = "9900100";

fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples")
}

fn expected() -> Value {
    serde_json::from_str(&std::fs::read_to_string(samples().join("expected.json")).unwrap()).unwrap()
}

fn demo() -> toml::Table {
    std::fs::read_to_string(samples().join("demo.toml")).unwrap().parse().unwrap()
}

/// The program with one database.
struct Program(String);

impl Program {
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_partnergraph")).args(arguments).env("DATABASE_URL", &self.0).output().unwrap()
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Adds the accounts that the demo sets up: the provider, the direct-bill partner and the resellers.
    fn accounts(&self) {
        let demo = demo();
        let add = |kind: &str, account: &toml::Table| {
            let text = |name: &str| account[name].as_str().unwrap();
            let mut arguments =
                vec!["partner", "add", "--type", kind, "--name", text("name"), "--country", text("country")];
            arguments.extend(["--mpn-id", text("mpn_id"), "--tenant-id", text("tenant_id")]);
            if account.get("mpa_signed").and_then(toml::Value::as_bool) == Some(false) {
                arguments.push("--without-mpa");
            }
            self.done(&arguments);
        };
        add("INDIRECT_PROVIDER", demo["provider"].as_table().unwrap());
        add("DIRECT_BILL", demo["direct_bill"].as_table().unwrap());
        for reseller in demo["resellers"].as_array().unwrap() {
            let reseller = reseller.as_table().unwrap();
            add("INDIRECT_RESELLER", reseller);
            if reseller["linked"].as_bool().unwrap() {
                self.done(&["partner", "link", PROVIDER, reseller["mpn_id"].as_str().unwrap()]);
            }
        }
    }

    /// Imports every sample file in the demo's order and returns the reports.
    fn import_all(&self) -> Vec<Value> {
        let mut reports = Vec::new();
        for file in demo()["files"].as_array().unwrap() {
            let path = samples().join(file["path"].as_str().unwrap());
            let mut arguments =
                vec!["import", path.to_str().unwrap(), "--as", PROVIDER, "--format", "json", "--progress", "none"];
            for option in ["customer", "source", "as_of"] {
                if let Some(value) = file.get(option) {
                    arguments.extend([if option == "as_of" {
                        "--as-of"
                    } else if option == "customer" {
                        "--customer"
                    } else {
                        "--source"
                    }]);
                    arguments.push(value.as_str().unwrap());
                }
            }
            let output = self.run(&arguments);
            let code = output.status.code();
            assert!(matches!(code, Some(0 | 3)), "{code:?} {}", String::from_utf8_lossy(&output.stderr));
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            let rows = &report["rows"];
            let count = |name: &str| rows[name].as_u64().unwrap();
            assert_eq!(count("read"), count("applied") + count("merged") + count("rejected") + count("conflict"));
            assert_eq!(code == Some(3), count("rejected") + count("conflict") > 0, "{path:?}");
            reports.push(report);
        }
        reports
    }
}

impl Program {
    /// The global id of a run that imports a sample file again.
    fn run_of(&self, more: &[&str]) -> String {
        let path = samples().join("bulk-migration-tool/customers.csv");
        let arguments = ["import", path.to_str().unwrap(), "--as", PROVIDER, "--format", "json", "--progress", "none"];
        let output = self.run(&[arguments.as_slice(), more].concat());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        GlobalId::ImportRun(ImportRunKey::new(report["run"].as_i64().unwrap())).to_string()
    }
}

/// Everything in the tables that an import without new facts must not touch.
fn domain_tables(database: &TestDatabase) -> BTreeMap<&'static str, Vec<String>> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        row: String,
    }
    const TABLES: [&str; 16] = [
        "tenants",
        "customers",
        "customer_records",
        "reseller_relationships",
        "customer_associations",
        "subscriptions",
        "partners",
        "partnerships",
        "partner_of_record_history",
        "entitlements",
        "reseller_customers",
        "customer_views",
        "delegated_admin_grants",
        "orders",
        "partner_agreements",
        "customer_agreements",
    ];
    let mut conn = database.connect();
    TABLES
        .into_iter()
        .map(|table| {
            let text = match conn.backend() {
                // The row version as well: a row that is written again with the same values has another one.
                Backend::Postgres => format!("SELECT t.xmin::text || ' ' || t::text AS row FROM {table} t ORDER BY 1"),
                Backend::Sqlite => {
                    #[derive(diesel::QueryableByName)]
                    struct Column {
                        #[diesel(sql_type = diesel::sql_types::Text)]
                        name: String,
                    }
                    let columns: Vec<Column> =
                        rows_sqlite(&mut conn, &format!("SELECT name FROM pragma_table_info('{table}')"));
                    let list: Vec<String> =
                        columns.iter().map(|column| format!("COALESCE(CAST({} AS TEXT), '')", column.name)).collect();
                    format!("SELECT {} AS row FROM {table} ORDER BY 1", list.join(" || '|' || "))
                }
            };
            let rows: Vec<Row> = match &mut conn {
                partnergraph_store::Conn::Sqlite(c) => diesel::RunQueryDsl::load(diesel::sql_query(text), c).unwrap(),
                partnergraph_store::Conn::Postgres(c) => diesel::RunQueryDsl::load(diesel::sql_query(text), c).unwrap(),
            };
            (table, rows.into_iter().map(|row| row.row).collect())
        })
        .collect()
}

fn rows_sqlite<T: diesel::deserialize::QueryableByName<diesel::sqlite::Sqlite> + 'static>(
    conn: &mut partnergraph_store::Conn,
    text: &str,
) -> Vec<T> {
    match conn {
        partnergraph_store::Conn::Sqlite(c) => diesel::RunQueryDsl::load(diesel::sql_query(text), c).unwrap(),
        partnergraph_store::Conn::Postgres(_) => unreachable!("asked of SQLite only"),
    }
}

const CUSTOMERS_OF_RESELLER: &str = include_str!("../../docs/operations/CustomersOfReseller.graphql");

const SUBSCRIPTIONS: &str = "query ($by: CustomerLookup!, $after: String) { customer(by: $by) { companyName country
    subscriptions(first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor }
      nodes { subscriptionId quantity status billingType isTrial partnerOfRecord { mpnId } } } } }";

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_sample_exports_are_imported_correctly_and_importing_them_again_changes_nothing(#[case] backend: Backend) {
    let database = TestDatabase::on(backend);
    let program = Program(database.url_text());
    program.accounts();
    let reports = program.import_all();
    let expected = expected();

    each_rejected_row_is_reported_with_all_its_errors(&reports, &expected);

    let sum = |name: &str| reports.iter().map(|report| report["rows"][name].as_u64().unwrap()).sum::<u64>();
    let rows = &expected["counts"]["rows"];
    assert_eq!(sum("read"), rows["read"].as_u64().unwrap());
    assert_eq!(sum("applied") + sum("merged"), rows["applied_or_merged"].as_u64().unwrap());
    assert_eq!(
        (sum("rejected"), sum("conflict")),
        (rows["rejected"].as_u64().unwrap(), rows["conflict"].as_u64().unwrap())
    );

    let token = program.done(&[
        "token",
        "create",
        "--org",
        PROVIDER,
        "--user",
        "anna@vistula.example",
        "--role",
        "ADMIN_AGENT",
    ]);
    let api = Api::on(&database);
    each_reseller_has_its_customers(&api, &token, &expected);
    each_customer_has_its_subscriptions(&api, &token, &expected);
    drop(api);

    let before = domain_tables(&database);
    for report in program.import_all() {
        for entity in ["customers", "subscriptions", "resellers", "associations"] {
            assert_eq!(report[entity]["created"], 0, "{entity} in {}", report["files"]);
            assert_eq!(report[entity]["updated"], 0, "{entity} in {}", report["files"]);
        }
    }
    assert!(before == domain_tables(&database), "the same files again wrote to the domain tables");
}

fn each_rejected_row_is_reported_with_all_its_errors(reports: &[Value], expected: &Value) {
    let mut found: BTreeMap<(String, u64), Vec<String>> = BTreeMap::new();
    for report in reports {
        for issue in report["issues"].as_array().unwrap().iter().filter(|issue| issue["severity"] == "error") {
            let file = issue["file"].as_str().unwrap();
            let file =
                file.strip_prefix(samples().to_str().unwrap()).unwrap_or(file).trim_start_matches('/').to_owned();
            let codes = found.entry((file, issue["line"].as_u64().unwrap())).or_default();
            codes.push(issue["code"].as_str().unwrap().to_owned());
        }
    }
    found.values_mut().for_each(|codes| {
        codes.sort();
        codes.dedup();
    });
    let wanted: BTreeMap<(String, u64), Vec<String>> = ["rejected", "conflicts"]
        .iter()
        .flat_map(|list| expected[list].as_array().unwrap())
        .map(|row| {
            let mut codes: Vec<String> =
                row["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
            codes.sort();
            codes.dedup();
            ((row["file"].as_str().unwrap().to_owned(), row["line"].as_u64().unwrap()), codes)
        })
        .collect();
    for (row, codes) in &wanted {
        assert_eq!(found.get(row), Some(codes), "{row:?}");
    }
    for (row, codes) in &found {
        assert!(wanted.contains_key(row), "{row:?} {codes:?} is not expected by the samples");
    }
}

fn each_reseller_has_its_customers(api: &Api, token: &str, expected: &Value) {
    for reseller in expected["resellers"].as_array().unwrap() {
        let mut found: Vec<(String, String)> = Vec::new();
        let mut after = Value::Null;
        loop {
            let variables = json!({ "mpnId": reseller["mpn_id"], "first": 20, "after": after });
            let page = &api.data(token, CUSTOMERS_OF_RESELLER, variables)["customers"];
            assert_eq!(page["totalCount"], reseller["customers"].as_array().unwrap().len(), "{}", reseller["mpn_id"]);
            found.extend(page["nodes"].as_array().unwrap().iter().map(|node| {
                let text = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
                (text("companyName"), text("tenantId"))
            }));
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        let names: Vec<String> = found
            .iter()
            .map(|(name, _)| partnergraph_domain::text::sort_key(Some(name.as_str()).filter(|name| !name.is_empty())))
            .collect();
        assert!(names.is_sorted(), "{names:?}");
        let mut tenants: Vec<Value> = found.into_iter().map(|(_, tenant)| Value::String(tenant)).collect();
        tenants.sort_by_key(|tenant| tenant.as_str().unwrap().to_owned());
        assert_eq!(&tenants, reseller["customers"].as_array().unwrap(), "{}", reseller["mpn_id"]);
    }
}

fn each_customer_has_its_subscriptions(api: &Api, token: &str, expected: &Value) {
    let mut seen = 0;
    for customer in expected["customers"].as_array().unwrap() {
        let mut found: BTreeMap<String, Value> = BTreeMap::new();
        let mut after = Value::Null;
        loop {
            let variables = json!({ "by": { "tenantId": customer["tenant_id"] }, "after": after });
            let answer = api.data(token, SUBSCRIPTIONS, variables);
            let answer = &answer["customer"];
            // Portals have line breaks in names, which the graph replaces by spaces.
            let name = customer["company_name"].as_str().map(|name| name.replace("\r\n", " ").replace('\n', " "));
            assert_eq!(answer["companyName"].as_str(), name.as_deref(), "{}", customer["tenant_id"]);
            assert_eq!(answer["country"], customer["country"], "{}", customer["tenant_id"]);
            let page = &answer["subscriptions"];
            for node in page["nodes"].as_array().unwrap() {
                found.insert(node["subscriptionId"].as_str().unwrap().to_owned(), node.clone());
            }
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        let wanted = customer["subscriptions"].as_array().unwrap();
        assert_eq!(found.len(), wanted.len(), "{}", customer["tenant_id"]);
        for subscription in wanted {
            let id = subscription["id"].as_str().unwrap();
            let node = found.get(id).unwrap_or_else(|| panic!("{id} is missing"));
            assert_eq!(node["status"], subscription["status"], "{id}");
            assert_eq!(node["partnerOfRecord"]["mpnId"], subscription["reseller"], "{id}");
            if let Some(quantity) = subscription.get("quantity") {
                assert_eq!(&node["quantity"], quantity, "{id}");
            }
            assert_eq!(node["isTrial"], subscription["kind"] == "TRIAL", "{id}");
            seen += 1;
        }
    }
    assert_eq!(expected["counts"]["subscriptions"], seen);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn another_provider_sees_none_of_it(#[case] backend: Backend) {
    let database = TestDatabase::on(backend);
    let program = Program(database.url_text());
    program.accounts();
    program.import_all();
    program.done(&[
        "partner",
        "add",
        "--type",
        "INDIRECT_PROVIDER",
        "--name",
        "Odra Supply",
        "--country",
        "PL",
        "--mpn-id",
        "9900300",
        "--tenant-id",
        "7d3b0d3e-0d9b-4f65-9a3c-0c7a0a2f9f11",
    ]);
    let token =
        program.done(&["token", "create", "--org", "9900300", "--user", "ola@odra.example", "--role", "GLOBAL_ADMIN"]);
    let api = Api::on(&database);
    let answer = api.data(
        &token,
        "{ customers { totalCount } subscriptions { totalCount } indirectResellers { totalCount } }",
        Value::Null,
    );
    assert_eq!(
        answer,
        json!({ "customers": { "totalCount": 0 }, "subscriptions": { "totalCount": 0 }, "indirectResellers": { "totalCount": 0 } })
    );
}
