//! The details that a partner states when it adds a customer.

use async_graphql::{Enum, InputObject, InputType};
use partnergraph_domain::{AcquisitionChannel, OrderChannel};
use partnergraph_store::write::new_customers::BillingProfile;
use sha2::{Digest, Sha256};

use super::lines::{OrderLineInput, filled};
use crate::agreements::CustomerAgreementInput;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::name::Name;
use partnergraph_operation::scalars::{CountryCode, Guid};

/// Whether to review the new customer and order, or to submit them.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddCustomerMode {
    /// Checks every rule and saves only the review. Returns its token.
    Review,
    /// Adds the customer and places its order.
    Submit,
}

/// The contact person at a customer.
#[derive(InputObject, Debug, Clone)]
pub struct BillingContactInput {
    /// The first name. Null if unknown.
    #[graphql(validator(custom = "Name"))]
    first_name: Option<String>,
    /// The last name. Null if unknown.
    #[graphql(validator(custom = "Name"))]
    last_name: Option<String>,
    /// The phone number. Null if unknown.
    #[graphql(validator(custom = "Name"))]
    phone_number: Option<String>,
}

/// A customer's billing address.
#[derive(InputObject, Debug, Clone)]
pub struct BillingAddressInput {
    /// The street and house number. Null if unknown.
    #[graphql(validator(custom = "Name"))]
    address_line1: Option<String>,
    /// The city. Null if unknown.
    #[graphql(validator(custom = "Name"))]
    city: Option<String>,
    /// The postal code. Null if unknown.
    #[graphql(validator(custom = "Name"))]
    postal_code: Option<String>,
    /// The country. Defaults to the customer's country.
    country: Option<CountryCode>,
}

/// The customer to add, and its first order.
#[derive(InputObject, Debug, Clone)]
pub struct AddCustomerInput {
    /// The company name.
    #[graphql(validator(custom = "Name"))]
    pub(super) company_name: String,
    /// The default domain. The first administrator's user name is `admin@` followed by this domain.
    #[graphql(validator(custom = "Name"))]
    pub(super) domain: String,
    /// The country, which must be in your region.
    pub(super) country: CountryCode,
    /// Always rejected, whatever the id: the customer gets a new tenant (C-30). Invite a tenant that exists with
    /// `inviteCustomer`. Leave it null.
    pub(super) tenant_id: Option<Guid>,
    /// The email address for invoices.
    #[graphql(validator(custom = "Name"))]
    pub(super) billing_email: String,
    /// The acceptance of the Microsoft Customer Agreement that you attest (C-31). Required to order (C-03). Null to attest it later.
    pub(super) customer_agreement: Option<CustomerAgreementInput>,
    /// The contact person. Null if unknown.
    contact: Option<BillingContactInput>,
    /// The billing address. Null if unknown.
    address: Option<BillingAddressInput>,
    /// The language of the invoices, such as `pl-PL`. Null if unknown.
    #[graphql(validator(custom = "Name"))]
    language: Option<String>,
    /// The company registration or tax number. Null if there is none.
    #[graphql(validator(custom = "Name"))]
    organization_registration_number: Option<String>,
    /// The partner whose own use the new tenant serves, named by its MPN ID or tenant id. Null for a third-party
    /// customer.
    pub(super) internal_use_of: Option<PartnerLookup>,
    /// The reseller to associate with the customer account. It gets access to the account, but no incentive credit.
    /// Null for none.
    pub(super) reseller: Option<PartnerLookup>,
    /// The order lines, from 1 to 100. Each becomes a subscription.
    pub(super) lines: Vec<OrderLineInput>,
    /// Whether to review or to submit.
    pub(super) mode: AddCustomerMode,
    /// The token of the review to submit. Null for a review, or to submit without one.
    pub(super) review_token: Option<String>,
    /// The portal that the order comes from. Orders from the Azure portal are rejected (B-01).
    pub(super) channel: OrderChannel,
    /// How the partner acquired the customer (C-27). Optional.
    pub(super) acquisition: Option<AcquisitionChannel>,
    /// Makes it safe to retry: repeating a request with the same key and input returns the first result, without secrets, and
    /// creates nothing. From 1 to 200 characters. If null, every request is new.
    pub(super) idempotency_key: Option<String>,
    /// Validate without saving. No review is kept either.
    #[graphql(default)]
    pub(super) validate_only: bool,
}

impl AddCustomerInput {
    /// The hash of the part of the input that must be the same in the review and the submit: everything except the
    /// mode, the review token, the idempotency key and `validateOnly`.
    pub(super) fn reviewed_hash(&self) -> String {
        let mut spelled = self.to_value().into_json().unwrap_or_default();
        if let Some(members) = spelled.as_object_mut() {
            for name in ["mode", "reviewToken", "idempotencyKey", "validateOnly"] {
                members.shift_remove(name);
            }
        }
        hex::encode(Sha256::digest(spelled.to_string().as_bytes()))
    }

    /// The domain in normalised form.
    pub(super) fn domain(&self) -> String {
        self.domain.trim().to_lowercase()
    }

    /// The billing profile.
    pub(super) fn billing(&self) -> BillingProfile {
        let contact = self.contact.as_ref();
        let address = self.address.as_ref();
        let country = address.and_then(|address| address.country).unwrap_or(self.country);
        BillingProfile {
            email: self.billing_email.trim().to_owned(),
            first_name: contact.and_then(|contact| filled(contact.first_name.as_deref())),
            last_name: contact.and_then(|contact| filled(contact.last_name.as_deref())),
            phone_number: contact.and_then(|contact| filled(contact.phone_number.as_deref())),
            address_line1: address.and_then(|address| filled(address.address_line1.as_deref())),
            city: address.and_then(|address| filled(address.city.as_deref())),
            postal_code: address.and_then(|address| filled(address.postal_code.as_deref())),
            country: Some(country.0.to_string()),
            language: filled(self.language.as_deref()),
            organization_registration_number: filled(self.organization_registration_number.as_deref()),
        }
    }
}
