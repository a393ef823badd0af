//! Lists of resellers: partnerships, names of placeholders, and what is recorded about resellers.

use partnergraph_domain::{ImportMode, ImportRunKey, ImportStatus, PartnerKey, PartnerType, RuleId};
use partnergraph_importer::{Caller, ImportRequest, Report, Silent, Waiting, apply_plan, revert};
use rstest::rstest;

use crate::support::*;

const PARTNERS: &str = "SELECT mpn_id || ' ' || name || ' ' || coalesce(country, '-') AS line FROM partners \
                        WHERE tenant_id IS NULL AND removed_at IS NULL ORDER BY mpn_id";
const PARTNERSHIPS: &str = "SELECT p.mpn_id || ' ' || s.state AS line FROM partnerships s JOIN partners p ON p.id = s.reseller_id \
                            WHERE s.removed_at IS NULL ORDER BY p.mpn_id";
const STATEMENTS: &str = "SELECT p.mpn_id || ' ' || coalesce(t.name, '-') || ' ' || coalesce(t.tenant_id, '-') || ' ' || \
                          coalesce(t.vetting_status, '-') || ' ' || coalesce(CAST(t.mpa_signed_on AS TEXT), '-') AS line \
                          FROM reseller_statements t JOIN partners p ON p.id = t.reseller_id ORDER BY t.id";

const HEADER: &str = "Location,MpnId,Name,PartnerId,RelationshipType,State";

/// A list of resellers: country, MPN ID, name and state.
fn list(rows: &[(&str, &str, &str, &str)]) -> String {
    let row = |(country, mpn_id, name, state): &(&str, &str, &str, &str)| {
        format!("{country},{mpn_id},{name},,IsIndirectCloudSolutionProviderOf,{state}\n")
    };
    format!("{HEADER}\n{}", rows.iter().map(row).collect::<String>())
}

/// Imports a list as it was on a day of June.
fn import_on(world: &mut World, day: u32, text: &str) -> Report {
    let mut request = world.request(&[("resellers.csv", text)]);
    request.files[0].as_of = chrono::NaiveDate::from_ymd_opt(2024, 6, day);
    world.run(&request).unwrap_or_else(|error| panic!("{error}"))
}

#[rstest]
fn a_list_names_placeholders_and_states_partnerships(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    assert_eq!(world.lines(PARTNERS), ["2000001 MPN 2000001 -"]);
    let text = list(&[("PL", "2000001", "Fabrikam", "Active"), ("DE", "2000002", "Litware", "Active")]);
    let report = world.import(&[("resellers.csv", &text)]);
    assert_eq!(rows(&report), [2, 2, 0, 0, 0]);
    assert_eq!((report.resellers.created, report.resellers.updated, report.resellers.unchanged), (1, 1, 0));
    assert_eq!(world.lines(PARTNERS), ["2000001 Fabrikam PL", "2000002 Litware DE"]);
    assert_eq!(world.lines(PARTNERSHIPS), ["2000001 IMPORTED", "2000002 IMPORTED"]);
    assert_eq!(world.one("SELECT name_key AS line FROM partners WHERE mpn_id = '2000002'"), "litware");
    // The same list again changes nothing.
    let before = world.contents();
    let again = world.import(&[("resellers.csv", &text)]);
    assert_eq!((rows(&again), again.resellers.unchanged), ([2, 2, 0, 0, 0], 2));
    assert!(world.contents() == before);
    // Each run leaves what it states, so that it stands when the other is reverted.
    assert_eq!(world.lines(STATEMENTS).len(), 4);
    revert(&world.url, report.run.unwrap(), &actor(world.provider), now()).unwrap();
    assert_eq!(world.lines(PARTNERS), ["2000001 Fabrikam PL", "2000002 Litware DE"]);
    assert_eq!(world.lines(PARTNERSHIPS), ["2000001 IMPORTED", "2000002 IMPORTED"]);
}

