//! Settings, usage errors, and commands about the database itself.

use rstest::rstest;

use crate::cli::{Cli, program, text, two_lines};
use crate::support::{Backend, Postgres, Sqlite};

#[test]
fn an_unusable_database_is_reported_in_two_lines() {
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
fn wrong_usage_is_reported_in_two_lines() {
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
    assert!(text(&output.stderr).contains("1 migration is pending: "));
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
