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

/// Users find the possible values of an argument in the help of its command, and in the error about another value.
#[test]
fn the_possible_values_are_in_the_help_and_in_the_error() {
    let cli = Cli::on(Sqlite);
    for (command, argument, wrong, values) in [
        ("partner add", "--type", "SHOP", "INDIRECT_PROVIDER, INDIRECT_RESELLER, DIRECT_BILL"),
        ("partner add", "--cloud", "SKY", "PUBLIC, US_GOVERNMENT, GERMANY"),
        ("partner add", "--capability", "ZZZ", "SUPPORT, BILLING, MANAGED_SERVICES"),
        (
            "token create",
            "--role",
            "BOSS",
            "GLOBAL_ADMIN, USER_ADMIN, ADMIN_AGENT, SALES_AGENT, HELPDESK_AGENT, OPERATOR",
        ),
        ("import list.csv", "--type", "SHOP", "INDIRECT_PROVIDER, INDIRECT_RESELLER, DIRECT_BILL"),
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let help = cli.done(&[&words[..], &["--help"]].concat()).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains(values), "{help}");
        let (error, hint) = cli.refused(2, &[&words[..], &[argument, wrong]].concat());
        assert!(error.contains(wrong) && error.contains(values), "{error}");
        let command = command.trim_end_matches(" list.csv");
        assert!(hint.ends_with(&format!("see `partnergraph {command} --help`")), "{hint}");
    }
    // A value that is nearly right is recognised as such.
    let (_, hint) = cli.refused(2, &["token", "create", "--role", "ADMIN_AGENTS"]);
    assert!(hint.contains("ADMIN_AGENT") && hint.ends_with("; see `partnergraph token create --help`"), "{hint}");
}

#[test]
fn an_empty_name_is_refused_wherever_it_is() {
    let cli = Cli::on(Sqlite);
    cli.add_both();
    std::fs::write(cli.path("list.csv"), "Microsoft ID\n").unwrap();
    let account = ["--type", "DIRECT_BILL", "--country", "PL", "--mpn-id", "4500003", "--tenant-id"];
    let add = [&["partner", "add"][..], &account, &["0f6c2a7e-0000-4000-8000-000000000003"]].concat();
    for (command, argument) in [
        ([&add[..], &["--name", ""]].concat(), "--name"),
        ([&add[..], &["--name", "Wingtip", "--company", " "]].concat(), "--company"),
        (vec!["token", "create", "--role", "OPERATOR", "--user", ""], "--user"),
        (vec!["import", "list.csv", "--as", "4500001", "--source", ""], "--source"),
    ] {
        let (error, hint) = cli.refused(2, &command);
        assert!(error.contains(argument) && error.ends_with("it is empty"), "{error}");
        assert!(hint.contains(" --help`"), "{hint}");
    }
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
