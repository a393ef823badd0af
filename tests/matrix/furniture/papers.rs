//! Invitations, enrolments, orders, change requests, agreements, passwords and billing profiles.

use partnergraph_domain::{ChangeRequestKey, InvitationKey, OrderKey};
use partnergraph_operation::ids::GlobalId;
use partnergraph_store::write::tokens;

use super::{BEFORE, LONG_AFTER, ORDERED, PROVIDER};
use crate::matrix::actors::Home;
use crate::matrix::world::{ALL, Cast, Circle, World, nowhere};

/// Open invitations: one for each way to answer, with unused tokens.
pub(super) fn invitations(world: &World, cast: &Cast) {
    let partner_side: Circle = &[Home::Provider, Home::Unpartnered, Home::Platform];
    let customer_side: Circle = &[Home::Provider, Home::OtherCustomer, Home::Platform];
    let kinds = [
        ("PARTNERSHIP", "partner", partner_side),
        ("CUSTOMER", "customer", customer_side),
        ("CUSTOMER", "idle", PROVIDER),
    ];
    for ((kind, name, answered_by), number) in kinds.into_iter().zip(99_101..) {
        let token = format!("invitation-token-of-{name}");
        world.batch(&format!(
            "INSERT INTO invitations (kind, partner_id, recipient, country, cloud, delegated_admin, provider_delegated_admin, \
             message, token_hash, state, created_by, created_at, expires_at, version) VALUES ('{kind}', {}, \
             'recipient-{name}@nobody.example', 'PL', 'PUBLIC', TRUE, FALSE, 'message', '{}', 'DRAFT', \
             'sales@provider.example', '{BEFORE}', '{LONG_AFTER}', 1)",
            cast.nord.id,
            tokens::hash(&token)
        ));
        let id = world.number("SELECT MAX(id) AS number FROM invitations");
        world.set(
            &format!("invitation-{name}-id"),
            GlobalId::Invitation(InvitationKey::new(id)),
            GlobalId::Invitation(InvitationKey::new(number)),
            PROVIDER,
        );
        // Anyone with the link knows of it.
        world.set(&format!("invitation-{name}-token"), &token, format!("no-{token}"), ALL);
        world.keep(format!("recipient-{name}@nobody.example"), answered_by);
        world.keep(&token, &[]);
        world.keep(tokens::hash(&token), &[]);
    }
    let both: Circle = &[Home::Provider, Home::Reseller, Home::Platform];
    world.batch(&format!(
        "INSERT INTO invitations (kind, partner_id, joint_provider_id, recipient, country, cloud, delegated_admin, \
         provider_delegated_admin, message, token_hash, state, created_by, created_at, expires_at, version) \
         VALUES ('JOINT_CUSTOMER', {}, {}, 'recipient-joint@nobody.example', 'PL', 'PUBLIC', TRUE, FALSE, 'message', '{}', \
         'DONE', 'anna@fabri.example', '{BEFORE}', '{LONG_AFTER}', 2)",
        cast.fabri.id,
        cast.nord.id,
        tokens::hash("invitation-token-of-joint")
    ));
    let id = world.number("SELECT MAX(id) AS number FROM invitations");
    world.set(
        "invitation-joint-id",
        GlobalId::Invitation(InvitationKey::new(id)),
        GlobalId::Invitation(InvitationKey::new(99_109)),
        both,
    );
    world.keep("recipient-joint@nobody.example", both);
    world.keep(tokens::hash("invitation-token-of-joint"), &[]);
}

/// An invitation of a tenant without an account, for the internal use of a reseller. For every other tenant it does not exist.
pub(super) fn invitation_of_tenant(world: &World, cast: &Cast) {
    let token = "invitation-token-of-tenant";
    world.batch(&format!(
        "INSERT INTO invitations (kind, partner_id, recipient, country, cloud, delegated_admin, provider_delegated_admin, \
         message, token_hash, state, created_by, created_at, expires_at, version, invited_tenant_id, reseller_id, \
         internal_use_of_mpn_id) VALUES ('CUSTOMER', {}, 'recipient-tenant@nobody.example', 'PL', 'PUBLIC', TRUE, FALSE, \
         'message', '{}', 'DRAFT', 'sales@provider.example', '{BEFORE}', '{LONG_AFTER}', 1, '{}', {}, '{}')",
        cast.nord.id,
        tokens::hash(token),
        nowhere(),
        cast.fabri.id,
        cast.recor.mpn_id
    ));
    // The invitation itself says whose internal use it is for.
    world.set("stated-mpn", cast.recor.mpn_id, cast.recor.mpn_id, ALL);
    world.set("invitation-tenant-token", token, format!("no-{token}"), &[Home::Nowhere]);
    world.keep("recipient-tenant@nobody.example", PROVIDER);
    world.keep(tokens::hash(token), &[]);
}

