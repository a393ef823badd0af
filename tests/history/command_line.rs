//! The history and the graph from the command line.

use std::process::{Command, Output};

use partnergraph_store::Scope;
use partnergraph_store::read::subscriptions::{self, SubscriptionBy};
use partnergraph_store::sql::sql;
use partnergraph_store::write::subscriptions::set_partner_of_record;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Api, Backend, Graph, Partner, Postgres, Role, Sqlite, TestDatabase};

struct Cli {
    graph: Graph,
    provider: Partner,
    reseller: Partner,
}

impl Cli {
    fn on(backend: Backend) -> Self {
        let graph = Graph::new(TestDatabase::on(backend));
        let provider = graph.provider("Northwind").add();
        let reseller = graph.reseller("Tailspin").partner_of(&provider).add();
        Self { graph, provider, reseller }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partnergraph"));
        command.args(arguments).current_dir(self.graph.database.directory());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PARTNERGRAPH_")) {
            command.env_remove(name);
        }
        command.env("DATABASE_URL", self.graph.database.url_text()).output().unwrap()
    }

    fn output(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn error(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len(), stderr.lines().count()), (Some(code), 0, 2), "{stderr}");
        stderr
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_activity_log_has_partner_centers_header_and_harmless_cells(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    let customer = cli.graph.customer(&cli.provider, "=HYPERLINK(\"x\")");
    cli.graph.association(&cli.provider, &customer, &cli.reseller);
    cli.graph.end_relationship(&cli.provider, &customer);
    let mpn_id = cli.provider.mpn_id.to_string();
    let log = cli.output(&["export", "activity", "--as", &mpn_id]);
    let lines: Vec<&str> = log.lines().collect();
    let own = "Customer ID,Subject type,Subject,Field,Old value,New value,Source,Import run,File,Line";
    assert_eq!(lines[0], format!("Date-Time,Affected customer,Action,Partner user,{own}"));
    let start = "2026-03-01T09:00:00Z,\"'=HYPERLINK(\"\"x\"\")\",Removed partner customer relationship,command line";
    let tenant_id = customer.tenant_id;
    assert_eq!(lines[1], format!("{start},{tenant_id},CUSTOMER,{tenant_id},relationshipToPartner,RESELLER,NONE,,,,"));
    assert!(
        lines[2].ends_with("representation.goodFaith,,true,,,,") && lines[3].contains("Associated a reseller"),
        "{log}"
    );
    // The reseller has no record of its own. It reads the name that it knew.
    let reseller = cli.output(&["export", "activity", "--as", &cli.reseller.mpn_id.to_string()]);
    assert!(reseller.contains("HYPERLINK(\"\"x\"\")\",Associated a reseller"), "{reseller}");
    assert!(!reseller.contains("Removed"), "{reseller}");
}

/// An auditor asks what was changed, from what to what, by whom and by which import.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_activity_log_has_a_line_for_each_change_of_a_person_and_of_an_import(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    let customer = cli.graph.customer(&cli.provider, "Contoso");
    let subscription = cli.graph.subscription(&cli.provider, &customer).add();
    cli.graph.write(|conn, actor, now| {
        let row = subscriptions::find(conn, &Scope::Operator, SubscriptionBy::Row(subscription.pk))?.unwrap();
        set_partner_of_record(conn, actor, now, &row, Some(cli.reseller.id)).map(drop)
    });
    let list = format!(
        "Microsoft ID,Company name,Primary domain name,Relationship\n{},Contoso Ltd,contoso.example,Cloud Reseller\n",
        customer.tenant_id
    );
    std::fs::write(cli.graph.database.directory().join("list.csv"), list).unwrap();
    let (mpn_id, reseller) = (cli.provider.mpn_id.to_string(), cli.reseller.mpn_id);
    cli.output(&["import", "list.csv", "--as", &mpn_id, "--partial"]);
    let log = cli.output(&["export", "activity", "--as", &mpn_id]);
    let ends = |end: &str| log.lines().filter(|line| line.ends_with(end)).count();
    let tenant_id = customer.tenant_id;
    let renamed = format!(
        "Contoso Ltd,Applied import,command line,{tenant_id},CUSTOMER,{tenant_id},companyName,Contoso,Contoso Ltd,partner-center-customers,1,list.csv,2"
    );
    assert_eq!(ends(&renamed), 1, "{log}");
    let recorded = format!(
        "Contoso Ltd,Set the partner of record,command line,{tenant_id},SUBSCRIPTION,{}",
        subscription.subscription_id
    );
    assert_eq!(ends(&format!(",{recorded},partnerOfRecord,,{reseller},,,,")), 1, "{log}");
    assert_eq!(ends(&format!(",PARTNERSHIP,{reseller},state,,ACTIVE,,,,")), 1, "{log}");
}