/// What counts depends on what was stated for which day, not on the order of the imports, nor on what has been reverted since.
#[rstest]
fn lists_may_be_imported_and_reverted_in_any_order(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values([0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1])] order: [usize; 4],
) {
    let stated = [(5, "Fabrikam"), (10, "Fabrikam"), (7, "Tailspin"), (10, "FABRIKAM")];
    let name_of = |runs: &[usize]| {
        let newest = runs.iter().map(|run| stated[*run]).max();
        newest.map_or_else(|| "2000001 MPN 2000001 -".to_owned(), |(_, name)| format!("2000001 {name} PL"))
    };
    let mut world = World::new(kind);
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    let (mut standing, mut runs) = (Vec::new(), Vec::new());
    for one in order {
        let (day, name) = stated[one];
        runs.push((one, import_on(&mut world, day, &list(&[("PL", "2000001", name, "Active")])).run.unwrap()));
        standing.push(one);
        assert_eq!(world.lines(PARTNERS), [name_of(&standing)], "{standing:?} stand");
    }
    for (one, run) in runs {
        revert(&world.url, run, &actor(world.provider), now()).unwrap();
        standing.retain(|other| *other != one);
        assert_eq!(world.lines(PARTNERS), [name_of(&standing)], "{standing:?} stand");
    }
    assert_eq!(world.lines(STATEMENTS), [] as [&str; 0]);
}

/// A state that nobody knows states no partnership, and what an export calls a placeholder is no name.
#[rstest]
fn an_unknown_state_and_a_placeholders_own_name_state_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let rows_of = [
        ("PL", "2000001", "Fabrikam", "Terminated"),
        ("", "2000002", "MPN 2000002", ""),
        ("", "2000003", "MPN 1", "Active"),
    ];
    world.import(&[("resellers.csv", &list(&rows_of))]);
    assert_eq!(world.lines(PARTNERSHIPS), ["2000002 IMPORTED", "2000003 IMPORTED"]);
    assert_eq!(world.lines(PARTNERS), ["2000002 MPN 2000002 -", "2000003 MPN 1 -"]);
    assert_eq!(world.lines("SELECT mpn_id AS line FROM reseller_statements s JOIN partners p ON p.id = s.reseller_id WHERE s.name IS NOT NULL"), ["2000003"]);
}

#[rstest]
fn what_lists_state_is_recorded_field_by_field(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let id = tenant(7);
    import_on(&mut world, 10, &list(&[("PL", "2000001", "Fabrikam", "Active")]));
    let agreements =
        format!("MPN ID,Reseller name,Tenant ID,Vetting status,MPA signed date\n2000001,,{id},Authorized,2023-05-31\n");
    let report = import_on(&mut world, 11, &agreements);
    assert_eq!((rows(&report), report.resellers.updated), ([1, 1, 0, 0, 0], 1));
    let stated = ["2000001 Fabrikam - - -".to_owned(), format!("2000001 - {id} AUTHORIZED 2023-05-31")];
    assert_eq!(world.lines(STATEMENTS), stated);
    let changes = "SELECT key || ' ' || action || ' ' || field || ' ' || after AS line FROM import_changes \
                   WHERE run_id = 2 AND field IS NOT NULL ORDER BY ordinal";
    assert_eq!(
        world.lines(changes),
        [
            format!("2000001 CREATE tenantId {id}"),
            "2000001 CREATE vettingStatus AUTHORIZED".to_owned(),
            "2000001 CREATE mpaSignedOn 2023-05-31".to_owned()
        ]
    );
    // An older list changes nothing that a newer one states, in whatever order they come.
    let older = import_on(&mut world, 9, &list(&[("PL", "2000001", "Old name", "Active")]));
    assert!(has(&older, "row.superseded"));
    assert_eq!(world.lines(PARTNERS), ["2000001 Fabrikam PL"]);
    import_on(&mut world, 12, &list(&[("PL", "2000001", "Fabrikam Polska", "Active")]));
    assert_eq!(world.lines(PARTNERS), ["2000001 Fabrikam Polska PL"]);
}

