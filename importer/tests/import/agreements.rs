//! The evidence of customers' agreements: what imports prove (C-32), and what files attest (C-31).

use partnergraph_domain::{ImportMode, ImportRunKey, PartnerType};
use partnergraph_importer::{Caller, Report, Silent, Waiting};
use partnergraph_importer::{ImportRequest, Reverted, apply_plan, check_plan, revert};
use rstest::rstest;

use crate::support::*;

const ATTESTED: &str = "TenantId,FirstName,LastName,Email,DateAgreed";

/// A line of an attestation.
fn attested(n: u32, email: &str, day: &str) -> String {
    format!("{},Anna,Nowak,{email},{day}", tenant(n))
}

fn file(lines: &[String]) -> String {
    format!("{ATTESTED}\n{}\n", lines.join("\n"))
}

/// The evidence that the provider has, in the order of the customers.
fn evidence(world: &mut World) -> Vec<String> {
    world.lines(
        "SELECT substr(c.tenant_id, 36) || ' ' || ag.evidence || ' ' || coalesce(ag.email, '-') || ' ' || \
         coalesce(substr(CAST(ag.accepted_at AS TEXT), 1, 10), '-') AS line FROM customer_agreements ag \
         JOIN customers c ON c.id = ag.customer_id ORDER BY c.tenant_id, ag.id",
    )
}

fn undo(world: &World, run_id: ImportRunKey) -> Reverted {
    revert(&world.url, run_id, &actor(world.provider), now()).unwrap_or_else(|error| panic!("{error}"))
}

fn rejected(report: &Report) -> Vec<(u64, &str, &str)> {
    let errors = report.issues.iter().filter(|issue| issue.severity == partnergraph_domain::Severity::Error);
    errors.map(|issue| (issue.line, &*issue.code, issue.rule.map_or("-", |rule| rule.as_str()))).collect()
}

#[rstest]
fn what_is_charged_proves_the_agreement(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let june = charges(&[
        charge(1, 1, "10"),
        charge(1, 2, "5"),
        Charge { product: "Microsoft 365 Business Basic Trial", ..charge(2, 3, "5") },
        Charge { kind: "removeQuantity", price: "-9.41", ..charge(3, 4, "5") },
    ]);
    let run_id = world.import(&[("june.csv", &june)]).run.unwrap();
    assert_eq!(evidence(&mut world), ["1 PORTAL - -"]);
    let changes = "SELECT entity || ' ' || key || ' ' || action || ' ' || field || ' ' || after AS line FROM import_changes \
                   WHERE entity = 'AGREEMENT'";
    assert_eq!(world.lines(changes), [format!("AGREEMENT {} CREATE evidence PORTAL", tenant(1))]);
    let before = world.contents();
    let again = world.import(&[("june.csv", &june)]).run.unwrap();
    assert_eq!(world.contents(), before, "the same file again");
    undo(&world, run_id);
    undo(&world, again);
    assert!(evidence(&mut world).is_empty());
}

#[rstest]
fn a_list_proves_it_by_a_recent_subscription_of_new_commerce(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let line = |n: u32, offer: &str, status: &str, created: &str| {
        format!("{},Office,{offer},5,{status},{created}", subscription(n))
    };
    let cases = [
        (1, line(1, "CFQ7TTC0LH18:0001:CFQ7TTC0K971", "Active", "2021-05-01")),
        (2, line(2, "CFQ7TTC0LH18:0001:CFQ7TTC0K971", "Deleted", "2021-05-01")),
        (3, line(3, "CFQ7TTC0LH18:0001:CFQ7TTC0K971", "Active", "2020-01-31")),
        (4, line(4, "195416c1-3447-423a-b37b-ee59a99a19c4", "Active", "2021-05-01")),
    ];
    for (customer, line) in cases {
        let text = format!("SubscriptionId,FriendlyName,OfferId,Quantity,Status,CreationDate\n{line}\n");
        let mut request = world.request(&[("list.csv", &text)]);
        request.files[0].customer = Some(tenant(customer).parse().unwrap());
        request.files[0].partial = true;
        world.run(&request).unwrap_or_else(|error| panic!("{error}"));
    }
    assert_eq!(evidence(&mut world), ["1 PORTAL - -"]);
}

