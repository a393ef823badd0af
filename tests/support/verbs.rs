//! The API's mutations as verbs, so that a test reads as a sequence of actions:
//! `as_provider.associate(&subscription, &reseller)`, `as_customer.accept_invitation(&token)`.
//!
//! A verb takes what every request of its kind contains and returns the payload. Further members of the input are added with
//! [`User::with`]. A test about the document or about an unusual input sends its own with [`User::run`].

use std::fs;

use partnergraph_domain::{MpnId, SubscriptionId, TenantId};
use serde_json::{Value, json};

use super::{Api, Customer, Partner, Subscription};

/// A user of the API, by its token.
#[derive(Clone)]
pub struct User<'a> {
    api: &'a Api,
    token: String,
    documents: &'static [(&'static str, &'static str)],
    more: Value,
}

impl Api {
    /// The user with that token.
    pub fn as_user(&self, token: &str) -> User<'_> {
        User { api: self, token: token.to_owned(), documents: &[], more: json!({}) }
    }
}

impl User<'_> {
    /// Sends these documents, by mutation, in place of those in `docs/operations`.
    #[must_use]
    pub fn selecting(&self, documents: &'static [(&'static str, &'static str)]) -> Self {
        Self { documents, ..self.clone() }
    }

    /// Adds these members to the input of each verb, or replaces those of the verb.
    #[must_use]
    pub fn with(&self, members: Value) -> Self {
        Self { more: merged(self.more.clone(), &members), ..self.clone() }
    }

    /// Validates without saving.
    #[must_use]
    pub fn validating(&self) -> Self {
        self.with(json!({"validateOnly": true}))
    }

    /// Sends a document with that input, and returns the payload.
    pub fn run(&self, document: &str, input: Value) -> Value {
        let data = self.api.data(&self.token, document, json!({ "input": merged(input, &self.more) }));
        data.as_object().unwrap().values().next().unwrap().clone()
    }
}

impl Verbs for User<'_> {
    fn perform(&self, mutation: &str, input: Value) -> Value {
        match self.documents.iter().find(|(name, _)| *name == mutation) {
            Some((_, document)) => self.run(document, input),
            None => self.run(&operation(mutation), input),
        }
    }
}