#[rstest]
fn rows_that_state_no_partner_change_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.partner(PartnerType::DirectBill, "2000003", Some(&tenant(3)), "PL");
    let text = list(&[
        ("PL", "2000001", "Fabrikam", "Pending"),
        ("XX", "2000002", "Litware", "Active"),
        ("PL", "2000003", "Adatum", "Active"),
        ("PL", "", "Nobody", "Active"),
        ("PL", "12x", "Typo", "Active"),
        ("PL", PROVIDER_MPN, "Myself", "Active"),
    ]);
    let report = world.import(&[("resellers.csv", &text)]);
    assert_eq!(rows(&report), [6, 0, 1, 5, 0]);
    for code in [
        "reseller.not_a_partner",
        "reseller.country.invalid",
        "reseller.not_a_reseller",
        "reseller.mpn_id.missing",
        "reseller.mpn_id.invalid",
        "reseller.own_mpn",
    ] {
        assert!(has(&report, code), "{code}: {:?}", codes(&report));
    }
    assert_eq!(world.lines(PARTNERS), [] as [&str; 0]);
    assert_eq!(world.lines(PARTNERSHIPS), [] as [&str; 0]);
}

#[rstest]
#[case(PartnerType::IndirectReseller, "P-01")]
#[case(PartnerType::DirectBill, "T-04")]
fn only_a_provider_has_resellers(
    #[case] partner_type: PartnerType,
    #[case] rule: &str,
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind);
    let other = world.partner(partner_type, "2000009", Some(&tenant(9)), "PL");
    let text = list(&[("PL", "2000001", "Fabrikam", "Active")]);
    let request = ImportRequest { partner_id: other, ..world.request(&[("resellers.csv", &text)]) };
    let report = world.run(&request).unwrap();
    assert_eq!(rows(&report), [1, 0, 0, 1, 0]);
    assert!(report.issues.iter().any(|issue| issue.rule.map(RuleId::as_str) == Some(rule)), "{:?}", codes(&report));
    assert_eq!(world.lines(PARTNERS), [] as [&str; 0]);
}

#[rstest]
fn an_account_keeps_its_own_name(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.partner(PartnerType::IndirectReseller, "2000001", Some(&tenant(9)), "PL");
    let report = world.import(&[("resellers.csv", &list(&[("DE", "2000001", "Other name", "Active")]))]);
    assert!(!has(&report, "reseller.placeholder"));
    assert_eq!(world.one("SELECT name || country AS line FROM partners WHERE mpn_id = '2000001'"), "Partner 2000001PL");
    assert_eq!((world.lines(PARTNERSHIPS), world.lines(STATEMENTS).len()), (vec!["2000001 IMPORTED".to_owned()], 1));
}

#[rstest]
fn no_provider_renames_what_another_one_named_first(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let other = world.partner(PartnerType::IndirectProvider, "2000009", Some(&tenant(9)), "PL");
    world.import(&[("resellers.csv", &list(&[("PL", "2000001", "Fabrikam", "Active")]))]);
    let text = list(&[("DE", "2000001", "Hostile name", "Active")]);
    let request = ImportRequest { partner_id: other, ..world.request(&[("resellers.csv", &text)]) };
    let report = world.run(&request).unwrap();
    assert_eq!((report.resellers.created, report.resellers.updated), (0, 1));
    assert_eq!(world.lines(PARTNERS), ["2000001 Fabrikam PL"]);
    assert_eq!(world.lines(PARTNERSHIPS), ["2000001 IMPORTED", "2000001 IMPORTED"]);
}

#[rstest]
fn a_list_after_the_removal_revives_a_partnership(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    world.exec(
        "UPDATE partnerships SET state = 'REMOVED', removed_at = '2024-06-20 10:00:00', removal_channel = 'SELF_SERVICE'",
    );
    let text = list(&[("PL", "2000001", "Fabrikam", "Active")]);
    // neither the subscription's value nor an earlier list revives it.
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    let earlier = import_on(&mut world, 19, &text);
    assert!(!has(&earlier, "reseller.partnership.imported") && has(&earlier, "reseller.partnership.removed"));
    assert_eq!(world.lines(PARTNERSHIPS), [] as [&str; 0]);
    // The list of the day of the removal may be the one after it.
    let later = import_on(&mut world, 20, &text);
    let issue = later.issues.iter().find(|issue| issue.code == "reseller.partnership.imported").unwrap();
    assert_eq!(issue.rule.map(RuleId::as_str), Some("X-11"));
    assert!(issue.message.contains("a list of resellers"), "{}", issue.message);
    assert_eq!(world.lines(PARTNERSHIPS), ["2000001 IMPORTED"]);
}

