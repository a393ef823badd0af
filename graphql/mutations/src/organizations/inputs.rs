//! What an enrolment and a profile say alike. In an enrolment, what is left out or blank is not given; in a change of a profile,
//! what is left out stays as it is, and what is null is not known any more.

use async_graphql::{InputObject, MaybeUndefined};

use partnergraph_operation::name::Name;
use partnergraph_operation::scalars::CountryCode;

/// The legal address of a partner.
#[derive(InputObject, Debug, Clone, Default)]
pub struct PartnerAddressInput {
    /// Street and number. Null in a profile: not known any more.
    #[graphql(validator(custom = "Name"))]
    pub address_line1: MaybeUndefined<String>,
    /// The city. Null in a profile: not known any more.
    #[graphql(validator(custom = "Name"))]
    pub city: MaybeUndefined<String>,
    /// The postal code. Null in a profile: not known any more.
    #[graphql(validator(custom = "Name"))]
    pub postal_code: MaybeUndefined<String>,
    /// The country, which is the account's. Null: not said.
    pub country: Option<CountryCode>,
}

/// The primary contact of a partner: the person who asks, or somebody else of the company (E-10).
#[derive(InputObject, Debug, Clone, Default)]
pub struct PrimaryContactInput {
    /// The first name. Null in a profile: not known any more.
    #[graphql(validator(custom = "Name"))]
    pub first_name: MaybeUndefined<String>,
    /// The last name. Null in a profile: not known any more.
    #[graphql(validator(custom = "Name"))]
    pub last_name: MaybeUndefined<String>,
    /// The e-mail address, of the company and not of a web-mail service (E-07). It cannot be taken away.
    #[graphql(validator(custom = "Name"))]
    pub email: MaybeUndefined<String>,
    /// The telephone number. Null: none.
    #[graphql(validator(custom = "Name"))]
    pub phone_number: MaybeUndefined<String>,
}

/// Where customers find a partner's support.
#[derive(InputObject, Debug, Clone, Default)]
pub struct PartnerSupportInput {
    /// By e-mail. Null in a profile: not known any more.
    #[graphql(validator(custom = "Name"))]
    pub email: MaybeUndefined<String>,
    /// By telephone. Null in a profile: not known any more.
    #[graphql(validator(custom = "Name"))]
    pub telephone: MaybeUndefined<String>,
    /// On the web. Null in a profile: not known any more.
    pub website: MaybeUndefined<String>,
}

/// A text without the space around it; `None` for none and for a blank one.
pub(crate) fn given(text: &MaybeUndefined<String>) -> Option<String> {
    text.value().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Puts what is said in the place of what was: what is left out stays, what is null or blank goes.
pub(super) fn put(place: &mut Option<String>, text: &MaybeUndefined<String>) {
    if !text.is_undefined() {
        *place = given(text);
    }
}
