//! A tenant that exists is invited, and its own Global admin decides (C-30): the same for every tenant, and for own use (Q-05 to Q-09,
//!

use partnergraph_domain::TenantId;
use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::relationships::world::{CONTOSO, World, drafted, expect_success, rules, with};
use crate::support::{Customer, Named, Partner, Postgres, Role, Sqlite, Verbs};

/// The tenant's name, domain and mark, as the caller reads them.
const SEEN: &str = "query($by: CustomerLookup!) { customer(by: $by) { companyName internalUseOf { mpnId } \
     indirectResellers(first: 5) { nodes { mpnId } } } }";

impl World {
    /// A customer of another provider, and a token of its Global admin.
    fn foreign(&self) -> (Customer, String) {
        let rival = self.graph.provider("Rival").add();
        let foreign = self.graph.customer(&rival, "Foreign");
        let admin = self.graph.customer_token(&foreign);
        (foreign, admin)
    }

    /// The token of an invitation of that tenant by that user, with these members.
    fn bound(&self, token: &str, tenant_id: TenantId, more: Value) -> String {
        drafted(self.as_user(token).with(more).invite_tenant(tenant_id)).1
    }

    fn seen(&self, token: &str, tenant_id: TenantId) -> Value {
        self.api.data(token, SEEN, json!({"by": tenant_id.lookup()}))["customer"].clone()
    }

    fn events(&self) -> i64 {
        self.number("SELECT COUNT(*) AS number FROM audit_events")
    }

    /// A line of one licence through that reseller, if there is one.
    fn lines(reseller: Option<&Partner>) -> Value {
        json!([{"offerId": "A:1", "offerName": "A", "quantity": 1, "reseller": reseller.map(Named::lookup)}])
    }
}

