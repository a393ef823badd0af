use partnergraph_domain::{AgreementEvidence, CustomerKey};
use serde::{Deserialize, Serialize};

use super::super::bulk::copy_into;
use super::super::bulk::{Cell, NewRow, Stamp};

/// Evidence that a customer accepted the Microsoft Customer Agreement: proved by an import (C-32), or attested in a file (C-31).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAgreement {
    /// The customer.
    pub customer_id: CustomerKey,
    /// How the importing partner knows.
    pub evidence: AgreementEvidence,
    /// When the customer accepted. `None` if it is only proved.
    pub accepted_at: Option<String>,
    /// The first name of the person who accepted.
    pub first_name: Option<String>,
    /// The person's last name.
    pub last_name: Option<String>,
    /// The person's e-mail address.
    pub email: Option<String>,
    /// The person's phone number.
    pub phone_number: Option<String>,
}

impl NewAgreement {
    /// What an import proves (C-32).
    #[must_use]
    pub fn proved(customer_id: CustomerKey) -> Self {
        Self {
            customer_id,
            evidence: AgreementEvidence::Portal,
            accepted_at: None,
            first_name: None,
            last_name: None,
            email: None,
            phone_number: None,
        }
    }
}

/// What a run states about evidence that stood before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepeatedAgreement(pub NewAgreement);

impl NewRow for RepeatedAgreement {
    copy_into!(import_agreements(
        run_id,
        customer_id,
        evidence,
        accepted_at,
        first_name,
        last_name,
        email,
        phone_number
    ));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        let Self(stated) = self;
        vec![
            stamp.run_id.into(),
            stated.customer_id.into(),
            stated.evidence.into(),
            (&stated.accepted_at).into(),
            (&stated.first_name).into(),
            (&stated.last_name).into(),
            (&stated.email).into(),
            (&stated.phone_number).into(),
        ]
    }
}

impl NewRow for NewAgreement {
    copy_into!(customer_agreements(
        customer_id,
        partner_id,
        evidence,
        accepted_at,
        first_name,
        last_name,
        email,
        phone_number,
        recorded_at,
        run_id
    ));
    fn cells<'a>(&'a self, stamp: &'a Stamp) -> Vec<Cell<'a>> {
        vec![
            self.customer_id.into(),
            stamp.partner_id.into(),
            self.evidence.into(),
            (&self.accepted_at).into(),
            (&self.first_name).into(),
            (&self.last_name).into(),
            (&self.email).into(),
            (&self.phone_number).into(),
            (&stamp.now).into(),
            stamp.run_id.into(),
        ]
    }
}
