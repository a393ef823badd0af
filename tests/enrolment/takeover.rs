use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use partnergraph_domain::{CustomerKey, ImportMode, PartnerKey};
use partnergraph_importer::{Caller, FileInput, FileRequest, ImportRequest, Report, Silent, Waiting, run};
use partnergraph_store::sql::sql;
use partnergraph_store::{Actor, derive};
use rstest::rstest;
use serde_json::{Value, json};

use crate::enrolment::world::{MPN_ID, World, form};
use crate::support::{Backend, Partner, Postgres, Role, Sqlite, moment};

const FROM_TOOL: &str = "5d1f6f0a-1111-4222-8333-944444444401";
pub(super) const FROM_PARTNER_CENTER: &str = "5d1f6f0a-1111-4222-8333-944444444402";

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

pub(super) fn number(world: &World, query: &str) -> i64 {
    let statement =
        sql(query.replacen("SELECT ", "SELECT CAST(", 1).replacen(" FROM", " AS BIGINT) AS number FROM", 1));
    world.graph.database.connect().row::<Number>(&statement).unwrap().map_or(0, |row| row.number)
}

pub(crate) fn import(world: &World, provider: &Partner, files: Vec<FileRequest>) -> Report {
    let request = ImportRequest::new(provider.id, ImportMode::Apply, files);
    let caller = Caller { actor: &Actor::command_line(), now: moment(), waiting: Waiting::Wait, run_id: None };
    run(world.graph.database.url(), &request, &caller, &Silent).unwrap()
}

/// A file of a tool, which is not a Microsoft portal.
pub(super) fn tools_file(provider: &Partner) -> FileRequest {
    let text = format!(
        "PartnerTenantId,IndirectResellerMpnId,CustomerName,CustomerTenantId,SubscriptionId,SubscriptionName,ProductName,\
         ExpirationDate,Psa,Term,BillingPlan,SeatCount,MigratedFromSubscriptionId\n\
         {},{MPN_ID},Others,{FROM_TOOL},1a000000-0000-4000-8000-000000000011,Basic,Microsoft 365 Business Basic,\
         10/31/2027 00:00:00,,P1M,Monthly,10,\n",
        provider.tenant_id
    );
    FileRequest::new(FileInput::Bytes("tool.csv".to_owned(), text.into_bytes()))
}

/// The subscriptions of a customer in a Partner Center list.
pub(crate) fn partner_center_files() -> Vec<FileRequest> {
    let customers = format!(
        "Microsoft ID,Company name,Primary domain name,Relationship\n{FROM_PARTNER_CENTER},Microsofts,microsofts.example,Cloud Reseller\n"
    );
    let subscriptions = format!(
        "Subscription ID,Subscription,Quantity,Status,Reseller\n1a000000-0000-4000-8000-000000000012,Basic,7,Active,{MPN_ID}\n"
    );
    let partial = |name: &str, text: String| FileRequest {
        partial: true,
        ..FileRequest::new(FileInput::Bytes(name.to_owned(), text.into_bytes()))
    };
    vec![
        partial("customers.csv", customers),
        FileRequest {
            customer: Some(FROM_PARTNER_CENTER.parse().unwrap()),
            ..partial("subscriptions.csv", subscriptions)
        },
    ]
}

pub(super) fn customers(world: &World, token: &str, filter: Value) -> Vec<String> {
    let query = "query($f: CustomerFilter) { customers(filter: $f) { nodes { companyName } } }";
    let data = world.api.data(token, query, json!({"f": filter}));
    let nodes = data["customers"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["companyName"].as_str().unwrap().to_owned()).collect()
}

fn resellers(world: &World, token: &str) -> Value {
    let query = "{ indirectResellers { edges { partnership { state } node { name mpnId status { onboarded } } } } }";
    world.api.data(token, query, json!({}))["indirectResellers"]["edges"].clone()
}

