use partnergraph_domain::{ImportMode, TenantId};
use partnergraph_importer::{Caller, FileInput, FileRequest, ImportRequest, Silent, Waiting, run};
use partnergraph_store::Actor;
use rstest::rstest;
use serde_json::{Value, json};

use crate::enrolment::world::{ENROLL, MPN_ID, World, errors, form, rules, support, with, without};
use crate::support::{Backend, Partner, Postgres, Role, Sqlite, Verbs, moment};

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_newcomer_enrols_and_its_users_act_for_the_account(#[case] backend: Backend) {
    let world = World::on(backend);
    let colleague = world.colleague("ola@fabrikam.example", &[Role::SalesAgent]);
    let enrolled = world.enroll(form());
    assert_eq!(errors(&enrolled), [] as [Value; 0]);
    let partner = &enrolled["partner"];
    assert_eq!(
        (&partner["vettingStatus"], &partner["vettingSubStatus"]),
        (&json!("PENDING"), &json!("EMAIL_OWNERSHIP"))
    );
    assert_eq!((&partner["mpnId"], &partner["type"]), (&json!(MPN_ID.to_string()), &json!("INDIRECT_RESELLER")));
    assert_eq!(
        (&partner["name"], &partner["companyName"]),
        (&json!("Fabrikam Sp. z o.o."), &json!("Fabrikam Sp. z o.o."))
    );
    let status = &partner["status"];
    assert_eq!(
        (&status["onboarded"], &status["enrolled"], &status["mpaSigned"]),
        (&json!(true), &json!(false), &json!(false))
    );
    assert_eq!(status["missing"].as_array().unwrap().len(), 2);
    assert_eq!(enrolled["adminAgent"], json!(false));
    for token in [&world.token, &colleague] {
        let viewer =
            "{ viewer { user { userPrincipalName roles } organization { __typename ... on Partner { name } } } }";
        let seen = world.api.data(token, viewer, json!({}));
        assert_eq!(seen["viewer"]["organization"]["name"], "Fabrikam Sp. z o.o.");
    }
    let mails = world.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (&mails[0]["kind"], &mails[0]["recipient"]),
        (&json!("CONTACT_VERIFICATION"), &json!("ewa.nowak@fabrikam.example"))
    );
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn only_a_global_admin_of_the_tenant_enrols_it(#[case] backend: Backend) {
    let world = World::on(backend);
    let agent = world.colleague("ola@fabrikam.example", &[Role::AdminAgent]);
    let refused = world.run(&agent, ENROLL, form());
    assert_eq!(rules(&refused), ["A-03"]);
    assert_eq!(errors(&refused)[0]["microsoftCode"], 900_150);
    assert_eq!(rules(&world.run(&world.operator, ENROLL, form())), ["A-03"]);
    assert_eq!(world.mails().len(), 0);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn every_missing_field_is_reported_at_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let refused = world.enroll(json!({"type": "INDIRECT_RESELLER"}));
    let fields: Vec<String> = errors(&refused)
        .iter()
        .map(|error| {
            let path: Vec<&str> =
                error["field"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
            format!("{} {}", error["rule"].as_str().unwrap(), path.join("."))
        })
        .collect();
    assert_eq!(
        fields,
        [
            "E-03 legalName",
            "E-03 address.addressLine1",
            "E-03 address.city",
            "E-03 address.postalCode",
            "E-03 address.country",
            "E-03 primaryContact.firstName",
            "E-03 primaryContact.lastName",
            "E-03 primaryContact.email",
            "E-03 support.email",
            "E-03 support.telephone",
            "E-03 support.website",
            "E-04 mpnId",
            "E-03 country",
        ]
    );
    let blank = world.enroll(with(form(), "legalName", json!("  ")));
    assert_eq!(rules(&blank), ["E-03"]);
    let malformed = world.enroll(with(form(), "mpnId", json!("MPN 7")));
    assert_eq!(rules(&malformed), ["BAD_INPUT"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_mpn_id_must_be_active_unused_and_of_the_tenants_country(#[case] backend: Backend) {
    let world = World::on(backend);
    assert_eq!(rules(&world.enroll(without(form(), "mpnId"))), ["E-04"]);
    assert_eq!(rules(&world.enroll(with(form(), "mpnId", json!("999")))), ["E-05"]);
    world.profile(2_000_002, "PL");
    world.end_profile(2_000_002);
    assert_eq!(rules(&world.enroll(with(form(), "mpnId", json!("2000002")))), ["E-05"]);
    // The same region is not enough.
    world.profile(2_000_003, "DE");
    assert_eq!(rules(&world.enroll(with(form(), "mpnId", json!("2000003")))), ["E-06"]);
    let other = world.graph.reseller("Litware").add();
    let taken = world.enroll(with(form(), "mpnId", json!(other.mpn_id.to_string())));
    assert_eq!(rules(&taken), ["MPN_ID_TAKEN"]);
    assert_eq!(errors(&taken)[0]["field"], json!(["mpnId"]));
    assert_eq!(errors(&world.enroll(form())), [] as [Value; 0]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_web_mail_address_is_refused(#[case] backend: Backend) {
    let world = World::on(backend);
    for email in ["ewa@gmail.com", "ewa@yahoo.co.uk", "ewa@poczta.onet.pl"] {
        let mut input = form();
        input["primaryContact"]["email"] = json!(email);
        let refused = world.enroll(input);
        assert_eq!(rules(&refused), ["E-07"], "{email}");
        assert_eq!(errors(&refused)[0]["field"], json!(["primaryContact", "email"]));
    }
    let mut input = form();
    input["primaryContact"]["email"] = json!("ewa");
    assert_eq!(rules(&world.enroll(input)), ["E-03"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_newcomer_is_an_indirect_reseller(#[case] backend: Backend) {
    let world = World::on(backend);
    assert_eq!(rules(&world.enroll(with(form(), "type", json!("INDIRECT_PROVIDER")))), ["E-01"]);
    assert_eq!(rules(&world.enroll(with(form(), "type", json!("DIRECT_BILL")))), ["E-01", "T-05"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_company_in_the_programme_enters_only_its_support_contact(#[case] backend: Backend) {
    let world = World::on(backend);
    let direct = world.graph.direct_bill("Adatum").add();
    let token = world.person(&direct, "adam@adatum.example", &[Role::GlobalAdmin]);
    let refused = world.run(&token, ENROLL, json!({"support": {"email": "help@adatum.example"}}));
    assert_eq!(rules(&refused), ["E-02", "E-02"]);
    let enrolled = world.run(&token, ENROLL, json!({"support": support()}));
    assert_eq!(errors(&enrolled), [] as [Value; 0]);
    let partner = &enrolled["partner"];
    assert_eq!((&partner["type"], &partner["name"]), (&json!("INDIRECT_RESELLER"), &json!("Adatum")));
    assert_eq!(partner["mpnId"], json!(direct.mpn_id.to_string()));
    // No contact is known, so the user who enrols gets the e-mail (E-10).
    assert_eq!(world.mails()[0]["recipient"], "adam@adatum.example");
    // Both accounts have the same MPN ID once the second is authorised (T-01).
    let answers = json!({"token": world.mailed_token(), "signedUp": true, "emailBelongsToCompany": true});
    assert_eq!(errors(&world.run(&token, crate::enrolment::world::VERIFY, answers)), [] as [Value; 0]);
    let review = json!({"partner": {"mpnId": direct.mpn_id.to_string()}, "decision": "AUTHORIZE"});
    let reviewed = world.run(&world.operator, crate::enrolment::world::REVIEW, review);
    assert_eq!(errors(&reviewed), [] as [Value; 0]);
    assert_eq!(reviewed["partner"]["id"], partner["id"]);
    let again = world.run(&token, ENROLL, json!({"support": support()}));
    assert_eq!(rules(&again), ["T-01"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn direct_bill_requires_an_existing_account_with_all_capabilities(#[case] backend: Backend) {
    let world = World::on(backend);
    let reseller = world.graph.reseller("Fabrikam").add();
    let token = world.person(&reseller, "anna@fabrikam.example", &[Role::GlobalAdmin]);
    let input = json!({"type": "DIRECT_BILL", "support": support(), "capabilities": ["BILLING"]});
    let refused = world.run(&token, ENROLL, input);
    assert_eq!(rules(&refused), ["T-05"]);
    let message = errors(&refused)[0]["message"].as_str().unwrap().to_owned();
    for missing in ["API_INTEGRATION", "SUPPORT", "MANAGED_SERVICES"] {
        assert!(message.contains(missing), "{message}");
    }
    let capabilities = json!(["BILLING", "API_INTEGRATION", "SUPPORT", "MANAGED_SERVICES"]);
    let enrolled =
        world.run(&token, ENROLL, json!({"type": "DIRECT_BILL", "support": support(), "capabilities": capabilities}));
    assert_eq!(errors(&enrolled), [] as [Value; 0]);
    assert_eq!(enrolled["partner"]["type"], "DIRECT_BILL");
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_provider_has_no_second_account_and_a_tenant_no_two_of_one_type(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    let token = world.person(&provider, "nina@northwind.example", &[Role::GlobalAdmin]);
    assert_eq!(rules(&world.run(&token, ENROLL, json!({"support": support()}))), ["T-01"]);
    assert_eq!(errors(&world.enroll(form())), [] as [Value; 0]);
    assert_eq!(rules(&world.enroll(form())), ["T-01"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_customers_tenant_cannot_enrol(#[case] backend: Backend) {
    let world = World::on(backend);
    let provider = world.graph.provider("Northwind").add();
    let contoso = world.graph.customer(&provider, "Contoso");
    let refused = world.run(&world.graph.customer_token(&contoso), ENROLL, form());
    assert_eq!(rules(&refused), ["Q-06"]);
}

/// The provider's list of customers, which names that tenant.
fn customers_list(tenant_id: &str) -> FileRequest {
    let text = format!(
        "Microsoft ID,Company name,Primary domain name,Relationship\n{tenant_id},Fabrikam,fabrikam.example,Cloud Reseller\n"
    );
    FileRequest { partial: true, ..FileRequest::new(FileInput::Bytes("customers.csv".to_owned(), text.into_bytes())) }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn no_word_of_a_partner_locks_a_tenant_out(#[case] backend: Backend) {
    let world = World::on(backend);
    let northwind = world.graph.provider("Northwind").add();
    let tailspin = world.graph.provider("Tailspin").add();
    let import = |provider: &Partner| {
        let files = vec![customers_list(&world.tenant_id.to_string())];
        let request = ImportRequest::new(provider.id, ImportMode::Apply, files);
        let caller = Caller { actor: &Actor::command_line(), now: moment(), waiting: Waiting::Wait, run_id: None };
        run(world.graph.database.url(), &request, &caller, &Silent).unwrap()
    };
    // Two partners call the tenant their customer, and a third invites it.
    assert_eq!((import(&northwind).customers.created, import(&tailspin).customers.created), (1, 1));
    let token = world.graph.token(&tailspin, &[Role::GlobalAdmin]);
    let tenant_id = TenantId(world.tenant_id);
    assert_eq!(rules(&world.as_user(&token).invite_tenant(tenant_id)), ["C-18"], "its own customer");
    let direct = world.graph.token(&world.graph.direct_bill("Direct").add(), &[Role::GlobalAdmin]);
    let invited = world.as_user(&direct).invite_tenant(tenant_id);
    assert_eq!(errors(&invited), [] as [Value; 0]);

    // Its Global admin prepares the accounts of its people, as that of an unknown tenant does.
    let agents = world.as_tenant().update_user_roles("ola@fabrikam.example", &["ADMIN_AGENT"]);
    assert_eq!(errors(&agents), [] as [Value; 0]);
    // It enrols all the same, in the country and the cloud that it states.
    let enrolled = world.enroll(with(form(), "cloud", json!("US_GOVERNMENT")));
    assert_eq!(errors(&enrolled), [] as [Value; 0], "{enrolled:#}");
    assert_eq!(enrolled["partner"]["country"], "PL");
    // By its own word it is a partner's now: it is nobody's customer any more.
    let (_, secret) = invited["invitation"]["link"].as_str().unwrap().split_once("token=").unwrap();
    assert_eq!(rules(&world.as_tenant().accept_with_agreement(secret)), ["Q-06"]);
    let again = import(&northwind);
    assert_eq!((again.customers.updated, &*again.issues[0].code), (0, "customer.is_partner_tenant"));
    assert_eq!(errors(&world.verify(true, true)), [] as [Value; 0]);
    assert_eq!(errors(&world.review("AUTHORIZE")), [] as [Value; 0]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn a_tenants_own_word_binds_it(#[case] backend: Backend) {
    let world = World::on(backend);
    let northwind = world.graph.provider("Northwind").add();
    let token = world.graph.token(&northwind, &[Role::GlobalAdmin]);
    let invited = world.as_user(&token).invite_tenant(TenantId(world.tenant_id));
    let (_, secret) = invited["invitation"]["link"].as_str().unwrap().split_once("token=").unwrap();
    // An invitation says nothing about a tenant until its Global admin accepts it.
    assert_eq!(errors(&world.as_tenant().with(json!({"validateOnly": true})).run(ENROLL, form())), [] as [Value; 0]);
    assert_eq!(errors(&world.as_tenant().accept_with_agreement(secret)), [] as [Value; 0]);
    assert_eq!(rules(&world.enroll(form())), ["Q-06"]);
    // The directory that is made with a customer is a customer's from the start.
    let addition = json!({
        "companyName": "Trey Research", "domain": "trey.example", "country": "PL", "billingEmail": "bills@trey.example",
        "customerAgreement": {"acceptedBy": {"firstName": "Jan", "lastName": "Kos", "email": "jan@trey.example"}, "dateAgreed": "2024-02-01"},
        "lines": [{"offerId": "A:1", "offerName": "A", "quantity": 1}], "mode": "SUBMIT", "channel": "PARTNER_CENTER",
    });
    let added = world.as_user(&token).add_customer(addition);
    let made = TenantId(added["customer"]["tenantId"].as_str().unwrap().parse().unwrap());
    let admin = world.graph.newcomer_token(made, "jan@trey.example", &[Role::GlobalAdmin]);
    assert_eq!(rules(&world.run(&admin, ENROLL, form())), ["Q-06"]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn the_user_who_enrols_can_join_the_admin_agents(#[case] backend: Backend) {
    let world = World::on(backend);
    let enrolled = world.enroll(with(form(), "joinAdminAgents", json!(true)));
    assert_eq!(enrolled["adminAgent"], json!(true));
    // The same token then acts as an Admin agent and can add users.
    let add = "mutation($input: UpdateUserRolesInput!) { updateUserRoles(input: $input) { user { roles } userErrors { code rule } } }";
    let added =
        world.run(&world.token, add, json!({"userPrincipalName": "ola@fabrikam.example", "roles": ["SALES_AGENT"]}));
    assert_eq!(errors(&added), [] as [Value; 0]);
}

#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn validating_stores_nothing_and_an_idempotency_key_enrols_once(#[case] backend: Backend) {
    let world = World::on(backend);
    let validated = world.enroll(with(form(), "validateOnly", json!(true)));
    assert_eq!((&validated["partner"], errors(&validated).len()), (&json!(null), 0));
    assert_eq!(world.mails().len(), 0);
    let with_key = with(form(), "idempotencyKey", json!("once"));
    let first = world.enroll(with_key.clone());
    let second = world.enroll(with_key);
    assert_eq!(first["partner"]["id"], second["partner"]["id"]);
    assert!(first["partner"]["id"].is_string());
    assert_eq!(world.mails().len(), 1);
    let other = world.enroll(with(with(form(), "legalName", json!("Other")), "idempotencyKey", json!("once")));
    assert_eq!(rules(&other), ["IDEMPOTENCY_KEY_REUSED"]);
}
