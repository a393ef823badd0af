//! The contents of the world in addition to its cast: grants, invitations, an import run, contacts. Written by SQL statements if
//! the cast's builders have no function for it.

mod papers;

use partnergraph_domain::{
    AuditEventKey, EntitlementKey, GrantKey, ImportMode, ImportRunKey, PartnerKey, PartnershipKey,
};
use partnergraph_importer::{Caller, FileInput, FileRequest, ImportRequest, Silent, Waiting};
use partnergraph_operation::ids::GlobalId;
use partnergraph_store::read::subscriptions::{self as read, SubscriptionBy};
use partnergraph_store::write::subscriptions as writes;
use partnergraph_store::{Actor, Scope};

use crate::matrix::actors::Home;
use crate::matrix::world::{Cast, Circle, World};
use crate::support::{Partner, Subscription, moment};

/// The provider's own users, and operators.
pub const PROVIDER: Circle = &[Home::Provider, Home::Platform];
/// Those who see the provider's orders for the customer.
pub const ORDERED: Circle = &[Home::Provider, Home::Customer, Home::Platform];
/// Those who know the provider by name: its partners and customers.
pub const NORD_CUSTOMERS_TOO: Circle =
    &[Home::Provider, Home::Reseller, Home::Recorded, Home::Customer, Home::Platform];
/// Those who see the customer, each with their own record.
pub const SELLERS_OF_CONTO: Circle =
    &[Home::Provider, Home::Reseller, Home::Recorded, Home::Direct, Home::Customer, Home::Platform];
/// Those who see every subscription that the provider sold to the customer.
const ACCOUNT: Circle = &[Home::Provider, Home::Reseller, Home::Customer, Home::Platform];
/// The same, and the partner of record of one of them.
pub const RECORDED: Circle = &[Home::Provider, Home::Reseller, Home::Recorded, Home::Customer, Home::Platform];

const BEFORE: &str = "2026-02-01 08:00:00";
const LONG_AFTER: &str = "2199-01-01 00:00:00";

pub fn put(world: &World, cast: &Cast) {
    contacts(world, cast);
    subscriptions(world, cast);
    entitlements(world, cast);
    customers(world, cast);
    grants(world, cast);
    partnerships(world, cast);
    imports(world, cast);
    papers::invitations(world, cast);
    papers::invitation_of_tenant(world, cast);
    papers::orders(world, cast);
    papers::change_requests(world, cast);
    papers::enrolments(world, cast);
    papers::agreement(world, cast);
    papers::password(world);
    papers::billing(world, cast);
    events(world, cast);
    secrets(world);
}

/// Contacts and directory entries of the provider and the partnered reseller.
fn contacts(world: &World, cast: &Cast) {
    for (partner, known_to) in [(&cast.nord, PROVIDER), (&cast.fabri, &[Home::Reseller, Home::Platform] as Circle)] {
        let name = partner.name.to_lowercase();
        world.batch(&format!(
            "UPDATE partners SET address_line1 = 'Main Street 1', city = '{name}town', postal_code = '00-001', \
             contact_first_name = 'Ada', contact_last_name = 'Lovelace', contact_email = 'ada@{name}.example', \
             contact_phone = '+48 1', support_email = 'help@{name}.example', support_telephone = '+48 2', \
             support_website = 'https://{name}.example' WHERE id = {0}; \
             DELETE FROM directory_entries WHERE partner_id = {0}; INSERT INTO directory_entries VALUES ({0}, '[\"TRAINING\"]', '[\"Starter\"]', 'Gold')",
            partner.id
        ));
        world.keep(format!("ada@{name}.example"), known_to);
        world.keep(format!("{name}town"), known_to);
    }
    for name in ["fabri", "recor", "rival", "solo", "adat"] {
        let named = world.value(name);
        world.keep(&named.text, named.known_to);
        world.keep(world.value(&format!("{name}-tenant")).text, named.known_to);
    }
}

/// Names the subscriptions, and fills the fields that the builder leaves empty.
fn subscriptions(world: &World, cast: &Cast) {
    let named = [
        ("sub-plain", &cast.plain, ACCOUNT),
        ("sub-recorded", &cast.recorded, RECORDED),
        ("sub-supported", &cast.supported, ACCOUNT),
    ];
    for ((name, subscription, known_to), number) in named.into_iter().zip(92_001..) {
        let ghost = partnergraph_domain::SubscriptionId(crate::matrix::world::guid(number));
        let id = subscription.subscription_id;
        world.set(name, id, ghost, known_to);
        let (id, ghost) = (GlobalId::CustomerSubscription(id), GlobalId::CustomerSubscription(ghost));
        world.set(&format!("{name}-id"), id, ghost, known_to);
    }
    world.batch(&format!(
        "UPDATE subscriptions SET unit_type = 'Licenses', publisher_name = 'Microsoft', product_type = 'License', \
         creation_date = '{BEFORE}', effective_start_date = '2026-02-01', order_id = 'order-of-nord', \
         parent_subscription_id = CASE WHEN id = {} THEN NULL ELSE '{}' END WHERE seller_id = {} AND customer_id = {}",
        cast.plain.pk, cast.plain.subscription_id, cast.nord.id, cast.conto.id
    ));
}

