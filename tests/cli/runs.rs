//! What `imports list`, `show` and `discard` print about a run matches what happened to the data.

use rstest::rstest;

use crate::cli::{CONTOSO, Cli, customer_list, text};
use crate::support::{Backend, Postgres, Sqlite};

/// No server and no other import is running that could continue it.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_run_whose_process_was_killed_is_shown_as_failed_everywhere(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    customer_list(&cli, "list.csv", &[(CONTOSO, "Contoso")]);
    assert_eq!(cli.import(&["list.csv"]).status.code(), Some(0));
    cli.database.connect().batch("UPDATE import_runs SET status = 'PLANNING', finished_at = NULL").unwrap();
    let listed = cli.done(&["imports", "list"]);
    assert!(listed.contains("FAILED") && !listed.contains("PLANNING"), "{listed}");
    assert!(cli.done(&["imports", "show", "1"]).contains("FAILED"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_aborted_import_is_shown_as_failed_everywhere(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    customer_list(&cli, "list.csv", &[(CONTOSO, "Contoso"), ("no-guid\u{1b}[31m", "Tailspin")]);
    let abort = |more: &[&str]| {
        let output = cli.import(&[&["list.csv", "--on-invalid", "abort"], more].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).starts_with("error: 1 of 2 rows is invalid"), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert!(abort(&[]).starts_with("Import run 1: FAILED, nothing was imported"));
    let report: serde_json::Value = serde_json::from_str(&abort(&["--format", "json"])).unwrap();
    assert_eq!((&report["run"], &report["status"]), (&2.into(), &"FAILED".into()));
    assert!(abort(&["--dry-run"]).starts_with("Dry run: FAILED"));
    assert!(abort(&["--plan"]).starts_with("Import run 3: FAILED"));
    assert_eq!(cli.done(&["export", "customers", "--as", "4500001"]).lines().count(), 1);

    let listed = cli.done(&["imports", "list"]);
    assert_eq!(listed.matches("FAILED").count(), 3, "{listed}");
    assert_eq!(listed.matches("rows.invalid: 1 of 2 rows").count(), 3, "{listed}");
    let shown = cli.done(&["imports", "show", "1"]);
    assert!(
        shown.contains("rows.invalid: 1 of 2 rows is invalid; nothing was imported\n  hint: fix the rows"),
        "{shown}"
    );
    // The issues are stored with the run: file, line and column, without control characters of a cell.
    assert!(shown.contains("  error list.csv:3 Microsoft ID customer.tenant_id.invalid: "), "{shown}");
    assert!(shown.contains("[no-guid\\u{1b}[31m]") && !shown.contains('\u{1b}'), "{shown}");
    let shown = cli.done(&["imports", "show", "1", "--format", "json"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&shown["status"], &shown["rows"]["rejected"]), (&"FAILED".into(), &1.into()));
    assert_eq!((&shown["issues"][0]["file"], &shown["issues"][0]["line"]), (&"list.csv".into(), &3.into()));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_refused_file_is_named_by_the_run_with_its_hint(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    customer_list(&cli, "good.csv", &[(CONTOSO, "Contoso")]);
    std::fs::write(cli.path("odd.csv"), "a,b\n1,2\n").unwrap();
    let (error, hint) = cli.refused(1, &["import", "good.csv", "odd.csv", "--as", "4500001", "--progress", "none"]);
    assert!(error.contains("odd.csv"), "{error}");
    assert!(cli.done(&["imports", "list"]).contains("file.header.unknown: odd.csv"));
    let shown = cli.done(&["imports", "show", "1"]);
    assert!(shown.contains("error odd.csv") && shown.contains(&format!("hint: {hint}")), "{shown}");
    assert!(shown.contains("  good.csv: not read"), "{shown}");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_stored_plan_can_be_discarded_once(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    customer_list(&cli, "list.csv", &[(CONTOSO, "Contoso")]);
    cli.done(&["import", "list.csv", "--as", "4500001", "--plan"]);
    assert_eq!(cli.done(&["imports", "discard", "1"]), "Import run 1: plan discarded\n");
    let shown = cli.done(&["imports", "show", "1"]);
    assert!(shown.starts_with("Import run 1: FAILED") && shown.contains("plan.discarded: "), "{shown}");
    assert!(cli.refused(1, &["imports", "apply", "1", "--progress", "none"]).0.contains("FAILED"));
    assert!(cli.refused(1, &["imports", "discard", "1"]).0.contains("FAILED"));
    assert!(cli.refused(1, &["imports", "discard", "9"]).0.contains("no import run 9"));
    cli.done(&["import", "list.csv", "--as", "4500001"]);
    let (error, hint) = cli.refused(1, &["imports", "discard", "2"]);
    assert!(error.contains("APPLIED") && hint.contains("PLANNED"), "{error} {hint}");
}

#[test]
fn the_issue_limit_applies_to_the_list_but_not_to_the_count() {
    let cli = Cli::on(Sqlite);
    cli.add_both();
    customer_list(&cli, "list.csv", &[("no-guid", "A"), ("nor-this", "B"), ("nor-that", "C")]);
    for limit in ["0", "2"] {
        let output = cli.import(&["list.csv", "--max-issues", limit, "--format", "json"]);
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(3), ""));
        let report: serde_json::Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        assert_eq!(report["issues"].as_array().unwrap().len().to_string(), limit);
        assert_eq!(report["issues_total"], 3);
    }
}
