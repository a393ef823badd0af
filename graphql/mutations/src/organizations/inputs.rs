//! Input types that enrolments and profiles share. In an enrolment, a field that is left out or blank is not given. In
//! a profile update, a field that is left out stays unchanged and null removes the value.

use async_graphql::{InputObject, MaybeUndefined};

use partnergraph_operation::name::Name;
use partnergraph_operation::scalars::CountryCode;

/// A partner's legal address.
#[derive(InputObject, Debug, Clone, Default)]
pub struct PartnerAddressInput {
    /// The street and house number. In a profile update, null removes them.
    #[graphql(validator(custom = "Name"))]
    pub address_line1: MaybeUndefined<String>,
    /// The city. In a profile update, null removes it.
    #[graphql(validator(custom = "Name"))]
    pub city: MaybeUndefined<String>,
    /// The postal code. In a profile update, null removes it.
    #[graphql(validator(custom = "Name"))]
    pub postal_code: MaybeUndefined<String>,
    /// The country, which must be the account's country. Optional.
    pub country: Option<CountryCode>,
}

/// The primary contact of a partner: the enrolling user or someone else in the company (E-10).
#[derive(InputObject, Debug, Clone, Default)]
pub struct PrimaryContactInput {
    /// The first name. In a profile update, null removes it.
    #[graphql(validator(custom = "Name"))]
    pub first_name: MaybeUndefined<String>,
    /// The last name. In a profile update, null removes it.
    #[graphql(validator(custom = "Name"))]
    pub last_name: MaybeUndefined<String>,
    /// The email address. It must belong to the company, not to a webmail service (E-07). It cannot be removed, so
    /// null is rejected in a profile update.
    #[graphql(validator(custom = "Name"))]
    pub email: MaybeUndefined<String>,
    /// The phone number. In a profile update, null removes it.
    #[graphql(validator(custom = "Name"))]
    pub phone_number: MaybeUndefined<String>,
}

/// A partner's contact details for customer support.
#[derive(InputObject, Debug, Clone, Default)]
pub struct PartnerSupportInput {
    /// The email address. In a profile update, null removes it.
    #[graphql(validator(custom = "Name"))]
    pub email: MaybeUndefined<String>,
    /// The phone number. In a profile update, null removes it.
    #[graphql(validator(custom = "Name"))]
    pub telephone: MaybeUndefined<String>,
    /// The website. In a profile update, null removes it.
    pub website: MaybeUndefined<String>,
}

/// The trimmed text; `None` if it is missing or blank.
pub(crate) fn given(text: &MaybeUndefined<String>) -> Option<String> {
    text.value().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Updates `place` from an input field: a field that is left out changes nothing, null or blank clears the value.
pub(super) fn put(place: &mut Option<String>, text: &MaybeUndefined<String>) {
    if !text.is_undefined() {
        *place = given(text);
    }
}
