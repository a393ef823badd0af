use async_graphql::SimpleObject;
use partnergraph_domain::{AgreementEvidence, AgreementType};
use partnergraph_store::read::relationships::AgreementRow;

use partnergraph_operation::scalars::DateTime;

/// Evidence that a customer accepted an agreement.
#[derive(SimpleObject, Debug, Clone)]
pub struct Agreement {
    /// The type of agreement.
    #[graphql(name = "type")]
    pub kind: AgreementType,
    /// How the partner knows that the customer accepted the agreement.
    pub evidence: AgreementEvidence,
    /// When it was accepted. Null if unknown, as for `PORTAL` (C-32).
    pub accepted_at: Option<DateTime>,
    /// Who accepted the agreement for the customer. Null if unknown, as for `PORTAL`.
    pub accepted_by: Option<AgreementContact>,
}

/// The person who accepted an agreement for a customer.
#[derive(SimpleObject, Debug, Clone)]
pub struct AgreementContact {
    /// The person's first name. Null if unknown.
    pub first_name: Option<String>,
    /// The person's last name. Null if unknown.
    pub last_name: Option<String>,
    /// The person's email address. Null if unknown.
    pub email: Option<String>,
    /// The person's phone number. Null if unknown.
    pub phone_number: Option<String>,
}

impl Agreement {
    pub(super) fn of(row: &AgreementRow) -> Self {
        let contact = AgreementContact {
            first_name: row.first_name.clone(),
            last_name: row.last_name.clone(),
            email: row.email.clone(),
            phone_number: row.phone_number.clone(),
        };
        let is_known = row.first_name.is_some() || row.last_name.is_some() || row.email.is_some();
        Self {
            kind: AgreementType::MicrosoftCustomerAgreement,
            evidence: row.evidence,
            accepted_at: row.accepted_at.map(DateTime),
            accepted_by: is_known.then_some(contact),
        }
    }
}
