//! The edges of payloads: each has the cursor that the list itself gives to the same object.

use partnergraph_store::Backend;
use rstest::rstest;
use serde_json::{Value, json};

use crate::mutations::world::{World, errors};
use crate::support::{Named, Postgres, Role, Sqlite, Verbs, representation};

/// The mutation with its input, who sends it, its edge, and the list.
struct Case {
    mutation: &'static str,
    input: Value,
    token: String,
    edge: &'static str,
    list: &'static str,
}

fn cases(world: &World) -> Vec<Case> {
    let graph = &world.graph;
    let provider = graph.token(&world.provider, &[Role::GlobalAdmin]);
    let reseller = graph.token(&world.reseller, &[Role::GlobalAdmin]);
    let managed = graph.subscription(&world.provider, &world.customer).quantity(3).reseller(&world.reseller).add();
    let leaving = graph.reseller("Wingtip").partner_of(&world.provider).add();
    let invitee =
        graph.token(&graph.reseller("Adatum").partner_of(&graph.provider("Litware").add()).add(), &[Role::GlobalAdmin]);
    let requested = world.as_user(&provider).request_partnership("office@adatum.example");
    let secret = requested["invitation"]["link"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
    let (customer, subscription) = (world.customer.lookup(), world.subscription.lookup());
    let line = json!([{"offerId": "CFQ7TTC0LH18:0001", "offerName": "Basic", "quantity": 1}]);
    let case = |mutation, edge, list, input| Case { mutation, input, token: provider.clone(), edge, list };
    vec![
        case(
            "updateCustomer",
            "customerEdge",
            "customers",
            json!({"customer": customer, "companyName": "Contoso Polska"}),
        ),
        case(
            "associateReseller",
            "customerSubscriptionEdge",
            "subscriptions",
            json!({"subscription": subscription, "reseller": world.reseller.lookup()}),
        ),
        case(
            "associateReseller",
            "customerEdge",
            "customers",
            json!({"customer": customer, "reseller": world.reseller.lookup()}),
        ),
        case(
            "assignSupportContact",
            "customerSubscriptionEdge",
            "subscriptions",
            json!({"subscription": subscription, "contact": world.reseller.lookup()}),
        ),
        case(
            "inviteCustomer",
            "invitationEdge",
            "invitations",
            json!({"customerEmail": "it@customer.example", "country": "PL", "delegatedAdmin": false}),
        ),
        case(
            "submitOrder",
            "orderEdge",
            "orders",
            json!({"customer": customer, "channel": "PARTNER_CENTER", "lines": line}),
        ),
        case(
            "moveReseller",
            "importRunEdge",
            "importRuns",
            json!({"from": world.reseller.lookup(), "to": null, "what": "ACCOUNT", "mode": "PLAN", "errorPolicy": "REJECT_EVERYTHING"}),
        ),
        case(
            "updatePartnership",
            "indirectResellerEdge",
            "indirectResellers",
            json!({"reseller": world.reseller.lookup(), "autoApprove": "UPDATES"}),
        ),
        case(
            "removePartnership",
            "partnershipEdge",
            "formerPartnerships",
            json!({"partner": leaving.lookup(), "confirm": true, "representation": representation()}),
        ),
        Case {
            token: invitee,
            ..case(
                "acceptPartnership",
                "indirectProviderEdge",
                "indirectProviders",
                json!({"token": secret, "confirm": true}),
            )
        },
        Case {
            token: reseller,
            ..case(
                "requestChange",
                "changeRequestEdge",
                "changeRequests",
                json!({"change": {"update": {"subscription": managed.lookup(), "quantity": 9}}}),
            )
        },
    ]
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_edge_of_a_payload_is_the_edge_of_the_list(#[case] backend: Backend) {
    let world = World::on(backend);
    for name in ["Adventure", "Zulu"] {
        let other = world.graph.customer(&world.provider, name);
        world.graph.subscription(&world.provider, &other).add();
    }
    for Case { mutation, input, token, edge, list } in cases(&world) {
        let (first, rest) = mutation.split_at(1);
        let input_type = format!("{}{rest}Input", first.to_uppercase());
        let document = format!(
            "mutation($input: {input_type}!) {{ {mutation}(input: $input) {{ {edge} {{ cursor node {{ id }} }} userErrors {{ code message }} }} }}"
        );
        let payload = world.api.data(&token, &document, json!({ "input": input }))[mutation].clone();
        assert_eq!(errors(&payload), [] as [Value; 0], "{mutation}");
        let listed = world.api.data(&token, &format!("{{ {list} {{ edges {{ cursor node {{ id }} }} }} }}"), json!({}));
        let edges = listed[list]["edges"].as_array().unwrap();
        assert!(edges.contains(&payload[edge]), "{mutation}: {:#} is not in {edges:#?}", payload[edge]);
        let after = format!("{{ {list}(after: {}) {{ edges {{ node {{ id }} }} }} }}", payload[edge]["cursor"]);
        let place = edges.iter().position(|listed| *listed == payload[edge]).unwrap();
        let rest = world.api.data(&token, &after, json!({}));
        assert_eq!(rest[list]["edges"].as_array().unwrap().len(), edges.len() - place - 1, "{mutation}");
    }
}

/// A refused change has no edge.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_refused_change_has_no_edge(#[case] backend: Backend) {
    let world = World::on(backend);
    let document = "mutation($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customerEdge { cursor } userErrors { code } } }";
    let token = world.graph.token(&world.reseller, &[Role::GlobalAdmin]);
    let input = json!({"customer": world.customer.lookup(), "companyName": "Mine"});
    let payload = world.api.data(&token, document, json!({ "input": input }))["updateCustomer"].clone();
    assert_eq!(payload, json!({"customerEdge": null, "userErrors": [{"code": "NOT_FOUND"}]}));
}