#[rstest]
fn a_resellers_own_file_proves_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let reseller = world.partner(PartnerType::IndirectReseller, "2000001", None, "PL");
    let june = charges(&[charge(1, 1, "10")]).replace(PROVIDER_TENANT, "").replace(PROVIDER_MPN, "2000001");
    let request = ImportRequest { partner_id: reseller, ..world.request(&[("june.csv", &june)]) };
    world.run(&request).unwrap_or_else(|error| panic!("{error}"));
    assert!(evidence(&mut world).is_empty());
}

#[rstest]
fn what_another_run_proves_as_well_stays_after_a_revert(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let june = world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]).run.unwrap();
    let july = Charge { month: "2024-07-01", ordered: "2024-07-02", reference: "R9", ..charge(1, 1, "12") };
    let july = world.import(&[("july.csv", &charges(&[july]))]).run.unwrap();
    undo(&world, june);
    assert_eq!(evidence(&mut world), ["1 PORTAL - -"]);
    undo(&world, july);
    assert!(evidence(&mut world).is_empty(), "no run proves it any more, although the subscription stays");
}

#[rstest]
fn a_kept_subscription_does_not_keep_the_evidence(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let run_id = world.import(&[("june.csv", &charges(&[charge(1, 1, "10")]))]).run.unwrap();
    world.exec("UPDATE subscriptions SET friendly_name = 'Office', version = version + 1");
    assert!(undo(&world, run_id).kept > 0);
    assert!(evidence(&mut world).is_empty());
}

#[rstest]
fn a_file_attests_agreements_and_accounts_for_every_row(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world
        .import(&[("list.csv", &customers(&[(1, "Contoso", "contoso.example"), (2, "Fabrikam", "fabrikam.example")]))]);
    let text = file(&[
        attested(1, "anna@contoso.example", "2024-06-01"),
        attested(1, "anna@contoso.example", "2024-06-01"),
        attested(1, "jan@contoso.example", "2024-06-02"),
        attested(2, "anna@fabrikam.example", "2024-07-02"),
        attested(2, "anna", "2024-07-03"),
        format!("{},,,anna@fabrikam.example,soon", tenant(2)),
        format!("{},Anna,Nowak,anna@fabrikam.example,", tenant(2)),
        attested(3, "anna@tailspin.example", "2024-06-01"),
        "none,Anna,Nowak,anna@contoso.example,2024-06-01".to_owned(),
    ]);
    let dry = ImportRequest { mode: ImportMode::DryRun, ..world.request(&[("agreements.csv", &text)]) };
    let dry = world.run(&dry).unwrap();
    assert!(evidence(&mut world).is_empty());
    let report = world.import(&[("agreements.csv", &text)]);
    assert_eq!(comparable(&report), comparable(&dry));
    assert_eq!(report.files[0].profile, "customer-agreements");
    assert_eq!(rows(&report), [9, 3, 1, 5, 0], "{:?}", report.issues);
    assert_eq!(
        rejected(&report),
        [
            // Today is 1 July at noon, so at UTC+14 the second of July has begun, and the third has not.
            (6, "agreement.email.invalid", "C-31"),
            (6, "agreement.date.in_future", "C-31"),
            (7, "agreement.date.invalid", "-"),
            (7, "agreement.contact.missing", "C-31"),
            (7, "agreement.contact.missing", "C-31"),
            (8, "agreement.date.missing", "-"),
            (9, "agreement.no_relationship", "C-01"),
            (10, "customer.tenant_id.invalid", "-"),
        ]
    );
    let expected = [
        "1 ATTESTED anna@contoso.example 2024-06-01",
        "1 ATTESTED jan@contoso.example 2024-06-02",
        "2 ATTESTED anna@fabrikam.example 2024-07-02",
    ];
    assert_eq!(evidence(&mut world), expected);
    assert_eq!(
        world.lines("SELECT tenant_id AS line FROM customers ORDER BY 1"),
        [tenant(1), tenant(2)],
        "nobody came in"
    );

    let before = world.contents();
    let again = world.import(&[("agreements.csv", &text)]);
    assert_eq!((rows(&again), world.contents() == before), ([9, 3, 1, 5, 0], true), "the same file again");
    undo(&world, report.run.unwrap());
    assert_eq!(evidence(&mut world), expected, "the second run states it too");
    let reverted = undo(&world, again.run.unwrap());
    assert_eq!((reverted.removed, reverted.kept), (3, 0));
    assert!(evidence(&mut world).is_empty());
}

