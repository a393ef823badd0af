//! Every documented operation, run as by a new user of the demo.

use rstest::rstest;
use serde_json::Value;

use super::{PROVIDER, Program, samples};
use crate::support::{Api, Backend, Postgres, Sqlite, TestDatabase};

/// Every document of `docs/operations`, with its variables, run as by a new user of the demo.
#[rstest]
#[case::sqlite(Sqlite)]
#[case::postgres(Postgres)]
fn every_documented_operation_runs_on_the_sample_book(#[case] backend: Backend) {
    let database = TestDatabase::on(backend);
    let program = Program(database.url_text());
    program.accounts();
    program.import_all();
    let token = program.done(&[
        "token",
        "create",
        "--org",
        PROVIDER,
        "--user",
        "anna@vistula.example",
        "--role",
        "ADMIN_AGENT",
    ]);
    let api = Api::on(&database);
    let examples = partnergraph::http::examples();
    assert!(examples.len() >= 13, "{}", examples.len());
    // Each is run unchanged. Mutations, which are only validated then, are run a second time without validateOnly, except for
    // those that would interfere with others.
    let in_earnest = |name: &str| !ONLY_TRIED.contains(&name);
    let runs = examples.into_iter().flat_map(|example| {
        let is_mutation = example.query.trim_start().starts_with("mutation");
        let again = (is_mutation && in_earnest(&example.name)).then(|| (example.clone(), false));
        std::iter::once((example, true)).chain(again)
    });
    for (example, as_it_stands) in runs {
        let mut variables: Value = serde_json::from_str(&example.variables).unwrap();
        if !as_it_stands {
            variables["input"]["validateOnly"] = false.into();
        }
        if example.name == "StartImport" {
            variables["input"]["files"][0]["upload"] = uploaded(&database, as_it_stands).into();
        }
        if matches!(example.name.as_str(), "ApplyImport" | "DiscardImport") {
            variables["input"]["importRun"] = program.run_of(&["--plan"]).into();
        }
        if example.name == "RevertImport" {
            variables["input"]["importRun"] = program.run_of(&[]).into();
        }
        if example.name == "CancelReview" {
            variables["input"]["token"] = reviewed(&api, &token).into();
        }
        // Subscriptions are tested over a WebSocket (tests/live).
        if example.query.starts_with("subscription") {
            continue;
        }
        let data = api.data(&token, &example.query, variables);
        let (field, answer) = data.as_object().unwrap().iter().next().unwrap();
        // No example can contain the token of an invitation.
        assert_eq!(answer.is_null(), example.name == "ReceivedInvitation", "{}: {answer}", example.name);
        if let Some(errors) = answer.get("userErrors") {
            let codes: Vec<&str> =
                errors.as_array().unwrap().iter().filter_map(|error| error["code"].as_str()).collect();
            let is_refused = codes.iter().any(|code| matches!(*code, "NOT_FOUND" | "ROLE_NOT_ALLOWED"));
            assert_eq!(is_refused, FOR_OTHERS.contains(&example.name.as_str()), "{field}: {errors}");
            assert_eq!(codes.is_empty(), !is_refused, "{field}: {errors}");
        }
        if let Some(total) = answer.get("totalCount") {
            // All other lists in the examples contain data of the samples.
            assert_eq!(total == 0, EMPTY.contains(&example.name.as_str()), "{} shows {total}", example.name);
        }
    }
}

/// Operations that an agent of the provider cannot do, or that need a token which no example can contain: they are refused with a
/// reason.
const FOR_OTHERS: &[&str] = &[
    "AcceptInvitation",
    "AcceptPartnerAgreement",
    "AcceptPartnership",
    "DecideChange",
    "DeclineInvitation",
    "EnrollPartner",
    "GrantTenantOwner",
    "LinkOrganizations",
    "MarkInvitationDone",
    "ReassignDelegatedAdmin",
    "RemoveProviderAdminAccess",
    "RequestChange",
    "ReviewPartner",
    "RevokeDelegatedAdmin",
    "RevokeInvitation",
    "RevokeTenantOwner",
    "UpsertMpnProfile",
    "VerifyPrimaryContact",
    "WithdrawChange",
];

/// Mutations after which others would have nothing to do.
const ONLY_TRIED: &[&str] = &[
    "AcceptPartnerAgreement",
    "AssociateReseller",
    "AssociateResellers",
    "EnrollPartner",
    "LinkOrganizations",
    "RecordRenegotiation",
    "RemoveCustomerRelationship",
    "RemovePartnership",
    "ReviewPartner",
    "UpdatePartnerProfile",
    "UpdateUserRoles",
    "UpsertMpnProfile",
];

/// Lists without data in the samples: no relationship has ended, only a reseller has providers, nobody has been invited, has enrolled or
/// been asked for a change yet, and no e-mail has to be sent.
const EMPTY: &[&str] = &[
    "ChangeRequests",
    "DelegatedAdminGrants",
    "FormerCustomers",
    "FormerPartnerships",
    "IndirectProviders",
    "Invitations",
    "Outbox",
    "PartnerReviews",
];

/// The token of a customer review, which the example of `CancelReview` cannot contain.
fn reviewed(api: &Api, token: &str) -> String {
    let example = partnergraph::http::examples().into_iter().find(|example| example.name == "AddCustomer").unwrap();
    let mut variables: Value = serde_json::from_str(&example.variables).unwrap();
    variables["input"]["mode"] = "REVIEW".into();
    variables["input"]["validateOnly"] = false.into();
    let data = api.data(token, &example.query, variables);
    data["addCustomer"]["review"]["token"].as_str().unwrap().to_owned()
}

/// A sample file, stored as by `POST /import`.
fn uploaded(database: &TestDatabase, is_first: bool) -> String {
    let id = if is_first { "sample" } else { "sample-again" };
    use partnergraph_store::imports::uploads::{self, UploadRow};
    let bytes = std::fs::read(samples().join("bulk-migration-tool/customers.csv")).unwrap();
    let mut conn = database.connect();
    let provider = partner_row(&mut conn);
    let row = UploadRow {
        id: id.to_owned(),
        partner_id: Some(provider),
        name: "customers.csv".to_owned(),
        bytes: 0,
        sha256: String::new(),
        uploaded_by: "anna@vistula.example".to_owned(),
        created_at: crate::support::moment(),
    };
    uploads::begin(&mut conn, &row).unwrap();
    uploads::write_piece(&mut conn, id, 0, &bytes).unwrap();
    uploads::finish(&mut conn, id, bytes.len() as i64, "0".repeat(64).as_str()).unwrap();
    id.to_owned()
}

fn partner_row(conn: &mut partnergraph_store::Conn) -> partnergraph_domain::PartnerKey {
    use diesel::prelude::*;
    use partnergraph_store::schema::partners;
    partnergraph_store::on!(conn, c => partners::table
        .filter(partners::mpn_id.eq(PROVIDER))
        .select(partners::id)
        .first(c))
    .unwrap()
}
