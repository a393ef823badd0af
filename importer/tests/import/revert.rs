//! Reverting imports.

use partnergraph_domain::{ImportMode, ImportRunKey, ImportStatus, PartnerType};
use partnergraph_importer::{Caller, ImportError, ImportRequest, Left, Reverted, Silent, Waiting, apply_plan, revert};
use rstest::rstest;

use crate::support::*;

fn undo(world: &World, run_id: ImportRunKey) -> Result<Reverted, ImportError> {
    revert(&world.url, run_id, &actor(world.provider), now())
}

/// Reverts a run of which nothing is kept.
#[track_caller]
fn undone(world: &World, run_id: ImportRunKey) -> Reverted {
    let reverted = undo(world, run_id).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((reverted.kept, reverted.left.as_slice()), (0, [].as_slice()));
    assert_eq!(reverted.status, ImportStatus::Reverted);
    reverted
}

fn keys(reverted: &Reverted) -> Vec<(&str, &str, Option<&str>)> {
    reverted
        .left
        .iter()
        .map(|Left { entity, key, field, .. }| (entity.as_str(), key.as_str(), field.as_deref()))
        .collect()
}

/// The contents of the graph's tables, without history, versions and times of changes.
fn facts(world: &mut World) -> Vec<String> {
    let tables = [
        ("tenants", "tenant_id || kind"),
        ("partners", "id || name || coalesce(mpn_id, '')"),
        ("partnerships", "id || '/' || provider_id || '/' || reseller_id || state"),
        ("customers", "id || tenant_id"),
        (
            "customer_records",
            "id || '/' || customer_id || coalesce(company_name, '') || name_key || name_sort || coalesce(domain, '') || \
             coalesce(domain_key, '') || coalesce(country, '') || tags || coalesce(new_business_blocked, '')",
        ),
        ("reseller_relationships", "id || relationship_to_partner || since"),
        (
            "delegated_admin_grants",
            "id || external_id || coalesce(CAST(end_at AS TEXT), '') || coalesce(CAST(revoked_at AS TEXT), '')",
        ),
        (
            "subscriptions",
            "id || subscription_id || coalesce(quantity, -1) || status || coalesce(reseller_id, 0) || coalesce(offer_name, '') || \
             coalesce(friendly_name, '') || name_sort || coalesce(CAST(commitment_end_date AS TEXT), '') || coalesce(order_id, '') || \
             CAST(partner_of_record_fixed AS TEXT) || CAST(is_trial AS TEXT)",
        ),
        ("partner_of_record_history", "id || '/' || subscription_pk || valid_to"),
        ("customer_agreements", "customer_id || '/' || evidence || coalesce(email, '')"),
        (
            "entitlements",
            "id || '/' || subscription_pk || entitlement_id || coalesce(description, '') || coalesce(reseller_id, 0)",
        ),
        (
            "import_baselines",
            "source_id || entity || entity_id || '/' || run_id || as_of || fields || coalesce(absent_since_run, 0)",
        ),
        ("import_baselines_before", "run_id || '/' || source_id || entity || entity_id || fields"),
        (
            "reseller_customers",
            "provider_id || '/' || reseller_id || '/' || customer_id || name_sort || subscription_count || '/' || license_count",
        ),
        ("customer_views", "viewer_id || '/' || customer_id || '/' || record_id || '/' || level || name_sort"),
    ];
    let mut all = Vec::new();
    for (table, columns) in tables {
        let mut rows = world.lines(&format!("SELECT '{table} ' || {columns} AS line FROM {table}"));
        rows.sort();
        all.extend(rows);
    }
    all
}

fn june() -> String {
    charges(&[
        charge(1, 1, "10"),
        charge(1, 2, "5"),
        Charge { name: "Fabrikam", domain: "fabrikam.example", ..charge(2, 3, "7") },
    ])
}

