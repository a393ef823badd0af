//! The mutation that an action names, with a sensible input.

use serde_json::{Value, json};

use crate::matrix::Stage;
use crate::matrix::actors::{Actor, Home};

/// A mutation to call for an action.
pub struct Attempt {
    pub mutation: &'static str,
    pub input: Value,
    /// Whether an error is about what the input names besides the object.
    pub about_input: fn(&Value) -> bool,
}

/// Whether the error is about one of these fields of the input.
fn in_field(error: &Value, fields: &[&str]) -> bool {
    fields.iter().any(|field| error["field"][0] == *field)
}

fn nothing(_: &Value) -> bool {
    false
}

fn of_reseller(error: &Value) -> bool {
    in_field(error, &["reseller"])
}

fn of_contact(error: &Value) -> bool {
    in_field(error, &["contact"])
}

fn of_lines(error: &Value) -> bool {
    in_field(error, &["lines"])
}

/// The reseller names a provider, and what it manages there decides.
fn of_provider(error: &Value) -> bool {
    error["rule"] == "B-16" || error["rule"] == "C-01" || error["field"][2] == "provider"
}

fn of_partner(error: &Value) -> bool {
    in_field(error, &["partner", "from", "to", "reseller"])
}

fn of_link(error: &Value) -> bool {
    in_field(error, &["b", "kind"]) || error["code"] == "ALREADY_LINKED"
}

/// The mutation for the action of that name on the object, as that actor would send it.
pub fn attempt(stage: &Stage, actor: &Actor, node: &Value, name: &str) -> Attempt {
    let of_type = node["__typename"].as_str().unwrap();
    let (mutation, mut input, about_input) = match of_type {
        "Customer" => on_customer(stage, node, name),
        "CustomerSubscription" => on_subscription(stage, node, name),
        "Partner" => on_partner(stage, node, name),
        "Partnership" => on_partnership(actor, node, name),
        other => panic!("{other} has no actions"),
    };
    input["validateOnly"] = json!(true);
    Attempt { mutation, input, about_input }
}

