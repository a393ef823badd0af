//! Column maps for files of other formats.

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
