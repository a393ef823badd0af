use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::mutations::world::World;
use crate::support::{Named, Postgres, Sqlite};

// The operations as clients write them.
const ASSOCIATE: &str = "mutation AssociateReseller($input: AssociateResellerInput!) {
  associateReseller(input: $input) { customerSubscription { subscriptionId partnerOfRecord { mpnId name } version }
    customer { tenantId indirectResellers(first: 5) { nodes { mpnId } } } userErrors { code message field rule microsoftCode } }
}";
const DISSOCIATE: &str = "mutation DissociateReseller($input: DissociateResellerInput!) {
  dissociateReseller(input: $input) { customerSubscription { subscriptionId partnerOfRecord { mpnId } } userErrors { code message field rule microsoftCode } }
}";
const ASSIGN: &str = "mutation AssignSupportContact($input: AssignSupportContactInput!) {
  assignSupportContact(input: $input) { customerSubscription { subscriptionId supportContact { supportTenantId supportMpnId name } version } userErrors { code message field rule microsoftCode } }
}";
const CLEAR: &str = "mutation ClearSupportContact($input: ClearSupportContactInput!) {
  clearSupportContact(input: $input) { customerSubscription { subscriptionId supportContact { supportMpnId } } userErrors { code message field rule microsoftCode } }
}";
const HISTORY: &str = "query($by: CustomerLookup!) { customer(by: $by) { history(first: 20) { nodes {
  operationType operationStatus changes { field before after } } } } }";

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_response_is_read_after_the_write(#[case] backend: Backend) {
    let world = World::on(backend);
    let as_provider = world.as_provider();
    let reseller = world.reseller.mpn_id.to_string();
    let subscription = json!({"subscription": world.subscription.lookup()});

    let payload = as_provider.run(ASSOCIATE, world.association(&world.reseller));
    assert_eq!(payload["customerSubscription"]["partnerOfRecord"], json!({"mpnId": reseller, "name": "Fabrikam"}));
    assert_eq!(payload["customer"]["indirectResellers"]["nodes"], json!([{"mpnId": reseller}]));

    let support = json!({"subscription": world.subscription.lookup(), "contact": world.reseller.lookup()});
    let payload = as_provider.run(ASSIGN, support);
    assert_eq!(payload["customerSubscription"]["supportContact"]["supportMpnId"], json!(reseller));
    assert_eq!(payload["customerSubscription"]["version"], 3);

    let payload = as_provider.run(CLEAR, subscription.clone());
    let provider = world.provider.mpn_id.to_string();
    assert_eq!(payload["customerSubscription"]["supportContact"]["supportMpnId"], json!(provider));

    let payload = as_provider.run(DISSOCIATE, subscription);
    assert_eq!(payload["customerSubscription"]["partnerOfRecord"], Value::Null);

    let by = json!({"by": {"tenantId": world.customer.tenant_id}});
    let data = world.api.data(&world.token, HISTORY, by);
    let operation_types: Vec<&str> = data["customer"]["history"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["operationType"].as_str().unwrap())
        .collect();
    let expected =
        ["REMOVE_MPN_ASSOCIATION", "UPDATE_SUPPORT_CONTACT", "UPDATE_SUPPORT_CONTACT", "CREATE_MPN_ASSOCIATION"];
    assert_eq!(operation_types[..4], expected, "{operation_types:?}");
}