/// In whatever order runs that prove or attest the same are reverted, the evidence stands until the last of them is.
#[rstest]
fn evidence_stands_as_long_as_a_run_states_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0])] order: [usize; 3],
) {
    let mut world = World::new(kind);
    let month = |month: &'static str, ordered: &'static str, reference: &'static str| {
        charges(&[Charge { month, ordered, reference, ..charge(1, 1, "12") }])
    };
    let files = [
        month("2024-06-01", "2024-06-02", "R7"),
        // A month in which nothing is charged for the customer proves nothing, although the source has proved it before.
        charges(&[Charge { month: "2024-07-01", ordered: "2024-07-02", price: "0", ..charge(1, 1, "12") }]),
        month("2024-08-01", "2024-08-02", "R9"),
    ];
    let text = file(&[attested(1, "anna@contoso.example", "2024-06-01")]);
    let states = [true, false, true];
    let runs: Vec<ImportRunKey> = files
        .iter()
        .zip(states)
        .map(|(charged, attests)| {
            let mut run = vec![("charges.csv", &**charged)];
            run.extend(attests.then_some(("agreements.csv", &*text)));
            world.import(&run).run.unwrap()
        })
        .collect();
    let mut standing = vec![0, 1, 2];
    for one in order {
        let expected: &[&str] = match standing.iter().any(|run| states[*run]) {
            true => &["1 ATTESTED anna@contoso.example 2024-06-01", "1 PORTAL - -"],
            false => &[],
        };
        let mut found = evidence(&mut world);
        found.sort();
        assert_eq!(found, expected, "{standing:?} stand");
        undo(&world, runs[one]);
        standing.retain(|run| *run != one);
    }
    assert!(evidence(&mut world).is_empty());
    assert!(world.lines("SELECT CAST(run_id AS TEXT) AS line FROM import_agreements").is_empty());
}

/// What is not charged proves nothing: an amount of 0, a credit, a cancellation, and a type that nobody knows.
#[rstest]
fn a_line_that_charges_nothing_proves_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let june = charges(&[
        Charge { price: "0", ..charge(1, 1, "10") },
        Charge { price: "0", ..charge(2, 2, "0") },
        Charge { kind: "customerCredit", ..charge(3, 3, "5") },
        Charge { kind: "somethingNew", ..charge(4, 4, "5") },
        charge(5, 5, "1"),
    ]);
    world.import(&[("june.csv", &june)]);
    assert_eq!(evidence(&mut world), ["5 PORTAL - -"]);
}

/// The report says why the customer stays.
#[rstest]
fn a_customer_whose_agreement_another_run_attests_is_kept_and_listed(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut world = World::new(kind);
    let list = world.import(&[("list.csv", &customers(&[(1, "Contoso", "contoso.example")]))]).run.unwrap();
    let text = file(&[attested(1, "anna@contoso.example", "2024-06-01")]);
    let attesting = world.import(&[("agreements.csv", &text)]).run.unwrap();
    let kept = undo(&world, list).left;
    let kept: Vec<_> = kept.iter().map(|left| (&*left.entity, &*left.key, &*left.reason)).collect();
    assert_eq!(kept, [("CUSTOMER", &*tenant(1), "its agreement was confirmed or proved otherwise")]);
    assert_eq!(undo(&world, attesting).removed, 1);
    assert!(evidence(&mut world).is_empty());
}