fn july() -> String {
    let july = |one: Charge| Charge { month: "2024-07-01", ordered: "2024-07-02", reference: "R9", ..one };
    charges(&[
        july(Charge { name: "Contoso AG", end: "2026-05-31", ..charge(1, 1, "12") }),
        july(Charge { name: "Contoso AG", reseller: "2000002", ..charge(1, 2, "5") }),
        july(Charge { name: "Tailspin", domain: "tailspin.example", reseller: "2000003", ..charge(4, 5, "3") }),
    ])
}

const LIST: [(u32, &str, &str); 3] =
    [(1, "Contoso", "contoso.example"), (2, "Fabrikam", "fabrikam.example"), (3, "Tailspin", "tailspin.example")];

#[rstest]
fn a_reverted_first_load_leaves_no_trace(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let before = facts(&mut world);
    let run_id = world.import(&[("june.csv", &june()), ("list.csv", &customers(&LIST))]).run.unwrap();
    let loaded = facts(&mut world);
    let reverted = undone(&world, run_id);
    // Three customers, three subscriptions, a partnership, and the agreements of the two customers that are charged.
    assert_eq!((reverted.removed, reverted.restored), (9, 0));
    assert_eq!(facts(&mut world), before);
    let events =
        "SELECT operation_type || ' ' || run_id || ' ' || user_principal_name AS line FROM audit_events ORDER BY id";
    assert_eq!(
        world.lines(events),
        [
            format!("APPLY_IMPORT {run_id} admin@provider.example"),
            format!("REVERT_IMPORT {run_id} admin@provider.example")
        ]
    );
    assert_eq!(world.lines("SELECT status AS line FROM import_runs"), ["REVERTED"]);
    assert_eq!(undo(&world, run_id).unwrap_err().code(), "run.not_applied");
    assert_eq!(undo(&world, ImportRunKey::new(99)).unwrap_err().code(), "run.unknown");

    let again = world.import(&[("june.csv", &june()), ("list.csv", &customers(&LIST))]);
    assert_eq!((again.customers.created, again.subscriptions.created), (3, 3));
    let without_runs = |lines: Vec<String>| {
        lines.into_iter().map(|line| line.replace("/2", "/").replace("/1", "/")).collect::<Vec<_>>()
    };
    assert_eq!(without_runs(facts(&mut world)), without_runs(loaded));
}

#[rstest]
fn an_update_is_reverted_and_can_be_made_again(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &june()), ("list.csv", &customers(&LIST))]);
    let before = facts(&mut world);
    let files = [("july.csv", july()), ("fewer.csv", customers(&LIST[..2]))];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let first = world.import(&files);
    let after = facts(&mut world);
    assert_eq!(first.absent.customers_total, 1);
    let reverted = undone(&world, first.run.unwrap());
    assert_eq!(reverted.restored, 2, "two subscriptions; of a name the list decides");
    assert_eq!(facts(&mut world), before);
    assert_eq!(
        world.lines("SELECT subscription_id || ' ' || version AS line FROM subscriptions ORDER BY subscription_id"),
        [(1, 3), (2, 3), (3, 1)].map(|(n, version)| format!("{} {version}", subscription(n)))
    );
    let lines = "SELECT key || ' ' || field || ' ' || before || ' ' || after AS line FROM import_changes WHERE action = 'REVERT' \
                 AND field IN ('quantity', 'partnerOfRecord') ORDER BY ordinal";
    assert_eq!(
        world.lines(lines),
        [format!("{} quantity 12 10", subscription(1)), format!("{} partnerOfRecord 2000002 2000001", subscription(2))]
    );

    let second = world.import(&files);
    assert_eq!(second.subscriptions.updated, 2);
    assert_eq!(second.rows.conflict, 0);
    let names =
        |lines: Vec<String>| lines.into_iter().filter(|line| line.starts_with("subscriptions")).collect::<Vec<_>>();
    assert_eq!(names(facts(&mut world)).len(), names(after).len());
    undone(&world, second.run.unwrap());
    assert_eq!(facts(&mut world), before);
}

