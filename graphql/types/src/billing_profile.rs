use async_graphql::SimpleObject;
use partnergraph_store::read::billing::BillingRow;

use partnergraph_operation::scalars::CountryCode;

/// The billing profile that a partner recorded for a customer that it added.
#[derive(SimpleObject, Debug, Clone)]
pub struct CustomerBillingProfile {
    /// The email address for invoices.
    pub email: String,
    /// The first name of the contact person. Null if unknown.
    pub first_name: Option<String>,
    /// The last name of the contact person. Null if unknown.
    pub last_name: Option<String>,
    /// The phone number. Null if unknown.
    pub phone_number: Option<String>,
    /// The street and house number. Null if unknown.
    pub address_line1: Option<String>,
    /// The city. Null if unknown.
    pub city: Option<String>,
    /// The postal code. Null if unknown.
    pub postal_code: Option<String>,
    /// The country. Null if unknown.
    pub country: Option<CountryCode>,
    /// The language of the invoices, such as `pl-PL`. Null if unknown.
    pub language: Option<String>,
    /// The company registration or tax number. Null if there is none.
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