/// An entitlement under the subscription whose partner of record sees only that.
fn entitlements(world: &World, cast: &Cast) {
    world.batch(&format!(
        "INSERT INTO entitlements (subscription_pk, entitlement_id, description, reseller_id, version, created_at, updated_at) \
         VALUES ({}, 'entitlement-of-recor', 'Azure subscription 1', {}, 1, '{BEFORE}', '{BEFORE}')",
        cast.recorded.pk, cast.recor.id
    ));
    let id = world.number("SELECT MIN(id) AS number FROM entitlements");
    world.set(
        "entitlement-id",
        GlobalId::Entitlement(EntitlementKey::new(id)),
        GlobalId::Entitlement(EntitlementKey::new(99_001)),
        RECORDED,
    );
    world.keep("entitlement-of-recor", RECORDED);
    world.keep("Azure subscription 1", RECORDED);
}

/// The contents of a partner's own record of a customer.
fn customers(world: &World, cast: &Cast) {
    world.batch(&format!(
        "UPDATE customer_records SET tags = '[\"tag-of-nord\"]', custom_domains = '[\"domain-of-nord.example\"]', \
         associated_partner_id = '4700001', acquisition = 'OWN_MARKETING' WHERE partner_id = {} AND customer_id = {}",
        cast.nord.id, cast.conto.id
    ));
    world.batch(&format!("UPDATE customers SET internal_use_of = {} WHERE id = {}", cast.recor.id, cast.secun.id));
}

fn grants(world: &World, cast: &Cast) {
    for (number, customer) in [(1_i64, &cast.conto), (2, &cast.gone)] {
        world.batch(&format!(
            "INSERT INTO delegated_admin_grants (partner_id, customer_id, kind, external_id, scope, granted_at, end_at, \
             last_sign_in_at, partner_agent_count, partner_sign_in_count, global_admin_sign_in_count, version, created_at, \
             updated_at) VALUES ({}, {}, 'GDAP', 'grant-{number}', 'scope-of-nord', '{BEFORE}', '{LONG_AFTER}', '{BEFORE}', \
             3, 2, 1, 1, '{BEFORE}', '{BEFORE}')",
            cast.nord.id, customer.id
        ));
    }
    let grant = world.number("SELECT MIN(id) AS number FROM delegated_admin_grants");
    let known_to = [(grant, "grant-id", &[Home::Provider, Home::Customer, Home::Platform] as Circle)];
    for ((id, name, known_to), number) in
        known_to.into_iter().chain([(grant + 1, "grant-left-id", PROVIDER)]).zip(99_001..)
    {
        world.set(
            name,
            GlobalId::DelegatedAdminGrant(GrantKey::new(id)),
            GlobalId::DelegatedAdminGrant(GrantKey::new(number)),
            known_to,
        );
    }
}

fn partnerships(world: &World, cast: &Cast) {
    let of = |reseller: &Partner| {
        let (provider, reseller) = (cast.nord.id, reseller.id);
        let query = format!(
            "SELECT id AS number FROM partnerships WHERE provider_id = {provider} AND reseller_id = {reseller}"
        );
        GlobalId::Partnership(PartnershipKey::new(world.number(&query)))
    };
    let ghost = GlobalId::Partnership(PartnershipKey::new(99_001));
    world.set("partnership-id", of(&cast.fabri), ghost, &[Home::Provider, Home::Reseller, Home::Platform]);
}