#[rstest]
fn imports_are_reverted_one_after_the_other(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let nothing = facts(&mut world);
    let mut states = Vec::new();
    let mut runs = Vec::new();
    let august = july().replace("2024-07", "2024-08").replace(",12,", ",13,").replace("Contoso AG", "Contoso SE");
    for text in [june(), july(), august] {
        states.push(facts(&mut world));
        runs.push(world.import(&[("month.csv", &text)]).run.unwrap());
    }
    while let (Some(run_id), Some(before)) = (runs.pop(), states.pop()) {
        undone(&world, run_id);
        assert_eq!(facts(&mut world), before);
    }
    assert_eq!(facts(&mut world), nothing);
}

#[rstest]
fn what_a_user_changed_since_is_kept_and_listed(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("june.csv", &june())]);
    let run_id = world.import(&[("july.csv", &july())]).run.unwrap();
    world.exec(&format!(
        "UPDATE subscriptions SET quantity = 99, version = version + 1 WHERE subscription_id = '{}'",
        subscription(1)
    ));
    world.exec(
        "UPDATE customer_records SET company_name = 'Edited', version = version + 1 WHERE company_name = 'Tailspin'",
    );
    let reverted = undo(&world, run_id).unwrap();
    assert_eq!(
        keys(&reverted),
        [("SUBSCRIPTION", subscription(1).as_str(), Some("quantity")), ("CUSTOMER", tenant(4).as_str(), None),]
    );
    assert_eq!(reverted.kept, 2);
    let current = "SELECT quantity || ' ' || commitment_end_date AS line FROM subscriptions WHERE quantity = 99";
    assert_eq!(world.lines(current), ["99 2025-05-31"], "the other fields of it are back");
    let issues = "SELECT severity || ' ' || code || ' ' || file || ' ' || line || ' ' || value AS line FROM import_issues \
                  WHERE code = 'revert.kept' ORDER BY ordinal";
    assert_eq!(
        world.lines(issues),
        [format!("WARNING revert.kept -1 0 {}", subscription(1)), format!("WARNING revert.kept -1 0 {}", tenant(4))]
    );
    // The same file still contradicts the edit, so someone has to decide.
    let again = world.import(&[("july.csv", &july())]);
    assert_eq!(again.rows.conflict, 1);
    assert!(has(&again, "conflict.edited"));
    assert_eq!(world.lines(current), ["99 2026-05-31"]);
}

#[rstest]
fn what_something_depends_on_is_kept_and_listed(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("first.csv", &customers(&[(9, "Litware", "litware.example")]))]);
    let run_id = world.import(&[("june.csv", &june()), ("list.csv", &customers(&LIST))]).run.unwrap();
    let customer = |n: u32| format!("(SELECT id FROM customers WHERE tenant_id = '{}')", tenant(n));
    world.exec(&format!(
        "INSERT INTO orders (order_number, seller_id, customer_id, channel, ordered_by, created_at) VALUES \
         ('O-1', 1, {}, 'PARTNER_CENTER', 'x', '2024-07-01 00:00:00')",
        customer(3)
    ));
    world.exec(&format!(
        "INSERT INTO customer_associations (provider_id, customer_id, reseller_id, since, tenant_owner) VALUES \
         (1, {}, (SELECT id FROM partners WHERE mpn_id = '2000001'), '2024-07-01 00:00:00', false)",
        customer(2)
    ));
    let reverted = undo(&world, run_id).unwrap();
    assert_eq!(
        keys(&reverted),
        [
            ("CUSTOMER", tenant(2).as_str(), None),
            ("CUSTOMER", tenant(3).as_str(), None),
            ("PARTNERSHIP", "2000001", None),
        ]
    );
    assert!(reverted.left[1].message.contains("an order refers to it"), "{:?}", reverted.left);
    let names = "SELECT company_name AS line FROM customer_records ORDER BY company_name";
    assert_eq!(world.lines(names), ["Fabrikam", "Litware", "Tailspin"]);
    assert_eq!(world.one("SELECT CAST(count(*) AS TEXT) AS line FROM subscriptions"), "0");
    let views =
        "SELECT viewer_id || '/' || customer_id AS line FROM customer_views WHERE viewer_id = 1 ORDER BY customer_id";
    assert_eq!(world.lines(views).len(), 3);
    // What was kept still belongs to the source; the rest is imported again.
    let again = world.import(&[("june.csv", &june()), ("list.csv", &customers(&LIST))]);
    assert_eq!((again.customers.created, again.subscriptions.created, again.rows.conflict), (1, 3, 0));
}

