//! The rules also apply to imports.

use partnergraph_domain::{PartnerType, RuleId};
use partnergraph_importer::OnViolation;
use rstest::rstest;

use crate::support::*;

#[rstest]
fn a_customer_of_another_region_is_rejected(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let abroad = Charge { country: "US", ..charge(2, 2, "5") };
    let report = world.import(&[("june.csv", &charges(&[charge(1, 1, "10"), abroad]))]);
    assert_eq!(rows(&report), [2, 1, 0, 1, 0]);
    let issue = report.issues.iter().find(|issue| issue.code == "customer.region").unwrap();
    assert_eq!((issue.rule.map(RuleId::as_str), issue.line), (Some("Q-14"), 3));
}

#[rstest]
fn a_flagged_customer_is_imported_with_new_business_blocked(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let june = charges(&[Charge { country: "US", ..charge(2, 2, "5") }]);
    let mut request = world.request(&[("june.csv", &june)]);
    request.on_violation = OnViolation::Flag;
    let report = world.run(&request).unwrap();
    assert_eq!(rows(&report), [1, 1, 0, 0, 0]);
    assert!(has(&report, "customer.region"));
    assert_eq!(world.lines("SELECT new_business_blocked AS line FROM customer_records"), ["Q-14"]);
    let before = world.contents();
    world.run(&request).unwrap();
    assert_eq!(world.contents(), before);
}

#[rstest]
fn a_partners_own_tenant_is_not_a_customer(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.partner(PartnerType::IndirectReseller, "2000009", Some(&tenant(1)), "PL");
    let report = world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    assert_eq!(rows(&report), [1, 0, 0, 1, 0]);
    let issue = report.issues.iter().find(|issue| issue.code == "customer.is_partner_tenant").unwrap();
    assert_eq!(issue.rule.map(RuleId::as_str), Some("Q-06"));
}

#[rstest]
fn a_direct_bill_partner_has_no_resellers(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let direct = world.partner(PartnerType::DirectBill, "3000001", None, "PL");
    let own = Charge { reseller: "", ..charge(1, 2, "5") };
    let june = charges(&[charge(1, 1, "10"), own]).replace(PROVIDER_MPN, "3000001");
    let mut request = world.request(&[("june.csv", &june)]);
    request.partner_id = direct;
    let report = world.run(&request).unwrap();
    assert_eq!(rows(&report), [2, 1, 0, 1, 0]);
    assert_eq!(report.issues.iter().find_map(|issue| issue.rule.map(RuleId::as_str)), Some("T-04"));
}

#[rstest]
fn a_reseller_imports_customers_only(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let reseller = world.partner(PartnerType::IndirectReseller, "2000001", None, "PL");
    let mut request = world.request(&[("customers.csv", &customers(&[(1, "Contoso", "contoso.example")]))]);
    request.partner_id = reseller;
    let report = world.run(&request).unwrap();
    assert_eq!(rows(&report), [1, 1, 0, 0, 0]);
    let line = "SELECT p.mpn_id || ' ' || rr.relationship_to_partner AS line FROM reseller_relationships rr JOIN partners p ON p.id = rr.partner_id";
    assert_eq!(world.lines(line), ["2000001 RESELLER"]);
    assert_eq!(world.one("SELECT CAST(count(*) AS TEXT) AS line FROM delegated_admin_grants"), "0");
}

#[rstest]
fn a_file_of_another_account_is_refused(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let before = world.contents();
    let foreign = charges(&[charge(1, 1, "10")]).replace(PROVIDER_TENANT, "aaaaaaaa-0000-4000-8000-000000000002");
    let error = world.run(&world.request(&[("june.csv", &foreign)])).unwrap_err();
    assert_eq!(error.code(), "file.partner_mismatch");
    assert_eq!(world.contents(), before);
    assert_eq!(
        world.lines("SELECT status || ' ' || error_code AS line FROM import_runs"),
        ["FAILED file.partner_mismatch"]
    );
}
