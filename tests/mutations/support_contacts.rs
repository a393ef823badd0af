use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::mutations::world::{World, errors, rules};
use crate::support::{Postgres, Role, Sqlite, Verbs};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_support_contact_is_independent_of_the_partner_of_record(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    as_provider.associate(&world.subscription, &world.reseller);
    let other = world.graph.reseller("Litware").partner_of(&world.provider).add();
    let payload = as_provider.assign_support_contact(&world.subscription, &other);
    assert_eq!(errors(&payload), [] as [Value; 0]);
    let stored = world.stored();
    assert_eq!((stored.reseller_id, stored.support_contact_id), (Some(world.reseller.id), Some(other.id)));

    let cleared = as_provider.clear_support_contact(&world.subscription);
    assert_eq!(errors(&cleared), [] as [Value; 0]);
    let stored = world.stored();
    assert_eq!((stored.reseller_id, stored.support_contact_id, stored.version), (Some(world.reseller.id), None, 4));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_seller_itself_is_the_default_contact(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let before = world.stored();
    let unchanged = as_provider.assign_support_contact(&world.subscription, &world.provider);
    assert_eq!(errors(&unchanged), [] as [Value; 0]);
    assert_eq!(world.stored(), before);
    as_provider.assign_support_contact(&world.subscription, &world.reseller);
    as_provider.assign_support_contact(&world.subscription, &world.provider);
    assert_eq!(world.stored().support_contact_id, None);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_contact_needs_an_active_partnership_and_no_agreement(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let unsigned = world.graph.reseller("Litware").without_agreement().partner_of(&world.provider).add();
    assert_eq!(errors(&as_provider.assign_support_contact(&world.subscription, &unsigned)), [] as [Value; 0]);

    world.graph.end_partnership(&world.provider, &world.reseller);
    let refused = as_provider.assign_support_contact(&world.subscription, &world.reseller);
    assert!(rules(&refused).contains(&"K-02".to_owned()), "{refused:#}");
    let stranger = world.graph.reseller("Stranger").add();
    let refused = as_provider.assign_support_contact(&world.subscription, &stranger);
    assert!(rules(&refused).contains(&"K-02".to_owned()), "{refused:#}");
    assert!(errors(&refused).iter().all(|error| error["field"] == json!(["contact"])));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_sales_agent_is_allowed_and_the_helpdesk_is_not(#[case] backend: Backend) {
    let world = World::on(backend);
    let sales = world.graph.token(&world.provider, &[Role::SalesAgent]);
    let helpdesk = world.graph.token(&world.provider, &[Role::HelpdeskAgent]);
    assert_eq!(rules(&world.as_user(&helpdesk).assign_support_contact(&world.subscription, &world.reseller)), ["A-01"]);
    assert_eq!(
        errors(&world.as_user(&sales).assign_support_contact(&world.subscription, &world.reseller)),
        [] as [Value; 0]
    );
    assert_eq!(rules(&world.as_user(&helpdesk).clear_support_contact(&world.subscription)), ["A-01"]);
}
