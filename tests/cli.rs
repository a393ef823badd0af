//! The command line as a script meets it: exit codes, answers on standard output, errors in two lines.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use partnergraph_domain::{ImportMode, SubscriptionStatus};
use partnergraph_store::Backend;
use partnergraph_store::imports::lock::ImportLock;
use partnergraph_store::imports::runs;
use rstest::rstest;
use support::{Graph, Postgres, Sqlite, TestDatabase};

const PROVIDER: &str = "0f6c2a7e-0000-4000-8000-000000000001";
const RESELLER: &str = "0f6c2a7e-0000-4000-8000-000000000002";

/// The program in that directory with nothing of this process's settings.
fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partnergraph"));
    command.args(arguments).current_dir(directory).env_remove("DATABASE_URL");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PARTNERGRAPH_")) {
        command.env_remove(name);
    }
    command
}

struct Cli {
    database: TestDatabase,
}

impl Cli {
    fn on(backend: Backend) -> Self {
        Self { database: TestDatabase::on(backend) }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        program(self.database.directory(), arguments).env("DATABASE_URL", self.database.url_text()).output().unwrap()
    }

    /// The answer of a command that must be done.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// The two lines of a command that must end with that code, and leaves nothing on standard output.
    fn refused(&self, code: i32, arguments: &[&str]) -> (String, String) {
        two_lines(&self.run(arguments), code)
    }