type Call = (&'static str, Value, fn(&Value) -> bool);

fn on_customer(stage: &Stage, node: &Value, name: &str) -> Call {
    let customer = json!({"id": node["id"]});
    let named = |name: &str| json!({"mpnId": stage.world.value(name).text});
    let lines = json!([{"offerId": "CFQ7TTC0LH18:0001", "offerName": "Basic", "quantity": 2, "billingType": "LICENSE",
        "termDuration": "P1Y", "billingCycle": "MONTHLY"}]);
    let representation = json!({"goodFaith": true, "legitimateBusinessPurpose": true, "inAccordanceWithAgreement": true,
        "indemnify": true});
    match name {
        "ASSOCIATE_RESELLER" => {
            ("associateReseller", json!({"customer": customer, "reseller": named("fabri")}), of_reseller)
        }
        "DISSOCIATE_RESELLER" => {
            ("dissociateReseller", json!({"customer": customer, "reseller": named("fabri")}), of_reseller)
        }
        "SUBMIT_ORDER" => {
            ("submitOrder", json!({"customer": customer, "lines": lines, "channel": "PARTNER_CENTER"}), of_lines)
        }
        "REQUEST_ORDER" => {
            let order = json!({"provider": named("nord"), "customer": customer, "lines": lines});
            ("requestChange", json!({"change": {"order": order}}), of_provider)
        }
        "CONFIRM_CUSTOMER_AGREEMENT" => {
            let person = json!({"firstName": "Maria", "lastName": "Wolska", "email": "maria@example.com"});
            let input = json!({"customer": customer, "acceptedBy": person, "dateAgreed": "2024-02-01"});
            ("confirmCustomerAgreement", input, nothing)
        }
        "UPDATE_CUSTOMER" => ("updateCustomer", json!({"customer": customer, "companyName": "Conto"}), nothing),
        "INVITE_CUSTOMER" => {
            let input = json!({"customer": customer, "customerEmail": "anna@nobody.example", "country": "PL",
                "delegatedAdmin": true});
            ("inviteCustomer", input, nothing)
        }
        "REMOVE_CUSTOMER_RELATIONSHIP" => {
            let input = json!({"customer": customer, "leaveSubscriptions": true, "confirm": true,
                "representation": representation});
            ("removeCustomerRelationship", input, nothing)
        }
        "RECORD_RENEGOTIATION" => ("recordRenegotiation", json!({"customer": customer}), nothing),
        "REVOKE_DELEGATED_ADMIN" => ("revokeDelegatedAdmin", json!({"partner": named("nord")}), of_partner),
        "REASSIGN_DELEGATED_ADMIN" => {
            ("reassignDelegatedAdmin", json!({"from": named("nord"), "to": named("adat")}), of_partner)
        }
        "GRANT_TENANT_OWNER" => ("grantTenantOwner", json!({"reseller": named("fabri")}), of_partner),
        "REVOKE_TENANT_OWNER" => ("revokeTenantOwner", json!({"reseller": named("fabri")}), of_partner),
        other => panic!("no mutation for {other} on a customer"),
    }
}

fn on_subscription(stage: &Stage, node: &Value, name: &str) -> Call {
    let subscription = json!({"id": node["id"]});
    let named = |name: &str| json!({"mpnId": stage.world.value(name).text});
    let held = node["quantity"].as_i64().unwrap_or(0);
    let update = |field: &str, value: Value| -> Call {
        ("updateSubscription", json!({"subscription": subscription, field: value}), nothing)
    };
    let request = |field: &str, value: Value| -> Call {
        let change = json!({"update": {"subscription": subscription, field: value}});
        ("requestChange", json!({"change": change}), nothing)
    };
    let offer = json!({"subscription": subscription, "toOfferId": "CFQ7TTC0LCHC:0002", "toOfferName": "Premium"});
    match name {
        "ASSOCIATE_RESELLER" => {
            ("associateReseller", json!({"subscription": subscription, "reseller": named("fabri")}), of_reseller)
        }
        "DISSOCIATE_RESELLER" => ("dissociateReseller", json!({"subscription": subscription}), nothing),
        "ASSIGN_SUPPORT_CONTACT" => {
            ("assignSupportContact", json!({"subscription": subscription, "contact": named("fabri")}), of_contact)
        }
        "CLEAR_SUPPORT_CONTACT" => ("clearSupportContact", json!({"subscription": subscription}), nothing),
        "RENAME_SUBSCRIPTION" => update("friendlyName", json!("A name")),
        "ADD_LICENSES" => update("quantity", json!(held + 1)),
        "REDUCE_LICENSES" => update("quantity", json!(held - 1)),
        "SUSPEND_SUBSCRIPTION" => update("status", json!("SUSPENDED")),
        "RESUME_SUBSCRIPTION" => update("status", json!("ACTIVE")),
        "CANCEL_SUBSCRIPTION" => update("status", json!("DELETED")),
        "ENABLE_AUTO_RENEW" => update("autoRenewEnabled", json!(true)),
        "DISABLE_AUTO_RENEW" => update("autoRenewEnabled", json!(false)),
        "UPGRADE_SUBSCRIPTION" => {
            let mut input = offer;
            input["channel"] = json!("PARTNER_CENTER");
            ("upgradeSubscription", input, nothing)
        }
        "REQUEST_LICENSES" => request("quantity", json!(held + 1)),
        "REQUEST_AUTO_RENEW" => request("autoRenewEnabled", json!(true)),
        "REQUEST_UPGRADE" => ("requestChange", json!({"change": {"upgrade": offer}}), nothing),
        other => panic!("no mutation for {other} on a subscription"),
    }
}

fn on_partner(stage: &Stage, node: &Value, name: &str) -> Call {
    let partner = json!({"id": node["id"]});
    match name {
        "REQUEST_PARTNERSHIP" => {
            let input = json!({"resellerEmail": "anna@nobody.example", "reseller": partner});
            ("requestPartnership", input, nothing)
        }
        "UPDATE_PARTNER_PROFILE" => ("updatePartnerProfile", json!({"partner": partner, "name": "A name"}), nothing),
        "REVIEW_PARTNER" => ("reviewPartner", json!({"partner": partner, "decision": "REJECT"}), nothing),
        "LINK_ORGANIZATIONS" => {
            let others = ["nord-id", "rival-id"].map(|name| stage.world.value(name).text);
            let other = others.iter().find(|other| node["id"] != **other).unwrap();
            ("linkOrganizations", json!({"a": partner, "b": {"id": other}, "kind": "AFFILIATE"}), of_link)
        }
        "ACCEPT_PARTNER_AGREEMENT" => ("acceptPartnerAgreement", json!({"confirm": true}), nothing),
        other => panic!("no mutation for {other} on a partner"),
    }
}

fn on_partnership(actor: &Actor, node: &Value, name: &str) -> Call {
    let (provider, reseller) = (json!({"id": node["provider"]["id"]}), json!({"id": node["reseller"]["id"]}));
    let representation = json!({"goodFaith": true, "legitimateBusinessPurpose": true, "inAccordanceWithAgreement": true,
        "indemnify": true});
    match name {
        "UPDATE_PARTNERSHIP" => ("updatePartnership", json!({"reseller": reseller, "label": "A label"}), nothing),
        "REMOVE_PARTNERSHIP" => {
            let mut input = match actor.home {
                Home::Platform => json!({"provider": provider, "reseller": reseller}),
                Home::Provider | Home::Rival => json!({"partner": reseller}),
                _ => json!({"partner": provider}),
            };
            input["confirm"] = json!(true);
            input["representation"] = representation;
            ("removePartnership", input, nothing)
        }
        "REMOVE_PROVIDER_ADMIN_ACCESS" => ("removeProviderAdminAccess", json!({"provider": provider}), nothing),
        other => panic!("no mutation for {other} on a partnership"),
    }
}