/// The payload without what is new in every invitation: its id and its token.
fn look(payload: &Value) -> String {
    let invitation = &payload["invitation"];
    let (_, token) = invitation["link"].as_str().unwrap().split_once("token=").unwrap();
    payload.to_string().replace(token, "TOKEN").replace(invitation["id"].as_str().unwrap(), "ID")
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_tenant_is_invited_alike_whether_known_or_not(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let (foreign, _) = world.foreign();
    let stranger = world.graph.reseller("Stranger").add();
    let unknown = TenantId(world.graph.guid());
    let buyer = world.graph.reseller("Buyer").add();
    let number = |mpn_id: &str| json!({"internalUseOf": {"mpnId": mpn_id}});
    let known_buyer = number(&buyer.mpn_id.to_string());
    for more in [json!({}), json!({"delegatedAdmin": true}), known_buyer.clone()] {
        let as_provider = world.as_provider().with(more);
        let looks = [unknown, foreign.tenant_id, stranger.tenant_id, buyer.tenant_id].map(|tenant_id| {
            let before = world.events();
            let payload = expect_success(as_provider.invite_tenant(tenant_id));
            assert_eq!(world.events(), before + 1);
            look(&payload)
        });
        assert!(looks.iter().all(|look| *look == looks[0]), "{looks:#?}");
    }
    // The buyer is not resolved before the acceptance either.
    let of_buyer = |more: &Value, text: &str| {
        look(&expect_success(world.as_provider().with(more.clone()).invite_tenant(unknown))).replace(text, "MPN")
    };
    assert_eq!(of_buyer(&known_buyer, &buyer.mpn_id.to_string()), of_buyer(&number("9999999"), "9999999"));
    let malformed = world.as_provider().with(number("x")).invite_tenant(unknown);
    assert_eq!(malformed["userErrors"][0]["field"], json!(["internalUseOf", "mpnId"]));
    // Nothing has happened to any of them, and the author reads what it asked for.
    assert_eq!(world.customers(&world.northwind), [] as [String; 0]);
    let query =
        "{ invitations(first: 1) { nodes { tenantId internalUseOfMpnId reseller { mpnId } customer { id } } } }";
    let listed = world.api.data(&world.northwind, query, json!({}))["invitations"]["nodes"][0].clone();
    let expected = json!({"tenantId": unknown, "internalUseOfMpnId": "9999999", "reseller": null, "customer": null});
    assert_eq!(listed, expected);
    let both = world.as_provider().with(json!({"customer": foreign.lookup()})).invite_tenant(foreign.tenant_id);
    assert_eq!(rules(&both), ["BAD_INPUT"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_the_global_admin_of_the_invited_tenant_accepts(#[case] backend: Backend) {
    let world = World::on(backend);
    let (foreign, admin) = world.foreign();
    let token = world.bound(&world.northwind, foreign.tenant_id, json!({}));
    // For everybody else the invitation does not exist.
    let (_, other) = world.stranger();
    for caller in [&other, &world.fabrikam, &world.northwind] {
        let made_up = world.as_user(caller).accept_with_agreement("no-such-token");
        assert_eq!(rules(&made_up), ["NOT_FOUND"]);
        assert_eq!(world.as_user(caller).accept_with_agreement(&token), made_up);
        let declined = world.as_user(caller).decline_invitation("no-such-token");
        assert_eq!(world.as_user(caller).decline_invitation(&token), declined);
    }
    let user = world.graph.tenant_token(foreign.tenant_id, &[Role::UserAdmin]);
    assert_eq!(rules(&world.as_user(&user).accept_with_agreement(&token)), ["A-06"]);
    assert_eq!(world.customers(&world.northwind), [] as [String; 0], "C-12");
    let events = world.events();
    expect_success(world.as_user(&admin).validating().accept_invitation(&token));
    assert_eq!(world.events(), events);
    // C-11: the customer has accepted the agreement before.
    let accepted = expect_success(world.as_user(&admin).accept_invitation(&token));
    assert_eq!(accepted["customer"]["tenantId"], json!(foreign.tenant_id));
    assert_eq!(world.customers(&world.northwind), [foreign.tenant_id.to_string()]);
    // The record of the other partner is its own.
    assert_eq!(world.seen(&world.northwind, foreign.tenant_id)["companyName"], Value::Null);
    assert_eq!(rules(&world.as_user(&admin).accept_invitation(&token)), ["INVITATION_CLOSED"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn what_the_inviter_sees_is_refused_at_once(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let as_provider = world.as_provider();
    let refused = as_provider.invite_tenant(world.reseller.tenant_id);
    assert_eq!(rules(&refused), ["Q-06", "Q-09"]);
    assert!(refused["userErrors"].as_array().unwrap().iter().all(|error| error["field"] == json!(["tenantId"])));
    assert_eq!(rules(&as_provider.invite_tenant(world.provider.tenant_id)), ["Q-06"]);
    world.graph.end_partnership(&world.provider, &world.reseller);
    assert_eq!(rules(&as_provider.invite_tenant(world.reseller.tenant_id)), ["Q-06"], "Q-11");
    // C-18: an own customer is asked for delegated administration only.
    let customer = world.graph.customer(&world.provider, "Contoso");
    let again = as_provider.invite_tenant(customer.tenant_id);
    assert_eq!((rules(&again), &again["userErrors"][0]["field"]), (vec!["C-18".to_owned()], &json!(["tenantId"])));
    let reinstate = as_provider.with(json!({"delegatedAdmin": true, "country": null}));
    assert_eq!(drafted(reinstate.invite_tenant(customer.tenant_id)).0["kind"], "DELEGATED_ADMIN");
    // The reseller to associate is one of the provider's.
    let third = world.graph.reseller("Third").add();
    let to_associate = |user: &crate::support::User<'_>, partner: &Partner| {
        rules(&user.with(json!({"reseller": partner.lookup()})).invite_customer(CONTOSO))
    };
    assert_eq!(to_associate(&as_provider, &third), ["E-11", "P-06", "N-09"]);
    assert_eq!(to_associate(&as_provider, &world.reseller), ["P-06", "N-09", "X-09"]);
    let direct = world.graph.token(&world.graph.direct_bill("Direct").add(), &[Role::GlobalAdmin]);
    assert!(to_associate(&world.as_user(&direct), &third).contains(&"T-04".to_owned()));
    let nobody = json!({"reseller": {"tenantId": world.graph.guid()}, "jointProvider": {"mpnId": "9999999"}});
    assert_eq!(rules(&as_provider.with(nobody).invite_customer(CONTOSO)), ["NOT_FOUND", "NOT_FOUND"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_tenant_that_exists_is_used_by_a_partner_itself_when_it_confirms(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let (foreign, admin) = world.foreign();
    let buyer = world.graph.reseller("Buyer").add();
    let own_use = json!({"internalUseOf": buyer.lookup(), "reseller": world.reseller.lookup()});
    let (invited, token) = drafted(world.as_provider().with(own_use).invite_tenant(foreign.tenant_id));
    let body = invited["emailDraft"]["body"].as_str().unwrap();
    assert!(
        body.contains(&format!("MPN ID {}. Whoever accepts", buyer.mpn_id)) && body.contains("We associate Fabrikam")
    );

    // nobody but the tenant itself marks it.
    let as_tenant = world.as_user(&admin);
    let unconfirmed = as_tenant.accept_invitation(&token);
    assert_eq!(
        (rules(&unconfirmed), &unconfirmed["userErrors"][0]["field"]),
        (vec!["Q-05".to_owned()], &json!(["confirmInternalUseOf"]))
    );
    let confirming = |mpn_id: &str| as_tenant.with(json!({"confirmInternalUseOf": {"mpnId": mpn_id}}));
    assert_eq!(rules(&confirming(&world.reseller.mpn_id.to_string()).accept_invitation(&token)), ["Q-05"]);
    assert_eq!(rules(&confirming("x").accept_invitation(&token)), ["BAD_INPUT"]);
    let plain = world.bound(&world.northwind, foreign.tenant_id, json!({}));
    assert_eq!(rules(&confirming(&buyer.mpn_id.to_string()).accept_invitation(&plain)), ["Q-05"]);
    let nobody = world.bound(&world.northwind, foreign.tenant_id, json!({"internalUseOf": {"mpnId": "9999999"}}));
    assert_eq!(rules(&confirming("9999999").accept_invitation(&nobody)), ["NOT_FOUND"]);
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM customers WHERE internal_use_of IS NOT NULL"), 0);

    let rival = "SELECT COUNT(*) AS number FROM audit_event_viewers v JOIN partners p ON p.id = v.viewer_partner_id WHERE p.name = 'Rival'";
    let before = world.number(rival);
    expect_success(confirming(&buyer.mpn_id.to_string()).accept_invitation(&token));
    assert_eq!(world.number(rival), before, "another partner of the tenant is told nothing");
    let seen = world.seen(&world.northwind, foreign.tenant_id);
    assert_eq!(seen["internalUseOf"], json!({"mpnId": buyer.mpn_id.to_string()}));
    assert_eq!(seen["indirectResellers"]["nodes"], json!([{"mpnId": world.reseller.mpn_id.to_string()}]));
    let changes = "{ auditEvents(first: 20) { nodes { userPrincipalName changes { field before after } } } }";
    for caller in [&world.northwind, &admin] {
        let events = world.api.data(caller, changes, json!({}))["auditEvents"]["nodes"].to_string();
        let mark = json!({"field": "internalUseOf", "before": null, "after": buyer.mpn_id.to_string()});
        assert!(events.contains(&mark.to_string()), "{events}");
    }

    // at each order.
    let as_provider = world.as_provider();
    assert_eq!(rules(&as_provider.submit_order(&foreign, World::lines(None))), ["Q-04", "Q-16"]);
    expect_success(as_provider.submit_order(&foreign, World::lines(Some(&world.reseller))));

    // The newest word of the tenant counts.
    let other = world.graph.reseller("Other buyer").add();
    let by_reseller = world.bound(&world.fabrikam, foreign.tenant_id, json!({"internalUseOf": other.lookup()}));
    expect_success(confirming(&other.mpn_id.to_string()).accept_invitation(&by_reseller));
    assert_eq!(
        world.seen(&world.northwind, foreign.tenant_id)["internalUseOf"],
        json!({"mpnId": other.mpn_id.to_string()})
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_partner_does_not_sell_to_its_own_in_a_tenant_that_exists(#[case] backend: Backend) {
    let world = World::partnered(backend);
    let (foreign, admin) = world.foreign();
    let refused = |inviter: &Partner, reseller: Option<&Partner>, buyer: &Partner| {
        let token = world.graph.token(inviter, &[Role::GlobalAdmin]);
        let more = json!({"internalUseOf": buyer.lookup(), "reseller": reseller.map(Named::lookup)});
        let invited = world.as_user(&token).with(more).invite_tenant(foreign.tenant_id);
        if !rules(&invited).is_empty() {
            return ("invitation", rules(&invited));
        }
        let confirmed = world.as_user(&admin).with(json!({"confirmInternalUseOf": buyer.lookup()})).validating();
        ("acceptance", rules(&confirmed.accept_invitation(&drafted(invited).1)))
    };
    let northwind = |buyer| refused(&world.provider, Some(&world.reseller), buyer);
    let rule = |rule: &str| vec![rule.to_owned()];
    // the inviter sees its own account and its reseller's; of other accounts it learns nothing.
    assert_eq!(northwind(&world.reseller), ("invitation", rule("Q-07")));
    assert_eq!(refused(&world.provider, None, &world.provider), ("invitation", rule("Q-07")));
    let direct = world.graph.direct_bill("Direct").company("Group").add();
    let sister = world.graph.reseller("Sister").company("Group").add();
    assert_eq!(refused(&direct, None, &sister), ("acceptance", rule("Q-07")));
    //
    let affiliate = world.graph.reseller("Affiliate").add();
    let operator = world.graph.operator_token();
    let link = |a: &Partner, b: &Partner| {
        let input = json!({"a": a.lookup(), "b": b.lookup(), "kind": "AFFILIATE"});
        expect_success(world.as_user(&operator).perform("LinkOrganizations", input));
    };
    link(&direct, &affiliate);
    link(&world.reseller, &affiliate);
    assert_eq!(refused(&direct, None, &affiliate), ("acceptance", rule("Q-08")));
    assert_eq!(northwind(&affiliate), ("acceptance", rule("Q-08")));

    // at each order.
    let subsidiary = world.graph.reseller("Subsidiary").add();
    link(&world.provider, &subsidiary);
    assert_eq!(northwind(&subsidiary), ("acceptance", vec![]));
    let more = json!({"internalUseOf": subsidiary.lookup(), "reseller": world.reseller.lookup()});
    let token = world.bound(&world.northwind, foreign.tenant_id, more);
    let confirm = json!({"confirmInternalUseOf": subsidiary.lookup()});
    expect_success(world.as_user(&admin).with(confirm).accept_invitation(&token));
    assert_eq!(rules(&world.as_provider().submit_order(&foreign, World::lines(Some(&world.reseller)))), ["Q-17"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn what_the_inviter_does_not_see_is_refused_at_the_acceptance(#[case] backend: Backend) {
    let world = World::on(backend);
    let stranger = world.graph.reseller("Stranger").add();
    let admin = world.graph.token(&stranger, &[Role::GlobalAdmin]);
    // the tenant of the buyer's own partner account.
    let token = world.bound(&world.northwind, stranger.tenant_id, json!({"internalUseOf": stranger.lookup()}));
    let as_stranger = world.as_user(&admin).with(json!({"confirmInternalUseOf": stranger.lookup()}));
    assert_eq!(rules(&as_stranger.accept_with_agreement(&token)), ["Q-06", "Q-05"]);
    // a partnership that began after the invitation, and one that a reseller does not see in a joint invitation.
    world.graph.partnership(&world.provider, &stranger);
    assert_eq!(rules(&as_stranger.accept_with_agreement(&token)), ["Q-06", "Q-05", "Q-09"]);
    world.graph.partnership(&world.provider, &world.reseller);
    let joint = json!({"jointProvider": world.provider.lookup()});
    let token = world.bound(&world.fabrikam, stranger.tenant_id, joint);
    assert_eq!(rules(&world.as_user(&admin).accept_with_agreement(&token)), ["Q-06", "Q-09"]);

    // A reseller whose partnership has ended is not associated, and the customer learns no more than that.
    let (tenant_id, admin) = world.stranger();
    let token = world.bound(&world.northwind, tenant_id, json!({"reseller": world.reseller.lookup()}));
    world.graph.end_partnership(&world.provider, &world.reseller);
    let refused = world.as_user(&admin).accept_with_agreement(&token);
    assert_eq!(rules(&refused), ["N-09"]);
    assert!(!refused.to_string().contains(&world.reseller.mpn_id.to_string()), "{refused}");
    world.graph.partnership(&world.provider, &world.reseller);
    expect_success(world.as_user(&admin).accept_with_agreement(&token));
    assert_eq!(world.customers(&world.fabrikam), [tenant_id.to_string()], "N-11");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_invitation_of_a_tenant_is_drafted_and_accepted_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let (tenant_id, admin) = world.stranger();
    let with_key = world.as_provider().with(json!({"idempotencyKey": "tenant-1"}));
    let (invited, token) = drafted(with_key.invite_tenant(tenant_id));
    let again = expect_success(with_key.invite_tenant(tenant_id));
    assert_eq!((&again["invitation"]["id"], &again["invitation"]["link"]), (&invited["id"], &Value::Null));
    let (other, _) = world.stranger();
    assert_eq!(rules(&with_key.invite_tenant(other)), ["IDEMPOTENCY_KEY_REUSED"]);

    // Two partners' invitations and the same one twice, all at the same time: each partner gets one relationship.
    let direct = world.graph.token(&world.graph.direct_bill("Direct").add(), &[Role::GlobalAdmin]);
    let second = world.bound(&direct, tenant_id, json!({}));
    let as_tenant = world.as_user(&admin);
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let (token, second, as_tenant) = (&token, &second, &as_tenant);
        let threads: Vec<_> = (0..12)
            .map(|number| {
                let letter = if number % 2 == 0 { token } else { second };
                scope.spawn(move || as_tenant.accept_with_agreement(letter))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|answer| rules(answer).is_empty()).count(), 2);
    assert!(answers.iter().all(|answer| rules(answer).iter().all(|rule| rule == "INVITATION_CLOSED")), "{answers:#?}");
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM reseller_relationships"), 2);
    assert_eq!(world.number("SELECT COUNT(*) AS number FROM tenants WHERE customer_since IS NOT NULL"), 1);

    // A tenant that declines can be invited again.
    let (declining, admin) = world.stranger();
    let token = world.bound(&world.northwind, declining, json!({}));
    expect_success(world.as_user(&admin).decline_invitation(&token));
    assert_eq!(rules(&world.as_user(&admin).accept_with_agreement(&token)), ["INVITATION_CLOSED"]);
    let token = world.bound(&world.northwind, declining, with(json!({}), json!({"delegatedAdmin": true})));
    expect_success(world.as_user(&admin).accept_with_agreement(&token));
}
