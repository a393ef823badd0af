//! Stored plans, and reverted imports.

use rstest::rstest;

use crate::cli::{CONTOSO, Cli, customer_list, text};
use crate::support::{Backend, Postgres, Sqlite};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_plan_is_stored_shown_and_applied(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    customer_list(&cli, "customers.csv", &[(CONTOSO, "Contoso")]);
    let planned = cli.done(&["import", "customers.csv", "--as", "4500001", "--plan", "--progress", "none"]);
    assert!(planned.starts_with("Import run 1: PLANNED"), "{planned}");
    assert!(planned.contains("partnergraph imports apply 1"), "{planned}");
    let listed = || {
        cli.done(&["imports", "list"]).lines().nth(1).unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(listed()[..3], ["1", "PLANNED", "PLAN"]);
    let shown = cli.done(&["imports", "show", "1"]);
    assert!(shown.contains("create customer"), "{shown}");
    assert!(shown.contains("  customers.csv: 1 row, format partner-center-customers, "), "{shown}");
    assert_eq!(cli.done(&["export", "customers", "--as", "4500001"]).lines().count(), 1);

    let applied = cli.done(&["imports", "apply", "1", "--progress", "none"]);
    assert!(applied.starts_with("Import run 1: APPLIED"), "{applied}");
    assert_eq!(listed()[..3], ["1", "APPLIED", "APPLY"]);
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
fn an_import_is_reverted(#[case] backend: Backend) {
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
    assert_eq!(reverted, "Import run 2: REVERTED\n  1 restored, 0 removed, 0 kept\n");
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
fn what_a_revert_keeps_is_counted_by_reason(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    let tenant = |n: u32| format!("5d1f6f0a-1111-4222-8333-{n:012}");
    let rows: Vec<(String, String)> = (1..=6).map(|n| (tenant(n), format!("Contoso{n}"))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    customer_list(&cli, "customers.csv", &rows);
    cli.done(&["import", "customers.csv", "--as", "4500001", "--progress", "none"]);
    let edit = "UPDATE customer_records SET version = version + 1 WHERE company_name <> 'Contoso6'";
    cli.database.connect().batch(edit).unwrap();
    let output = cli.run(&["imports", "revert", "1"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert_eq!(
        text(&output.stdout),
        format!(
            "Import run 1: REVERTED\n  0 restored, 1 removed, 5 kept\n  kept 5 customers: changed since the import\n    \
             {}, {}, {} and 2 more\n  `partnergraph imports show 1` lists each of them\n",
            tenant(1),
            tenant(2),
            tenant(3)
        )
    );
    let shown = cli.done(&["imports", "show", "1"]);
    assert_eq!(shown.matches("was kept: changed since the import").count(), 5, "{shown}");
}