#[rstest]
fn what_a_later_import_stated_is_kept(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let first = world.import(&[("june.csv", &june())]).run.unwrap();
    let second = world.import(&[("july.csv", &july())]).run.unwrap();
    let confirming = charges(&[Charge {
        name: "Contoso AG",
        month: "2024-08-01",
        ordered: "2024-07-02",
        reference: "R9",
        end: "2026-05-31",
        ..charge(1, 1, "12")
    }]);
    let third = world.import(&[("august.csv", &confirming)]).run.unwrap();
    let before = facts(&mut world);
    let reverted = undo(&world, second).unwrap();
    // The source stated again what the run had imported, so it no longer belongs to the run.
    assert!(keys(&reverted).contains(&("SUBSCRIPTION", subscription(1).as_str(), None)), "{reverted:?}");
    assert!(keys(&reverted).contains(&("CUSTOMER", tenant(1).as_str(), None)), "{reverted:?}");
    let of_one = |lines: &[String]| lines.iter().find(|line| line.contains(&subscription(1))).cloned();
    assert_eq!(of_one(&facts(&mut world)), of_one(&before));
    assert!(!facts(&mut world).iter().any(|line| line.contains(&subscription(5))));
    // The first load: what later runs touched is kept, the rest is removed.
    let reverted = undo(&world, first).unwrap();
    assert!(keys(&reverted).contains(&("SUBSCRIPTION", subscription(1).as_str(), None)), "{reverted:?}");
    assert!(!facts(&mut world).iter().any(|line| line.contains(&subscription(3))));
    undo(&world, third).unwrap();
    let again = world.import(&[("june.csv", &june())]);
    assert_eq!(again.subscriptions.created, 2);
}

#[rstest]
fn another_partners_customer_is_kept(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let other = world.partner(PartnerType::IndirectProvider, "1000009", None, "PL");
    let run_id = world.import(&[("june.csv", &june())]).run.unwrap();
    let theirs = customers(&[(1, "Contoso of theirs", "contoso.example")]);
    let request = ImportRequest { partner_id: other, ..world.request(&[("theirs.csv", &theirs)]) };
    world.run(&request).unwrap();
    undone(&world, run_id);
    assert_eq!(world.lines("SELECT tenant_id AS line FROM customers"), [tenant(1)]);
    let views = format!("SELECT 'x' AS line FROM customer_views WHERE viewer_id = {other}");
    assert_eq!(world.lines(&views).len(), 1);
    assert_eq!(world.lines("SELECT 'x' AS line FROM customer_views").len(), 1);
}

#[rstest]
fn absences_and_baselines_alone_are_reverted(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("list.csv", &customers(&LIST))]);
    let all = facts(&mut world);
    let fewer = world.import(&[("fewer.csv", &customers(&LIST[..2]))]).run.unwrap();
    let absent = facts(&mut world);
    assert_ne!(all, absent);
    let back = world.import(&[("list.csv", &customers(&LIST))]).run.unwrap();
    undone(&world, back);
    assert_eq!(facts(&mut world), absent);
    undone(&world, fewer);
    assert_eq!(facts(&mut world), all);

    // Nothing was changed, so there is nothing to revert.
    let same = world.import(&[("list.csv", &customers(&LIST))]).run.unwrap();
    let events = "SELECT CAST(count(*) AS TEXT) AS line FROM audit_events";
    let before = world.one(events);
    assert_eq!(undone(&world, same).removed, 0);
    assert_eq!(world.one(events), before);
}

