//! What the API does not have yet, and tests are waiting for.

/// Mutations and queries that tests are written for already. A name leaves the list together with the change that brings the
/// operation; `assert_awaited` fails for one that is forgotten here, so that no test goes on passing by doing nothing.
const AWAITED: &[&str] = &[
    "acceptInvitation",
    "acceptPartnerAgreement",
    "acceptPartnership",
    "addCustomer",
    "auditEvents",
    "delegatedAdminGrants",
    "enrollPartner",
    "invitations",
    "inviteCustomer",
    "linkOrganizations",
    "markInvitationDone",
    "outbox",
    "reassignDelegatedAdmin",
    "recordRenegotiation",
    "removeCustomerRelationship",
    "removePartnership",
    "removeProviderAdminAccess",
    "requestPartnership",
    "reviewPartner",
    "revokeDelegatedAdmin",
    "salesEligibility",
    "submitOrder",
    "upgradeSubscription",
    "upsertMpnProfile",
    "verifyPrimaryContact",
];

/// Whether the API does not have that operation yet, spelled as its field or as the document that is named after it.
pub fn is_awaited(operation: &str) -> bool {
    AWAITED.iter().any(|awaited| awaited.eq_ignore_ascii_case(operation))
}

/// Fails for a name on the list that is there by now.
pub fn assert_awaited() {
    let sdl = partnergraph::graphql::sdl();
    for awaited in AWAITED {
        let there =
            sdl.lines().any(|line| line.trim_start().strip_prefix(awaited).is_some_and(|rest| rest.starts_with('(')));
        assert!(!there, "{awaited} is there: take it off the list");
    }
}
