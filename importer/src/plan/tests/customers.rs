//! Screening, customers, grants and absences.

use partnergraph_domain::{CustomerKey, GrantKey, ImportSourceKey, PartnerType, TenantKind};
use partnergraph_store::imports::stored::StoredGrant;

use crate::baseline::{CUSTOMER, Value, customer as at};
use crate::plan::Policy;
use crate::plan::baselines::Kind;
use crate::plan::testing::*;
use crate::request::OnViolation;

type Case =
    (&'static str, MemorySnapshot, Vec<TestFile>, &'static str, &'static [&'static str], &'static [&'static str]);

fn check(cases: impl IntoIterator<Item = Case>, policy: Policy) {
    for (name, snapshot, files, rows, changes, codes) in cases {
        let seen = seen(snapshot, &files, policy);
        assert_eq!(seen.rows, rows, "{name}: {seen:?}");
        assert_eq!(seen.changes, changes, "{name}");
        assert_eq!(seen.codes, codes, "{name}");
    }
}

/// A baseline of the customer with that number and name.
fn known(n: u32, name: &str) -> MemorySnapshot {
    let mut baseline = baseline_of(CUSTOMER.len(), &[(at::NAME, Value::Text(name.to_owned()))], day(5, 1), 80);
    baseline.listed = true;
    let baseline = stored_baseline(Kind::CUSTOMER, SOURCE, CustomerKey::new(n.into()), &baseline);
    world().with_customer(stored_customer(n, name), vec![baseline])
}

#[test]
fn rows_are_screened_before_anything_is_planned() {
    let mut foreign = stored_subscription(1, 9, 5);
    foreign.seller_id = OTHER;
    let mut direct = world();
    direct.accounts.push(account(OTHER, PartnerType::DirectBill, "2000001"));
    let cases: [Case; 5] = [
        (
            "two customers for one subscription",
            world(),
            vec![charges(&[(1, 1, 5, "", 1), (2, 1, 5, "", 2), (1, 2, 5, "", 1)])],
            "cca",
            &["CUSTOMER 1", "SUBSCRIPTION 2"],
            &["conflict.rows", "conflict.rows"],
        ),
        (
            "two resellers at the same time",
            world(),
            vec![charges(&[(1, 1, 5, "2000001", 1), (1, 1, 5, "2000002", 1)])],
            "cc",
            &[],
            &["conflict.rows", "conflict.rows"],
        ),
        (
            "another partner's subscription",
            world().with_subscription(foreign, vec![]),
            vec![charges(&[(1, 1, 5, "", 1), (1, 2, 5, "", 1)])],
            "ra",
            &["CUSTOMER 1", "SUBSCRIPTION 2"],
            &["subscription.id.unavailable"],
        ),
        (
            "a reseller that is none",
            direct,
            vec![charges(&[(1, 1, 5, "2000001", 1), (1, 2, 5, "", 1)])],
            "ra",
            &["CUSTOMER 1", "SUBSCRIPTION 2"],
            &["reseller.not_a_reseller"],
        ),
        (
            "nothing is wrong",
            world(),
            vec![list(&[(1, "Firm", "")])],
            "a",
            &["CUSTOMER 1"],
            &["customer.country.unknown"],
        ),
    ];
    check(cases, HOLD);
}

#[test]
fn customers_are_created_changed_left_and_not_taken_in() {
    let removed = |on| {
        let mut row = stored_customer(1, "Firm");
        (row.relationship, row.relationship_removed_at) = (None, Some(on));
        world().with_customer(row, vec![])
    };
    let abroad = || {
        let mut row = stored_customer(1, "Firm");
        row.record.as_mut().unwrap().columns.country = Some("US".parse().unwrap());
        world().with_customer(row, vec![])
    };
    let mut of_partner = stored_customer(1, "Firm");
    of_partner.kind = TenantKind::Partner;
    let cases: [Case; 9] = [
        ("it is as it was", known(1, "Firm"), vec![list(&[(1, "Firm", "")])], "a", &[], &[]),
        (
            "another name",
            known(1, "Firm"),
            vec![list(&[(1, "New firm", "")])],
            "a",
            &["CUSTOMER 1 companyName Firm > New firm"],
            &[],
        ),
        (
            "an older file",
            known(1, "Firm"),
            vec![TestFile { as_of: day(4, 1), ..list(&[(1, "Old firm", "")]) }],
            "m",
            &[],
            &["row.superseded"],
        ),
        (
            "twice the same",
            known(1, "Firm"),
            vec![list(&[(1, "Firm", ""), (1, "Firm", "")])],
            "am",
            &[],
            &["row.merged"],
        ),
        (
            "two tenants with one domain",
            world(),
            vec![list(&[(1, "One", "firm.example"), (2, "Two", "firm.example")])],
            "aa",
            &["CUSTOMER 1", "CUSTOMER 2"],
            &[
                "customer.country.unknown",
                "customer.domain.shared",
                "customer.country.unknown",
                "customer.domain.shared",
            ],
        ),
        ("another region", abroad(), vec![list(&[(1, "Firm", "")])], "r", &[], &["customer.region"]),
        (
            "a partner's tenant",
            world().with_customer(of_partner, vec![]),
            vec![list(&[(1, "Firm", "")])],
            "r",
            &[],
            &["customer.is_partner_tenant"],
        ),
        (
            "the relationship was ended later",
            removed(day(6, 2)),
            vec![list(&[(1, "Firm", "")])],
            "m",
            &[],
            &["row.superseded"],
        ),
        (
            "the relationship was ended before",
            removed(day(5, 2)),
            vec![list(&[(1, "Firm", "")])],
            "a",
            &["RELATIONSHIP 1"],
            &[],
        ),
    ];
    check(cases, HOLD);
    let flagged: Case = (
        "another region, imported nevertheless",
        abroad(),
        vec![list(&[(1, "Firm", "")])],
        "a",
        &["CUSTOMER 1 newBusinessBlocked - > Q-14"],
        &["customer.region"],
    );
    check([flagged], Policy { on_violation: OnViolation::Flag, ..HOLD });
}

