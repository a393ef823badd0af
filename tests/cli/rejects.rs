//! `--rejects`: the file with the rows that were not applied.

use std::io::Read;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use rstest::rstest;

use crate::cli::{CONTOSO, Cli, customer_list, text};
use crate::support::{Backend, Postgres, Sqlite};

/// A list with a valid customer and an invalid one.
fn list(cli: &Cli, name: &str, company: &str) {
    customer_list(cli, name, &[(CONTOSO, "Contoso"), ("no-guid", company)]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_printed_command_imports_the_rejects_once_they_are_fixed(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    let name = "June's \"list\" $HOME.csv";
    list(&cli, name, "Tailspin");
    // The account is named by its tenant id, the source by several words.
    let rejects = "my rejects; it's all.csv";
    let output = cli.import(&[name, "--rejects", rejects, "--source", "Old Portal's", "--partial"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let report = text(&output.stdout);
    let printed = report.lines().find_map(|line| line.trim().strip_prefix("partnergraph ")).unwrap();
    assert!(cli.read(rejects).contains("no-guid"));

    let fixed = cli.read(rejects).replace("no-guid", "5d1f6f0a-1111-4222-8333-944444444409");
    std::fs::write(cli.path(rejects), fixed).unwrap();
    let again = Command::new("sh")
        .args(["-c", &format!("\"$PROGRAM\" {printed}")])
        .current_dir(cli.database.directory())
        .env("PROGRAM", env!("CARGO_BIN_EXE_partnergraph"))
        .env("DATABASE_URL", cli.database.url_text())
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(0), "{printed}\n{}", text(&again.stderr));
    assert!(text(&again.stdout).contains("source Old Portal's"));
    assert!(cli.done(&["export", "customers", "--as", "4500001"]).contains("Tailspin"));
}

#[test]
fn the_command_names_the_map_and_the_database() {
    let cli = Cli::on(Sqlite);
    cli.add_both();
    let map = "states = \"customers\"\n[columns]\ncustomer_tenant_id = \"Id\"\ncustomer_name = \"Name\"\n";
    std::fs::write(cli.path("my map.toml"), map).unwrap();
    std::fs::write(cli.path("list.csv"), format!("Id;Name\n{CONTOSO};Contoso\nno-guid;Tailspin\n")).unwrap();
    let url = cli.database.url_text().to_owned();
    let output = cli.import(&[
        "list.csv",
        "--map",
        "my map.toml",
        "--delimiter",
        ";",
        "--rejects",
        "rejects.csv",
        "--format",
        "json",
        "--database-url",
        &url,
    ]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    let command = report["rejects"][0]["command"].as_str().unwrap();
    assert!(command.contains(" --map 'my map.toml' ") && !command.contains("--profile"), "{command}");
    assert!(command.contains(" --delimiter ';'") && command.contains(" --database-url sqlite:"), "{command}");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_path_that_cannot_be_written_is_refused_before_anything_is_read(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    list(&cli, "list.csv", "Tailspin");
    std::fs::create_dir(cli.path("folder")).unwrap();
    std::fs::write(cli.path("file"), "x").unwrap();
    for place in ["nowhere/rejects.csv", "folder", "file/rejects.csv"] {
        let (error, hint) = cli.refused(1, &["import", "list.csv", "--as", "4500001", "--rejects", place]);
        assert!(error.contains(place) && hint.contains("--rejects"), "{error} {hint}");
    }
    assert_eq!(cli.done(&["imports", "list"]).lines().count(), 1);
}

#[test]
fn rejects_can_be_written_to_standard_output_devices_and_pipes() {
    let cli = Cli::on(Sqlite);
    cli.add_both();
    list(&cli, "list.csv", "Tailspin");
    list(&cli, "other.csv", "Wingtip");
    let output = cli.import(&["list.csv", "other.csv", "--rejects", "/dev/stdout"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let stdout = text(&output.stdout);
    let rejects = stdout.find("import_line,import_code").unwrap();
    assert!(rejects < stdout.find("Import run 1").unwrap());
    assert!(stdout.contains("Tailspin") && stdout.contains("Wingtip"), "{stdout}");

    // If standard output is a file, the report comes after the rejects and does not overwrite them.
    let out = std::fs::File::create(cli.path("out.txt")).unwrap();
    let arguments = ["import", "list.csv", "--as", "4500001", "--rejects", "/dev/stdout"];
    let status = cli.command(&arguments).stdout(out).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(3));
    let printed = cli.read("out.txt");
    assert!(printed.starts_with("Microsoft ID") && printed.contains("Import run 2"), "{printed}");

    assert_eq!(cli.import(&["list.csv", "other.csv", "--rejects", "/dev/null"]).status.code(), Some(3));
    assert!(!std::path::Path::new("/dev/null-2").exists());

    assert!(Command::new("mkfifo").arg(cli.path("pipe")).status().unwrap().success());
    let pipe = cli.path("pipe");
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        std::fs::File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
        text
    });
    assert_eq!(cli.import(&["list.csv", "--rejects", "pipe"]).status.code(), Some(3));
    assert!(reader.join().unwrap().contains("Tailspin"));
}

/// The disk is full, as it always is for `/dev/full`; the data is in the database nevertheless.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn rejects_that_cannot_be_written_in_the_end_do_not_undo_the_import(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    list(&cli, "list.csv", "Tailspin");
    let output = cli.import(&["list.csv", "--rejects", "/dev/full", "--format", "json"]);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(stderr.starts_with("error: the rejects file /dev/full cannot be written"), "{stderr}");
    let report: serde_json::Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!((&report["status"], &report["rejects"]), (&"APPLIED".into(), &serde_json::json!([])));
    assert!(cli.done(&["imports", "list"]).contains("APPLIED"));
    assert!(cli.done(&["export", "customers", "--as", "4500001"]).contains("Contoso"));
}

#[test]
fn a_run_without_rejects_keeps_an_earlier_rejects_file_and_reports_it() {
    let cli = Cli::on(Sqlite);
    cli.add_both();
    list(&cli, "list.csv", "Tailspin");
    cli.import(&["list.csv", "--rejects", "rejects.csv"]);
    let rejects = cli.read("rejects.csv");
    customer_list(&cli, "good.csv", &[(CONTOSO, "Contoso")]);
    let output = cli.import(&["good.csv", "--rejects", "rejects.csv"]);
    let stderr = text(&output.stderr);
    assert_eq!((output.status.code(), stderr.lines().count()), (Some(0), 1), "{stderr}");
    assert!(stderr.contains("rejects.csv is from an earlier run"), "{stderr}");
    assert_eq!(cli.read("rejects.csv"), rejects);
}

#[test]
fn a_link_to_an_input_is_replaced_only_at_the_end() {
    let cli = Cli::on(Sqlite);
    cli.add_both();
    list(&cli, "list.csv", "Tailspin");
    let before = cli.read("list.csv");
    symlink("list.csv", cli.path("link.csv")).unwrap();
    // A dry run stores nothing, so the other rows would be lost.
    for mode in ["--dry-run", "--plan", "--on-invalid=abort"] {
        let (error, _) = cli.refused(1, &["import", "list.csv", "--as", "4500001", mode, "--rejects", "link.csv"]);
        assert!(error.contains("one of the inputs"), "{error}");
        assert_eq!(cli.read("list.csv"), before);
    }
    assert_eq!(cli.import(&["list.csv", "--rejects", "link.csv"]).status.code(), Some(3));
    assert!(cli.path("link.csv").is_symlink());
    let after = cli.read("list.csv");
    assert!(after.lines().count() == 2 && after.contains("no-guid,Tailspin"), "{after}");
    let database = cli.path("test.db");
    if database.exists() {
        cli.refused(1, &["import", "list.csv", "--as", "4500001", "--rejects", "test.db"]);
    }
}
