//! Accounts, tokens and exports.

use partnergraph_domain::SubscriptionStatus;
use partnergraph_store::clock;
use rstest::rstest;

use crate::cli::{Cli, PROVIDER, RESELLER};
use crate::support::{Backend, Graph, Postgres, Sqlite, TestDatabase};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_operator_sets_accounts_up_and_links_them(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    let listed = cli.done(&["partner", "list"]);
    assert_eq!(listed.lines().count(), 3, "{listed}");
    assert!(listed.lines().nth(1).unwrap().starts_with("4500002  INDIRECT_RESELLER"), "{listed}");
    assert!(listed.lines().skip(1).all(|line| line.contains(" active ")), "{listed}");
    assert_eq!(cli.done(&["partner", "link", "4500001", RESELLER]), "Northwind and Fabrikam are now partners\n");
    assert_eq!(cli.done(&["partner", "link", PROVIDER, "4500002"]), "Northwind and Fabrikam were already partners\n");
    let exported = cli.done(&["export", "resellers", "--as", "4500001"]);
    assert_eq!(exported.lines().next(), Some("Location,MpnId,Name,PartnerId,RelationshipType,State"));
    assert!(exported.contains("DE,4500002,Fabrikam"), "{exported}");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn refusals_are_printed_with_their_rule_ids(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    let add = |kind: &str, mpn_id: &str, tenant: &str| {
        cli.refused(
            1,
            &[
                "partner",
                "add",
                "--type",
                kind,
                "--name",
                "Again",
                "--country",
                "PL",
                "--mpn-id",
                mpn_id,
                "--tenant-id",
                tenant,
            ],
        )
        .0
    };
    assert!(add("DIRECT_BILL", "4500002", "0f6c2a7e-0000-4000-8000-000000000009").contains("belongs to Fabrikam"));
    assert!(add("INDIRECT_RESELLER", "4500003", RESELLER).contains("(T-01)"));
    let far = "0f6c2a7e-0000-4000-8000-000000000003";
    cli.done(&[
        "partner",
        "add",
        "--type",
        "INDIRECT_RESELLER",
        "--name",
        "Far",
        "--country",
        "JP",
        "--mpn-id",
        "4500004",
        "--tenant-id",
        far,
    ]);
    assert!(cli.refused(1, &["partner", "link", "4500001", "4500004"]).0.contains("(P-17)"));
    assert!(cli.refused(1, &["partner", "link", "4500002", "4500001"]).0.contains("(P-01)"));
    assert!(cli.refused(1, &["partner", "link", "4500001", "99"]).0.contains("the MPN ID 99"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_token_is_alone_on_standard_output_and_is_stored_as_a_hash(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    let token =
        cli.done(&["token", "create", "--org", "4500001", "--user", "anna@northwind.example", "--role", "ADMIN_AGENT"]);
    assert!(token.starts_with("pgr_") && token.lines().count() == 1, "{token}");
    let listed = cli.done(&["token", "list"]);
    assert!(listed.contains("anna@northwind.example") && !listed.contains(token.trim()), "{listed}");
    let api = crate::support::Api::on(&cli.database);
    let viewer = "{ viewer { user { userPrincipalName roles } organization { ... on Partner { mpnId } } } }";
    let answer = api.data(token.trim(), viewer, serde_json::json!({}));
    assert_eq!(answer["viewer"]["organization"]["mpnId"], "4500001");

    assert_eq!(cli.done(&["token", "revoke", "1"]), "token 1 is revoked\n");
    let refused = api.response(token.trim(), viewer, serde_json::json!({}));
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert!(cli.refused(1, &["token", "revoke", "77"]).0.contains("no token 77"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_expired_token_is_refused_like_a_wrong_one(#[case] backend: Backend) {
    let cli = Cli::on(backend);
    cli.add_both();
    let create = ["token", "create", "--org", "4500001", "--user", "anna@northwind.example", "--role", "ADMIN_AGENT"];
    let token = cli.done(&create);
    cli.done(&[&create[..], &["--expires", "12h"]].concat());
    cli.done(&[&create[..], &["--expires", "never"]].concat());
    let now = clock::now();
    let listed = cli.done(&["token", "list"]);
    let days = [chrono::Duration::days(90), chrono::Duration::hours(12)].map(|lifetime| (now + lifetime).date());
    let lines: Vec<&str> = listed.lines().skip(1).collect();
    for (line, expires) in lines.iter().zip([days[0].to_string(), days[1].to_string(), "never".to_owned()]) {
        assert!(line.contains(&expires) && line.ends_with("valid"), "{listed}");
    }

    let api = crate::support::Api::on(&cli.database);
    let ask = |token: &str| api.response(token, "{ viewer { __typename } }", serde_json::json!({}));
    assert!(ask(token.trim()).get("errors").is_none());
    let mut conn = cli.database.connect();
    conn.batch("UPDATE access_tokens SET expires_at = created_at WHERE id = 1").unwrap();
    assert_eq!(ask(token.trim()), ask("pgr_wrong"));
    assert!(cli.done(&["token", "list"]).lines().nth(1).unwrap().ends_with("expired"));
}

#[test]
fn an_installation_limits_how_long_tokens_live() {
    let cli = Cli::on(Sqlite);
    cli.add_both();
    let settings = "token_lifetime = \"1h\"\ntoken_max_lifetime = \"30d\"\n";
    std::fs::write(cli.database.directory().join("partnergraph.toml"), settings).unwrap();
    let create = ["token", "create", "--user", "a@b.example", "--role", "OPERATOR"];
    let with = |lifetime: &'static str| [&create[..], &["--expires", lifetime]].concat();
    for lifetime in ["31d", "never"] {
        let (error, hint) = cli.refused(2, &with(lifetime));
        assert!(error.contains(&format!("lifetime {lifetime} is longer than 30d")), "{error}");
        assert!(hint.contains("token_max_lifetime"), "{hint}");
    }
    assert!(cli.refused(2, &with("soon")).0.contains("90d"));
    cli.done(&create);
    cli.done(&with("30d"));
    assert_eq!(cli.done(&["token", "list"]).lines().count(), 3);
}

#[test]
fn a_token_is_for_one_kind_of_user() {
    let cli = Cli::on(Sqlite);
    cli.add_both();
    fn create<'a>(rest: &[&'a str]) -> Vec<&'a str> {
        [&["token", "create", "--user", "a@b.example"], rest].concat()
    }
    cli.done(&create(&["--role", "OPERATOR"]));
    cli.done(&create(&["--org", "0f6c2a7e-0000-4000-8000-0000000000ff", "--role", "GLOBAL_ADMIN"]));
    assert!(cli.refused(2, &create(&["--org", "4500001", "--role", "OPERATOR"])).0.contains("operator"));
    assert!(cli.refused(2, &create(&["--role", "ADMIN_AGENT"])).0.contains("the organisation of the token is missing"));
    assert!(cli.refused(2, &create(&["--org", "4500001", "--role", "BOSS"])).0.contains("GLOBAL_ADMIN"));
    assert!(cli.refused(2, &create(&["--org", "northwind", "--role", "ADMIN_AGENT"])).0.contains("neither an MPN ID"));
    assert!(cli.refused(1, &create(&["--org", "45", "--role", "ADMIN_AGENT"])).1.contains("partner list"));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn exports_have_the_portals_headers_and_no_formulas(#[case] backend: Backend) {
    let graph = Graph::new(TestDatabase::on(backend));
    let provider = graph.provider("Northwind").add();
    let reseller = graph.reseller("Fabrikam").partner_of(&provider).add();
    let customer = graph.customer(&provider, "=HYPERLINK(1)");
    let other = graph.customer(&provider, "Contoso");
    graph.subscription(&provider, &customer).reseller(&reseller).quantity(7).friendly_name("@work").add();
    graph.subscription(&provider, &other).usage().status(SubscriptionStatus::Suspended).add();
    let cli = Cli { database: graph.database };
    let mpn_id = provider.mpn_id.to_string();
    let customers = cli.done(&["export", "customers", "--as", &mpn_id]);
    let lines: Vec<&str> = customers.lines().collect();
    assert_eq!(lines[0], "Microsoft ID,Company name,Primary domain name,Relationship,Tags");
    assert_eq!(lines[1], format!("{},'=HYPERLINK(1),hyperlink1.example,Cloud Reseller,", customer.tenant_id));
    let all = cli.done(&["export", "subscriptions", "--as", &provider.tenant_id.to_string()]);
    assert_eq!(all.lines().count(), 3);
    assert!(all.contains(&format!(",'@work,7,Active,{}", reseller.mpn_id)), "{all}");
    let tenant = other.tenant_id.to_string();
    let one = cli.done(&["export", "subscriptions", "--as", &mpn_id, "--customer", &tenant]);
    assert!(one.lines().count() == 2 && one.contains(",,Suspended,"), "{one}");
    assert!(cli.refused(1, &["export", "resellers", "--as", &reseller.mpn_id.to_string()]).0.contains("no resellers"));
    assert!(cli.refused(2, &["export", "customers", "--as", &mpn_id, "--customer", &tenant]).0.contains("--customer"));
}
