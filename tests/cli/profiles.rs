//! Column maps for files of other formats.

use std::io::Write as _;
use std::process::Stdio;

use crate::cli::{CONTOSO, Cli, text};
use crate::support::Sqlite;

/// The printed map is used as it is, with one example line.
#[test]
fn a_new_map_is_completed_with_its_example_lines() {
    let cli = Cli::on(Sqlite);
    cli.add_both();
    std::fs::write(cli.path("theirs.csv"), format!("CustomerId;Firma\n{CONTOSO};Contoso\n")).unwrap();
    let map = cli.done(&["profiles", "new", "theirs.csv"]);
    assert!(map.contains("\ncustomer_tenant_id = \"CustomerId\"\n") && map.contains("\n#   \"Firma\"\n"), "{map}");
    let example = map.lines().find(|line| line.starts_with("# customer_name = ")).unwrap();
    let completed = map.replace(example, "customer_name = \"Firma\"").replace("# family = ", "family = ");
    std::fs::write(cli.path("theirs.toml"), completed).unwrap();
    let output = cli.import(&["theirs.csv", "--map", "theirs.toml"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("theirs.csv: 1 row, format map\n    source contoso-portal, "),
        "{}",
        text(&output.stdout)
    );
    assert!(cli.done(&["export", "customers", "--as", "4500001"]).contains("Contoso"));
}

/// The hint says what to do about this map. To write another one would lead to the same error.
#[test]
fn a_map_that_cannot_be_used_is_refused_with_the_line_to_change() {
    let cli = Cli::on(Sqlite);
    cli.add_both();
    std::fs::write(cli.path("theirs.csv"), format!("Id;Firma\n{CONTOSO};Contoso\n")).unwrap();
    let id = "customer_tenant_id = \"Id\"\n";
    for (settings, columns, wrong, remedy) in [
        ("family = \"\"\n", id, "family is empty", "family = "),
        ("title = \" \"\n", id, "title is empty", "title = "),
        ("", "customer_tenant_id = \"\"\n", "to an empty column name", "remove the line"),
        (
            "",
            "customer_name = \"Firma\"\n",
            "does not map \"customer_tenant_id\"",
            "add the line customer_tenant_id = ",
        ),
        ("colour = \"red\"\n", id, "unknown field `colour`", "profiles show bam-customers"),
    ] {
        std::fs::write(cli.path("theirs.toml"), format!("states = \"customers\"\n{settings}[columns]\n{columns}"))
            .unwrap();
        let (error, hint) = cli.refused(1, &["import", "theirs.csv", "--as", "4500001", "--map", "theirs.toml"]);
        assert!(error.starts_with("the map cannot be used: ") && error.contains(wrong), "{error}");
        assert!(hint.contains(remedy), "{hint}");
    }
    assert_eq!(cli.done(&["imports", "list"]).lines().count(), 1);
}

/// A map can be written for every file that can be imported.
#[test]
fn a_new_map_is_written_for_any_file_that_can_be_read() {
    let cli = Cli::on(Sqlite);
    let table = "Kundennummer;Größe\n1;2\n";
    // "ö" and "ß" in Windows-1252.
    std::fs::write(cli.path("old.csv"), b"Liste\nKundennummer;Gr\xf6\xdfe\n1;2\n").unwrap();
    let options = ["profiles", "new", "old.csv", "--encoding", "windows-1252", "--header-line", "2"];
    assert!(cli.done(&options).contains("\"Größe\""));
    let mut piped = cli.command(&["profiles", "new", "-"]);
    let mut child = piped.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(table.as_bytes()).unwrap();
    assert!(text(&child.wait_with_output().unwrap().stdout).contains("\"Kundennummer\""));
}

/// A wrong value is wrong usage, and leaves no run behind.
#[test]
fn a_wrong_value_of_an_option_is_refused_before_a_run_begins() {
    let cli = Cli::on(Sqlite);
    cli.add_both();
    std::fs::write(cli.path("theirs.csv"), format!("Microsoft ID,Company name\n{CONTOSO},Contoso\n")).unwrap();
    for (option, value, remedy) in [
        ("--encoding", "klingon", "windows-1250"),
        ("--encoding", "cp852", "iconv"),
        ("--profile", "shoe-sizes", "profiles list"),
    ] {
        let output = cli.import(&["theirs.csv", option, value]);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(remedy), "{error}");
    }
    for list in [&["imports", "list"][..], &["graph", "--around", CONTOSO]] {
        let (error, _) = cli.refused(2, &[list, &["--type", "DIRECT_BILL"]].concat());
        assert!(error.contains("--as"), "{error}");
    }
    assert_eq!(cli.done(&["imports", "list"]).lines().count(), 1);
}