#[test]
fn a_complete_list_shows_what_is_absent() {
    let other = || {
        let mut snapshot = known(1, "Firm");
        snapshot.customers.extend(known(2, "Gone").customers);
        snapshot
    };
    let mut partial = other();
    for found in partial.customers.values_mut() {
        found.baselines.clear();
    }
    let cases: [(&str, MemorySnapshot, TestFile, u64, u64); 4] = [
        ("it lacks one", other(), list(&[(1, "Firm", "")]), 1, 1),
        ("it has both", other(), list(&[(1, "Firm", ""), (2, "Gone", "")]), 0, 0),
        ("no complete list had it", partial, list(&[(1, "Firm", "")]), 0, 0),
        ("a format that is never complete", other(), charges(&[(1, 1, 5, "", 1)]), 0, 0),
    ];
    for (name, snapshot, file, absent, marked) in cases {
        let plan = planned(snapshot, &[file], HOLD);
        assert_eq!((plan.absences.customers_total, plan.ops.absences.count()), (absent, marked), "{name}");
    }
}

#[test]
fn a_plan_keeps_what_it_was_made_at_and_names_new_sources() {
    let file = TestFile { source: "a portal that is new", ..list(&[(1, "Firm", "")]) };
    let plan = planned(world(), &[file, list(&[(2, "Firm", "")])], HOLD);
    assert_eq!((plan.event.get(), plan.base.customer.get(), plan.changes), (7, 100, 2));
    let touched = [101, 102].map(CustomerKey::new).to_vec();
    assert_eq!((plan.microsofts, plan.touched), (vec![ImportSourceKey::new(11), SOURCE], touched));
    assert_eq!(plan.ops.sources.count(), 1);
}

#[test]
fn relationship_lists_make_prolong_and_end_grants() {
    let current = |end, revoked_at| {
        let mut snapshot = known(1, "Firm");
        let (granted_at, end_at) = (day(1, 1), Some(day(12, end)));
        let external_id = "rel-1".to_owned();
        let (id, customer_id) = (GrantKey::new(9), CustomerKey::new(1));
        snapshot.grants.push(StoredGrant { id, customer_id, external_id, granted_at, end_at, revoked_at });
        snapshot
    };
    let cases: [(&str, MemorySnapshot, &str, &[&str]); 6] = [
        ("one that is not known", known(1, "Firm"), "Active", &["DELEGATED_ADMIN rel-1"]),
        ("one that the customer has not approved", known(1, "Firm"), "approvalPending", &[]),
        ("as it was", current(20, None), "Active", &[]),
        (
            "a later end date",
            current(10, None),
            "Active",
            &["DELEGATED_ADMIN rel-1 endDateTime 2024-12-10 00:00:00 > 2024-12-20 00:00:00"],
        ),
        ("it was ended", current(20, None), "Terminated", &["DELEGATED_ADMIN rel-1 revokedAt - > 2024-06-02 00:00:00"]),
        ("it had ended", current(20, Some(day(5, 1))), "Active", &[]),
    ];
    for (name, snapshot, status, changes) in cases {
        let seen = seen(snapshot, &[relationship(1, "Firm", status)], HOLD);
        assert_eq!(
            (seen.rows.as_str(), seen.changes),
            ("a", changes.iter().map(|one| (*one).to_owned()).collect()),
            "{name}"
        );
    }
}
