//! `moveReseller`: what a reseller has goes to another or to nobody, as a run that is planned, applied and reverted.

use partnergraph_store::{Backend, derive};
use rstest::rstest;
use serde_json::{Value, json};

use crate::mutations::imports::finished_run;
use crate::mutations::moved::{Book, RUN, book};
use crate::mutations::world::{codes, errors, rules};
use crate::support::{Named, Partner, Postgres, Role, Sqlite, Verbs};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_plan_shows_everything_and_is_applied_exactly_and_reverted(#[case] backend: Backend) {
    let Book { world, successor, both, fixed, plan, second } = book(backend);
    let before = world.tables();
    let (id, run) = world.moved(Some(&successor), "PLAN", json!({}));
    assert_eq!(run["status"], "PLANNED", "{run:#}");
    assert_eq!(world.tables(), before, "a plan changes nothing");
    let refused = json!([{"rule": "B-03", "message": run["issues"]["nodes"][0]["message"], "rows": 1}]);
    let expected = json!({
        "from": {"name": "Fabrikam"}, "fromMpnId": world.reseller.mpn_id.to_string(),
        "to": {"name": "Tailspin"}, "toMpnId": successor.mpn_id.to_string(),
        "what": ["PARTNER_OF_RECORD", "SUPPORT_CONTACT", "ACCOUNT"], "errorPolicy": "REJECT_FAILED_ROWS",
        "customers": 2, "subscriptions": 1, "entitlements": 1, "supportContacts": 1, "accounts": 2, "licenses": 5,
        "endingSoon": 0, "fixed": 1, "refused": refused,
    });
    assert_eq!(run["move"], expected, "{run:#}");
    assert_eq!(run["rows"], json!({"read": 6, "applied": 5, "rejected": 1}));
    assert_eq!(run["issues"]["nodes"][0]["value"], json!(fixed.subscription_id));
    assert_eq!(run["changes"]["totalCount"], 5);

    assert_eq!(errors(&world.apply(&id)), [] as [Value; 0]);
    assert_eq!(world.move_run(&id)["status"], "APPLIED");
    let held = world.holders(&both);
    assert_eq!(held["partnerOfRecord"]["name"], "Tailspin");
    assert_eq!(held["supportContact"]["name"], "Tailspin");
    let periods = held["partnerOfRecordHistory"].as_array().unwrap();
    assert_eq!(periods.len(), 2, "{held:#}");
    let own = periods.iter().find(|period| period["name"] == "Tailspin").unwrap();
    assert_eq!((&own["source"]["kind"], &own["source"]["run"]["id"]), (&json!("MUTATION"), &id));
    assert_eq!(world.holders(&fixed)["partnerOfRecord"]["name"], "Fabrikam");
    let entitlements = "query($by: SubscriptionLookup!) { customerSubscription(by: $by) { entitlements { nodes { partnerOfRecord { name } } } } }";
    let found = world.api.data(&world.token, entitlements, json!({"by": plan.lookup()}));
    assert_eq!(found["customerSubscription"]["entitlements"]["nodes"][0]["partnerOfRecord"]["name"], "Tailspin");
    let sees = |partner: &Partner| {
        let token = world.graph.token(partner, &[Role::AdminAgent]);
        let query = "{ customers { nodes { companyName subscriptions { totalCount } } } }";
        world.api.data(&token, query, json!({}))["customers"]["nodes"].clone()
    };
    assert_eq!(sees(&successor).as_array().unwrap().len(), 2);
    // Of what it had, the reseller keeps the reservation.
    assert_eq!(sees(&world.reseller), json!([{"companyName": "Contoso", "subscriptions": {"totalCount": 1}}]));
    let shared = json!({"companyName": second.company_name, "subscriptions": {"totalCount": 1}});
    assert!(sees(&successor).as_array().unwrap().contains(&shared));

    let reverted = world.revert(&id);
    assert_eq!((&reverted["restored"], &reverted["removed"], &reverted["kept"]), (&json!(5), &json!(0), &json!(0)));
    assert_eq!(world.tables(), before);
    assert_eq!(world.move_run(&id)["changes"]["totalCount"], 10);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn nobody_takes_the_place(#[case] backend: Backend) {
    let Book { world, both, .. } = book(backend);
    let before = world.tables();
    let (id, run) = world.moved(None, "APPLY", json!({}));
    assert_eq!(
        (&run["status"], &run["move"]["to"], &run["move"]["toMpnId"]),
        (&json!("APPLIED"), &json!(null), &json!(null))
    );
    let held = world.holders(&both);
    assert_eq!(held["partnerOfRecord"], json!(null));
    assert_eq!(held["supportContact"]["name"], "Northwind");
    world.revert(&id);
    assert_eq!(world.tables(), before);
    // An omitted reseller is not nobody.
    let input =
        json!({"from": world.reseller.lookup(), "what": "ACCOUNT", "mode": "PLAN", "errorPolicy": "REJECT_EVERYTHING"});
    let refused = world.as_provider().perform("MoveReseller", input);
    assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec!["BAD_INPUT".to_owned()], &json!(["to"])));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn all_or_nothing_if_asked(#[case] backend: Backend) {
    let Book { world, successor, .. } = book(backend);
    let before = world.tables();
    for mode in ["PLAN", "APPLY"] {
        let (id, run) = world.moved(Some(&successor), mode, json!({"errorPolicy": "REJECT_EVERYTHING"}));
        assert_eq!((&run["status"], &run["errorCode"]), (&json!("FAILED"), &json!("move.refused")), "{run:#}");
        assert_eq!(run["errorMessage"], "rules refuse 1 of 6 rows; nothing was moved");
        assert_eq!((&run["issues"]["nodes"][0]["rule"], &run["changes"]["totalCount"]), (&json!("B-03"), &json!(0)));
        assert_eq!(codes(&world.apply(&id)), ["RUN_NOT_PLANNED"]);
    }
    assert_eq!(world.tables(), before);
    let parts = json!({"errorPolicy": "REJECT_EVERYTHING", "what": ["SUPPORT_CONTACT"]});
    let (_, run) = world.moved(Some(&successor), "APPLY", parts);
    assert_eq!((&run["status"], &run["rows"]["applied"]), (&json!("APPLIED"), &json!(1)));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_filter_takes_an_account_only_as_a_whole(#[case] backend: Backend) {
    let Book { world, successor, both, second, .. } = book(backend);
    let third = world.graph.customer(&world.provider, "Relecloud");
    world.graph.association(&world.provider, &third, &world.reseller);
    let moved = |filter: Value| {
        let (_, run) = world.moved(Some(&successor), "PLAN", json!({ "filter": filter }));
        let totals = &run["move"];
        ["customers", "subscriptions", "entitlements", "supportContacts", "accounts", "fixed"]
            .map(|name| totals[name].as_i64().unwrap())
    };
    assert_eq!(moved(json!(null)), [3, 1, 1, 1, 3, 1], "an account without a subscription belongs to everything");
    assert_eq!(moved(json!({"subscriptionId": {"eq": both.subscription_id}})), [1, 1, 0, 1, 0, 0]);
    assert_eq!(moved(json!({"customer": {"companyName": {"startsWith": "Con"}}})), [1, 1, 0, 1, 1, 1]);
    assert_eq!(moved(json!({"customer": {"tenantId": {"eq": second.tenant_id}}})), [1, 0, 1, 0, 1, 0]);
    assert_eq!(moved(json!({"customer": {"tenantId": {"eq": third.tenant_id}}})), [0, 0, 0, 0, 0, 0]);
    assert_eq!(moved(json!({"customer": {"companyName": {"eq": "Nobody"}}})), [0, 0, 0, 0, 0, 0]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_plan_is_stale_once_something_of_it_has_changed(#[case] backend: Backend) {
    type Change = fn(&Book);
    let changes: [(&str, Change); 6] = [
        ("a subscription was edited", |book| {
            book.world.as_provider().update_subscription(&book.both, json!({"friendlyName": "Office"}));
        }),
        ("a reservation became one", |book| {
            let mut conn = book.world.graph.database.connect();
            conn.batch(&format!("UPDATE subscriptions SET partner_of_record_fixed = true WHERE id = {}", book.both.pk))
                .unwrap();
        }),
        ("the customer was left", |book| book.world.graph.end_relationship(&book.world.provider, &book.second)),
        ("the new reseller left", |book| book.world.graph.end_partnership(&book.world.provider, &book.successor)),
        ("the account was taken away", |book| {
            book.world.as_provider().dissociate_account(&book.second, &book.world.reseller);
        }),
        ("the reseller got more of a customer whose account moves", |book| {
            let graph = &book.world.graph;
            graph.subscription(&book.world.provider, &book.second).quantity(1).reseller(&book.world.reseller).add();
        }),
    ];
    for (name, change) in changes {
        let book = book(backend);
        let (id, run) = book.world.moved(Some(&book.successor), "PLAN", json!({}));
        assert_eq!(run["status"], "PLANNED", "{name}");
        change(&book);
        let before = book.world.tables();
        assert_eq!(codes(&book.world.apply(&id)), ["PLAN_STALE"], "{name}");
        assert_eq!(book.world.tables(), before, "{name}");
        assert_eq!(book.world.move_run(&id)["errorCode"], "plan.stale", "{name}");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_revert_leaves_what_has_changed_since(#[case] backend: Backend) {
    let Book { world, successor, both, .. } = book(backend);
    let third = world.graph.reseller("Proseware").partner_of(&world.provider).add();
    let (id, _) = world.moved(Some(&successor), "APPLY", json!({}));
    world.as_provider().associate(&both, &third);
    let reverted = world.revert(&id);
    assert_eq!((&reverted["restored"], &reverted["kept"]), (&json!(4), &json!(1)), "{reverted:#}");
    let held = world.holders(&both);
    assert_eq!(
        (&held["partnerOfRecord"]["name"], &held["supportContact"]["name"]),
        (&json!("Proseware"), &json!("Fabrikam"))
    );
    let run = world.move_run(&id);
    let kept: Vec<_> =
        run["issues"]["nodes"].as_array().unwrap().iter().filter(|issue| issue["code"] == "revert.kept").collect();
    assert_eq!((kept.len(), &kept[0]["value"]), (1, &json!(both.subscription_id)));
    assert_eq!(codes(&world.revert(&id)), ["RUN_NOT_APPLIED"]);
}

/// The successor waited for an invitation to a customer that only another portal had reported (C-25). The provider assigns it, so it no longer
/// waits; after a revert it waits again.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_customer_that_waited_for_an_invitation_waits_again(#[case] backend: Backend) {
    let Book { world, successor, .. } = book(backend);
    let (reseller, customer) = (successor.id, world.customer.id);
    world.graph.write(|conn, _, _| {
        conn.batch(&format!(
            "INSERT INTO awaiting_invitation (reseller_id, customer_id, since) VALUES ({reseller}, {customer}, '2026-02-01 00:00:00')"
        ))?;
        derive::refresh_customers(conn, &[customer])
    });
    let before = world.tables();
    assert!(before.iter().any(|line| line.starts_with("awaiting")));
    let (id, _) = world.moved(Some(&successor), "APPLY", json!({}));
    assert!(!world.tables().iter().any(|line| line.starts_with("awaiting")));
    world.revert(&id);
    assert_eq!(world.tables(), before);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_history_names_each_change_for_those_who_may_know(#[case] backend: Backend) {
    let Book { world, successor, both, .. } = book(backend);
    let (id, _) = world.moved(Some(&successor), "APPLY", json!({"what": ["PARTNER_OF_RECORD", "ACCOUNT"]}));
    let query = "query($f: AuditEventFilter) { auditEvents(filter: $f) { nodes { operationType subscriptionId customerName subject { __typename } \
         changes { field before after } } } }";
    let read = |token: &str, filter: Value| {
        let found = world.api.data(token, query, json!({ "f": filter }))["auditEvents"]["nodes"].clone();
        found.as_array().unwrap().clone()
    };
    let (from, to) = (json!(world.reseller.mpn_id.to_string()), json!(successor.mpn_id.to_string()));
    let of_run = read(&world.token, json!({ "run": id }));
    assert_eq!(of_run.len(), 6, "one for each partner of record, two for each account: {of_run:#?}");
    let of_both =
        read(&world.token, json!({"run": id, "subscription": {"subscriptionId": {"eq": both.subscription_id}}}));
    assert_eq!(of_both.len(), 1);
    assert_eq!(of_both[0]["changes"], json!([{"field": "partnerOfRecord", "before": from, "after": to}]));
    assert_eq!(
        (&of_both[0]["operationType"], &of_both[0]["subject"]["__typename"]),
        (&json!("UPDATE_MPN_ASSOCIATION"), &json!("CustomerSubscription"))
    );
    // Who loses reads what it lost, and not to whom; who gains does not read from whom (B-14).
    for (partner, before, after) in [(&world.reseller, &from, &json!(null)), (&successor, &json!(null), &to)] {
        let token = world.graph.token(partner, &[Role::AdminAgent]);
        let own = read(&token, json!({"subscription": {"subscriptionId": {"eq": both.subscription_id}}}));
        let own: Vec<_> = own.iter().filter(|record| record["operationType"] == "UPDATE_MPN_ASSOCIATION").collect();
        assert_eq!(own.len(), 1, "{}", partner.mpn_id);
        assert_eq!(own[0]["customerName"], "Contoso");
        assert_eq!(own[0]["changes"], json!([{"field": "partnerOfRecord", "before": before, "after": after}]));
        let accounts = read(
            &token,
            json!({"operationType": {"in": ["CREATE_CUSTOMER_ASSOCIATION", "REMOVE_CUSTOMER_ASSOCIATION"]}}),
        );
        assert!(!accounts.is_empty());
    }
    world.revert(&id);
    assert_eq!(read(&world.token, json!({ "run": id })).len(), 12);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_a_providers_admins_move_and_only_to_its_partners(#[case] backend: Backend) {
    let Book { world, successor, .. } = book(backend);
    let input = |from: &Partner, to: &Partner| json!({"from": from.lookup(), "to": to.lookup(), "what": ["PARTNER_OF_RECORD"], "mode": "PLAN", "errorPolicy": "REJECT_EVERYTHING"});
    let by = |token: &str, input: Value| world.as_user(token).perform("MoveReseller", input);
    let sales = world.graph.token(&world.provider, &[Role::SalesAgent]);
    assert_eq!(rules(&by(&sales, input(&world.reseller, &successor))), ["A-02"]);
    let reseller = world.graph.token(&world.reseller, &[Role::GlobalAdmin]);
    assert_eq!(rules(&by(&reseller, input(&world.reseller, &successor))), ["A-01"]);
    let rival = world.graph.provider("Litware").add();
    let rivals = world.graph.token(&rival, &[Role::GlobalAdmin]);
    let refused = by(&rivals, input(&world.reseller, &successor));
    assert_eq!((codes(&refused), &refused["userErrors"][0]["field"]), (vec!["NOT_FOUND".to_owned()], &json!(["from"])));
    let stranger = world.graph.reseller("Adatum").add();
    let refused = by(&world.token, input(&world.reseller, &stranger));
    assert_eq!(refused["userErrors"][0]["field"], json!(["to"]));
    assert!(rules(&refused).contains(&"P-06".to_owned()), "{refused:#}");
    assert_eq!(codes(&by(&world.token, input(&world.reseller, &world.reseller))), ["BAD_INPUT"]);
    let operator = world.graph.operator_token();
    assert_eq!(codes(&by(&operator, input(&world.reseller, &successor))), ["BAD_INPUT"], "for whom?");
    let mut for_provider = input(&world.reseller, &successor);
    for_provider["as"] = world.provider.lookup();
    for_provider["errorPolicy"] = json!("REJECT_FAILED_ROWS");
    let started = by(&operator, for_provider);
    assert_eq!(finished_run(&world, &started)["status"], "PLANNED");
    // A customer reads nothing of it, and a plan is not seen by another provider.
    for token in [rivals, world.graph.customer_token(&world.customer)] {
        let found = world.api.response(&token, RUN, json!({"id": started["importRun"]["id"]}));
        assert_eq!(found["data"]["importRun"], json!(null));
    }
}

/// A partnership that has ended does not stop its reseller from being replaced.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_whose_partnership_has_ended_is_found(#[case] backend: Backend) {
    let Book { world, successor, both, .. } = book(backend);
    world.graph.end_partnership(&world.provider, &world.reseller);
    let key = json!({"idempotencyKey": "leaving"});
    let (id, run) = world.moved(Some(&successor), "APPLY", key.clone());
    assert_eq!(run["status"], "APPLIED", "{run:#}");
    assert_eq!(run["move"]["fromMpnId"], json!(world.reseller.mpn_id.to_string()));
    assert_eq!(world.holders(&both)["partnerOfRecord"]["name"], "Tailspin");
    assert_eq!(world.try_move(Some(&successor), "APPLY", key)["importRun"]["id"], id);
    let checked = world.try_move(Some(&successor), "APPLY", json!({"validateOnly": true}));
    assert_eq!((errors(&checked), &checked["importRun"]), (Vec::new(), &json!(null)));
}
