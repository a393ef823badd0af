use std::process::{Command, Output};

use partnergraph_domain::{Cloud, PartnerType};
use partnergraph_store::write::partners::{self, NewPartner};
use rstest::rstest;
use serde_json::Value;

use crate::enrolment::world::{World, form};
use crate::support::{Backend, Postgres, Sqlite};

fn partnergraph(world: &World, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_partnergraph"))
        .args(arguments)
        .env("DATABASE_URL", world.graph.database.url_text())
        .current_dir(world.graph.database.directory())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_operator_reads_the_outbox(#[case] backend: Backend) {
    let world = World::on(backend);
    world.enroll(form());
    let listed = partnergraph(&world, &["outbox", "list"]);
    assert!(listed.status.success(), "{}", text(&listed.stderr));
    let table = text(&listed.stdout);
    assert!(table.contains("CONTACT_VERIFICATION") && table.contains("ewa.nowak@fabrikam.example"), "{table}");
    assert!(!table.contains("pgv_"));
    let json = partnergraph(&world, &["outbox", "list", "--format", "json"]);
    let mails: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(mails[0]["kind"], "CONTACT_VERIFICATION");
    assert!(mails[0]["body"].as_str().unwrap().contains(&world.mailed_token()));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn two_accounts_that_match_a_name_are_distinguished_by_type(#[case] backend: Backend) {
    let world = World::on(backend);
    let direct = world.graph.direct_bill("Adatum").add();
    let reseller = NewPartner {
        partner_type: PartnerType::IndirectReseller,
        name: "Adatum".to_owned(),
        country: "PL".parse().unwrap(),
        cloud: Cloud::Public,
        mpn_id: direct.mpn_id,
        global_mpn_id: None,
        tenant_id: direct.tenant_id,
        company: None,
        capabilities: Vec::new(),
    };
    world.graph.write(|conn, actor, now| partners::add(conn, actor, now, &reseller));
    for org in [direct.mpn_id.to_string(), direct.tenant_id.to_string()] {
        let create = ["token", "create", "--org", &org, "--user", "adam@adatum.example", "--role", "GLOBAL_ADMIN"];
        let refused = partnergraph(&world, &create);
        let stderr = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("--type DIRECT_BILL or --type INDIRECT_RESELLER"), "{stderr}");
        let with_type = [&create[..], &["--type", "INDIRECT_RESELLER"]].concat();
        assert!(partnergraph(&world, &with_type).status.success());
    }
    let none = partnergraph(
        &world,
        &["export", "customers", "--as", &direct.mpn_id.to_string(), "--type", "INDIRECT_PROVIDER"],
    );
    assert!(text(&none.stderr).contains("no INDIRECT_PROVIDER account"));
    // A partnership is with the reseller account, whichever other accounts match the name.
    let provider = world.graph.provider("Northwind").add();
    let linked = partnergraph(&world, &["partner", "link", &provider.mpn_id.to_string(), &direct.mpn_id.to_string()]);
    assert!(linked.status.success(), "{}", text(&linked.stderr));
}
