use async_graphql::SimpleObject;
use partnergraph_store::read::billing::BillingRow;

use partnergraph_operation::scalars::CountryCode;

/// Where a partner bills a customer that it added.
#[derive(SimpleObject, Debug, Clone)]
pub struct CustomerBillingProfile {
    /// Where the bill goes.
    pub email: String,
    /// The first name of whom to speak to. Null where it is not known.
    pub first_name: Option<String>,
    /// The last name of whom to speak to. Null where it is not known.
    pub last_name: Option<String>,
    /// The telephone number. Null where it is not known.
    pub phone_number: Option<String>,
    /// Street and number. Null where it is not known.
    pub address_line1: Option<String>,
    /// The city. Null where it is not known.
    pub city: Option<String>,
    /// The postal code. Null where it is not known.
    pub postal_code: Option<String>,
    /// The country. Null where it is not known.
    pub country: Option<CountryCode>,
    /// The language of the bills. Null where it is not known.
    pub language: Option<String>,
    /// The number in a register of companies or for taxes. Null where there is none.
    pub organization_registration_number: Option<String>,
}

impl CustomerBillingProfile {
    pub(super) fn of(row: &BillingRow) -> Self {
        Self {
            email: row.email.clone(),
            first_name: row.first_name.clone(),
            last_name: row.last_name.clone(),
            phone_number: row.phone_number.clone(),
            address_line1: row.address_line1.clone(),
            city: row.city.clone(),
            postal_code: row.postal_code.clone(),
            country: row.country.map(CountryCode),
            language: row.language.clone(),
            organization_registration_number: row.organization_registration_number.clone(),
        }
    }
}