/// An enrolment that waits for its primary contact, one that waits for the final decision, and an MPN ID that nobody has enrolled
/// with.
pub(super) fn enrolments(world: &World, cast: &Cast) {
    for (partner, sub_status) in [(&cast.pending, "EMAIL_OWNERSHIP"), (&cast.decided, "DECISION")] {
        let name = partner.name.to_lowercase();
        world.batch(&format!(
            "UPDATE partners SET enrolled = FALSE, vetting_status = 'PENDING', vetting_sub_status = '{sub_status}', \
             contact_first_name = 'Ada', contact_last_name = 'Lovelace', contact_email = 'ada@{name}.example', \
             support_email = 'help@{name}.example' WHERE id = {}",
            partner.id
        ));
        world.keep(format!("@{name}.example"), &[Home::Platform]);
    }
    world.batch(&format!(
        "INSERT INTO outbox (kind, recipient, subject, body, partner_id, created_at, attempts) \
         VALUES ('CONTACT_VERIFICATION', 'ada@pending.example', 'subject-of-pending', 'body-of-pending', {}, '{BEFORE}', 0)",
        cast.pending.id
    ));
    let mail = world.number("SELECT MAX(id) AS number FROM outbox");
    world.keep("subject-of-pending", &[Home::Platform]);
    world.keep("body-of-pending", &[Home::Platform]);
    world.batch(&format!(
        "INSERT INTO contact_verifications (partner_id, recipient, token_hash, outbox_id, created_at, expires_at) \
         VALUES ({}, 'ada@pending.example', '{}', {mail}, '{BEFORE}', '{LONG_AFTER}'); \
         INSERT INTO mpn_profiles (mpn_id, kind, country, active, in_partner_membership_center, version, created_at, updated_at) \
         VALUES ('4990001', 'LOCATION', 'PL', TRUE, FALSE, 1, '{BEFORE}', '{BEFORE}')",
        cast.pending.id,
        tokens::hash("verification-token")
    ));
    // The enrolment that waits for the final decision claims the MPN ID of a placeholder, which another company has.
    let claimed = cast.decided.mpn_id;
    world.batch(&format!(
        "INSERT INTO partners (partner_type, name, name_key, name_sort, cloud, mpn_id, capabilities, onboarded, enrolled, \
         vetting_status, vetting_sub_status, version, created_at, updated_at) VALUES ('INDIRECT_RESELLER', 'placeholder-of-decided', \
         'placeholder-of-decided', 'placeholder-of-decided', 'PUBLIC', '{claimed}', '[]', FALSE, FALSE, 'NONE', 'NONE', 1, '{BEFORE}', \
         '{BEFORE}'); \
         UPDATE mpn_profiles SET company = 'registered-for-decided' WHERE mpn_id = '{claimed}'"
    ));
    world.keep("placeholder-of-decided", &[Home::Platform]);
    world.keep("registered-for-decided", &[Home::Platform]);
    world.set("verification-token", "verification-token", "no-verification-token", ALL);
    world.set("mpn-free", "4990001", "4990001", ALL);
    world.keep("verification-token", &[]);
}

pub(super) fn orders(world: &World, cast: &Cast) {
    let (nord, conto) = (cast.nord.id, cast.conto.id);
    world.batch(&format!(
        "INSERT INTO orders (order_number, seller_id, customer_id, channel, ordered_by, created_at) \
         VALUES ('order-of-nord', {nord}, {conto}, 'PARTNER_CENTER', 'sales@provider.example', '{BEFORE}')"
    ));
    let order = world.number("SELECT MIN(id) AS number FROM orders");
    world.batch(&format!(
        "INSERT INTO order_lines (order_id, line_number, subscription_pk, offer_id, offer_name, quantity) \
         VALUES ({order}, 1, {}, 'CFQ7TTC0LH18:0001', 'Microsoft 365 Business Basic', 5); \
         INSERT INTO order_reviews (token_hash, partner_id, input_hash, created_by, created_at, expires_at) \
         VALUES ('{}', {nord}, 'hash', 'sales@provider.example', '{BEFORE}', '{LONG_AFTER}')",
        cast.plain.pk,
        tokens::hash("review-token-of-nord")
    ));
    world.set("order-id", GlobalId::Order(OrderKey::new(order)), GlobalId::Order(OrderKey::new(99_001)), ORDERED);
    world.set("review-token", "review-token-of-nord", "review-token-of-nobody", PROVIDER);
}