#[rstest]
fn an_applied_plan_is_reverted(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let before = facts(&mut world);
    let request = ImportRequest { mode: ImportMode::Plan, ..world.request(&[("june.csv", &june())]) };
    let planned = world.run(&request).unwrap().run.unwrap();
    assert_eq!(undo(&world, planned).unwrap_err().code(), "run.not_applied");
    let first = world.import(&[("list.csv", &customers(&[(9, "Litware", "litware.example")]))]).run.unwrap();
    let actor = actor(world.provider);
    let caller = Caller { actor: &actor, now: now(), waiting: Waiting::Wait, run_id: None };
    apply_plan(&world.url, planned, &caller, &Silent).unwrap();
    undone(&world, first);
    undone(&world, planned);
    assert_eq!(facts(&mut world), before);
}

#[rstest]
fn a_revert_that_fails_leaves_everything_as_it_was(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let run_id = world.import(&[("june.csv", &june())]).run.unwrap();
    world.exec("ALTER TABLE audit_event_viewers RENAME TO hidden");
    let before = world.contents();
    assert_eq!(undo(&world, run_id).unwrap_err().code(), "run.failed");
    assert!(world.contents() == before);
    world.exec("ALTER TABLE hidden RENAME TO audit_event_viewers");
    undone(&world, run_id);
}

/// What only a second source stated is removed with its run, whatever it had changed.
#[rstest]
#[case::of_an_earlier_day(&[(1, "a", 10)], (2, "b", 1))]
#[case::of_a_later_day(&[(1, "a", 10)], (2, "b", 15))]
#[case::of_nobody(&[(1, "a", 10)], (0, "b", 15))]
#[case::of_the_same_reseller_earlier(&[(1, "a", 10)], (1, "b", 5))]
#[case::between_two_others(&[(1, "a", 10), (2, "a", 20)], (3, "b", 15))]
fn a_second_sources_partners_of_record_go_with_its_run(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] first: &[(u32, &str, u32)],
    #[case] second: (u32, &str, u32),
) {
    let mut world = World::new(kind);
    world.import(&[("c.csv", &customers(&[(1, "Contoso", "contoso.example")]))]);
    let import = |world: &mut World, reseller: u32, source: &str, day: u32| {
        let mpn = if reseller == 0 { String::new() } else { format!("991000{reseller}") };
        let text =
            format!("Subscription ID,Subscription,Quantity,Status,Reseller\n{},F,5,Active,{mpn}\n", subscription(1));
        let mut request = world.request(&[("s.csv", &text)]);
        request.files[0].profile = Some("partner-center-subscriptions".to_owned());
        request.files[0].customer = Some(tenant(1).parse().unwrap());
        request.files[0].source = Some(source.to_owned());
        request.files[0].as_of = chrono::NaiveDate::from_ymd_opt(2024, 10, day);
        world.run(&request).unwrap_or_else(|error| panic!("{error}")).run.unwrap()
    };
    let periods = |world: &mut World| {
        let mut lines = world.lines(
            "SELECT p.mpn_id || ' ' || COALESCE(CAST(h.valid_from AS TEXT), '?') || ' ' || CAST(h.valid_to AS TEXT) AS line \
             FROM partner_of_record_history h JOIN partners p ON p.id = h.reseller_id ORDER BY h.valid_to",
        );
        lines.extend(world.lines(
            "SELECT COALESCE(p.mpn_id, 'nobody') || ' ' || COALESCE(CAST(s.partner_of_record_since AS TEXT), '?') AS line \
             FROM subscriptions s LEFT JOIN partners p ON p.id = s.reseller_id",
        ));
        lines
    };
    for (reseller, source, day) in first {
        import(&mut world, *reseller, source, *day);
    }
    let before = periods(&mut world);
    let (reseller, source, day) = second;
    let run = import(&mut world, reseller, source, day);
    assert_ne!(periods(&mut world), before, "the second source moves something");
    undone(&world, run);
    assert_eq!(periods(&mut world), before);
}
