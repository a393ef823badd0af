//! Who is notified of what, event by event.

use chrono::NaiveDateTime;
use partnergraph_domain::{ChangeRequestKey, RemovalChannel, Role, SubscriptionKey, UserKey};
use partnergraph_store::read::change_requests as read_requests;
use partnergraph_store::read::subscriptions::{self as read, SubscriptionBy, SubscriptionRow};
use partnergraph_store::write::agreements;
use partnergraph_store::write::associations::{self, AssociationOf};
use partnergraph_store::write::change_requests::{self, Decision, NewChangeRequest, Wanted};
use partnergraph_store::write::customer_agreements::{self, Acceptance, EvidenceOf, Signatory};
use partnergraph_store::write::mpn_profiles::{self, Activity};
use partnergraph_store::write::partnership_settings::{self, PartnershipSettings};
use partnergraph_store::write::users::{self, Organization};
use partnergraph_store::write::{customers, partnerships, subscriptions};
use partnergraph_store::{Access, Actor, Conn, Scope, StoreError, StoreResult};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Api, Backend, Customer, Graph, Partner, Postgres, Sqlite, TestDatabase, moment};

struct World {
    graph: Graph,
    api: Api,
    provider: Partner,
    reseller: Partner,
    other: Partner,
    contoso: Customer,
    operator: String,
    tokens: Vec<(&'static str, String)>,
}

fn world(backend: Backend) -> World {
    let graph = Graph::new(TestDatabase::on(backend));
    let provider = graph.provider("Northwind").add();
    let rival = graph.provider("Litware").add();
    let reseller = graph.reseller("Tailspin").partner_of(&provider).add();
    let other = graph.reseller("Wingtip").partner_of(&provider).add();
    let contoso = graph.customer(&provider, "Contoso");
    graph.customer_also_of(&rival, &contoso);
    let foreign = graph.customer(&rival, "Foreign");
    let admin = |partner: &Partner| graph.token(partner, &[Role::GlobalAdmin]);
    let tokens = vec![
        ("provider", admin(&provider)),
        ("reseller", admin(&reseller)),
        ("other reseller", admin(&other)),
        ("rival", admin(&rival)),
        ("customer", graph.customer_token(&contoso)),
        ("other customer", graph.customer_token(&foreign)),
    ];
    let operator = graph.operator_token();
    let api = Api::on(&graph.database);
    World { graph, api, provider, reseller, other, contoso, operator, tokens }
}

impl World {
    fn newest(&self, token: &str) -> (String, String) {
        let data = self.api.data(token, "{ auditEvents(first: 1) { nodes { id operationType } } }", json!({}));
        let node = &data["auditEvents"]["nodes"][0];
        let text = |field: &str| node[field].as_str().unwrap_or("none").to_owned();
        (text("id"), text("operationType"))
    }

    /// Performs an action as a user, checks the event it records, and returns who is notified in addition to operators.
    fn notified(
        &self,
        actor: &Actor,
        operation: &str,
        work: impl FnOnce(&mut Conn, &Actor, NaiveDateTime) -> StoreResult<()>,
    ) -> Vec<&'static str> {
        let mut conn = self.graph.database.connect();
        conn.transaction::<_, StoreError>(Access::Write, |conn| work(conn, actor, moment())).unwrap();
        let (id, operation_type) = self.newest(&self.operator);
        assert_eq!(operation_type, operation);
        self.tokens.iter().filter(|(_, token)| self.newest(token).0 == id).map(|(name, _)| *name).collect()
    }

    /// The changes of the newest event of all.
    fn changes(&self) -> Value {
        let query = "{ auditEvents(first: 1) { nodes { changes { field before after } } } }";
        self.api.data(&self.operator, query, json!({}))["auditEvents"]["nodes"][0]["changes"].clone()
    }

    fn provider_actor(&self) -> Actor {
        Self::actor_of(&self.provider)
    }

