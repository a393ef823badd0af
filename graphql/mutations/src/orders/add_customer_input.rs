//! What a partner states of a customer that it adds.

use async_graphql::{Enum, InputObject, InputType};
use partnergraph_domain::{AcquisitionChannel, OrderChannel};
use partnergraph_store::write::new_customers::BillingProfile;
use sha2::{Digest, Sha256};

use super::lines::{OrderLineInput, filled};
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::name::Name;
use partnergraph_operation::scalars::{CountryCode, Guid};

/// How far to go in adding a customer.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddCustomerMode {
    /// Ask every rule, write nothing but the review, and give its token.
    Review,
    /// Add the customer and place its order.
    Submit,
}

/// The contact person at a customer.
#[derive(InputObject, Debug, Clone)]
pub struct BillingContactInput {
    /// The first name. Null where it is not known.
    #[graphql(validator(custom = "Name"))]
    first_name: Option<String>,
    /// The last name. Null where it is not known.
    #[graphql(validator(custom = "Name"))]
    last_name: Option<String>,
    /// The telephone number. Null where it is not known.
    #[graphql(validator(custom = "Name"))]
    phone_number: Option<String>,
}

/// Where a customer is billed.
#[derive(InputObject, Debug, Clone)]
pub struct BillingAddressInput {
    /// Street and number. Null where it is not known.
    #[graphql(validator(custom = "Name"))]
    address_line1: Option<String>,
    /// The city. Null where it is not known.
    #[graphql(validator(custom = "Name"))]
    city: Option<String>,
    /// The postal code. Null where it is not known.
    #[graphql(validator(custom = "Name"))]
    postal_code: Option<String>,
    /// The country. Null: the customer's.
    country: Option<CountryCode>,
}

/// The customer to add, and its first order.
#[derive(InputObject, Debug, Clone)]
pub struct AddCustomerInput {
    /// The name.
    #[graphql(validator(custom = "Name"))]
    pub(super) company_name: String,
    /// The default domain; the first administrator is `admin@` it.
    #[graphql(validator(custom = "Name"))]
    pub(super) domain: String,
    /// The country, which is in the seller's region.
    pub(super) country: CountryCode,
    /// The tenant, where the customer has one; what other partners know of it stays theirs. Null: a new one is made.
    pub(super) tenant_id: Option<Guid>,
    /// Where the bill goes.
    #[graphql(validator(custom = "Name"))]
    pub(super) billing_email: String,
    /// The contact person, who also accepted the Microsoft Customer Agreement. Null where it is not known.
    contact: Option<BillingContactInput>,
    /// Where the customer is billed. Null where it is not known.
    address: Option<BillingAddressInput>,
    /// The language of its bills, such as `pl-PL`. Null where it is not known.
    #[graphql(validator(custom = "Name"))]
    language: Option<String>,
    /// Its number in a register of companies or for taxes. Null where it has none.
    #[graphql(validator(custom = "Name"))]
    organization_registration_number: Option<String>,
    /// The partner for whose own use the tenant is, by its MPN ID or its tenant id. Null for a third party.
    pub(super) internal_use_of: Option<PartnerLookup>,
    /// The reseller to be associated with the account: it gets access to it, and no incentive credit by that. Null for none.
    pub(super) reseller: Option<PartnerLookup>,
    /// What is ordered, from 1 to 100 lines; each becomes a subscription.
    pub(super) lines: Vec<OrderLineInput>,
    /// How far to go.
    pub(super) mode: AddCustomerMode,
    /// The token of the review that is submitted. Null for a submit that was not reviewed before, and for a review.
    pub(super) review_token: Option<String>,
    /// The portal through which the order comes. Nothing is sold through the Azure portal (B-01).
    pub(super) channel: OrderChannel,
    /// How the partner came by the customer (C-27). Null where it does not say.
    pub(super) acquisition: Option<AcquisitionChannel>,
    /// Makes it safe to retry: repeating a request with the same key and input returns the first result, without secrets, and
    /// creates nothing. From 1 to 200 characters. If null, every request is new.
    pub(super) idempotency_key: Option<String>,
    /// Validate without saving. No review is kept either.
    #[graphql(default)]
    pub(super) validate_only: bool,
}

impl AddCustomerInput {
    /// The hash of what a review shows and a submit must repeat: all but how far to go, and the keys of the request.
    pub(super) fn reviewed_hash(&self) -> String {
        let mut spelled = self.to_value().into_json().unwrap_or_default();
        if let Some(members) = spelled.as_object_mut() {
            for name in ["mode", "reviewToken", "idempotencyKey", "validateOnly"] {
                members.shift_remove(name);
            }
        }
        hex::encode(Sha256::digest(spelled.to_string().as_bytes()))
    }

    /// The domain in its one spelling.
    pub(super) fn domain(&self) -> String {
        self.domain.trim().to_lowercase()
    }

    /// Where the customer is billed.
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
