//! Ctrl-C and SIGTERM while an import runs.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Stdio};

use partnergraph_store::imports::lock::ImportLock;
use rstest::rstest;

use crate::cli::{Cli, customer_list, text};
use crate::support::{Backend, Postgres, Sqlite};

/// An import of a list that takes a while, with its progress on standard error.
fn started(cli: &Cli) -> (Child, BufReader<ChildStderr>) {
    let arguments = ["import", "list.csv", "--as", "4500001", "--progress", "json"];
    let mut child = cli.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    (child, stderr)
}

fn list(cli: &Cli, rows: u32) {
    let rows: Vec<(String, String)> =
        (1..=rows).map(|n| (format!("5d1f6f0a-1111-4222-8333-{n:012}"), format!("Contoso{n}"))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    customer_list(cli, "list.csv", &rows);
}

fn wait_for(stderr: &mut BufReader<ChildStderr>, phase: &str) {
    let mut line = String::new();
    while !line.contains(&format!("\"phase\":\"{phase}\"")) {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "the import ended before it was {phase}");
    }
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// The lines that are not progress.
fn errors(mut stderr: BufReader<ChildStderr>) -> Vec<String> {
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    rest.lines().filter(|line| !line.starts_with('{')).map(str::to_owned).collect()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_interrupted_import_rolls_back_and_reports_it(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    list(&cli, 20_000);
    for (phase, name) in [("opening", "-INT"), ("reading", "-TERM"), ("planning", "-INT"), ("applying", "-TERM")] {
        let (mut child, mut stderr) = started(&cli);
        wait_for(&mut stderr, phase);
        signal(&child, name);
        let errors = errors(stderr);
        assert_eq!(child.wait().unwrap().code(), Some(1), "{phase}: {errors:?}");
        let [error, hint] = &errors[..] else { panic!("{phase}: {errors:?}") };
        assert_eq!(error, "error: the import was interrupted; nothing was changed");
        assert!(hint.starts_with("hint: "), "{hint}");
    }
    let listed = cli.done(&["imports", "list"]);
    assert_eq!(listed.matches("FAILED").count(), 4, "{listed}");
    assert_eq!(listed.matches("run.cancelled: ").count(), 4, "{listed}");
    assert_eq!(cli.done(&["export", "customers", "--as", "4500001"]).lines().count(), 1);
    // A stored plan can still be applied if its applying was interrupted.
    cli.done(&["import", "list.csv", "--as", "4500001", "--plan"]);
    let arguments = ["imports", "apply", "5", "--progress", "json"];
    let mut child = cli.command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    wait_for(&mut stderr, "applying");
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(cli.done(&["imports", "list"]).lines().nth(1).unwrap().starts_with("5    PLANNED"));
    cli.done(&["imports", "apply", "5"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_import_that_waits_for_another_can_be_interrupted(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    list(&cli, 1);
    let _other = ImportLock::take(cli.database.url()).unwrap();
    let (mut child, mut stderr) = started(&cli);
    wait_for(&mut stderr, "waiting");
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(cli.done(&["imports", "show", "1"]).contains("run.cancelled: "));
}

/// The other end of a pipe may never send anything.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_import_from_a_silent_pipe_can_be_interrupted(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    let arguments = ["import", "-", "--as", "4500001", "--progress", "json"];
    let mut command = cli.command(&arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let _silent = child.stdin.take().unwrap();
    wait_for(&mut stderr, "opening");
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(cli.done(&["imports", "list"]).contains("FAILED"));
}

/// Progress distinguishes the phases, and never reports the end too early.
#[test]
fn progress_is_reported_by_phase() {
    let cli = Cli::on(Sqlite);
    cli.add_both();
    list(&cli, 2_000);
    let output = cli.run(&["import", "list.csv", "--as", "4500001", "--progress", "json", "--format", "json"]);
    let stderr = text(&output.stderr);
    let lines: Vec<serde_json::Value> = stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let phases: Vec<&str> = lines.iter().map(|line| line["phase"].as_str().unwrap()).collect();
    let mut distinct = phases.clone();
    distinct.dedup();
    assert_eq!(distinct, ["opening", "reading", "planning", "applying", "done"]);
    let percents: Vec<f64> = lines.iter().map(|line| line["percent"].as_f64().unwrap()).collect();
    assert!(percents.is_sorted(), "{percents:?}");
    assert_eq!(percents.iter().filter(|percent| **percent >= 100.0).count(), 1, "{percents:?}");
    let planning = &lines[phases.iter().position(|phase| *phase == "planning").unwrap()];
    assert_eq!(planning["done"], 0, "{planning}");
    // Standard output contains only the report.
    assert!(serde_json::from_str::<serde_json::Value>(&text(&output.stdout)).is_ok());
}