    fn actor_of(partner: &Partner) -> Actor {
        Actor {
            scope: Scope::Partner { id: partner.id, partner_type: partner.partner_type },
            tenant_id: Some(partner.tenant_id.to_string()),
            user_id: Some(UserKey::new(1)),
            user_principal_name: "agent@northwind.example".to_owned(),
            roles: vec![Role::GlobalAdmin],
            approves: None,
        }
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_change_request_is_between_two(#[case] backend: Backend) {
    let world = world(backend);
    world.graph.association(&world.provider, &world.contoso, &world.other);
    let sold = world.graph.subscription(&world.provider, &world.contoso).reseller(&world.reseller).add();
    let (agent, reseller) = (world.provider_actor(), World::actor_of(&world.reseller));
    let both = ["provider", "reseller"];
    let make = |conn: &mut Conn, actor: &Actor, now| {
        let wanted =
            Wanted::Update { subscription_pk: sold.pk, quantity: Some(2), auto_renew_enabled: None, if_version: None };
        let new = NewChangeRequest {
            seller_id: world.provider.id,
            reseller_id: world.reseller.id,
            customer_id: world.contoso.id,
            wanted,
            note: None,
            expires_at: now + chrono::TimeDelta::days(1),
        };
        change_requests::make(conn, actor, now, &new).map(drop)
    };
    let newest = |conn: &mut Conn, now| {
        let id = ChangeRequestKey::new(1);
        read_requests::find(conn, &Scope::Operator, id, now).map(|row| row.unwrap())
    };
    assert_eq!(world.notified(&reseller, "CREATE_CHANGE_REQUEST", make), both);
    let notified = world.notified(&reseller, "WITHDRAW_CHANGE_REQUEST", |conn, actor, now| {
        let row = newest(conn, now)?;
        change_requests::withdraw(conn, actor, now, &row)
    });
    assert_eq!(notified, both);
    let approved = Decision::Approved { order_id: None, is_automatic: false };
    for (operation, decision) in [("APPROVE_CHANGE_REQUEST", approved), ("DECLINE_CHANGE_REQUEST", Decision::Declined)]
    {
        let notified = world.notified(&agent, operation, |conn, actor, now| {
            let row = newest(conn, now)?;
            change_requests::decide(conn, actor, now, &row, decision, None)
        });
        assert_eq!(notified, both);
    }
    // A provider's own name for a reseller is its own.
    let notified = world.notified(&agent, "UPDATE_PARTNER_RELATIONSHIP", |conn, actor, now| {
        let row = partnerships::latest(conn, world.provider.id, world.reseller.id)?.unwrap();
        let settings = PartnershipSettings { label: Some(Some("North".to_owned())), ..PartnershipSettings::default() };
        partnership_settings::update(conn, actor, now, &row, &settings).map(drop)
    });
    assert_eq!(notified, ["provider"]);
}

fn row(conn: &mut Conn, pk: SubscriptionKey) -> StoreResult<SubscriptionRow> {
    Ok(read::find(conn, &Scope::Operator, SubscriptionBy::Row(pk))?.unwrap())
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn each_event_is_visible_to_those_concerned(#[case] backend: Backend) {
    let world = world(backend);
    let (provider, reseller, other) = (world.provider.id, world.reseller.id, world.other.id);
    let customer = world.contoso.id;
    let operator = Actor::command_line();
    let agent = world.provider_actor();
    let key = AssociationOf { provider_id: provider, customer_id: customer, reseller_id: reseller };
    let representation = json!({"goodFaith": true});

    let notified = world.notified(&agent, "CREATE_CUSTOMER_ASSOCIATION", |conn, actor, now| {
        associations::associate(conn, actor, now, key).map(drop)
    });
    assert_eq!(notified, ["provider", "reseller", "customer"]);
    let notified = world.notified(&agent, "REMOVE_CUSTOMER_ASSOCIATION", |conn, actor, now| {
        associations::dissociate(conn, actor, now, key).map(drop)
    });
    assert_eq!(notified, ["provider", "reseller", "customer"]);

    let subscription = world.graph.subscription(&world.provider, &world.contoso).add().pk;
    let notified = world.notified(&operator, "CREATE_MPN_ASSOCIATION", |conn, actor, now| {
        let row = row(conn, subscription)?;
        subscriptions::set_partner_of_record(conn, actor, now, &row, Some(reseller)).map(drop)
    });
    assert_eq!(notified, ["provider", "reseller", "customer"]);
    // Both the replaced and the new reseller are notified, without the name of the other (B-14).
    let notified = world.notified(&agent, "UPDATE_MPN_ASSOCIATION", |conn, actor, now| {
        let row = row(conn, subscription)?;
        subscriptions::set_partner_of_record(conn, actor, now, &row, Some(other)).map(drop)
    });
    assert_eq!(notified, ["provider", "reseller", "other reseller", "customer"]);
    let notified = world.notified(&agent, "REMOVE_MPN_ASSOCIATION", |conn, actor, now| {
        let row = row(conn, subscription)?;
        subscriptions::set_partner_of_record(conn, actor, now, &row, None).map(drop)
    });
    assert_eq!(notified, ["provider", "other reseller", "customer"]);
    let notified = world.notified(&agent, "UPDATE_SUPPORT_CONTACT", |conn, actor, now| {
        let row = row(conn, subscription)?;
        subscriptions::set_support_contact(conn, actor, now, &row, Some(reseller)).map(drop)
    });
    assert_eq!(notified, ["provider", "reseller", "customer"]);

    let notified = world.notified(&agent, "CREATE_AGREEMENT", |conn, actor, now| {
        conn.batch("UPDATE partner_agreements SET ended_at = accepted_at")?;
        agreements::sign(conn, actor, now, provider).map(drop)
    });
    assert_eq!(notified, ["provider"]);
    let notified = world.notified(&agent, "CREATE_AGREEMENT", |conn, actor, now| {
        let of = EvidenceOf { partner_id: provider, customer_id: world.contoso.id };
        customer_agreements::attest(conn, actor, now, of, &Acceptance { by: Signatory::default(), at: now })
    });
    assert_eq!(notified, ["provider", "customer"]);
    let notified = world.notified(&agent, "CREATE_USER", |conn, actor, now| {
        let organization = Organization::Partner { id: provider, tenant_id: Some(world.provider.tenant_id) };
        users::set_roles(conn, actor, now, organization, "new@northwind.example", &[Role::SalesAgent]).map(drop)
    });
    assert_eq!(notified, ["provider"]);
    let notified = world.notified(&agent, "UPDATE_USER", |conn, actor, now| {
        let organization = Organization::Partner { id: provider, tenant_id: Some(world.provider.tenant_id) };
        users::set_roles(conn, actor, now, organization, "new@northwind.example", &[Role::UserAdmin]).map(drop)
    });
    assert_eq!(notified, ["provider"]);
    assert_eq!(
        world.changes(),
        json!([
            {"field": "userPrincipalName", "before": "new@northwind.example", "after": "new@northwind.example"},
            {"field": "roles", "before": "SALES_AGENT", "after": "USER_ADMIN"},
        ])
    );
    let notified = world.notified(&operator, "UPDATE_MPN_PROFILE", |conn, actor, now| {
        mpn_profiles::set_activity(conn, actor, now, world.reseller.mpn_id, Activity::Inactive).map(drop)
    });
    assert_eq!(notified, [] as [&str; 0]);
    assert_eq!(world.changes()[0]["after"], world.reseller.mpn_id.to_string());

    // X-05, D-03: only the remover's organisation and operators are notified of a removal.
    let notified = world.notified(&agent, "REMOVE_PARTNER_RELATIONSHIP", |conn, actor, now| {
        partnerships::remove(conn, actor, now, (provider, reseller), RemovalChannel::SelfService, &representation)
            .map(drop)
    });
    assert_eq!(notified, ["provider"]);
    let notified = world.notified(&operator, "REMOVE_PARTNER_RELATIONSHIP", |conn, actor, now| {
        partnerships::remove(conn, actor, now, (provider, other), RemovalChannel::MicrosoftSupport, &representation)
            .map(drop)
    });
    assert_eq!(notified, [] as [&str; 0]);
    let notified = world.notified(&agent, "REMOVE_PARTNER_CUSTOMER_RELATIONSHIP", |conn, actor, now| {
        customers::end_relationship(conn, actor, now, (provider, customer), &representation).map(drop)
    });
    assert_eq!(notified, ["provider"]);
}

/// What the owner of a token reads of the newest event that it sees: the other partner, and the values before and after.
fn read_newest(world: &World, token: &str) -> Value {
    let query = "{ auditEvents(first: 1) { nodes { partner { name } changes { field before after } resourceOldValue \
                 resourceNewValue } } }";
    let node = &world.api.data(token, query, json!({}))["auditEvents"]["nodes"][0];
    let change = &node["changes"][0];
    let value = |side: &str| -> Value {
        // Of a change between others, nothing is left.
        let Some(values) = node[side].as_str() else { return Value::Null };
        let values: Value = serde_json::from_str(values).unwrap();
        values[change["field"].as_str().unwrap()].clone()
    };
    assert_eq!((&value("resourceOldValue"), &value("resourceNewValue")), (&change["before"], &change["after"]));
    json!([node["partner"]["name"], change["before"], change["after"]])
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_reseller_is_notified_of_what_it_sees_and_reads_only_its_own_name(#[case] backend: Backend) {
    let world = world(backend);
    let (reseller, other) = (&world.reseller, &world.other);
    // A third reseller has access to the account, and therefore sees the subscription.
    let third = world.graph.reseller("Proseware").partner_of(&world.provider).add();
    world.graph.association(&world.provider, &world.contoso, &third);
    let third_token = world.graph.token(&third, &[Role::SalesAgent]);
    let subscription = world.graph.subscription(&world.provider, &world.contoso).reseller(reseller).add().pk;
    let token = |name: &str| world.tokens.iter().find(|(known, _)| *known == name).unwrap().1.clone();
    let own = |partner: &Partner| partner.mpn_id.to_string();

    world.notified(&world.provider_actor(), "UPDATE_MPN_ASSOCIATION", |conn, actor, now| {
        let row = row(conn, subscription)?;
        subscriptions::set_partner_of_record(conn, actor, now, &row, Some(other.id)).map(drop)
    });
    let full = json!(["Wingtip", own(reseller), own(other)]);
    for name in ["provider", "customer"] {
        assert_eq!(read_newest(&world, &token(name)), full, "{name}");
    }
    assert_eq!(read_newest(&world, &world.operator), full);
    assert_eq!(read_newest(&world, &token("reseller")), json!([null, own(reseller), null]));
    assert_eq!(read_newest(&world, &token("other reseller")), json!(["Northwind", null, own(other)]));
    assert_eq!(read_newest(&world, &third_token), json!([null, null, null]));

    let notified = world.notified(&world.provider_actor(), "UPDATE_SUPPORT_CONTACT", |conn, actor, now| {
        let row = row(conn, subscription)?;
        subscriptions::set_support_contact(conn, actor, now, &row, Some(reseller.id)).map(drop)
    });
    assert_eq!(notified, ["provider", "reseller", "other reseller", "customer"]);
    assert_eq!(read_newest(&world, &token("reseller")), json!(["Northwind", null, own(reseller)]));
    assert_eq!(read_newest(&world, &token("other reseller")), json!([null, null, null]));
    assert_eq!(read_newest(&world, &third_token), json!([null, null, null]));

    // A reseller that no longer sees the subscription is no longer notified.
    let notified = world.notified(&world.provider_actor(), "REMOVE_MPN_ASSOCIATION", |conn, actor, now| {
        let row = row(conn, subscription)?;
        subscriptions::set_partner_of_record(conn, actor, now, &row, None).map(drop)
    });
    assert_eq!(notified, ["provider", "reseller", "other reseller", "customer"]);
    let notified = world.notified(&world.provider_actor(), "UPDATE_SUPPORT_CONTACT", |conn, actor, now| {
        let row = row(conn, subscription)?;
        subscriptions::set_support_contact(conn, actor, now, &row, None).map(drop)
    });
    assert_eq!(notified, ["provider", "reseller", "customer"]);
}
