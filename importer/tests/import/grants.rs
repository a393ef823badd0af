//! Granular delegated admin relationships: GDAP with their end date, not DAP.

use partnergraph_domain::ImportMode;
use partnergraph_importer::{ImportRequest, check_plan, revert};
use rstest::rstest;

use crate::support::*;

const HEADER: &str = "Id,CustomerDelegatedAdminRelationshipId,DisplayName,TenantId,DisplayName,TenantId,Duration,Status,CreatedDateTime,\
                      ActivatedDateTime,LastModifiedDateTime,EndDateTime,VersionStamp";

fn file(status: &str, modified: &str, ends: &str) -> String {
    format!(
        "{HEADER}\nrel-1,x,Support,{PROVIDER_TENANT},Contoso,{},P730D,{status},09/23/2025 17:19:54,10/04/2025 17:52,{modified},{ends},v1\n",
        tenant(1)
    )
}

fn grants(world: &mut World) -> Vec<String> {
    world.lines(
        "SELECT kind || ' ' || external_id || ' ' || CAST(end_at AS TEXT) || ' ' || COALESCE(CAST(revoked_at AS TEXT), 'stands') \
         || ' v' || CAST(version AS TEXT) AS line FROM delegated_admin_grants ORDER BY 1",
    )
}

#[rstest]
fn a_relationship_is_a_grant_until_its_end_and_an_end_is_final(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let active = file("Active", "10/04/2025 17:52", "10/03/2027 17:52");
    let report = world.import(&[("gdap.csv", &active)]);
    assert_eq!(rows(&report), [1, 1, 0, 0, 0]);
    assert_eq!(grants(&mut world), ["GDAP rel-1 2027-10-03 17:52:00 stands v1"]);

    let before = world.contents();
    world.import(&[("gdap.csv", &active)]);
    assert_eq!(world.contents(), before);

    world.import(&[("gdap.csv", &file("Active", "11/04/2025 17:52", "04/03/2028 17:52"))]);
    assert_eq!(grants(&mut world), ["GDAP rel-1 2028-04-03 17:52:00 stands v2"]);
    world.import(&[("gdap.csv", &file("Terminated", "12/04/2025 17:52", "04/03/2028 17:52"))]);
    assert_eq!(grants(&mut world), ["GDAP rel-1 2028-04-03 17:52:00 2025-12-04 17:52:00 v3"]);
    // An older file does not restore it.
    world.import(&[("gdap.csv", &active)]);
    assert_eq!(grants(&mut world), ["GDAP rel-1 2028-04-03 17:52:00 2025-12-04 17:52:00 v3"]);
}

#[rstest]
fn an_unapproved_relationship_is_not_a_grant(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let report = world.import(&[("gdap.csv", &file("approvalPending", "10/04/2025 17:52", "10/03/2027 17:52"))]);
    assert_eq!(rows(&report), [1, 1, 0, 0, 0]);
    assert!(grants(&mut world).is_empty());
    assert_eq!(world.lines("SELECT company_name AS line FROM customer_records"), ["Contoso"]);
}

#[rstest]
fn a_relationship_ended_by_an_import_is_active_again_after_a_revert(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind);
    let first = world.import(&[("gdap.csv", &file("Active", "10/04/2025 17:52", "10/03/2027 17:52"))]).run.unwrap();
    let ended = file("Terminated", "12/04/2025 17:52", "04/03/2028 17:52");
    let plan = ImportRequest { mode: ImportMode::Plan, ..world.request(&[("gdap.csv", &ended)]) };
    let planned = world.run(&plan).unwrap().run.unwrap();
    let second = world.import(&[("gdap.csv", &ended)]).run.unwrap();
    assert_eq!(check_plan(&mut world.conn, planned).unwrap_err().code(), "plan.stale");
    let undo = |world: &World, run_id| revert(&world.url, run_id, &actor(world.provider), now()).unwrap();
    assert_eq!(undo(&world, second).restored, 1);
    assert_eq!(grants(&mut world), ["GDAP rel-1 2027-10-03 17:52:00 stands v3"]);
    let reverted = undo(&world, first);
    assert_eq!((reverted.removed, reverted.kept), (2, 0));
    assert!(grants(&mut world).is_empty());
    assert!(world.lines("SELECT tenant_id AS line FROM customers").is_empty());
}
