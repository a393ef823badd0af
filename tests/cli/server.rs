//! The server and the demo.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, ChildStderr, Command, Stdio};

use partnergraph_domain::{ImportMode, ImportStatus, PartnerKey};
use partnergraph_store::imports::lock::ImportLock;
use partnergraph_store::imports::runs;
use rstest::rstest;

use crate::cli::{Cli, program, two_lines};
use crate::support::{Backend, Postgres, Sqlite};

/// Killed when the test ends, in any case.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A listening server, its address, and the rest of its log.
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
fn a_server_responds_until_it_is_told_to_stop(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    let mut command = program(cli.database.directory(), &["serve", "--listen", "127.0.0.1:0"]);
    command.env("DATABASE_URL", cli.database.url_text());
    let (mut server, origin, mut log) = started(command);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let healthy = runtime.block_on(async { reqwest::get(format!("{origin}/healthz")).await.unwrap().status() });
    assert_eq!(healthy.as_u16(), 200);

    // A second server on the same port reports that and ends.
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
fn the_next_server_marks_the_runs_of_a_dead_one_as_failed(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    let run = |mode| {
        let mut conn = cli.database.connect();
        runs::create(&mut conn, PartnerKey::new(1), "agent@northwind.example", mode, "{}", crate::support::moment())
            .unwrap()
    };
    let status = |id| {
        let row = runs::find(&mut cli.database.connect(), id).unwrap().unwrap();
        (row.status, row.error_code.unwrap_or_default())
    };
    let queued = |id| assert_eq!(status(id), (ImportStatus::Queued, String::new()));
    let failed = |id| assert_eq!(status(id), (ImportStatus::Failed, "run.abandoned".to_owned()));
    let serve = || {
        let mut command = program(cli.database.directory(), &["serve", "--listen", "127.0.0.1:0"]);
        command.env("DATABASE_URL", cli.database.url_text());
        started(command)
    };
    let url = cli.database.url_text().parse().unwrap();

    // While an import is running, queued runs may be waiting for it.
    let waiting = run(ImportMode::Apply);
    let import = ImportLock::take(&url).unwrap();
    drop(serve());
    queued(waiting);
    drop(import);

    let dry = run(ImportMode::DryRun);
    let first = serve();
    failed(waiting);
    failed(dry);

    // A second server does not touch runs that the first one may be working on; once both are gone, nobody is working on them.
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
fn the_schema_needs_a_token_only_in_production(#[case] production: &str, #[case] code: Option<&str>) {
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
fn the_demo_refuses_another_database() {
    let directory = tempfile::tempdir().unwrap();
    let output = program(directory.path(), &["demo", "--database-url", "sqlite:other.db"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("--database-url") && stderr.contains("--keep"), "{stderr}");
    assert!(!directory.path().join("other.db").exists());
}

#[test]
fn the_demo_checks_its_port_first() {
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
    let mut stdout = String::new();
    let mut out = BufReader::new(demo.0.stdout.take().unwrap());
    while !stdout.contains("press Ctrl-C to stop") {
        assert_ne!(out.read_line(&mut stdout).unwrap(), 0, "the demo ended: {stdout}");
    }
    let opened: Vec<&str> = stdout.split_whitespace().filter(|word| word.contains("/graphiql#token=")).collect();
    assert_eq!(opened.len(), 3, "{stdout}");
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