/// A finished run with one of everything, and an upload that has not been imported.
fn imports(world: &World, cast: &Cast) {
    let nord = cast.nord.id;
    let counts = r#"{"created":1,"updated":2,"unchanged":3}"#;
    let report = format!(
        r#"{{"rows":{{"read":4,"applied":3,"merged":0,"rejected":1,"conflict":0}},"customers":{counts},"subscriptions":{counts},"resellers":{counts},"associations":{counts},"absent":{{"customers_total":1,"subscriptions_total":2}},"controls":[{{"file":"nord-book.csv","customers":2,"subscriptions":3,"seats":4,"subtotals":{{"PLN":"12.50"}}}}]}}"#
    );
    world.batch(&format!(
        "INSERT INTO import_runs (partner_id, started_by, mode, status, phase, rows_read, rows_total, options, report, \
         issues_total, changes_total, error_code, error_message, created_at, started_at, finished_at) \
         VALUES ({nord}, 'agent@provider.example', 'APPLY', 'APPLIED', 'done', 4, 4, '{{}}', '{report}', 1, 1, 'run.code', \
         'run message', '{BEFORE}', '{BEFORE}', '{BEFORE}')"
    ));
    let run = world.number("SELECT MIN(id) AS number FROM import_runs");
    world.batch(&format!(
        "INSERT INTO reseller_statements (provider_id, reseller_id, as_of, name, name_key, name_sort, country, tenant_id, \
         vetting_status, mpa_signed_on, run_id) VALUES ({}, {}, '{BEFORE}', 'fabri-in-the-list-of-nord', 'fabri-in-the-list-of-nord', \
         'fabri-in-the-list-of-nord', 'PL', '{}', 'AUTHORIZED', '2023-05-31', {run})",
        cast.nord.id, cast.fabri.id, cast.fabri.tenant_id
    ));
    world.keep("fabri-in-the-list-of-nord", PROVIDER);
    world.batch(&format!(
        "INSERT INTO import_files (run_id, ordinal, name, profile, source, encoding, delimiter, date_order, as_of, sha256, \
         row_count, options) VALUES ({run}, 0, 'nord-book.csv', 'profile', 'source', 'utf-8', ',', 'DMY', '{BEFORE}', 'abc', 4, '{{}}'); \
         INSERT INTO import_issues (run_id, ordinal, severity, file, line, column_name, code, rule, message, hint, value) \
         VALUES ({run}, 0, 'ERROR', 0, 2, 'MPN ID', 'mpn.invalid', 'B-05', 'message', 'hint', 'value-of-nord'); \
         INSERT INTO import_changes (run_id, ordinal, entity, key, action, field, before, after) \
         VALUES ({run}, 0, 'customer', 'key', 'updated', 'companyName', 'before', 'after'); \
         INSERT INTO import_uploads (id, partner_id, name, bytes, sha256, uploaded_by, created_at) \
         VALUES ('upload-of-nord', {nord}, 'next.csv', 3, 'abc', 'agent@provider.example', '{BEFORE}')"
    ));
    a_move(world, cast);
    let planned = plan(world, nord);
    world.set("planned-run-id", GlobalId::ImportRun(planned), GlobalId::ImportRun(ImportRunKey::new(99_002)), PROVIDER);
    world.set(
        "run-id",
        GlobalId::ImportRun(ImportRunKey::new(run)),
        GlobalId::ImportRun(ImportRunKey::new(99_001)),
        PROVIDER,
    );
    world.set("upload", "upload-of-nord", "upload-of-nobody", PROVIDER);
    world.keep("nord-book.csv", PROVIDER);
    world.keep("value-of-nord", PROVIDER);
}

/// A move of what one reseller has with the provider to another, one row of which a rule refuses.
fn a_move(world: &World, cast: &Cast) {
    let Cast { nord, fabri, recor, .. } = cast;
    let counts = r#"{"created":0,"updated":1,"unchanged":0}"#;
    let totals = format!(
        r#""from":"{}","to":"{}","what":["PARTNER_OF_RECORD"],"error_policy":"REJECT_FAILED_ROWS","customers":11,"subscriptions":12,"entitlements":13,"support_contacts":14,"accounts":15,"licenses":16,"ending_soon":17,"fixed":18,"refused":[{{"rule":"B-03","message":"message-of-the-move","rows":19}}]"#,
        fabri.mpn_id, recor.mpn_id
    );
    let report = format!(
        r#"{{"rows":{{"read":2,"applied":1,"merged":0,"rejected":1,"conflict":0}},"customers":{counts},"subscriptions":{counts},"resellers":{counts},"associations":{counts},"absent":{{"customers_total":0,"subscriptions_total":0}},"controls":[],"move":{{{totals}}}}}"#
    );
    world.batch(&format!(
        "INSERT INTO import_runs (partner_id, started_by, mode, status, phase, rows_read, rows_total, options, report, \
         issues_total, changes_total, created_at, started_at, finished_at) \
         VALUES ({}, 'agent@provider.example', 'APPLY', 'APPLIED', 'done', 2, 2, '{{}}', '{report}', 0, 0, '{BEFORE}', '{BEFORE}', '{BEFORE}')",
        nord.id
    ));
    let run = world.number("SELECT MAX(id) AS number FROM import_runs");
    world.batch(&format!(
        "INSERT INTO reseller_moves (run_id, from_id, to_id, to_mpn_id, what, error_policy, applied_at, applied_by) \
         VALUES ({run}, {}, {}, '{}', 'PARTNER_OF_RECORD', 'REJECT_FAILED_ROWS', '{BEFORE}', 'agent@provider.example')",
        fabri.id, recor.id, recor.mpn_id
    ));
    let ghost = GlobalId::ImportRun(ImportRunKey::new(99_003));
    world.set("move-run-id", GlobalId::ImportRun(ImportRunKey::new(run)), ghost, PROVIDER);
    world.keep("message-of-the-move", PROVIDER);
}

