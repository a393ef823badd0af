use async_graphql::InputObject;
use chrono::NaiveTime;
use partnergraph_domain::rules::attestation::Attestation;
use partnergraph_store::write::customer_agreements::{Acceptance, Signatory};

use partnergraph_operation::name::Name;
use partnergraph_operation::scalars::Date;

/// The person who accepted an agreement for a customer.
#[derive(InputObject, Debug, Clone)]
pub struct AgreementContactInput {
    /// The person's first name.
    #[graphql(validator(custom = "Name"))]
    first_name: String,
    /// The person's last name.
    #[graphql(validator(custom = "Name"))]
    last_name: String,
    /// The person's email address.
    #[graphql(validator(custom = "Name"))]
    email: String,
    /// The person's phone number. Null if unknown.
    #[graphql(validator(custom = "Name"))]
    phone_number: Option<String>,
}

/// The acceptance of the Microsoft Customer Agreement that you attest (C-31).
#[derive(InputObject, Debug, Clone)]
pub struct CustomerAgreementInput {
    /// Who accepted it for the customer.
    accepted_by: AgreementContactInput,
    /// The day on which it was accepted. It cannot be later than today at UTC+14.
    date_agreed: Date,
}

impl CustomerAgreementInput {
    pub(crate) fn new(accepted_by: AgreementContactInput, date_agreed: Date) -> Self {
        Self { accepted_by, date_agreed }
    }

    pub(crate) fn attestation(&self) -> Attestation {
        let by = &self.accepted_by;
        Attestation {
            first_name: by.first_name.trim().to_owned(),
            last_name: by.last_name.trim().to_owned(),
            email: by.email.trim().to_owned(),
            date_agreed: self.date_agreed.0,
        }
    }

    pub(crate) fn acceptance(&self) -> Acceptance {
        let trimmed = |text: &str| Some(text.trim().to_owned());
        let by = &self.accepted_by;
        Acceptance {
            by: Signatory {
                first_name: trimmed(&by.first_name),
                last_name: trimmed(&by.last_name),
                email: trimmed(&by.email),
                phone_number: by
                    .phone_number
                    .as_deref()
                    .map(str::trim)
                    .map(str::to_owned)
                    .filter(|text| !text.is_empty()),
            },
            at: self.date_agreed.0.and_time(NaiveTime::MIN),
        }
    }
}
