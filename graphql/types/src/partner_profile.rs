use async_graphql::SimpleObject;
use partnergraph_domain::rules::agreement::{Standing, m_04_missing};
use partnergraph_store::read::partners::PartnerRow;

use partnergraph_operation::scalars::CountryCode;

/// Whether a partner meets the three requirements for doing business (M-04).
#[derive(SimpleObject, Debug, Clone)]
pub struct PartnerStatus {
    /// Whether the partner has an account in Partner Center.
    pub onboarded: bool,
    /// Whether the partner's enrolment has been authorised.
    pub enrolled: bool,
    /// Whether the partner has signed the Microsoft Partner Agreement.
    pub mpa_signed: bool,
    /// What is missing and what to do next: one sentence for each unmet requirement, in the order of the steps (M-04). Empty if
    /// all three are met.
    pub missing: Vec<String>,
}

impl PartnerStatus {
    pub(super) fn of(row: &PartnerRow) -> Self {
        let standing = Standing {
            partner_type: row.partner_type,
            onboarded: row.onboarded,
            enrolled: row.enrolled,
            mpa_signed: row.mpa_signed,
            vetting: row.vetting_status,
            waits_for: row.vetting_sub_status,
        };
        Self {
            onboarded: row.onboarded,
            enrolled: row.enrolled,
            mpa_signed: row.mpa_signed,
            missing: m_04_missing(&standing),
        }
    }
}

/// A partner's legal address.
#[derive(SimpleObject, Debug, Clone)]
pub struct PartnerAddress {
    /// The street and house number. Null if unknown.
    pub address_line1: Option<String>,
    /// The city. Null if unknown.
    pub city: Option<String>,
    /// The postal code. Null if unknown.
    pub postal_code: Option<String>,
    /// The country. Null if unknown.
    pub country: Option<CountryCode>,
}

impl PartnerAddress {
    pub(super) fn of(row: &PartnerRow) -> Option<Self> {
        if row.profile.address_line1.is_none() && row.profile.city.is_none() && row.profile.postal_code.is_none() {
            return None;
        }
        Some(Self {
            address_line1: row.profile.address_line1.clone(),
            city: row.profile.city.clone(),
            postal_code: row.profile.postal_code.clone(),
            country: row.country.map(CountryCode),
        })
    }
}

/// A partner's primary contact.
#[derive(SimpleObject, Debug, Clone)]
pub struct PartnerContact {
    /// The first name. Null if unknown.
    pub first_name: Option<String>,
    /// The last name. Null if unknown.
    pub last_name: Option<String>,
    /// The email address. Null if unknown.
    pub email: Option<String>,
    /// The phone number. Null if unknown.
    pub phone_number: Option<String>,
}

impl PartnerContact {
    pub(super) fn of(row: &PartnerRow) -> Option<Self> {
        let contact = Self {
            first_name: row.profile.contact_first_name.clone(),
            last_name: row.profile.contact_last_name.clone(),
            email: row.profile.contact_email.clone(),
            phone_number: row.profile.contact_phone.clone(),
        };
        let known = contact.first_name.is_some() || contact.last_name.is_some() || contact.email.is_some();
        known.then_some(contact)
    }
}

/// A partner's contact details for customer support.
#[derive(SimpleObject, Debug, Clone)]
pub struct PartnerSupport {
    /// The email address. Null if not specified.
    pub email: Option<String>,
    /// The phone number. Null if not specified.
    pub telephone: Option<String>,
    /// The website. Null if not specified.
    pub website: Option<String>,
}

impl PartnerSupport {
    pub(super) fn of(row: &PartnerRow) -> Option<Self> {
        Self::from_parts(&row.profile.support_email, &row.profile.support_telephone, &row.profile.support_website)
    }

    pub(super) fn from_parts(
        email: &Option<String>,
        telephone: &Option<String>,
        website: &Option<String>,
    ) -> Option<Self> {
        let support = Self { email: email.clone(), telephone: telephone.clone(), website: website.clone() };
        let known = support.email.is_some() || support.telephone.is_some() || support.website.is_some();
        known.then_some(support)
    }
}