#[rstest]
fn a_reverted_list_leaves_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]);
    let first = import_on(&mut world, 10, &list(&[("PL", "2000001", "Fabrikam", "Active")]));
    let before = [world.lines(PARTNERS), world.lines(PARTNERSHIPS), world.lines(STATEMENTS)];
    let text = list(&[("DE", "2000001", "Fabrikam GmbH", "Active"), ("DE", "2000002", "Litware", "Active")]);
    let second = import_on(&mut world, 11, &text);
    assert_eq!(world.lines(PARTNERS), ["2000001 Fabrikam GmbH DE", "2000002 Litware DE"]);
    let reverted = revert(&world.url, second.run.unwrap(), &actor(world.provider), now()).unwrap();
    assert_eq!((reverted.status, reverted.kept), (ImportStatus::Reverted, 0));
    assert_eq!([world.lines(PARTNERS), world.lines(PARTNERSHIPS), world.lines(STATEMENTS)], before);
    // The placeholder and its partnership are needed by the subscription, and lose only the name.
    revert(&world.url, first.run.unwrap(), &actor(world.provider), now()).unwrap();
    assert_eq!(world.lines(PARTNERS), ["2000001 MPN 2000001 -"]);
    assert_eq!(world.lines(PARTNERSHIPS), ["2000001 IMPORTED"]);
}

#[rstest]
fn a_partnership_that_a_later_list_states_is_kept(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let first = import_on(&mut world, 10, &list(&[("PL", "2000001", "Fabrikam", "Active")]));
    import_on(&mut world, 11, &list(&[("PL", "2000001", "Fabrikam Polska", "Active")]));
    let reverted = revert(&world.url, first.run.unwrap(), &actor(world.provider), now()).unwrap();
    assert_eq!(reverted.kept, 1);
    assert_eq!(world.lines(PARTNERSHIPS), ["2000001 IMPORTED"]);
    assert_eq!(world.lines(PARTNERS), ["2000001 Fabrikam Polska PL"]);
}

#[rstest]
fn a_dry_run_and_a_plan_see_what_a_run_does(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let text = list(&[("PL", "2000001", "Fabrikam", "Active"), ("DE", "2000002", "Litware", "Active")]);
    let before = world.contents();
    let dry = ImportRequest { mode: ImportMode::DryRun, ..world.request(&[("resellers.csv", &text)]) };
    let dry = world.run(&dry).unwrap();
    assert_eq!((rows(&dry), dry.resellers.created), ([2, 2, 0, 0, 0], 2));
    assert!(world.contents() == before);
    let plan = |world: &mut World| {
        let request = ImportRequest { mode: ImportMode::Plan, ..world.request(&[("resellers.csv", &text)]) };
        world.run(&request).unwrap().run.unwrap()
    };
    let apply = |world: &World, run: ImportRunKey| {
        let actor = actor(world.provider);
        let caller = Caller { actor: &actor, now: now(), waiting: Waiting::Wait, run_id: None };
        apply_plan(&world.url, run, &caller, &Silent)
    };
    let (planned, stale) = (plan(&mut world), plan(&mut world));
    // Another import takes the keys that the plan gave to its placeholders.
    let other = world.partner(PartnerType::IndirectProvider, "2000009", Some(&tenant(9)), "PL");
    import_for(&mut world, other, &list(&[("PL", "2000005", "Proseware", "Active")]));
    apply(&world, planned).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(world.lines(PARTNERS), ["2000001 Fabrikam PL", "2000002 Litware DE", "2000005 Proseware PL"]);
    let refused = apply(&world, stale).expect_err("the resellers exist now");
    assert_eq!(refused.code(), "plan.stale", "{refused}");
}

fn import_for(world: &mut World, partner_id: PartnerKey, text: &str) {
    let request = ImportRequest { partner_id, ..world.request(&[("resellers.csv", text)]) };
    world.run(&request).unwrap_or_else(|error| panic!("{error}"));
}

#[rstest]
fn the_register_of_mpn_profiles_belongs_to_no_partner(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let text = "MPN ID,Company,Country,Kind,Active\n2000001,Fabrikam,PL,Location,yes\n";
    let error = world.run(&world.request(&[("register.csv", text)])).expect_err("a partner cannot import it");
    assert_eq!(error.code(), "file.register", "{error}");
}