pub(super) fn account(world: &World) -> PartnerKey {
    let query = format!("SELECT id FROM partners WHERE mpn_id = '{MPN_ID}' AND tenant_id IS NOT NULL");
    PartnerKey::new(number(world, &query))
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_entitlement_of_the_placeholder_then_refers_to_the_account(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    import(&world, &provider, partner_center_files());
    // From here on only the entitlement refers to the placeholder.
    world.graph.write(|conn, _, _| {
        conn.batch(
            "INSERT INTO entitlements (subscription_pk, entitlement_id, reseller_id, version, created_at, updated_at) \
             SELECT id, 'e-1', reseller_id, 1, created_at, updated_at FROM subscriptions; \
             UPDATE subscriptions SET reseller_id = NULL",
        )?;
        derive::rebuild(conn)
    });
    world.enroll(form());
    world.verify(true, true);
    world.authorize_takeover();
    let moved = format!("SELECT SUM(version) FROM entitlements WHERE reseller_id = {}", account(&world));
    assert_eq!(number(&world, &moved), 2);
    assert_eq!(customers(&world, &world.token, json!({})), ["Microsofts"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_authorised_account_takes_over_the_placeholder(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    let provider_token = world.graph.token(&provider, &[Role::AdminAgent]);
    import(&world, &provider, partner_center_files());
    import(&world, &provider, vec![tools_file(&provider)]);
    world.enroll(form());
    world.verify(true, true);
    // While the enrolment is pending, nothing is moved, and imports still refer to the placeholder.
    assert_eq!(customers(&world, &world.token, json!({})), [] as [&str; 0]);
    assert_eq!(resellers(&world, &provider_token)[0]["node"]["status"]["onboarded"], false);
    let again = import(&world, &provider, partner_center_files());
    assert_eq!((again.resellers.created, again.subscriptions.unchanged), (0, 1));
    let versions = number(&world, "SELECT SUM(version) FROM subscriptions");
    world.authorize_takeover();

    let listed = resellers(&world, &provider_token);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(
        listed[0],
        json!({"partnership": {"state": "IMPORTED"},
        "node": {"name": "Fabrikam Sp. z o.o.", "mpnId": MPN_ID.to_string(), "status": {"onboarded": true}}})
    );
    assert_eq!(number(&world, "SELECT SUM(version) FROM subscriptions"), versions + 2);
    let placeholders = "SELECT COUNT(*) FROM partners WHERE tenant_id IS NULL AND removed_at IS NULL";
    assert_eq!(number(&world, placeholders), 0);
    // C-24: customers reported by Microsoft portals appear; C-25: those reported only by others wait.
    assert_eq!(customers(&world, &world.token, json!({})), ["Microsofts"]);
    let of_reseller = json!({"indirectReseller": {"mpnId": {"eq": MPN_ID.to_string()}}});
    assert_eq!(customers(&world, &provider_token, of_reseller), ["Microsofts", "Others"]);
    let events = number(
        &world,
        &format!(
            "SELECT COUNT(*) FROM audit_events WHERE operation_type = 'UPDATE_PARTNER' AND partner_id = {} AND changes LIKE '%onboarded%'",
            account(&world)
        ),
    );
    assert_eq!(events, 1);
    // From now on imports refer to the account.
    let after = import(&world, &provider, partner_center_files());
    assert_eq!((after.resellers.created, after.subscriptions.unchanged), (0, 1));

    // An assignment by the provider itself makes the customer visible.
    let reseller = Partner {
        id: account(&world),
        tenant_id: partnergraph_domain::TenantId(world.tenant_id),
        mpn_id: partnergraph_domain::MpnId(MPN_ID),
        name: "Fabrikam".to_owned(),
        partner_type: partnergraph_domain::PartnerType::IndirectReseller,
    };
    world.graph.partnership(&provider, &reseller);
    assert_eq!(customers(&world, &world.token, json!({})), ["Microsofts"]);
    // A waiting customer is not counted for the reseller, but it is for the provider.
    let query = "{ indirectProviders { edges { partnership { customerCount customers(first: 5) { totalCount } } } } }";
    let seen = world.api.data(&world.token, query, json!({}));
    let count = json!({"customerCount": 1, "customers": {"totalCount": 1}});
    assert_eq!(seen["indirectProviders"]["edges"][0]["partnership"], count);
    let query = "{ indirectResellers { edges { partnership { customerCount } } } }";
    let seen = world.api.data(&provider_token, query, json!({}));
    assert_eq!(seen["indirectResellers"]["edges"][0]["partnership"]["customerCount"], 2);
    let others = number(&world, &format!("SELECT id FROM customers WHERE tenant_id = '{FROM_TOOL}'"));
    world.graph.write(|conn, actor, now| {
        let key = partnergraph_store::write::associations::AssociationOf {
            provider_id: provider.id,
            customer_id: CustomerKey::new(others),
            reseller_id: reseller.id,
        };
        partnergraph_store::write::associations::associate(conn, actor, now, key)
    });
    assert_eq!(customers(&world, &world.token, json!({})), ["Microsofts", "Others"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_partnership_that_both_have_is_merged_and_an_active_one_is_kept(#[case] backend: Backend) {
    for (own, kept) in [("REQUESTED", "IMPORTED"), ("ACTIVE", "ACTIVE")] {
        let world = World::on(backend);
        let provider = world.graph.provider("Northwind").add();
        let provider_token = world.graph.token(&provider, &[Role::AdminAgent]);
        import(&world, &provider, vec![tools_file(&provider)]);
        world.enroll(form());
        world.verify(true, true);
        let account = account(&world);
        world.graph.write(|conn, _, now| {
            let row = format!(
                "INSERT INTO partnerships (provider_id, reseller_id, state, provider_admin_access, requested_at, version, created_at, updated_at) \
                 VALUES ({}, {account}, '{own}', TRUE, '{now}', 1, '{now}', '{now}')",
                provider.id
            );
            conn.batch(&row)
        });
        world.authorize_takeover();
        let listed = resellers(&world, &provider_token);
        assert_eq!((listed.as_array().unwrap().len(), &listed[0]["partnership"]["state"]), (1, &json!(kept)));
        let live = "SELECT COUNT(*) FROM partnerships WHERE removed_at IS NULL AND requested_at IS NOT NULL";
        assert_eq!(number(&world, live), 1);
        let moved = format!("SELECT COUNT(*) FROM partnerships WHERE reseller_id = {account}");
        assert_eq!(number(&world, &moved), 2);
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_rejected_enrolment_takes_over_nothing(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    let provider_token = world.graph.token(&provider, &[Role::AdminAgent]);
    import(&world, &provider, vec![tools_file(&provider)]);
    world.enroll(form());
    world.verify(false, true);
    assert_eq!(resellers(&world, &provider_token)[0]["node"]["status"]["onboarded"], false);
    // With the MPN ID the provider gets the placeholder, not the enrolment.
    let query = "query($m: String!) { partner(by: {mpnId: $m}) { name } }";
    let seen = world.api.data(&provider_token, query, json!({"m": MPN_ID.to_string()}));
    assert_eq!(seen["partner"]["name"], format!("MPN {MPN_ID}"));
}
