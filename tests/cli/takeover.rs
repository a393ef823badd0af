//! `partner add` with the MPN ID of a placeholder (E-17).

use rstest::rstest;
use serde_json::{Value, json};

use crate::cli::{CONTOSO, Cli, customer_list, two_lines};
use crate::support::{Api, Backend, Postgres, Sqlite, TestDatabase};

/// The MPN ID that no account has.
const MPN_ID: &str = "4500003";
const TENANT: &str = "0f6c2a7e-0000-4000-8000-000000000003";
const SUBSCRIPTION: &str = "1a000000-0000-4000-8000-000000000001";

/// Northwind imports a subscription of Contoso that names the MPN ID.
fn with_placeholder(backend: Backend) -> Cli {
    let cli = Cli { database: TestDatabase::on(backend) };
    cli.add_both();
    customer_list(&cli, "customers.csv", &[(CONTOSO, "Contoso")]);
    std::fs::write(
        cli.path("subscriptions.csv"),
        format!("Subscription ID,Subscription,Quantity,Status,Reseller\r\n{SUBSCRIPTION},Basic,7,Active,{MPN_ID}\r\n"),
    )
    .unwrap();
    assert!(cli.import(&["customers.csv"]).status.success());
    assert!(cli.import(&["subscriptions.csv", "--customer", CONTOSO]).status.success());
    assert!(cli.done(&["partner", "list"]).contains("placeholder"));
    cli
}

fn add(partner_type: &'static str, more: &[&'static str]) -> Vec<&'static str> {
    let account = ["partner", "add", "--type", partner_type, "--name", "Litware", "--country", "PL"];
    [&account[..], &["--mpn-id", MPN_ID, "--tenant-id", TENANT], more].concat()
}

fn names(cli: &Cli) -> Value {
    let token =
        cli.done(&["token", "create", "--org", "4500001", "--user", "a@northwind.example", "--role", "ADMIN_AGENT"]);
    let query = "{ subscriptions { nodes { partnerOfRecord { name mpnId tenantId } } } \
                 indirectResellers { edges { partnership { state } node { mpnId } } } }";
    Api::on(&cli.database).data(token.trim(), query, json!({}))
}

const REASON: &[&str] = &["--confirm-takeover", "--takeover-reason", "The contract names this MPN ID"];

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_account_takes_over_the_placeholder_of_its_mpn_id(#[case] backend: Backend) {
    let cli = with_placeholder(backend);
    let before = cli.done(&["partner", "list"]);
    let (error, hint) = cli.refused(1, &add("INDIRECT_RESELLER", &[]));
    assert_eq!(error.matches("(E-17)").count(), 2, "{error}");
    assert!(hint.contains("1 provider, 1 customer, 1 subscription and 7 licences"), "{hint}");
    assert!(hint.contains("--confirm-takeover"), "{hint}");
    let (error, _) = cli.refused(1, &add("INDIRECT_RESELLER", &["--confirm-takeover"]));
    assert_eq!(error.matches("(E-17)").count(), 1, "{error}");
    assert_eq!(cli.done(&["partner", "list"]), before);

    let done = cli.done(&add("INDIRECT_RESELLER", REASON));
    let took_over = "took over the placeholder MPN 4500003: 1 provider, 1 customer, 1 subscription and 7 licences";
    assert_eq!(done.lines().collect::<Vec<_>>()[1..], [took_over], "{done}");
    let listed = cli.done(&["partner", "list"]);
    assert!(!listed.contains("placeholder") && listed.contains("4500003  INDIRECT_RESELLER"), "{listed}");
    // All that hung on the placeholder is still there, and now the account's.
    let seen = names(&cli);
    let litware = json!({"name": "Litware", "mpnId": MPN_ID, "tenantId": TENANT});
    assert_eq!(seen["subscriptions"]["nodes"], json!([{"partnerOfRecord": litware}]));
    assert_eq!(
        seen["indirectResellers"]["edges"],
        json!([{"partnership": {"state": "IMPORTED"}, "node": {"mpnId": MPN_ID}}])
    );
    let token =
        cli.done(&["token", "create", "--org", MPN_ID, "--user", "li@litware.example", "--role", "ADMIN_AGENT"]);
    let api = Api::on(&cli.database);
    let query = "{ customers { nodes { companyName } } subscriptions { nodes { subscriptionId } } }";
    let own = api.data(token.trim(), query, json!({}));
    assert_eq!(own["customers"]["nodes"], json!([{"companyName": "Contoso"}]));
    assert_eq!(own["subscriptions"]["nodes"], json!([{"subscriptionId": SUBSCRIPTION}]));
    // The imported partnership becomes active, and the same file changes nothing.
    assert_eq!(cli.done(&["partner", "link", "4500001", MPN_ID]), "Northwind and Litware are now partners\n");
    assert_eq!(names(&cli)["indirectResellers"]["edges"][0]["partnership"]["state"], "ACTIVE");
    let again = cli.import(&["subscriptions.csv", "--customer", CONTOSO, "--format", "json"]);
    let report: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((&report["subscriptions"]["unchanged"], &report["resellers"]["created"]), (&json!(1), &json!(0)));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_register_shows_whose_the_mpn_id_is(#[case] backend: Backend) {
    for (company, authorised) in [("LITWARE", true), ("Tailspin", false)] {
        let cli = with_placeholder(backend);
        std::fs::write(cli.path("register.csv"), format!("MPN ID,Company,Country\n{MPN_ID},{company},PL\n")).unwrap();
        cli.done(&["mpn", "import", "register.csv"]);
        let output = cli.run(&add("INDIRECT_RESELLER", &["--confirm-takeover"]));
        if authorised {
            assert!(output.status.success());
        } else {
            assert!(two_lines(&output, 1).0.contains("another company name"));
        }
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_account_of_another_type_lists_the_subscriptions_that_name_it(#[case] backend: Backend) {
    let cli = with_placeholder(backend);
    let done = cli.done(&add("DIRECT_BILL", REASON));
    assert!(done.contains("which DIRECT_BILL cannot be"), "{done}");
    assert!(done.lines().any(|line| line.starts_with(SUBSCRIPTION)), "{done}");
    assert_eq!(names(&cli)["subscriptions"]["nodes"][0]["partnerOfRecord"]["name"], "Litware");
    // A file that names it as reseller again is refused row by row: the account is no reseller.
    let again = cli.import(&["subscriptions.csv", "--customer", CONTOSO, "--format", "json"]);
    let report: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(report["rows"]["rejected"], 1);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_link_with_a_placeholder_says_how_it_becomes_an_account(#[case] backend: Backend) {
    let cli = with_placeholder(backend);
    let (error, hint) = cli.refused(1, &["partner", "link", "4500001", MPN_ID]);
    assert!(error.contains("(P-07)") && hint.contains("partner add --mpn-id 4500003"), "{error} {hint}");
}