/// As `confirmCustomerAgreement` refuses it (C-01).
#[rstest]
fn an_adviser_attests_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("list.csv", &customers(&[(1, "Contoso", "contoso.example")]))]);
    world.exec("UPDATE reseller_relationships SET relationship_to_partner = 'ADVISOR'");
    let text = file(&[attested(1, "anna@contoso.example", "2024-06-01")]);
    let list = customers(&[(1, "Contoso", "contoso.example")]);
    for files in [&[("agreements.csv", &*text)][..], &[("agreements.csv", &*text), ("list.csv", &*list)]] {
        let report = world.import(files);
        assert_eq!(rejected(&report), [(2, "agreement.no_relationship", "C-01")]);
        assert!(evidence(&mut world).is_empty());
    }
}

#[rstest]
fn customers_and_their_agreements_come_in_together(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let list = customers(&[(1, "Contoso", "contoso.example")]);
    let text = file(&[attested(1, "anna@contoso.example", "2024-06-01")]);
    let report = world.import(&[("agreements.csv", &text), ("list.csv", &list)]);
    assert_eq!(rows(&report), [2, 2, 0, 0, 0]);
    assert_eq!(evidence(&mut world), ["1 ATTESTED anna@contoso.example 2024-06-01"]);
    assert_eq!(undo(&world, report.run.unwrap()).removed, 2);
    assert!(world.lines("SELECT tenant_id AS line FROM customers").is_empty());
}

#[rstest]
fn a_plan_of_attestations_is_applied_as_planned_or_is_stale(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    world.import(&[("list.csv", &customers(&[(1, "Contoso", "contoso.example")]))]);
    let text = file(&[attested(1, "anna@contoso.example", "2024-06-01")]);
    let plan = ImportRequest { mode: ImportMode::Plan, ..world.request(&[("agreements.csv", &text)]) };
    let (first, second) = (world.run(&plan).unwrap().run.unwrap(), world.run(&plan).unwrap().run.unwrap());
    assert!(evidence(&mut world).is_empty());
    let actor = actor(world.provider);
    let caller = Caller { actor: &actor, now: now(), waiting: Waiting::Refuse, run_id: None };
    apply_plan(&world.url, first, &caller, &Silent).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(evidence(&mut world), ["1 ATTESTED anna@contoso.example 2024-06-01"]);
    assert_eq!(check_plan(&mut world.conn, second).unwrap_err().code(), "plan.stale");
    let elsewhere = customers(&[(2, "Fabrikam", "fabrikam.example")]);
    world.import(&[("list.csv", &elsewhere)]);
    let third = world.run(&plan).unwrap().run.unwrap();
    world.import(&[("agreements.csv", &file(&[attested(2, "jan@fabrikam.example", "2024-06-01")]))]);
    check_plan(&mut world.conn, third).unwrap_or_else(|error| panic!("another customer's attestation: {error}"));
    world.exec("DELETE FROM customer_agreements WHERE email = 'jan@fabrikam.example'");
    undo(&world, first);
    assert!(evidence(&mut world).is_empty());
}

#[rstest]
fn a_reseller_attests_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut world = World::new(kind);
    let reseller = world.partner(PartnerType::IndirectReseller, "2000001", None, "PL");
    let (list, text) =
        (customers(&[(1, "Contoso", "contoso.example")]), file(&[attested(1, "a@contoso.example", "2024-06-01")]));
    let files = [("list.csv", list.as_str()), ("agreements.csv", text.as_str())];
    let request = ImportRequest { partner_id: reseller, ..world.request(&files) };
    let report = world.run(&request).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rows(&report), [2, 1, 0, 1, 0]);
    assert_eq!(rejected(&report), [(2, "agreement.not_a_seller", "A-01")]);
    assert!(evidence(&mut world).is_empty());
}
