//! The two requests for each rule: one that it allows, and one that it refuses.

use serde_json::{Value, json};

use crate::rules::world::{ACTIVE, GERMAN, INACTIVE, Who, World, enrolment};

/// A request.
pub(crate) struct Try {
    pub(crate) who: Who,
    pub(crate) mutation: &'static str,
    pub(crate) input: Value,
}

/// A rule with a request that it allows and one that it refuses.
pub(crate) struct Case {
    pub(crate) rule: &'static str,
    pub(crate) passes: Try,
    pub(crate) refuses: Try,
}

/// Rules that no API request can break on its own, with the reason.
pub(crate) const ELSEWHERE: &[(&str, &str)] = &[
    ("R-01", "what a region is: Q-14, Q-15, P-17 and C-07 ask it and refuse by their own ids"),
    ("R-02", "that country is not region: E-06 asks it and refuses by its own id"),
];

fn attempt(who: Who, mutation: &'static str, input: Value) -> Try {
    Try { who, mutation, input }
}

/// The same input with another value for that name.
fn with(mut input: Value, name: &str, value: Value) -> Value {
    input[name] = value;
    input
}

/// One mutation with two inputs, by one actor.
fn case(rule: &'static str, who: Who, mutation: &'static str, passes: Value, refuses: Value) -> Case {
    Case { rule, passes: attempt(who, mutation, passes), refuses: attempt(who, mutation, refuses) }
}

/// One input by two actors.
fn by(rule: &'static str, mutation: &'static str, input: &Value, passes: Who, refuses: Who) -> Case {
    Case { rule, passes: attempt(passes, mutation, input.clone()), refuses: attempt(refuses, mutation, input.clone()) }
}

