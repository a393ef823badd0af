//! The input files of an import.

use std::process::{Command, Stdio};

use rstest::rstest;

use crate::cli::{CONTOSO, Cli, customer_list, text};
use crate::support::{Backend, Postgres, Sqlite};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_mistyped_path_among_several_is_found_before_anything_is_written(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    customer_list(&cli, "good.csv", &[(CONTOSO, "Contoso")]);
    for (wrong, flag) in
        [("typo.csv", "--partial"), ("typo.csv", "--plan"), ("typo.csv", "--dry-run"), (".", "--partial")]
    {
        let (error, _) = cli.refused(1, &["import", "good.csv", wrong, "--as", "4500001", flag]);
        assert!(error.starts_with(&format!("{wrong}: ")), "{error}");
    }
    assert_eq!(cli.done(&["imports", "list"]).lines().count(), 1);
    assert_eq!(cli.done(&["export", "customers", "--as", "4500001"]).lines().count(), 1);
}

/// A typing error leaves nothing behind, not even a new database.
#[rstest]
#[case::sqlite(Sqlite)]
fn a_mistyped_database_is_not_created(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    customer_list(&cli, "good.csv", &[(CONTOSO, "Contoso")]);
    let typo = ["--database-url", "sqlite:typo.db"];
    for command in [
        &["import", "good.csv", "--as", "4500001", "--dry-run"][..],
        &["imports", "list"],
        &["export", "customers", "--as", "4500001"],
        &["graph", "--around", "4500001"],
    ] {
        let (error, hint) = cli.refused(1, &[command, &typo].concat());
        assert!(
            error.contains("database sqlite:typo.db does not exist") && hint.contains("--database-url"),
            "{error} {hint}"
        );
        assert!(!cli.path("typo.db").exists());
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_import_needs_an_account_and_a_date_not_in_the_future(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    let list = format!("Microsoft ID,Company name,MPN ID\n{CONTOSO},Contoso,4600001\n");
    std::fs::write(cli.path("good.csv"), list).unwrap();
    let (error, hint) = cli.refused(1, &["import", "good.csv", "--as", "4500001", "--as-of", "2999-01-01"]);
    assert!(error.contains("2999-01-01 is in the future"), "{error} {hint}");
    let wrong = cli.run(&["import", "good.csv", "--as", "4500001", "--as-of", "tomorrow"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("YYYY-MM-DD"), "{}", text(&wrong.stderr));
    // A reseller named only in a file is not an account, so nobody can import on its behalf.
    let charges = "CustomerId,CustomerName,CustomerDomainName,CustomerCountry,ResellerMPNID,OrderDate,ProductId,SkuId,SkuName,\
                   ProductName,ChargeType,UnitPrice,Quantity,Subtotal,Currency,SubscriptionId,ChargeStartDate,ChargeEndDate,\
                   TermAndBillingCycle\n";
    let line = format!(
        "{CONTOSO},Contoso,c.example,PL,4600001,2026-06-18,P,1,M365,M365,new,1.00,5,5.00,USD,\
         11111111-0000-4000-8000-000000000001,2026-06-18,2027-06-17,1 Year commitment for monthly billing\n"
    );
    std::fs::write(cli.path("charges.csv"), format!("{charges}{line}")).unwrap();
    assert_eq!(cli.import(&["charges.csv"]).status.code(), Some(0));
    let (error, _) = cli.refused(1, &["import", "good.csv", "--as", "4600001"]);
    assert!(error.contains("is a placeholder from an import"), "{error}");
}

/// Plain and compressed files, other encodings and standard input: several hundred of them, with a limit of 256 open files per
/// process.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn hundreds_of_files_need_few_descriptors(#[case] backend: Backend) {
    const FILES: usize = 500;
    let cli = Cli::on(backend);
    cli.add_both();
    let header = "Microsoft ID,Company name,Primary domain name,Relationship\r\n";
    let mut names = vec!["-".to_owned()];
    for n in 1..FILES {
        let good = format!("5d1f6f0a-1111-4222-8333-{n:012},Contoso {n} Łódź,c{n}.example,Cloud Reseller\r\n");
        let list = format!("{header}{good}no-guid,Żubr {n},z{n}.example,Cloud Reseller\r\n");
        let name = format!("list{n}.csv");
        let bytes = match n % 3 {
            0 => list.into_bytes(),
            1 => [&b"\xff\xfe"[..], &list.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()].concat(),
            // Windows-1250.
            _ => list
                .chars()
                .map(|c| match c {
                    'Ł' => 0xa3,
                    'ó' => 0xf3,
                    'ź' => 0x9f,
                    'Ż' => 0xaf,
                    c => u8::try_from(c).unwrap(),
                })
                .collect(),
        };
        std::fs::write(cli.path(&name), bytes).unwrap();
        names.push(name);
    }
    assert!(Command::new("gzip").arg(cli.path("list3.csv")).status().unwrap().success());
    names[3] = "list3.csv.gz".to_owned();
    let script = "ulimit -n 256 && exec \"$0\" import --as 4500001 --partial --progress none --rejects rejects.csv \
                  --encoding windows-1250 \"$@\"";
    // The encoding is passed for the files that have no byte order mark; UTF-8 files, plain and compressed, are excluded.
    let legacy: Vec<&String> = names.iter().enumerate().filter(|(n, _)| n % 3 == 2).map(|(_, name)| name).collect();
    let marked: Vec<&String> = names.iter().enumerate().filter(|(n, _)| n % 3 != 2).map(|(_, name)| name).collect();
    let run = |script: &str, names: &[&String]| {
        std::fs::write(cli.path("stdin"), format!("{header}no-guid,Standard input,s.example,Cloud Reseller\r\n"))
            .unwrap();
        Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_partnergraph")])
            .args(names)
            .current_dir(cli.database.directory())
            .env("DATABASE_URL", cli.database.url_text())
            .stdin(Stdio::from(std::fs::File::open(cli.path("stdin")).unwrap()))
            .output()
            .unwrap()
    };
    let output = run(&script.replace("--encoding windows-1250 ", ""), &marked);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(cli.read("rejects.csv").contains("Standard input"));
    let last = cli.read(&format!("rejects-{}.csv", marked.len()));
    assert!(last.contains("no-guid,Żubr 499,"), "{last}");
    let output = run(script, &legacy);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let last = cli.read(&format!("rejects-{}.csv", legacy.len()));
    assert!(last.contains("no-guid,Żubr 497,"), "{last}");
    let exported = cli.done(&["export", "customers", "--as", "4500001"]);
    assert_eq!(exported.matches(" Łódź").count(), FILES - 1);
}
