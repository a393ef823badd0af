//! The history of partners of record after changes.

use partnergraph_store::Backend;
use partnergraph_store::imports::history;
use partnergraph_store::write::subscriptions;
use rstest::rstest;
use serde_json::{Value, json};

use crate::mutations::world::World;
use crate::support::{Partner, Postgres, Role, Sqlite, Subscription, moment, operation};

fn periods(world: &World, token: &str, subscription: &Subscription) -> Vec<Value> {
    let by = json!({"by": {"subscriptionId": subscription.subscription_id}});
    let data = world.api.data(token, &operation("PartnerOfRecordHistory"), by);
    data["customerSubscription"]["partnerOfRecordHistory"].as_array().unwrap().clone()
}

/// Sets the partner of record of the world's subscription from that hour on.
fn set(world: &World, hour: i64, reseller: Option<&Partner>) {
    let row = world.stored();
    world.graph.write(|conn, actor, _| {
        let now = moment() + chrono::TimeDelta::hours(hour);
        subscriptions::set_partner_of_record(conn, actor, now, &row, reseller.map(|reseller| reseller.id))
    });
}

fn at(hour: i64) -> String {
    let at = moment() + chrono::TimeDelta::hours(hour);
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn period(reseller: &Partner, from: Option<i64>, to: Option<i64>) -> Value {
    let source = json!({"kind": "MUTATION", "run": null, "user": "command line"});
    json!({"mpnId": reseller.mpn_id.to_string(), "name": reseller.name, "from": from.map(at), "to": to.map(at), "source": source})
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn periods_follow_each_other_and_a_gap_is_a_period_without_partner_of_record(#[case] backend: Backend) {
    let world = World::on(backend);
    let other = world.graph.reseller("Litware").partner_of(&world.provider).add();
    assert_eq!(periods(&world, &world.token, &world.subscription), [] as [Value; 0]);
    set(&world, 1, Some(&world.reseller));
    set(&world, 2, Some(&other));
    set(&world, 3, None);
    set(&world, 5, Some(&other));
    let all =
        [period(&world.reseller, Some(1), Some(2)), period(&other, Some(2), Some(3)), period(&other, Some(5), None)];
    assert_eq!(periods(&world, &world.token, &world.subscription), all);
    let customer = world.graph.customer_token(&world.customer);
    assert_eq!(periods(&world, &customer, &world.subscription), all);
    // A reseller reads only its own periods (B-14).
    let token = world.graph.token(&other, &[Role::AdminAgent]);
    assert_eq!(periods(&world, &token, &world.subscription), all[1..]);
    // A change to the current value adds nothing, and clearing leaves no open period.
    set(&world, 6, Some(&other));
    assert_eq!(periods(&world, &world.token, &world.subscription), all);
    set(&world, 7, None);
    assert_eq!(periods(&world, &world.token, &world.subscription)[2], period(&other, Some(5), Some(7)));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn two_changes_at_the_same_time_leave_no_empty_period(#[case] backend: Backend) {
    let world = World::on(backend);
    let other = world.graph.reseller("Litware").partner_of(&world.provider).add();
    set(&world, 1, Some(&other));
    set(&world, 1, Some(&world.reseller));
    assert_eq!(periods(&world, &world.token, &world.subscription), [period(&world.reseller, Some(1), None)]);
    set(&world, 1, None);
    assert_eq!(periods(&world, &world.token, &world.subscription), [] as [Value; 0]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_order_starts_the_first_period(#[case] backend: Backend) {
    let world = World::on(backend);
    let sold = world.graph.subscription(&world.provider, &world.customer).reseller(&world.reseller).add();
    assert_eq!(periods(&world, &world.token, &sold), [period(&world.reseller, Some(0), None)]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_history_still_names_the_run_after_a_user_changes_an_imported_value(#[case] backend: Backend) {
    let world = World::on(backend);
    let run = world.graph.write(|conn, actor, now| {
        let mode = partnergraph_domain::ImportMode::Apply;
        partnergraph_store::imports::runs::create(conn, world.provider.id, &actor.user_principal_name, mode, "{}", now)
    });
    let reseller = world.reseller.id;
    let pk = world.subscription.pk;
    world.graph.write(|conn, _, _| {
        conn.batch(&format!(
            "UPDATE subscriptions SET reseller_id = {reseller}, partner_of_record_since = NULL, partner_of_record_run = {run} \
             WHERE id = {pk}"
        ))
    });
    set(&world, 2, None);
    let found = periods(&world, &world.token, &world.subscription);
    assert_eq!((found[0]["from"].clone(), found[0]["to"].clone()), (Value::Null, json!(at(2))));
    assert_eq!((&found[0]["source"]["kind"], &found[0]["source"]["user"]), (&json!("IMPORT"), &Value::Null));
    assert!(found[0]["source"]["run"]["id"].is_string());
    // The run belongs to the provider: the customer reads that it was an import, but not which one.
    let customer = world.graph.customer_token(&world.customer);
    let seen = periods(&world, &customer, &world.subscription);
    assert_eq!(seen[0]["source"], json!({"kind": "IMPORT", "run": null, "user": null}));

    let stored = world.graph.write(|conn, _, _| history::list(conn, &[pk]));
    assert_eq!((stored.len(), stored[0].run_id, stored[0].set_by.clone()), (1, Some(run), None));
    world.graph.write(|conn, _, _| history::forget(conn, &[pk]));
    assert!(world.graph.write(|conn, _, _| history::list(conn, &[pk])).is_empty());
}
