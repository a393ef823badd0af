//! E-17: what the review of an enrolment shows about the placeholder that it would take over, and what it asks for.

use rstest::rstest;
use serde_json::{Value, json};

use crate::enrolment::takeover::{FROM_PARTNER_CENTER, account, customers, import, number, partner_center_files};
use crate::enrolment::world::{ENROLL, MPN_ID, REVIEW, VERIFY, World, errors, form, rules, support, with};
use crate::support::{Backend, Partner, Postgres, Role, Sqlite};

const REVIEWS: &str = "query($f: PartnerFilter) { partnerReviews(filter: $f) { totalCount nodes { name review { \
     claimedName registeredCompany registeredCountry namesMatch placeholder { providers customers subscriptions licenses } } } } }";
const UPSERT: &str =
    "mutation($input: UpsertMpnProfileInput!) { upsertMpnProfile(input: $input) { userErrors { code } } }";
/// The MPN ID of a second active profile.
const OTHER_MPN_ID: u64 = 2_000_009;

/// A world in which a provider's import made a placeholder, and a newcomer claims its MPN ID.
fn claimed(backend: Backend) -> (World, Partner) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    import(&world, &provider, partner_center_files());
    world.enroll(form());
    world.verify(true, true);
    (world, provider)
}

/// The register states the company of the MPN ID.
fn register(world: &World, company: &str) {
    let input = json!({"mpnId": MPN_ID.to_string(), "company": company});
    assert_eq!(errors(&world.run(&world.operator, UPSERT, input)), [] as [Value; 0]);
}

fn authorize(world: &World, more: Value) -> Value {
    let mut input = json!({"partner": {"tenantId": world.tenant_id}, "decision": "AUTHORIZE"});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.run(&world.operator, REVIEW, input)
}