/// The text of a documented operation.
pub fn operation(name: &str) -> String {
    fs::read_to_string(format!("{}/docs/operations/{name}.graphql", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn merged(mut input: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

/// Something that an input names by one of its keys.
pub trait Named {
    /// The lookup.
    fn lookup(&self) -> Value;
}

impl Named for Partner {
    fn lookup(&self) -> Value {
        self.mpn_id.lookup()
    }
}

impl Named for MpnId {
    fn lookup(&self) -> Value {
        json!({ "mpnId": self })
    }
}

/// An MPN ID as a user types it.
impl Named for str {
    fn lookup(&self) -> Value {
        json!({ "mpnId": self })
    }
}

impl Named for Customer {
    fn lookup(&self) -> Value {
        self.tenant_id.lookup()
    }
}

impl Named for TenantId {
    fn lookup(&self) -> Value {
        json!({ "tenantId": self })
    }
}

impl Named for Subscription {
    fn lookup(&self) -> Value {
        self.subscription_id.lookup()
    }
}

impl Named for SubscriptionId {
    fn lookup(&self) -> Value {
        json!({ "subscriptionId": self })
    }
}

/// A lookup as the input has it.
impl Named for Value {
    fn lookup(&self) -> Value {
        self.clone()
    }
}

/// What a reseller is associated with.
pub trait Target {
    /// The member of the input, and its value.
    fn target(&self) -> (&'static str, Value);
}

impl Target for Subscription {
    fn target(&self) -> (&'static str, Value) {
        self.subscription_id.target()
    }
}

impl Target for SubscriptionId {
    fn target(&self) -> (&'static str, Value) {
        ("subscription", self.lookup())
    }
}

/// The customer account.
impl Target for Customer {
    fn target(&self) -> (&'static str, Value) {
        ("customer", self.lookup())
    }
}

/// An entitlement, by its global id.
pub struct Entitlement<'a>(pub &'a str);

impl Target for Entitlement<'_> {
    fn target(&self) -> (&'static str, Value) {
        ("entitlement", json!(self.0))
    }
}

/// The mutations. Each verb returns the payload, whether or not the request was refused.
pub trait Verbs {
    /// Performs a mutation, by the name of its file in `docs/operations`.
    fn perform(&self, mutation: &str, input: Value) -> Value;

    /// Makes the reseller partner of record of a subscription or an entitlement, or associates it with a customer account.
    fn associate(&self, target: &impl Target, reseller: &(impl Named + ?Sized)) -> Value {
        let (kind, value) = target.target();
        self.perform("AssociateReseller", json!({kind: value, "reseller": reseller.lookup()}))
    }

    /// Clears the partner of record of a subscription or an entitlement.
    fn dissociate(&self, target: &impl Target) -> Value {
        let (kind, value) = target.target();
        self.perform("DissociateReseller", json!({ kind: value }))
    }

    /// Ends the association of the reseller with the customer account.
    fn dissociate_account(&self, customer: &Customer, reseller: &Partner) -> Value {
        let input = json!({"customer": customer.lookup(), "reseller": reseller.lookup()});
        self.perform("DissociateReseller", input)
    }

    fn assign_support_contact(&self, subscription: &Subscription, contact: &Partner) -> Value {
        let input = json!({"subscription": subscription.lookup(), "contact": contact.lookup()});
        self.perform("AssignSupportContact", input)
    }

    fn clear_support_contact(&self, subscription: &Subscription) -> Value {
        self.perform("ClearSupportContact", json!({ "subscription": subscription.lookup() }))
    }

    /// Requests a partnership with anyone who gets the link; with a `reseller`, only with that one.
    fn request_partnership(&self, email: &str) -> Value {
        self.perform("RequestPartnership", json!({ "resellerEmail": email }))
    }

    /// Accepts a partnership request, with the confirmation.
    fn accept_partnership(&self, token: &str) -> Value {
        self.perform("AcceptPartnership", json!({"token": token, "confirm": true}))
    }

    /// Ends the partnership, with the confirmation and the whole representation.
    fn remove_partnership(&self, partner: &Partner) -> Value {
        let input = json!({"partner": partner.lookup(), "confirm": true, "representation": representation()});
        self.perform("RemovePartnership", input)
    }

    /// Removes the provider's admin access to the caller's partner account.
    fn remove_provider_admin_access(&self, provider: &Partner) -> Value {
        self.perform("RemoveProviderAdminAccess", json!({ "provider": provider.lookup() }))
    }

    /// Invites a Polish customer, without delegated admin privileges.
    fn invite_customer(&self, email: &str) -> Value {
        self.perform("InviteCustomer", json!({"customerEmail": email, "country": "PL", "delegatedAdmin": false}))
    }

    /// Invites that Polish tenant, whose Global admin alone can accept, without delegated admin privileges.
    fn invite_tenant(&self, tenant_id: TenantId) -> Value {
        let input = json!({"customerEmail": "it@tenant.example", "country": "PL", "delegatedAdmin": false, "tenantId": tenant_id});
        self.perform("InviteCustomer", input)
    }

    /// Accepts an invitation of a customer, without the customer agreement.
    fn accept_invitation(&self, token: &str) -> Value {
        self.perform("AcceptInvitation", json!({ "token": token }))
    }

    /// Accepts an invitation of a customer together with the customer agreement.
    fn accept_with_agreement(&self, token: &str) -> Value {
        let person = json!({"firstName": "Anna", "lastName": "Nowak", "email": "anna@contoso.example"});
        self.perform("AcceptInvitation", json!({"token": token, "acceptCustomerAgreement": person}))
    }

    fn decline_invitation(&self, token: &str) -> Value {
        self.perform("DeclineInvitation", json!({ "token": token }))
    }

    /// Revokes an invitation that the API returned.
    fn revoke_invitation(&self, invitation: &Value) -> Value {
        self.perform("RevokeInvitation", json!({ "invitation": invitation["id"] }))
    }

    /// Marks an invitation that the API returned as done.
    fn mark_invitation_done(&self, invitation: &Value) -> Value {
        self.perform("MarkInvitationDone", json!({ "invitation": invitation["id"] }))
    }

    /// Ends the relationship with a customer, with the confirmation and the whole representation.
    fn remove_customer_relationship(&self, customer: &Customer) -> Value {
        let input = json!({"customer": customer.lookup(), "confirm": true, "representation": representation()});
        self.perform("RemoveCustomerRelationship", input)
    }

    /// The same, leaving the live subscriptions that the caller sold to it.
    fn leave_customer(&self, customer: &Customer) -> Value {
        let input = json!({"customer": customer.lookup(), "leaveSubscriptions": true, "confirm": true, "representation": representation()});
        self.perform("RemoveCustomerRelationship", input)
    }

    /// Performs a mutation with several items. What happens to the others if one is refused is the caller's to say.
    fn each(&self, mutation: &str, items: Value) -> Value {
        self.perform(mutation, json!({"errorPolicy": "REJECT_FAILED_ROWS", "items": items}))
    }

    /// Records that the contracts with the customer were renegotiated.
    fn record_renegotiation(&self, customer: &Customer) -> Value {
        self.perform("RecordRenegotiation", json!({ "customer": customer.lookup() }))
    }

    fn revoke_delegated_admin(&self, partner: &Partner) -> Value {
        self.perform("RevokeDelegatedAdmin", json!({ "partner": partner.lookup() }))
    }

    fn reassign_delegated_admin(&self, from: &Partner, to: &Partner) -> Value {
        self.perform("ReassignDelegatedAdmin", json!({"from": from.lookup(), "to": to.lookup()}))
    }

    fn grant_tenant_owner(&self, reseller: &Partner) -> Value {
        self.perform("GrantTenantOwner", json!({ "reseller": reseller.lookup() }))
    }

    fn revoke_tenant_owner(&self, reseller: &Partner) -> Value {
        self.perform("RevokeTenantOwner", json!({ "reseller": reseller.lookup() }))
    }

    fn add_customer(&self, input: Value) -> Value {
        self.perform("AddCustomer", input)
    }

    fn cancel_review(&self, token: &str) -> Value {
        self.perform("CancelReview", json!({ "token": token }))
    }

    fn update_customer(&self, customer: &impl Named, change: Value) -> Value {
        self.perform("UpdateCustomer", merged(json!({ "customer": customer.lookup() }), &change))
    }

    /// Orders these lines for the customer in the Microsoft 365 portal.
    fn submit_order(&self, customer: &impl Named, lines: Value) -> Value {
        let input = json!({"customer": customer.lookup(), "lines": lines, "channel": "M365_PORTAL"});
        self.perform("SubmitOrder", input)
    }

    fn update_subscription(&self, subscription: &Subscription, change: Value) -> Value {
        self.perform("UpdateSubscription", merged(json!({ "subscription": subscription.lookup() }), &change))
    }

    /// Upgrades a subscription to Microsoft 365 Business Premium in the Microsoft 365 portal.
    fn upgrade_subscription(&self, subscription: &impl Named) -> Value {
        let input = json!({
            "subscription": subscription.lookup(), "toOfferId": "CFQ7TTC0LCHC:0002",
            "toOfferName": "Microsoft 365 Business Premium", "channel": "M365_PORTAL",
        });
        self.perform("UpgradeSubscription", input)
    }

    /// Asks the provider for a change: an `order`, an `update` or an `upgrade`.
    fn request_change(&self, change: Value) -> Value {
        self.perform("RequestChange", json!({ "change": change }))
    }

    /// Approves a change request that the API returned.
    fn approve_change(&self, request: &Value) -> Value {
        self.perform("DecideChange", json!({"changeRequest": request["id"], "decision": "APPROVE"}))
    }

    /// Declines a change request that the API returned.
    fn decline_change(&self, request: &Value) -> Value {
        self.perform("DecideChange", json!({"changeRequest": request["id"], "decision": "DECLINE"}))
    }

    /// Withdraws a change request that the API returned.
    fn withdraw_change(&self, request: &Value) -> Value {
        self.perform("WithdrawChange", json!({ "changeRequest": request["id"] }))
    }

    /// Changes what the provider sets about its reseller.
    fn update_partnership(&self, reseller: &Partner, change: Value) -> Value {
        self.perform("UpdatePartnership", merged(json!({ "reseller": reseller.lookup() }), &change))
    }

    /// Signs the Microsoft Partner Agreement, with the confirmation.
    fn accept_partner_agreement(&self) -> Value {
        self.perform("AcceptPartnerAgreement", json!({"confirm": true}))
    }

    fn update_partner_profile(&self, change: Value) -> Value {
        self.perform("UpdatePartnerProfile", change)
    }

    /// Adds the user, replaces its roles, or removes it if there are none.
    fn update_user_roles(&self, user_principal_name: &str, roles: &[&str]) -> Value {
        self.perform("UpdateUserRoles", json!({"userPrincipalName": user_principal_name, "roles": roles}))
    }

    /// Starts an import of an uploaded file that is part of the customers or subscriptions.
    fn start_import(&self, upload: &str, mode: &str) -> Value {
        let input = json!({"files": [{"upload": upload, "profile": null, "partial": true}], "mode": mode});
        self.perform("StartImport", input)
    }

    /// Applies the plan of an import run.
    fn apply_import(&self, run_id: &str) -> Value {
        self.perform("ApplyImport", json!({ "importRun": run_id }))
    }

    /// Discards the plan of an import run.
    fn discard_import(&self, run_id: &str) -> Value {
        self.perform("DiscardImport", json!({ "importRun": run_id }))
    }

    fn revert_import(&self, run_id: &str) -> Value {
        self.perform("RevertImport", json!({ "importRun": run_id }))
    }
}

/// The remover's whole representation.
pub fn representation() -> Value {
    json!({"goodFaith": true, "legitimateBusinessPurpose": true, "inAccordanceWithAgreement": true, "indemnify": true})
}