    fn add_both(&self) {
        self.done(&[
            "partner",
            "add",
            "--type",
            "INDIRECT_PROVIDER",
            "--name",
            "Northwind",
            "--country",
            "PL",
            "--mpn-id",
            "4500001",
            "--tenant-id",
            PROVIDER,
        ]);
        self.done(&[
            "partner",
            "add",
            "--type",
            "INDIRECT_RESELLER",
            "--name",
            "Fabrikam",
            "--country",
            "DE",
            "--mpn-id",
            "4500002",
            "--tenant-id",
            RESELLER,
        ]);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn two_lines(output: &Output, code: i32) -> (String, String) {
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(code), ""), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    let [error, hint] = lines[..] else { panic!("not two lines: {said}") };
    (error.strip_prefix("error: ").unwrap().to_owned(), hint.strip_prefix("hint: ").unwrap().to_owned())
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_operator_sets_accounts_up_and_links_them(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    let listed = cli.done(&["partner", "list"]);
    assert_eq!(listed.lines().count(), 3, "{listed}");
    assert!(listed.lines().nth(1).unwrap().starts_with("4500002  INDIRECT_RESELLER"), "{listed}");
    assert_eq!(cli.done(&["partner", "link", "4500001", RESELLER]), "Northwind and Fabrikam are partners now\n");
    assert_eq!(cli.done(&["partner", "link", PROVIDER, "4500002"]), "Northwind and Fabrikam were partners already\n");
    let exported = cli.done(&["export", "resellers", "--as", "4500001"]);
    assert_eq!(exported.lines().next(), Some("Location,MpnId,Name,PartnerId,RelationshipType,State"));
    assert!(exported.contains("DE,4500002,Fabrikam"), "{exported}");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn what_the_rules_have_against_it_is_said_with_their_ids(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    let add = |kind: &str, mpn_id: &str, tenant: &str| {
        cli.refused(
            1,
            &[
                "partner",
                "add",
                "--type",
                kind,
                "--name",
                "Again",
                "--country",
                "PL",
                "--mpn-id",
                mpn_id,
                "--tenant-id",
                tenant,
            ],
        )
        .0
    };
    assert!(add("DIRECT_BILL", "4500002", "0f6c2a7e-0000-4000-8000-000000000009").contains("Fabrikam's"));
    assert!(add("INDIRECT_RESELLER", "4500003", RESELLER).contains("(T-01)"));
    let far = "0f6c2a7e-0000-4000-8000-000000000003";
    cli.done(&[
        "partner",
        "add",
        "--type",
        "INDIRECT_RESELLER",
        "--name",
        "Far",
        "--country",
        "JP",
        "--mpn-id",
        "4500004",
        "--tenant-id",
        far,
    ]);
    assert!(cli.refused(1, &["partner", "link", "4500001", "4500004"]).0.contains("(P-17)"));
    assert!(cli.refused(1, &["partner", "link", "4500002", "4500001"]).0.contains("(P-01)"));
    assert!(cli.refused(1, &["partner", "link", "4500001", "99"]).0.contains("the MPN ID 99"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_token_stands_alone_on_standard_output_and_is_stored_as_a_hash(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    let token =
        cli.done(&["token", "create", "--org", "4500001", "--user", "anna@northwind.example", "--role", "ADMIN_AGENT"]);
    assert!(token.starts_with("pgr_") && token.lines().count() == 1, "{token}");
    let listed = cli.done(&["token", "list"]);
    assert!(listed.contains("anna@northwind.example") && !listed.contains(token.trim()), "{listed}");
    let api = support::Api::on(&cli.database);
    let viewer = "{ viewer { user { userPrincipalName roles } organization { ... on Partner { mpnId } } } }";
    let answer = api.data(token.trim(), viewer, serde_json::json!({}));
    assert_eq!(answer["viewer"]["organization"]["mpnId"], "4500001");

    assert_eq!(cli.done(&["token", "revoke", "1"]), "token 1 is revoked\n");
    let refused = api.response(token.trim(), viewer, serde_json::json!({}));
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert!(cli.refused(1, &["token", "revoke", "77"]).0.contains("no token 77"));
}

#[test]
fn a_token_is_for_one_kind_of_person() {
    let cli = Cli::on(Sqlite);
    cli.add_both();
    fn create<'a>(rest: &[&'a str]) -> Vec<&'a str> {
        [&["token", "create", "--user", "a@b.example"], rest].concat()
    }
    cli.done(&create(&["--role", "OPERATOR"]));
    cli.done(&create(&["--org", "0f6c2a7e-0000-4000-8000-0000000000ff", "--role", "GLOBAL_ADMIN"]));
    assert!(cli.refused(2, &create(&["--org", "4500001", "--role", "OPERATOR"])).0.contains("operator"));
    assert!(cli.refused(2, &create(&["--role", "ADMIN_AGENT"])).0.contains("organisation is missing"));
    assert!(cli.refused(2, &create(&["--org", "4500001", "--role", "BOSS"])).0.contains("GLOBAL_ADMIN"));
    assert!(cli.refused(2, &create(&["--org", "northwind", "--role", "ADMIN_AGENT"])).0.contains("neither an MPN ID"));
    assert!(cli.refused(1, &create(&["--org", "45", "--role", "ADMIN_AGENT"])).1.contains("partner list"));
}

/// A customer list in the directory of the tests' database.
fn customer_list(cli: &Cli, name: &str, rows: &[(&str, &str)]) {
    let mut list = "Microsoft ID,Company name,Primary domain name,Relationship\r\n".to_owned();
    for (tenant, company) in rows {
        list.push_str(&format!("{tenant},{company},{}.example,Cloud Reseller\r\n", company.to_lowercase()));
    }
    std::fs::write(cli.database.directory().join(name), list).unwrap();
}

const CONTOSO: &str = "5d1f6f0a-1111-4222-8333-944444444401";

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_plan_is_kept_shown_and_applied(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    customer_list(&cli, "customers.csv", &[(CONTOSO, "Contoso")]);
    let planned = cli.done(&["import", "customers.csv", "--as", "4500001", "--plan", "--progress", "none"]);
    assert!(planned.starts_with("Import run 1: PLANNED"), "{planned}");
    assert!(planned.contains("partnergraph imports apply 1"), "{planned}");
    assert!(cli.done(&["imports", "list"]).contains("PLANNED"));
    assert!(cli.done(&["imports", "show", "1"]).contains("create customer"));
    assert_eq!(cli.done(&["export", "customers", "--as", "4500001"]).lines().count(), 1);

    let applied = cli.done(&["imports", "apply", "1", "--progress", "none"]);
    assert!(applied.starts_with("Import run 1: APPLIED"), "{applied}");
    assert!(cli.done(&["export", "customers", "--as", "4500001"]).contains("Contoso"));
    let (error, hint) = cli.refused(1, &["imports", "apply", "1", "--progress", "none"]);
    assert!(error.contains("APPLIED") && hint.contains("PLANNED"), "{error} {hint}");
    let (error, _) = cli.refused(1, &["imports", "apply", "9", "--progress", "none"]);
    assert!(error.contains("no import run 9"), "{error}");
    let both = ["import", "customers.csv", "--as", "4500001", "--plan", "--dry-run"];
    cli.refused(2, &both);

    let json =
        cli.done(&["import", "customers.csv", "--as", "4500001", "--plan", "--progress", "none", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&report["run"], &report["status"], &report["mode"]), (&2.into(), &"PLANNED".into(), &"PLAN".into()));
    customer_list(&cli, "newer.csv", &[(CONTOSO, "Contoso AG")]);
    cli.done(&["import", "newer.csv", "--as", "4500001", "--progress", "none"]);
    let (error, hint) = cli.refused(1, &["imports", "apply", "2", "--progress", "none"]);
    assert!(error.contains(CONTOSO) && hint.starts_with("plan.stale: "), "{error} {hint}");
    assert!(cli.done(&["imports", "show", "2"]).contains("plan.stale"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_import_is_taken_back(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    const FABRIKAM: &str = "5d1f6f0a-1111-4222-8333-944444444402";
    customer_list(&cli, "customers.csv", &[(CONTOSO, "Contoso"), (FABRIKAM, "Fabrikam")]);
    customer_list(&cli, "newer.csv", &[(CONTOSO, "Contoso AG")]);
    let import = |file: &str| cli.done(&["import", file, "--as", "4500001", "--partial", "--progress", "none"]);
    let customers = || cli.done(&["export", "customers", "--as", "4500001"]);
    import("customers.csv");
    let first = customers();
    import("newer.csv");
    assert!(customers().contains("Contoso AG"));
    let reverted = cli.done(&["imports", "revert", "2"]);
    assert_eq!(reverted, "Import run 2: REVERTED\n  1 with earlier values, 0 removed, 0 kept\n");
    assert_eq!(customers(), first);
    assert!(cli.done(&["imports", "show", "2"]).contains("revert customer"));

    cli.database
        .connect()
        .batch("UPDATE customer_records SET version = version + 1 WHERE company_name = 'Fabrikam'")
        .unwrap();
    let output = cli.run(&["imports", "revert", "1", "--format", "json"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(
        (&report["removed"], &report["kept"], &report["left"][0]["key"]),
        (&1.into(), &1.into(), &FABRIKAM.into())
    );
    assert!(!customers().contains("Contoso") && customers().contains("Fabrikam"));
    assert!(cli.done(&["imports", "show", "1"]).contains("warning revert.kept: "));
    let (error, _) = cli.refused(1, &["imports", "revert", "1"]);
    assert!(error.contains("REVERTED"), "{error}");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn exports_have_the_portals_headers_and_no_formulas(#[case] backend: Backend) {
    let graph = Graph::new(TestDatabase::on(backend));
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    let customer = graph.customer(&provider, "=HYPERLINK(1)");
    let other = graph.customer(&provider, "Contoso");
    graph.subscription(&provider, &customer).reseller(&reseller).quantity(7).friendly_name("@work").add();
    graph.subscription(&provider, &other).usage().status(SubscriptionStatus::Suspended).add();
    let cli = Cli { database: graph.database };
    let mpn_id = provider.mpn_id.to_string();
    let customers = cli.done(&["export", "customers", "--as", &mpn_id]);
    let lines: Vec<&str> = customers.lines().collect();
    assert_eq!(lines[0], "Microsoft ID,Company name,Primary domain name,Relationship,Tags");
    assert_eq!(lines[1], format!("{},'=HYPERLINK(1),hyperlink1.example,Cloud Reseller,", customer.tenant_id));
    let all = cli.done(&["export", "subscriptions", "--as", &provider.tenant_id.to_string()]);
    assert_eq!(all.lines().count(), 3);
    assert!(all.contains(&format!(",'@work,7,Active,{}", reseller.mpn_id)), "{all}");
    let tenant = other.tenant_id.to_string();
    let one = cli.done(&["export", "subscriptions", "--as", &mpn_id, "--customer", &tenant]);
    assert!(one.lines().count() == 2 && one.contains(",,Suspended,"), "{one}");
    assert!(cli.refused(1, &["export", "resellers", "--as", &reseller.mpn_id.to_string()]).0.contains("no resellers"));
    assert!(cli.refused(2, &["export", "customers", "--as", &mpn_id, "--customer", &tenant]).0.contains("--customer"));
}

#[test]
fn a_database_that_cannot_be_used_is_said_in_two_lines() {
    let directory = tempfile::tempdir().unwrap();
    let refused = |url: &str, code| {
        two_lines(&program(directory.path(), &["partner", "list", "--database-url", url]).output().unwrap(), code).0
    };
    assert!(refused("mysql://root@localhost/graph", 2).contains("`mysql`"));
    assert!(refused("sqlite:nowhere/graph.db", 1).contains("the directory nowhere does not exist"));
    let silent = refused("postgres://me:hunter2@127.0.0.1:1/graph", 1);
    assert!(silent.contains("***") && !silent.contains("hunter2"), "{silent}");
}

#[test]
fn wrong_usage_is_two_lines_as_well() {
    let cli = Cli::on(Sqlite);
    assert!(cli.refused(2, &["frobnicate"]).0.contains("frobnicate"));
    assert!(cli.refused(2, &["partner", "add", "--type", "SHOP"]).0.contains("INDIRECT_PROVIDER"));
    assert!(cli.refused(2, &["token", "create"]).1.contains("usage: partnergraph token create"));
    assert!(cli.refused(2, &["serve", "--listen", "nowhere"]).0.contains("listen is `nowhere`"));
    assert!(cli.refused(2, &["check", "--config", "missing.toml"]).0.contains("missing.toml"));
    assert_eq!(cli.run(&["--help"]).status.code(), Some(0));
    assert!(cli.done(&["--version"]).starts_with("partnergraph "));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn check_shows_what_is_in_force_and_what_is_pending(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    std::fs::write(cli.database.directory().join("partnergraph.toml"), "readers = 3\n").unwrap();
    let shown = cli.done(&["check"]);
    assert!(shown.contains("partnergraph.toml") && shown.contains("DATABASE_URL"), "{shown}");
    assert!(shown.contains("migrations: all applied"), "{shown}");
    partnergraph_store::migrate::revert_last(&mut cli.database.connect()).unwrap();
    let output = cli.run(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("1 migrations are pending"));
    assert!(cli.refused(1, &["partner", "list"]).1.contains("partnergraph migrate"));
    assert!(cli.refused(1, &["serve", "--no-migrate", "--listen", "127.0.0.1:0"]).0.contains("pending"));
    assert!(cli.done(&["migrate"]).starts_with("applied "));
    assert_eq!(cli.done(&["migrate"]), "nothing to apply\n");
}

#[test]
fn the_schema_and_the_completions_need_no_database() {
    let directory = tempfile::tempdir().unwrap();
    for arguments in [["schema"].as_slice(), &["completions", "zsh"]] {
        let output = program(directory.path(), arguments).env("DATABASE_URL", "mysql://x").output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(output.stdout.len() > 500);
    }
}

/// Killed when the test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that listens, its address, and the rest of its log.
fn started(mut command: Command) -> (Running, String, BufReader<ChildStderr>) {
    let mut server = Running(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut log = BufReader::new(server.0.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("listening on http://") {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "the server ended");
    }
    let origin = line.split("listening on ").nth(1).unwrap().trim().to_owned();
    (server, origin, log)
}

#[cfg(unix)]
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_server_answers_until_it_is_told_to_stop(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    let mut command = program(cli.database.directory(), &["serve", "--listen", "127.0.0.1:0"]);
    command.env("DATABASE_URL", cli.database.url_text());
    let (mut server, origin, mut log) = started(command);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let healthy = runtime.block_on(async { reqwest::get(format!("{origin}/healthz")).await.unwrap().status() });
    assert_eq!(healthy.as_u16(), 200);

    // Another one on the same port says so and ends.
    let address = origin.trim_start_matches("http://").to_owned();
    assert!(cli.refused(1, &["serve", "--listen", &address]).0.contains("is in use"));

    let pid = server.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(server.0.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("stopped"), "{rest}");
    let mut answer = String::new();
    server.0.stdout.take().unwrap().read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_next_server_fails_the_runs_of_one_that_died(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    let run = |mode| {
        let mut conn = cli.database.connect();
        runs::create(&mut conn, 1, "agent@northwind.example", mode, "{}", support::moment()).unwrap()
    };
    let status = |id| {
        let row = runs::find(&mut cli.database.connect(), id).unwrap().unwrap();
        (row.status, row.error_code.unwrap_or_default())
    };
    let queued = |id| assert_eq!(status(id), ("QUEUED".to_owned(), String::new()));
    let failed = |id| assert_eq!(status(id), ("FAILED".to_owned(), "run.abandoned".to_owned()));
    let serve = || {
        let mut command = program(cli.database.directory(), &["serve", "--listen", "127.0.0.1:0"]);
        command.env("DATABASE_URL", cli.database.url_text());
        started(command)
    };
    let url = cli.database.url_text().parse().unwrap();

    // While an import is alive, what waits may wait for it.
    let waiting = run(ImportMode::Apply);
    let import = ImportLock::take(&url).unwrap();
    drop(serve());
    queued(waiting);
    drop(import);

    let dry = run(ImportMode::DryRun);
    let first = serve();
    failed(waiting);
    failed(dry);

    // A second server leaves alone what the first one may have in hand; once both are gone nobody has.
    let live = run(ImportMode::DryRun);
    let second = serve();
    queued(live);
    drop(first);
    drop(second);
    let _third = serve();
    failed(live);
}

#[rstest]
#[case("false", None)]
#[case("true", Some("UNAUTHENTICATED"))]
fn the_schema_is_shown_without_a_token_but_in_production(#[case] production: &str, #[case] code: Option<&str>) {
    let cli = Cli::on(Sqlite);
    let mut command = program(cli.database.directory(), &["serve", "--listen", "127.0.0.1:0"]);
    command.env("DATABASE_URL", cli.database.url_text()).env("PARTNERGRAPH_PRODUCTION", production);
    let (_server, origin, _log) = started(command);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answer: serde_json::Value = runtime.block_on(async {
        let query = serde_json::json!({"query": "{ __schema { queryType { name } } }"});
        let sent = reqwest::Client::new().post(format!("{origin}/graphql")).json(&query).send().await.unwrap();
        sent.json().await.unwrap()
    });
    assert_eq!(answer["errors"][0]["extensions"]["code"].as_str(), code, "{answer}");
}

#[test]
fn the_demo_looks_at_its_port_before_anything_else() {
    let directory = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = program(directory.path(), &["demo", "--listen", &address]).output().unwrap();
    assert!(two_lines(&output, 1).0.contains("is in use"));
}

#[test]
fn the_demo_imports_its_samples_and_shows_tokens_that_work() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = program(directory.path(), &["demo", "--listen", "127.0.0.1:0"]);
    let mut demo = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut said = String::new();
    let mut out = BufReader::new(demo.0.stdout.take().unwrap());
    while !said.contains("ctrl-c ends it") {
        assert_ne!(out.read_line(&mut said).unwrap(), 0, "the demo ended: {said}");
    }
    let opened: Vec<&str> = said.split_whitespace().filter(|word| word.contains("/graphiql#token=")).collect();
    assert_eq!(opened.len(), 3, "{said}");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for link in opened {
        let (page, token) = link.split_once("#token=").unwrap();
        let total = runtime.block_on(async {
            let url = page.replace("/graphiql", "/graphql");
            let query = serde_json::json!({"query": "{ customers { totalCount } }"});
            let sent = reqwest::Client::new().post(url).bearer_auth(token).json(&query).send().await.unwrap();
            sent.json::<serde_json::Value>().await.unwrap()["data"]["customers"]["totalCount"].as_i64()
        });
        assert!(total.is_some_and(|total| total > 0), "{link}: {total:?}");
    }
}
