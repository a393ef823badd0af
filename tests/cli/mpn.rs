//! The register of MPN profiles.

use rstest::rstest;

use crate::cli::{Cli, text};
use crate::support::{Backend, Postgres, Sqlite, TestDatabase};

const REGISTER: &str = "MPN ID;Company;Country;Kind;Global MPN ID;Active\n\
                        4500010;Fabrikam Holding;PL;Global;;yes\n\
                        4500011;Fabrikam;Poland;Location;4500010;yes\n";

fn with_register(backend: Backend, register: &str) -> Cli {
    let cli = Cli { database: TestDatabase::on(backend) };
    std::fs::write(cli.path("register.csv"), register).unwrap();
    cli
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_operator_imports_and_lists_the_register(#[case] backend: Backend) {
    let cli = with_register(backend, REGISTER);
    let import = ["mpn", "import", "register.csv"];
    let dry = cli.done(&[&import[..], &["--dry-run"]].concat());
    let note = " (dry run, nothing was written)";
    assert_eq!(dry, format!("2 MPN profiles: 2 created, 0 updated, 0 unchanged; 0 rows rejected{note}\n"));
    assert_eq!(cli.done(&["mpn", "list"]).lines().count(), 1);
    assert_eq!(cli.done(&import), "2 MPN profiles: 2 created, 0 updated, 0 unchanged; 0 rows rejected\n");
    let listed = cli.done(&["mpn", "list"]);
    let rows: Vec<Vec<&str>> = listed.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(
        rows,
        [
            vec!["4500010", "GLOBAL", "PL", "active", "Fabrikam", "Holding"],
            vec!["4500011", "LOCATION", "4500010", "PL", "active", "Fabrikam"]
        ]
    );
    assert_eq!(cli.done(&import), "2 MPN profiles: 0 created, 0 updated, 2 unchanged; 0 rows rejected\n");
    // A blank cell leaves a value as it is.
    std::fs::write(cli.path("register.csv"), "MpnId,Company,Active\n4500011,,no\n").unwrap();
    assert_eq!(cli.done(&import), "1 MPN profile: 0 created, 1 updated, 0 unchanged; 0 rows rejected\n");
    assert!(cli.done(&["mpn", "list"]).contains("inactive  Fabrikam"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn rows_that_cannot_be_read_are_rejected_and_the_others_imported(#[case] backend: Backend) {
    let cli = with_register(
        backend,
        "MPN ID,Company,Country\n12x,Typo,PL\n4500011,Fabrikam,Atlantis\n4500012,Litware,DE\n,Nobody,PL\n",
    );
    let output = cli.run(&["mpn", "import", "register.csv"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(text(&output.stdout), "1 MPN profile: 1 created, 0 updated, 0 unchanged; 3 rows rejected\n");
    let notes = text(&output.stderr);
    for line in ["register.csv:2 MPN ID: ", "register.csv:3 Country: ", "register.csv:5 MPN ID: "] {
        assert!(notes.contains(line), "{notes}");
    }
    assert_eq!(cli.done(&["mpn", "list"]).lines().count(), 2);
}

/// The register decides who may claim an MPN ID, so nothing is used of rows that contradict each other.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn rows_about_one_mpn_id_say_the_same_or_are_rejected(#[case] backend: Backend) {
    let cli = with_register(
        backend,
        "MPN ID,Company\n4500011,Fabrikam\n4500012,Litware\n4500011,Tailspin\n4500012,Litware\n4500011,Fabrikam\n",
    );
    for done in ["1 created, 0 updated, 0 unchanged", "0 created, 0 updated, 1 unchanged"] {
        let output = cli.run(&["mpn", "import", "register.csv"]);
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(text(&output.stdout), format!("1 MPN profile: {done}; 3 rows rejected\n"));
        let notes = text(&output.stderr);
        let lines: Vec<&str> = notes.lines().filter(|note| note.ends_with("[4500011]")).collect();
        assert!(
            lines.len() == 3 && lines[0].contains("register.csv:2: rows for this MPN ID contradict each other"),
            "{notes}"
        );
    }
    assert!(!cli.done(&["mpn", "list"]).contains("Fabrikam"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_file_of_another_kind_is_refused(#[case] backend: Backend) {
    let cli = with_register(backend, "Company,Country\nFabrikam,PL\n");
    assert!(cli.refused(1, &["mpn", "import", "register.csv"]).0.contains("register.csv"));
    assert!(cli.refused(1, &["mpn", "import", "missing.csv"]).0.contains("missing.csv"));
    // The register belongs to no partner.
    cli.add_both();
    std::fs::write(cli.path("register.csv"), REGISTER).unwrap();
    let output = cli.import(&["register.csv"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("partnergraph mpn import"), "{}", text(&output.stderr));
}
