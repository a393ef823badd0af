use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::orders::world::{World, assert_refused, expect_success, rules, with};
use crate::support::{Postgres, Role, Sqlite, Verbs};

const OFFER: &str = "A:1";

fn line_without_reseller() -> Value {
    json!({"offerId": OFFER, "offerName": "A", "quantity": 1})
}

/// The MPN ID of the partner for whose own use the added customer's tenant is, as a caller reads it.
fn internal_use_of(world: &World, token: &str, added: &Value) -> Value {
    let query = "query($by: CustomerLookup!) { customer(by: $by) { internalUseOf { mpnId } } }";
    let by = json!({"by": {"tenantId": added["customer"]["tenantId"]}});
    world.api.data(token, query, by)["customer"]["internalUseOf"]["mpnId"].clone()
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_partner_buys_for_itself_through_a_reseller_or_a_direct_bill_partner(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let buyer = world.graph.reseller("Buyer").add();
    let own = json!({"internalUseOf": {"mpnId": buyer.mpn_id}});
    // the seller can name a buyer that it could not see before, and can read it afterwards.
    let added = expect_success(as_provider.add_customer(with(world.addition(), own.clone())));
    let operator = world.graph.operator_token();
    for token in [&operator, &world.token] {
        assert_eq!(internal_use_of(&world, token, &added), buyer.mpn_id.to_string());
    }
    let search = "query($f: CustomerFilter) { customers(filter: $f) { totalCount } }";
    let of_buyer = json!({"f": {"internalUseOf": {"mpnId": {"eq": buyer.mpn_id}}}});
    assert_eq!(world.api.data(&world.token, search, of_buyer.clone())["customers"]["totalCount"], 1);
    // The reseller in between sees the customer, but not for whose own use the tenant is.
    let reseller = world.graph.token(&world.reseller, &[Role::AdminAgent]);
    assert_eq!(internal_use_of(&world, &reseller, &added), Value::Null);
    assert_eq!(world.api.data(&reseller, search, of_buyer)["customers"]["totalCount"], 0);

    let direct = world.graph.direct_bill("Direct").add();
    let token = world.graph.token(&direct, &[Role::AdminAgent]);
    let without_reseller = json!({"reseller": null, "lines": [line_without_reseller()], "domain": "own.example"});
    expect_success(world.as_user(&token).add_customer(with(with(world.addition(), own.clone()), without_reseller)));

    // a line without a reseller is sold through the account's reseller, so that the chain has one; otherwise it has none
    // (K-03).
    let by_account = json!({"lines": [line_without_reseller()], "domain": "account.example"});
    let partner_of_record = |payload: &Value| payload["subscriptions"][0]["partnerOfRecord"]["mpnId"].clone();
    let through =
        expect_success(as_provider.add_customer(with(with(world.addition(), own.clone()), by_account.clone())));
    assert_eq!(partner_of_record(&through), json!(world.reseller.mpn_id.to_string()));
    let third_party = with(with(world.addition(), by_account), json!({"domain": "third.example"}));
    assert_eq!(partner_of_record(&expect_success(as_provider.add_customer(third_party))), Value::Null);

    // a provider sells for own use only through a reseller, now and later.
    let provider_alone =
        with(with(world.addition(), own), json!({"reseller": null, "lines": [line_without_reseller()]}));
    assert_eq!(rules(&as_provider.add_customer(provider_alone)), ["Q-04", "Q-16"]);
    let customer = json!({"id": added["customer"]["id"]});
    assert_eq!(rules(&as_provider.submit_order(&customer, json!([line_without_reseller()]))), ["Q-04", "Q-16"]);
    expect_success(as_provider.submit_order(&customer, json!([world.line()])));

    // A partner's own-use subscription cannot be upgraded without its reseller.
    world.graph.end_partnership(&world.provider, &world.reseller);
    let sold = json!({"subscriptionId": added["subscriptions"][0]["subscriptionId"]});
    assert_refused(&as_provider.upgrade_subscription(&sold), "X-09", None);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_partner_cannot_sell_to_itself_or_its_affiliates(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let input = |buyer: Value| with(world.addition(), json!({"internalUseOf": buyer}));
    // the buyer is the reseller in between. Q-17: the buyer is the provider.
    assert_refused(&as_provider.add_customer(input(json!({"mpnId": world.reseller.mpn_id}))), "Q-07", None);
    assert_refused(&as_provider.add_customer(input(json!({"mpnId": world.provider.mpn_id}))), "Q-17", None);
    let sister = world.graph.direct_bill("Sister").company("Northwind").add();
    assert_refused(&as_provider.add_customer(input(json!({"mpnId": sister.mpn_id}))), "Q-17", None);
    let token = world.graph.token(&sister, &[Role::AdminAgent]);
    let without_reseller =
        json!({"internalUseOf": {"mpnId": sister.mpn_id}, "reseller": null, "lines": [line_without_reseller()]});
    assert_refused(&world.as_user(&token).add_customer(with(world.addition(), without_reseller.clone())), "Q-07", None);

    // an affiliate's own tenant.
    let affiliate = world.graph.reseller("Affiliate").add();
    let link = partnergraph_store::sql::sql(
        "INSERT INTO company_affiliations (company_a, company_b, created_at) \
         SELECT MIN(company_id), MAX(company_id), '2026-03-01 09:00:00' FROM partners WHERE id IN ",
    )
    .list([sister.id, affiliate.id]);
    world.graph.database.connect().execute(&link).unwrap();
    let for_affiliate = with(without_reseller, json!({"internalUseOf": {"mpnId": affiliate.mpn_id}}));
    assert_refused(&world.as_user(&token).add_customer(with(world.addition(), for_affiliate)), "Q-08", None);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_sale_outside_of_the_region_points_at_the_country(#[case] backend: Backend) {
    let world = World::on(backend);
    let abroad = json!({"country": "JP", "reseller": null, "lines": [line_without_reseller()]});
    let refused = world.as_provider().add_customer(with(world.addition(), abroad));
    assert_eq!(refused["userErrors"][0]["field"], json!(["country"]), "Q-14");
}