pub(crate) fn cases(world: &World) -> Vec<Case> {
    [
        roles(world),
        enrolling(world),
        agreement(world),
        partnerships(world),
        removals(world),
        invitations(world),
        customers(world),
        orders(world),
        resellers(world),
        own_use(world),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn association(world: &World, mpn_id: &impl serde::Serialize) -> Value {
    json!({"subscription": {"subscriptionId": world.subscription.subscription_id}, "reseller": {"mpnId": text(mpn_id)}})
}

/// An MPN ID as the API expects it.
fn text(mpn_id: &impl serde::Serialize) -> String {
    json!(mpn_id).to_string().trim_matches('"').to_owned()
}

fn representation() -> Value {
    json!({"goodFaith": true, "legitimateBusinessPurpose": true, "inAccordanceWithAgreement": true, "indemnify": true})
}

fn line() -> Value {
    json!({"offerId": "CFQ7TTC0LH18:0001", "offerName": "Microsoft 365 Business Basic", "quantity": 5})
}

fn order(world: &World) -> Value {
    json!({"customer": {"tenantId": world.customer.tenant_id}, "lines": [line()], "channel": "PARTNER_CENTER"})
}

fn signatory() -> Value {
    json!({"firstName": "Jan", "lastName": "Kos", "email": "jan@trey.example"})
}

fn new_customer() -> Value {
    json!({"companyName": "Trey Research", "domain": "trey.example", "country": "PL", "billingEmail": "bills@trey.example",
           "customerAgreement": {"acceptedBy": signatory(), "dateAgreed": "2024-02-01"}, "lines": [line()], "mode": "SUBMIT", "channel": "PARTNER_CENTER"})
}

fn invitation() -> Value {
    json!({"customerEmail": "boss@customer.example", "country": "PL", "delegatedAdmin": true})
}

fn roles(world: &World) -> Vec<Case> {
    let associate = association(world, &world.reseller.mpn_id);
    let access = json!({"provider": {"mpnId": text(&world.provider.mpn_id)}});
    let revoke = json!({"partner": {"mpnId": text(&world.provider.mpn_id)}});
    let user = json!({"userPrincipalName": "new@northwind.example", "roles": ["SALES_AGENT"]});
    vec![
        by("A-01", "associateReseller", &associate, Who::Provider, Who::ProviderHelpdesk),
        by("A-02", "inviteCustomer", &invitation(), Who::ResellerAgent, Who::ResellerHelpdesk),
        by("A-03", "enrollPartner", &enrolment(ACTIVE), Who::Newcomer, Who::NewcomerAgent),
        by("A-04", "updateUserRoles", &user, Who::ProviderAgent, Who::Provider),
        by("A-05", "acceptPartnerAgreement", &json!({"confirm": true}), Who::Unsigned, Who::UnsignedAgent),
        by("A-06", "revokeDelegatedAdmin", &revoke, Who::Customer, Who::CustomerUser),
        by("A-07", "removeProviderAdminAccess", &access, Who::Reseller, Who::ResellerAgent),
    ]
}

fn enrolling(world: &World) -> Vec<Case> {
    let form = enrolment(ACTIVE);
    let support =
        json!({"email": "help@adatum.example", "telephone": "+48 22 111 11 11", "website": "https://adatum.example"});
    let known = json!({"type": "INDIRECT_RESELLER", "support": support});
    let direct = json!({"type": "DIRECT_BILL", "support": support, "capabilities": ["API_INTEGRATION", "BILLING", "SUPPORT", "MANAGED_SERVICES"]});
    let contact = |email: &str| json!({"firstName": "Anna", "lastName": "Nowak", "email": email});
    let newcomer =
        |rule, name, value| case(rule, Who::Newcomer, "enrollPartner", form.clone(), with(form.clone(), name, value));
    let review = |partner: &str| json!({"partner": {"id": world.given[partner]}, "decision": "AUTHORIZE"});
    let decided = json!({"partner": {"mpnId": text(&world.provider.mpn_id)}, "decision": "AUTHORIZE"});
    let takeover = with(review("claimed"), "confirmTakeover", json!(true));
    let takeover = with(takeover, "takeoverReason", json!("The contract names this MPN ID."));
    let directory = json!({"directory": {"services": ["TRAINING"]}});
    let by_operator = with(directory.clone(), "partner", json!({"mpnId": text(&world.provider.mpn_id)}));
    vec![
        Case {
            rule: "V-02",
            passes: attempt(Who::Operator, "updatePartnerProfile", by_operator),
            refuses: attempt(Who::Provider, "updatePartnerProfile", directory),
        },
        by("T-01", "enrollPartner", &known, Who::Direct, Who::Reseller),
        case("T-05", Who::Reseller, "enrollPartner", direct.clone(), with(direct, "capabilities", json!(["BILLING"]))),
        newcomer("E-01", "type", json!("DIRECT_BILL")),
        case(
            "E-02",
            Who::Direct,
            "enrollPartner",
            known.clone(),
            with(known, "support", json!({"email": "help@adatum.example"})),
        ),
        newcomer("E-03", "legalName", json!(" ")),
        newcomer("E-04", "mpnId", Value::Null),
        newcomer("E-05", "mpnId", json!(text(&INACTIVE))),
        newcomer("E-06", "mpnId", json!(text(&GERMAN))),
        newcomer("E-07", "primaryContact", contact("anna@gmail.com")),
        case("E-08", Who::Operator, "reviewPartner", review("verified"), review("unverified")),
        case("E-09", Who::Operator, "reviewPartner", review("verified"), decided),
        case("E-17", Who::Operator, "reviewPartner", takeover, review("claimed")),
        by("E-12", "acceptPartnerAgreement", &json!({"confirm": true}), Who::Unsigned, Who::Membership),
        by("M-05", "acceptPartnerAgreement", &json!({"confirm": true}), Who::Unsigned, Who::Unenrolled),
    ]
}

fn agreement(world: &World) -> Vec<Case> {
    let signed = association(world, &world.reseller.mpn_id);
    let unsigned = association(world, &world.unsigned_reseller.mpn_id);
    let late = |rule| case(rule, Who::Provider, "associateReseller", signed.clone(), unsigned.clone());
    let theirs = with(order(world), "customer", json!({"tenantId": world.of_unsigned.tenant_id}));
    vec![
        Case {
            rule: "M-01",
            passes: attempt(Who::Provider, "submitOrder", order(world)),
            refuses: attempt(Who::Unsigned, "submitOrder", theirs),
        },
        late("M-02"),
        late("M-03"),
        late("M-04"),
        late("B-06"),
    ]
}

fn partnerships(world: &World) -> Vec<Case> {
    let request =
        json!({"resellerEmail": "boss@stranger.example", "reseller": {"mpnId": text(&world.stranger.mpn_id)}});
    let accept = json!({"token": world.given["partnershipToken"], "confirm": true});
    let far = with(request.clone(), "reseller", json!({"mpnId": text(&world.japanese.mpn_id)}));
    let mark = |id: &str| json!({"invitation": world.given[id]});
    vec![
        by("P-01", "requestPartnership", &request, Who::Provider, Who::Direct),
        case(
            "P-02",
            Who::Provider,
            "requestPartnership",
            request.clone(),
            with(request.clone(), "resellerEmail", json!("")),
        ),
        case(
            "P-04",
            Who::Provider,
            "requestPartnership",
            request.clone(),
            with(request.clone(), "message", json!("Join us.")),
        ),
        case("P-05", Who::Provider, "markInvitationDone", mark("partnership"), mark("closedPartnership")),
        by("P-07", "acceptPartnership", &accept, Who::Stranger, Who::Unenrolled),
        case("P-08", Who::Stranger, "acceptPartnership", accept.clone(), with(accept, "confirm", json!(false))),
        by(
            "P-12",
            "removeProviderAdminAccess",
            &json!({"provider": {"mpnId": text(&world.provider.mpn_id)}}),
            Who::Reseller,
            Who::Former,
        ),
        case("P-17", Who::Provider, "requestPartnership", request, far),
    ]
}

fn removals(world: &World) -> Vec<Case> {
    let remove = json!({"partner": {"mpnId": text(&world.reseller.mpn_id)}, "confirm": true, "representation": representation()});
    let by_reseller = with(remove.clone(), "partner", json!({"mpnId": text(&world.provider.mpn_id)}));
    let half = with(representation(), "indemnify", json!(false));
    let end = json!({"customer": {"tenantId": world.customer.tenant_id}, "leaveSubscriptions": true, "confirm": true, "representation": representation()});
    let provider = |rule, mutation, input: &Value, name, value| {
        case(rule, Who::Provider, mutation, input.clone(), with(input.clone(), name, value))
    };
    vec![
        provider("X-01", "removePartnership", &remove, "confirm", json!(false)),
        provider("X-06", "removePartnership", &remove, "representation", half.clone()),
        Case {
            rule: "X-08",
            passes: attempt(Who::Provider, "removePartnership", remove),
            refuses: attempt(Who::Reseller, "removePartnership", by_reseller),
        },
        provider("D-03", "removeCustomerRelationship", &end, "representation", half),
        provider("D-04", "removeCustomerRelationship", &end, "confirm", json!(false)),
        provider("D-06", "removeCustomerRelationship", &end, "leaveSubscriptions", json!(false)),
    ]
}

fn invitations(world: &World) -> Vec<Case> {
    let plain = with(invitation(), "delegatedAdmin", json!(false));
    let reseller = |rule, name, value| {
        case(rule, Who::ResellerAgent, "inviteCustomer", invitation(), with(invitation(), name, value))
    };
    let of = |country: &str, input: Value| with(input, "country", json!(country));
    let joint = with(invitation(), "jointProvider", json!({"mpnId": text(&world.provider.mpn_id)}));
    let accept = json!({"token": world.given["invitationToken"], "acceptCustomerAgreement": {"firstName": "Jan", "lastName": "Kos", "email": "jan@hesitant.example"}});
    let known = with(invitation(), "customer", json!({"tenantId": world.customer.tenant_id}));
    let mark = |id: &str| json!({"invitation": world.given[id]});
    vec![
        case("C-05", Who::Government, "inviteCustomer", of("US", invitation()), of("US", plain.clone())),
        case("C-06", Who::German, "inviteCustomer", of("DE", invitation()), of("DE", plain)),
        reseller("C-07", "country", json!("JP")),
        reseller("C-08", "delegatedAdmin", Value::Null),
        reseller("C-09", "message", json!("Be our customer.")),
        case(
            "C-10",
            Who::CustomerWithoutAgreement,
            "acceptInvitation",
            accept,
            json!({"token": world.given["invitationToken"]}),
        ),
        case("C-18", Who::Provider, "inviteCustomer", known.clone(), with(known, "delegatedAdmin", json!(false))),
        by("C-19", "inviteCustomer", &joint, Who::ResellerAgent, Who::Direct),
        by("C-22", "inviteCustomer", &joint, Who::ResellerAgent, Who::Former),
        reseller("C-23", "customerEmail", json!("")),
        case("C-29", Who::ResellerAgent, "markInvitationDone", mark("invitation"), mark("closedInvitation")),
    ]
}

fn customers(world: &World) -> Vec<Case> {
    let rename = |subscription: &crate::support::Subscription| json!({"subscription": {"subscriptionId": subscription.subscription_id}, "friendlyName": "Office"});
    let enlarge = |subscription: &crate::support::Subscription| json!({"subscription": {"subscriptionId": subscription.subscription_id}, "quantity": 9});
    let order_for =
        |customer: &crate::support::Customer| with(order(world), "customer", json!({"tenantId": customer.tenant_id}));
    let ordered = |rule, customer| case(rule, Who::Provider, "submitOrder", order(world), order_for(customer));
    let reassign = |to: &crate::support::Partner| json!({"from": {"mpnId": text(&world.provider.mpn_id)}, "to": {"mpnId": text(&to.mpn_id)}});
    let attest = json!({"customer": {"tenantId": world.customer.tenant_id}, "acceptedBy": signatory(), "dateAgreed": "2024-02-01"});
    let owner = |reseller: &crate::support::Partner| json!({"reseller": {"mpnId": text(&reseller.mpn_id)}});
    vec![
        case("C-01", Who::Provider, "updateSubscription", rename(&world.subscription), rename(&world.of_advised)),
        case("C-02", Who::Provider, "updateSubscription", enlarge(&world.subscription), enlarge(&world.of_advised)),
        case(
            "B-16",
            Who::Reseller,
            "updateSubscription",
            with(enlarge(&world.subscription), "quantity", json!(4)),
            enlarge(&world.subscription),
        ),
        ordered("C-03", &world.without_agreement),
        case(
            "C-31",
            Who::Provider,
            "confirmCustomerAgreement",
            attest.clone(),
            with(attest, "dateAgreed", json!("9999-12-31")),
        ),
        ordered("C-26", &world.advised),
        ordered("B-11", &world.advised),
        case("C-14", Who::Customer, "reassignDelegatedAdmin", reassign(&world.direct), reassign(&world.provider)),
        case("N-10", Who::Customer, "grantTenantOwner", owner(&world.reseller), owner(&world.former)),
    ]
}

fn orders(world: &World) -> Vec<Case> {
    let provider = |rule, mutation, input: Value, name, value| {
        case(rule, Who::Provider, mutation, input.clone(), with(input, name, value))
    };
    let none = with(line(), "quantity", json!(0));
    let upgrade = json!({"subscription": {"subscriptionId": world.subscription.subscription_id}, "toOfferId": "CFQ7TTC0LCHC:0002",
                         "toOfferName": "Microsoft 365 E3", "quantity": 2, "channel": "M365_PORTAL"});
    let with_reseller = with(new_customer(), "reseller", json!({"mpnId": text(&world.reseller.mpn_id)}));
    vec![
        by("T-03", "addCustomer", &new_customer(), Who::Provider, Who::Reseller),
        case("T-04", Who::Direct, "addCustomer", new_customer(), with_reseller),
        by("Q-01", "addCustomer", &new_customer(), Who::Provider, Who::Reseller),
        provider("N-04", "submitOrder", order(world), "lines", json!([none])),
        provider("N-05", "addCustomer", new_customer(), "reviewToken", json!("made-up")),
        provider("B-01", "submitOrder", order(world), "channel", json!("AZURE_PORTAL")),
        provider("B-15", "upgradeSubscription", upgrade, "quantity", json!(6)),
        provider("C-30", "addCustomer", new_customer(), "tenantId", json!(world.stranger.tenant_id)),
        provider("Q-06", "inviteCustomer", invitation(), "tenantId", json!(world.reseller.tenant_id)),
        provider("Q-09", "inviteCustomer", invitation(), "tenantId", json!(world.reseller.tenant_id)),
        provider("Q-14", "addCustomer", new_customer(), "country", json!("JP")),
    ]
}

fn resellers(world: &World) -> Vec<Case> {
    let right = association(world, &world.reseller.mpn_id);
    let put_on = |rule, mpn_id: Value| {
        case(rule, Who::Provider, "associateReseller", right.clone(), association(world, &mpn_id))
    };
    let fixed = with(right.clone(), "subscription", json!({"subscriptionId": world.fixed.subscription_id}));
    let contact = |mpn_id: Value| json!({"subscription": {"subscriptionId": world.subscription.subscription_id}, "contact": {"mpnId": text(&mpn_id)}});
    vec![
        put_on("E-11", json!(7_999_999)),
        put_on("P-06", json!(world.former.mpn_id)),
        put_on("N-09", json!(world.stranger.mpn_id)),
        put_on("X-09", json!(world.former.mpn_id)),
        put_on("Q-15", json!(world.japanese.mpn_id)),
        put_on("B-05", json!(6_000_001)),
        case("B-03", Who::Provider, "associateReseller", right.clone(), fixed),
        case(
            "K-02",
            Who::Provider,
            "assignSupportContact",
            contact(json!(world.reseller.mpn_id)),
            contact(json!(world.former.mpn_id)),
        ),
    ]
}

fn own_use(world: &World) -> Vec<Case> {
    let mpn = |partner: &crate::support::Partner| json!({"mpnId": text(&partner.mpn_id)});
    // A former reseller of the provider buys for its own use from another reseller.
    let through = with(with(new_customer(), "internalUseOf", mpn(&world.former)), "reseller", mpn(&world.reseller));
    let straight = with(through.clone(), "reseller", Value::Null);
    let bought = |rule, refuses| case(rule, Who::Provider, "addCustomer", through.clone(), refuses);
    let of_direct = |buyer| with(new_customer(), "internalUseOf", mpn(buyer));
    let accept = json!({"token": world.given["internalUseToken"]});
    let confirmed = with(accept.clone(), "confirmInternalUseOf", mpn(&world.former));
    vec![
        bought("Q-04", straight.clone()),
        bought("Q-16", straight),
        case("Q-05", Who::Customer, "acceptInvitation", confirmed, accept),
        bought("Q-17", with(through.clone(), "internalUseOf", mpn(&world.provider))),
        case("Q-07", Who::Direct, "addCustomer", new_customer(), of_direct(&world.direct)),
        case("Q-08", Who::Direct, "addCustomer", new_customer(), of_direct(&world.stranger)),
    ]
}
