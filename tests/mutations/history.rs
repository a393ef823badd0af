use diesel::QueryableByName;
use diesel::sql_types::Text;
use partnergraph_store::Backend;
use partnergraph_store::sql::sql;
use rstest::rstest;
use serde_json::{Value, json};

use crate::mutations::world::World;
use crate::support::{Partner, Postgres, Sqlite, Verbs};
use partnergraph_domain::PartnerKey;

#[derive(QueryableByName, Debug, PartialEq, Eq)]
struct Event {
    #[diesel(sql_type = Text)]
    operation_type: String,
    #[diesel(sql_type = Text)]
    changes: String,
}

/// The history of the subscription as that partner sees it, or as the customer does if there is none. Oldest first.
fn seen_by(world: &World, viewer: Option<PartnerKey>) -> Vec<(String, Value)> {
    let query =
        sql("SELECT e.operation_type, e.changes FROM audit_events e JOIN audit_event_viewers v ON v.event_id = e.id \
                     WHERE e.subscription_pk = ")
        .bind(world.subscription.pk)
        .push(" AND e.operation_type <> 'CREATE_ORDER' AND v.viewer_partner_id = ")
        .bind(viewer.map_or(0, PartnerKey::get))
        .push(" ORDER BY e.id");
    let events: Vec<Event> = world.graph.database.connect().rows(&query).unwrap();
    events.into_iter().map(|event| (event.operation_type, serde_json::from_str(&event.changes).unwrap())).collect()
}

fn change(before: Option<&Partner>, after: Option<&Partner>) -> Value {
    let mpn_id = |partner: Option<&Partner>| partner.map(|partner| partner.mpn_id.to_string());
    json!([{"field": "partnerOfRecord", "before": mpn_id(before), "after": mpn_id(after)}])
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn each_change_is_one_event_with_before_and_after(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let other = world.graph.reseller("Litware").partner_of(&world.provider).add();
    as_provider.associate(&world.subscription, &world.reseller);
    as_provider.associate(&world.subscription, &world.reseller);
    as_provider.associate(&world.subscription, &other);
    as_provider.dissociate(&world.subscription);
    let associated = ("CREATE_MPN_ASSOCIATION".to_owned(), change(None, Some(&world.reseller)));
    let replaced = ("UPDATE_MPN_ASSOCIATION".to_owned(), change(Some(&world.reseller), Some(&other)));
    let dissociated = ("REMOVE_MPN_ASSOCIATION".to_owned(), change(Some(&other), None));

    let all = vec![associated.clone(), replaced.clone(), dissociated.clone()];
    assert_eq!(seen_by(&world, Some(world.provider.id)), all);
    assert_eq!(seen_by(&world, None), all);
    // Both resellers are notified when one replaces the other; neither reads the other's name, see `tests/history`.
    assert_eq!(seen_by(&world, Some(world.reseller.id)), [associated, replaced.clone()]);
    assert_eq!(seen_by(&world, Some(other.id)), [replaced, dissociated]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_refused_or_validated_mutation_records_no_event(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    world.graph.end_partnership(&world.provider, &world.reseller);
    as_provider.associate(&world.subscription, &world.reseller);
    as_provider.assign_support_contact(&world.subscription, &world.reseller);
    let other = world.graph.reseller("Litware").partner_of(&world.provider).add();
    as_provider.validating().associate(&world.subscription, &other);
    assert_eq!(seen_by(&world, Some(world.provider.id)), []);
}