/// The person who accepted the customer's agreement: a user of the provider, who must not be visible to the customer's other
/// partners.
pub(super) fn agreement(world: &World, cast: &Cast) {
    world.batch(&format!(
        "UPDATE customer_agreements SET first_name = 'signatory-at-nord' WHERE partner_id = {} AND customer_id = {}",
        cast.nord.id, cast.conto.id
    ));
    world.keep("signatory-at-nord", &[Home::Provider, Home::Customer, Home::Platform]);
}

/// A password, stored as a hash that is never visible (N-07).
pub(super) fn password(world: &World) {
    let user = world.number("SELECT MIN(id) AS number FROM users");
    world.batch(&format!(
        "INSERT INTO user_credentials (user_id, password_hash, is_temporary, created_at) \
         VALUES ({user}, 'hash-of-a-password', TRUE, '{BEFORE}')"
    ));
    world.keep("hash-of-a-password", &[]);
}

/// The billing profiles of the provider and the direct-bill partner for the customer that they share.
pub(super) fn billing(world: &World, cast: &Cast) {
    for (partner, known_to) in [(&cast.nord, PROVIDER), (&cast.adat, &[Home::Direct, Home::Platform] as Circle)] {
        let name = partner.name.to_lowercase();
        let record = world.number(&format!(
            "SELECT id AS number FROM customer_records WHERE partner_id = {} AND customer_id = {}",
            partner.id, cast.conto.id
        ));
        world.batch(&format!(
            "INSERT INTO customer_billing_profiles (record_id, email, first_name, last_name, phone_number, address_line1, city, \
             postal_code, country, language, organization_registration_number) VALUES ({record}, 'bills-of-{name}@conto.example', \
             'Ada', 'Lovelace', '+48 3', 'Side Street 2', 'Bill{name}', '00-002', 'PL', 'pl-PL', 'register-of-{name}')"
        ));
        for text in [format!("bills-of-{name}"), format!("Bill{name}"), format!("register-of-{name}")] {
            world.keep(text, known_to);
        }
    }
}

/// What two resellers ask the provider for: the partner of record for licences, the one with access to the account for an order. And
/// what the provider keeps about one of them.
pub(super) fn change_requests(world: &World, cast: &Cast) {
    let (nord, conto) = (cast.nord.id, cast.conto.id);
    for ((name, kind, reseller, subscription, home), number) in [
        ("change-request", "UPDATE", &cast.recor, Some(cast.recorded.pk), Home::Recorded),
        ("order-request", "ORDER", &cast.fabri, None, Home::Reseller),
    ]
    .into_iter()
    .zip(99_201..)
    {
        let of = subscription.map_or_else(|| "NULL".to_owned(), |pk| pk.to_string());
        let quantity = subscription.map_or("NULL", |_| "7");
        world.batch(&format!(
            "INSERT INTO change_requests (kind, state, seller_id, reseller_id, customer_id, subscription_pk, quantity, note, \
             requested_by, requested_at, expires_at, is_automatic, version) VALUES ('{kind}', 'REQUESTED', {nord}, {}, {conto}, \
             {of}, {quantity}, 'note-of-{name}', 'asker-of-{name}', '{BEFORE}', '{LONG_AFTER}', FALSE, 1)",
            reseller.id
        ));
        let id = world.number("SELECT MAX(id) AS number FROM change_requests");
        let ends: Circle = match home {
            Home::Recorded => &[Home::Provider, Home::Recorded, Home::Platform],
            _ => &[Home::Provider, Home::Reseller, Home::Platform],
        };
        world.set(
            &format!("{name}-id"),
            GlobalId::ChangeRequest(ChangeRequestKey::new(id)),
            GlobalId::ChangeRequest(ChangeRequestKey::new(number)),
            ends,
        );
        world.keep(format!("note-of-{name}"), ends);
        world.keep(format!("asker-of-{name}"), ends);
    }
    let order = world.number("SELECT MAX(id) AS number FROM change_requests");
    world.batch(&format!(
        "INSERT INTO change_request_lines (request_id, line_number, offer_id, offer_name, quantity, term_duration, \
         is_through_requester, is_supported_by_requester) VALUES ({order}, 1, 'offer-of-fabri', 'Basic', 2, 'P1Y', TRUE, TRUE); \
         UPDATE partnerships SET label = 'label-of-nord' WHERE provider_id = {nord} AND reseller_id = {}",
        cast.fabri.id
    ));
    world.keep("offer-of-fabri", &[Home::Provider, Home::Reseller, Home::Platform]);
    world.keep("label-of-nord", PROVIDER);
}