/// A run with a stored plan, of a customer that nobody else knows of.
fn plan(world: &World, partner_id: PartnerKey) -> ImportRunKey {
    let list = "Microsoft ID,Company name,Primary domain name,Relationship\r\n\
                7f1d9a52-0000-4000-8000-00000000abcd,Planned,planned.example,Cloud Reseller\r\n";
    let file = FileRequest {
        partial: true,
        ..FileRequest::new(FileInput::Bytes("plan-of-nord.csv".to_owned(), list.as_bytes().to_vec()))
    };
    let request = ImportRequest::new(partner_id, ImportMode::Plan, vec![file]);
    let actor = Actor { user_principal_name: "agent@provider.example".to_owned(), ..Actor::command_line() };
    let caller = Caller { actor: &actor, now: moment(), waiting: Waiting::Refuse, run_id: None };
    let report = partnergraph_importer::run(world.graph.database.url(), &request, &caller, &Silent).unwrap();
    report.run.unwrap()
}

/// Events in which one reseller replaces another: each is notified, and reads only its own name (B-14).
fn events(world: &World, cast: &Cast) {
    let row = |subscription: &Subscription| {
        let key = SubscriptionBy::Row(subscription.pk);
        world.graph.write(|conn, _, _| read::find(conn, &Scope::Operator, key)).unwrap()
    };
    let number = |query: &str| world.number(&format!("SELECT {query} AS number FROM audit_events"));
    let (fabri, recor) = (cast.fabri.id, cast.recor.id);
    for (reseller, name, known_to) in [(recor, "replacement-id", RECORDED), (fabri, "return-id", RECORDED)] {
        let held = row(&cast.supported);
        world.graph.write(|conn, by, now| writes::set_partner_of_record(conn, by, now, &held, Some(reseller)));
        world.set(
            name,
            GlobalId::AuditEvent(AuditEventKey::new(number("MAX(id)"))),
            GlobalId::AuditEvent(AuditEventKey::new(99_001)),
            known_to,
        );
    }
    for contact in [Some(fabri), None] {
        let held = row(&cast.recorded);
        world.graph.write(|conn, by, now| writes::set_support_contact(conn, by, now, &held, contact));
    }
    world.set(
        "support-event-id",
        GlobalId::AuditEvent(AuditEventKey::new(number("MAX(id)"))),
        GlobalId::AuditEvent(AuditEventKey::new(99_002)),
        RECORDED,
    );
    let first = |of: &str| {
        GlobalId::AuditEvent(AuditEventKey::new(
            world.number(&format!("SELECT MIN(id) AS number FROM audit_events WHERE {of}")),
        ))
    };
    let (associated, ordered) = (
        first("operation_type = 'CREATE_CUSTOMER_ASSOCIATION'"),
        first(&format!("subscription_pk = {}", cast.recorded.pk)),
    );
    world.set("association-event-id", associated, GlobalId::AuditEvent(AuditEventKey::new(99_003)), ACCOUNT);
    world.set("recorded-event-id", ordered, GlobalId::AuditEvent(AuditEventKey::new(99_004)), RECORDED);
}

/// Texts that must not be visible to everyone, in any field.
fn secrets(world: &World) {
    let tagged: Circle = &[Home::Provider, Home::Reseller, Home::Customer, Home::Platform];
    for (text, known_to) in [
        ("Conto\"", RECORDED),
        ("Contoad", &[Home::Direct, Home::Customer, Home::Platform] as Circle),
        ("Secun", PROVIDER),
        ("Gone", PROVIDER),
        ("Rivco", &[Home::Rival, Home::OtherCustomer, Home::Platform]),
        ("n-pl", ACCOUNT),
        ("n-az", ACCOUNT),
        ("n-su", ACCOUNT),
        ("n-re", RECORDED),
        ("n-se", PROVIDER),
        ("a-di", &[Home::Direct, Home::Customer, Home::Platform]),
        ("r-fo", &[Home::Rival, Home::OtherCustomer, Home::Platform]),
        ("order-of-nord", RECORDED),
        ("tag-of-nord", tagged),
        ("domain-of-nord", tagged),
        ("4700001", tagged),
        // A reseller sees the partners of a customer that it shares with them, including their delegated admin privileges.
        ("scope-of-nord", RECORDED),
        ("goodFaith", PROVIDER),
        ("review-token-of-nord", &[]),
    ] {
        world.keep(text, known_to);
    }
    for name in ["conto", "secun", "gone", "rivco", "sub-plain", "sub-recorded"] {
        let named = world.value(name);
        world.keep(&named.text, named.known_to);
    }
    // The reseller that held it for a while reads in the history what it held.
    world.keep(&world.value("sub-supported").text, RECORDED);
}