fn placeholders(world: &World) -> i64 {
    number(world, "SELECT COUNT(*) FROM partners WHERE tenant_id IS NULL AND removed_at IS NULL")
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_takeover_is_confirmed_and_has_a_reason_unless_the_register_has_the_name(#[case] backend: Backend) {
    for (registered, needs_reason) in [(None, true), (Some("Litware"), true), (Some("FABRIKAM  sp. z o.o."), false)] {
        let (world, _) = claimed(backend);
        if let Some(company) = registered {
            register(&world, company);
        }
        let refused = authorize(&world, json!({}));
        assert_eq!(rules(&refused).len(), if needs_reason { 2 } else { 1 }, "{refused:#}");
        assert!(rules(&refused).iter().all(|rule| rule == "E-17"), "{refused:#}");
        assert_eq!(errors(&refused)[0]["field"], json!(["confirmTakeover"]));
        let unconfirmed = authorize(&world, json!({"takeoverReason": "The contract names it."}));
        assert_eq!(errors(&unconfirmed)[0]["code"], "TAKEOVER_NOT_CONFIRMED");
        let confirmed = json!({"confirmTakeover": true, "takeoverReason": " ", "validateOnly": true});
        let unexplained = authorize(&world, confirmed);
        assert_eq!(errors(&unexplained).len(), usize::from(needs_reason), "{unexplained:#}");
        if needs_reason {
            assert_eq!(errors(&unexplained)[0]["code"], "TAKEOVER_REASON_MISSING");
            assert_eq!(errors(&unexplained)[0]["field"], json!(["takeoverReason"]));
        }
        assert_eq!(placeholders(&world), 1);
        let reason = if needs_reason { json!("The contract names it.") } else { Value::Null };
        let done = authorize(&world, json!({"confirmTakeover": true, "takeoverReason": reason}));
        assert_eq!(errors(&done), [] as [Value; 0], "{done:#}");
        assert_eq!(done["subscriptions"], json!([]));
        assert_eq!(
            (placeholders(&world), &*customers(&world, &world.token, json!({}))),
            (0, &["Microsofts".to_owned()][..])
        );
        // The reason is in the history, for operators only.
        let events = "{ auditEvents { nodes { changes { field after } } } }";
        let reads = |token: &str| world.api.data(token, events, json!({})).to_string().contains("takeoverReason");
        assert_eq!((reads(&world.operator), reads(&world.token)), (needs_reason, false));
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_rejection_takes_nothing_over_and_confirms_nothing(#[case] backend: Backend) {
    let (world, _) = claimed(backend);
    let refused = authorize(&world, json!({"decision": "REJECT", "confirmTakeover": true, "takeoverReason": "No."}));
    assert_eq!(rules(&refused), ["BAD_INPUT", "BAD_INPUT"]);
    assert_eq!(rules(&world.review("REJECT")), [] as [&str; 0]);
    assert_eq!(placeholders(&world), 1);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_confirmation_that_is_not_needed_changes_nothing(#[case] backend: Backend) {
    let world = World::on(backend);
    world.enroll(form());
    world.verify(true, true);
    assert_eq!(
        rules(&authorize(&world, json!({"confirmTakeover": true, "takeoverReason": "In case."}))),
        [] as [&str; 0]
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn operators_read_what_a_review_is_about(#[case] backend: Backend) {
    let (world, provider) = claimed(backend);
    register(&world, "Litware");
    let seen = world.api.data(&world.operator, REVIEWS, json!({}));
    let review = json!({
        "claimedName": "Fabrikam Sp. z o.o.", "registeredCompany": "Litware", "registeredCountry": "PL", "namesMatch": false,
        "placeholder": {"providers": 1, "customers": 1, "subscriptions": 1, "licenses": 7}
    });
    let listed = json!({"totalCount": 1, "nodes": [{"name": "Fabrikam Sp. z o.o.", "review": review}]});
    assert_eq!(seen["partnerReviews"], listed);
    let other = json!({"f": {"mpnId": {"eq": OTHER_MPN_ID.to_string()}}});
    assert_eq!(world.api.data(&world.operator, REVIEWS, other)["partnerReviews"]["totalCount"], 0);
    // Nobody else reads it, not even the account itself.
    let provider_token = world.graph.token(&provider, &[Role::GlobalAdmin]);
    for token in [&world.token, &provider_token] {
        assert_eq!(world.api.data(token, REVIEWS, json!({}))["partnerReviews"], json!({"totalCount": 0, "nodes": []}));
    }
    let by = json!({"t": world.tenant_id});
    let query =
        "query($t: UUID!) { partner(by: {tenantId: $t}) { name review { claimedName placeholder { providers } } } }";
    assert_eq!(world.api.data(&world.token, query, by.clone())["partner"]["review"], json!(null));
    assert_eq!(world.api.data(&world.operator, query, by.clone())["partner"]["review"]["placeholder"]["providers"], 1);
    world.authorize_takeover();
    assert_eq!(world.api.data(&world.operator, query, by)["partner"]["review"], json!(null));
    assert_eq!(world.api.data(&world.operator, REVIEWS, json!({}))["partnerReviews"]["totalCount"], 0);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn without_a_placeholder_a_review_has_none(#[case] backend: Backend) {
    let world = World::on(backend);
    world.enroll(form());
    let seen = world.api.data(&world.operator, REVIEWS, json!({}));
    let review = &seen["partnerReviews"]["nodes"][0]["review"];
    assert_eq!((&review["placeholder"], &review["namesMatch"]), (&json!(null), &json!(null)));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn who_claims_an_mpn_id_gains_nothing_before_the_review(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    import(&world, &provider, partner_center_files());
    let known = json!({"mpnId": MPN_ID.to_string(), "company": "Litware", "globalMpnId": "2000000"});
    world.run(&world.operator, UPSERT, known);
    let gains = || {
        let query = "{ mpnProfiles { nodes { mpnId company } } customers { totalCount } subscriptions { totalCount } \
                     indirectProviders { totalCount } partners { nodes { name globalMpnId } } invitations { totalCount } }";
        let seen = world.api.data(&world.token, query, json!({}));
        assert_eq!(seen["mpnProfiles"]["nodes"], json!([]));
        assert_eq!(seen["partners"]["nodes"], json!([{"name": "Fabrikam Sp. z o.o.", "globalMpnId": null}]));
        for list in ["customers", "subscriptions", "indirectProviders", "invitations"] {
            assert_eq!(seen[list]["totalCount"], 0, "{list}");
        }
    };
    let enrolled = world.enroll(form());
    assert_eq!(rules(&enrolled), [] as [&str; 0]);
    gains();
    world.verify(true, true);
    gains();
    let customer = json!({"t": FROM_PARTNER_CENTER});
    let query = "query($t: UUID!) { customer(by: {tenantId: $t}) { companyName } }";
    assert_eq!(world.api.data(&world.token, query, customer)["customer"], json!(null));
    world.authorize_takeover();
    // The register's facts come with the MPN ID.
    let query =
        "{ mpnProfiles { nodes { company } } partners(filter: {mpnId: {eq: \"2000001\"}}) { nodes { globalMpnId } } }";
    let seen = world.api.data(&world.token, query, json!({}));
    assert_eq!(seen["mpnProfiles"]["nodes"], json!([{"company": "Litware"}]));
    assert_eq!(seen["partners"]["nodes"], json!([{"globalMpnId": "2000000"}]));
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_mpn_id_that_several_claim_does_not_say_whose_review_is_meant(#[case] backend: Backend) {
    let (world, _) = claimed(backend);
    let by_mpn_id = json!({"partner": {"mpnId": MPN_ID.to_string()}, "decision": "AUTHORIZE",
        "confirmTakeover": true, "takeoverReason": "The contract names it.", "validateOnly": true});
    assert_eq!(rules(&world.run(&world.operator, REVIEW, by_mpn_id.clone())), [] as [&str; 0]);
    let rival = world.graph.newcomer_token(
        partnergraph_domain::TenantId(world.graph.guid()),
        "li@litware.example",
        &[Role::GlobalAdmin],
    );
    let enrolled = world.run(&rival, ENROLL, form());
    let answers = json!({"token": world.mailed_token(), "signedUp": true, "emailBelongsToCompany": true});
    world.run(&rival, VERIFY, answers);
    assert_eq!(rules(&world.run(&world.operator, REVIEW, by_mpn_id.clone())), ["BAD_INPUT"]);
    let mut rejection = json!({"partner": {"id": enrolled["partner"]["id"]}, "decision": "REJECT"});
    assert_eq!(rules(&world.run(&world.operator, REVIEW, rejection.clone())), [] as [&str; 0]);
    // A rejected claim is none.
    assert_eq!(rules(&world.run(&world.operator, REVIEW, by_mpn_id)), [] as [&str; 0]);
    rejection["partner"] = json!({"mpnId": MPN_ID.to_string()});
    assert_eq!(rules(&world.run(&world.operator, REVIEW, rejection.clone())), [] as [&str; 0]);
    assert_eq!(rules(&world.run(&world.operator, REVIEW, rejection)), ["E-09"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn an_account_of_another_type_takes_over_and_reads_what_it_cannot_have(#[case] backend: Backend) {
    let world = World::on(backend);
    world.profile(OTHER_MPN_ID, "PL");
    let provider = world.graph.provider("Northwind").add();
    import(&world, &provider, partner_center_files());
    // Fabrikam is a reseller with another MPN ID, and applies for direct bill with the one of the placeholder.
    world.enroll(with(form(), "mpnId", json!(OTHER_MPN_ID.to_string())));
    world.verify(true, true);
    assert_eq!(rules(&world.review("AUTHORIZE")), [] as [&str; 0]);
    let capabilities = ["API_INTEGRATION", "BILLING", "SUPPORT", "MANAGED_SERVICES"];
    let direct =
        json!({"type": "DIRECT_BILL", "mpnId": MPN_ID.to_string(), "support": support(), "capabilities": capabilities});
    let enrolled = world.enroll(direct);
    assert_eq!(rules(&enrolled), [] as [&str; 0], "{enrolled:#}");
    world.verify(true, true);
    let done = world.authorize_takeover();
    assert_eq!(done["subscriptions"], json!([{"subscriptionId": "1a000000-0000-4000-8000-000000000012"}]));
    assert_eq!(placeholders(&world), 0);
    // The provider's subscription and partnership name the account, which sees nothing of what the provider sold.
    let provider_token = world.graph.token(&provider, &[Role::AdminAgent]);
    let query = "{ subscriptions { nodes { partnerOfRecord { name type } } } indirectResellers { edges { partnership { state } node { type } } } }";
    let seen = world.api.data(&provider_token, query, json!({}));
    let named = json!({"name": "Fabrikam Sp. z o.o.", "type": "DIRECT_BILL"});
    assert_eq!(seen["subscriptions"]["nodes"], json!([{"partnerOfRecord": named}]));
    let partner = json!([{"partnership": {"state": "IMPORTED"}, "node": {"type": "DIRECT_BILL"}}]);
    assert_eq!(seen["indirectResellers"]["edges"], partner);
    let viewed = format!("SELECT COUNT(*) FROM customer_views WHERE viewer_id = {}", account(&world));
    assert_eq!(number(&world, &viewed), 0);
}