/// What a placeholder lost is read by the account that takes it over, and found by it.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_account_that_takes_over_a_placeholder_reads_what_that_lost(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    let customer = cli.graph.customer(&cli.provider, "Contoso");
    let (mpn_id, tenant_id) = (cli.provider.mpn_id.to_string(), customer.tenant_id.to_string());
    let subscription = "0c0ffee0-0000-4000-8000-000000000001";
    let import = |name: &str, as_of: &str, reseller: &str| {
        let list = format!(
            "Subscription ID,Subscription,Quantity,Status,Reseller\n{subscription},Mail,10,Active,{reseller}\n"
        );
        let folder = cli.graph.database.directory().join("lists");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), list).unwrap();
        let path = format!("lists/{name}");
        cli.output(&["import", &path, "--as", &mpn_id, "--customer", &tenant_id, "--as-of", as_of, "--partial"]);
    };
    import("january.csv", "2026-01-31", "7654321");
    import("february.csv", "2026-02-27", &cli.reseller.mpn_id.to_string());
    cli.output(&[
        "partner",
        "add",
        "--type",
        "INDIRECT_RESELLER",
        "--name",
        "Adatum",
        "--country",
        "PL",
        "--mpn-id",
        "7654321",
        "--tenant-id",
        "0c0ffee0-0000-4000-8000-00000000000a",
        "--confirm-takeover",
        "--takeover-reason",
        "The contract names it.",
    ]);
    let log = cli.output(&["export", "activity", "--as", "7654321"]);
    // The file is the provider's own affair.
    let lost = format!(
        "Contoso,Applied import,command line,{tenant_id},SUBSCRIPTION,{subscription},partnerOfRecord,7654321,,,2,,"
    );
    assert_eq!(log.lines().filter(|line| line.ends_with(&lost)).count(), 1, "{log}");
    let token = cli.graph.token(&cli.provider, &[Role::GlobalAdmin]);
    let filter = json!({"partner": {"mpnId": {"eq": "7654321"}}, "subscriptionId": {"eq": subscription}});
    let query =
        "query ($f: AuditEventFilter) { auditEvents(filter: $f) { totalCount nodes { changes { field before } } } }";
    let found = Api::on(&cli.graph.database).data(&token, query, json!({ "f": filter }))["auditEvents"].take();
    assert_eq!(found["nodes"], json!([{"changes": [{"field": "partnerOfRecord", "before": "7654321"}]}]));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_activity_log_can_be_limited_to_a_period(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.graph.customer(&cli.provider, "Contoso");
    let mpn_id = cli.provider.mpn_id.to_string();
    let lines = |arguments: &[&str]| {
        let mut all = vec!["export", "activity", "--as", &mpn_id];
        all.extend(arguments);
        cli.output(&all).lines().count() - 1
    };
    let all = lines(&[]);
    assert!(all > 2);
    assert_eq!(lines(&["--from", "2026-03-01", "--to", "2026-03-01"]), all);
    assert_eq!(lines(&["--from", "2026-03-02"]), 0);
    assert_eq!(lines(&["--to", "2026-02-28"]), 0);
    cli.error(2, &["export", "activity", "--as", &mpn_id, "--from", "2026-03-02", "--to", "2026-03-01"]);
    cli.error(2, &["export", "customers", "--as", &mpn_id, "--from", "2026-03-02"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_graph_is_found_by_any_id_and_printed_in_three_formats(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    let customer = cli.graph.customer(&cli.provider, "Contoso");
    let subscription = cli.graph.subscription(&cli.provider, &customer).friendly_name("Mail").add();
    let mpn_id = cli.provider.mpn_id.to_string();
    for around in [
        mpn_id.clone(),
        cli.provider.tenant_id.to_string(),
        customer.tenant_id.to_string().to_uppercase(),
        subscription.subscription_id.to_string(),
        "UGFydG5lcjox".to_owned(),
    ] {
        let text = cli.output(&["graph", "--around", &around, "--depth", "3", "--format", "json"]);
        let graph: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(graph["nodes"].as_array().unwrap().len(), 4, "{around}: {text}");
        assert_eq!(graph["truncated"], false);
    }
    let mermaid = cli.output(&["graph", "--around", &mpn_id]);
    assert!(mermaid.starts_with("flowchart LR\n  n0[\"Northwind\"]\n  n1[\"Tailspin\"]\n"), "{mermaid}");
    let dot = cli.output(&["graph", "--around", &mpn_id, "--depth", "1", "--limit", "2", "--format", "dot"]);
    assert!(dot.starts_with("digraph partnergraph {\n") && dot.contains("+2 more"), "{dot}");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_graph_of_a_partner_is_what_it_sees(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    let customer = cli.graph.customer(&cli.provider, "Contoso");
    let tenant_id = customer.tenant_id.to_string();
    let reseller = cli.reseller.mpn_id.to_string();
    let stderr = cli.error(1, &["graph", "--around", &tenant_id, "--as", &reseller]);
    assert!(stderr.starts_with("error: nothing this partner sees has the id"), "{stderr}");
    cli.error(1, &["graph", "--around", "nonsense"]);
    cli.error(2, &["graph", "--around", &tenant_id, "--depth", "7"]);
    cli.graph.write(|conn, _, _| conn.execute(&sql("UPDATE partners SET name = 'Northwind 2' WHERE id = 1")));
    cli.graph.association(&cli.provider, &customer, &cli.reseller);
    let text = cli.output(&["graph", "--around", &tenant_id, "--as", &reseller, "--format", "json"]);
    assert!(text.contains("Northwind 2") && text.contains("Tailspin"), "{text}");
}

/// Resellers of the same customer must not learn of each other (B-14).
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_export_names_no_other_reseller(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    let other = cli.graph.reseller("Wingtip").partner_of(&cli.provider).add();
    let customer = cli.graph.customer(&cli.provider, "Contoso");
    let sold = cli.graph.subscription(&cli.provider, &customer);
    let subscription = sold.reseller(&other).support_contact(&cli.reseller).add();
    let exported = |partner: &Partner| {
        let list = cli.output(&["export", "subscriptions", "--as", &partner.mpn_id.to_string()]);
        let line =
            list.lines().find(|line| line.starts_with(&subscription.subscription_id.to_string())).unwrap().to_owned();
        line.rsplit(',').next().unwrap().to_owned()
    };
    let name = other.mpn_id.to_string();
    assert_eq!(
        (exported(&cli.provider), exported(&other), exported(&cli.reseller)),
        (name.clone(), name, String::new())
    );
}
