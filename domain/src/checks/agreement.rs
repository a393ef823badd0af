//! The attestation of a customer's agreement by the partner that sells to it.

use chrono::NaiveDate;

use crate::refusal::refusals;
use crate::rules::attestation::{self, Attestation};
use crate::rules::customer;
use crate::{Actor, CustomerFacts, PartnerFacts, Refusal};

/// The facts that decide whether a partner may attest that a customer accepted the Microsoft Customer Agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestationFacts {
    /// The caller.
    pub actor: Actor,
    /// The partner that attests.
    pub partner: PartnerFacts,
    /// The customer, as that partner knows it.
    pub customer: CustomerFacts,
    /// What it attests.
    pub attestation: Attestation,
    /// The latest day that it may name ([`attestation::latest_day`]).
    pub latest: NaiveDate,
    /// Whether the partner has attested the same before.
    pub is_repeated: bool,
}

/// Checks whether a partner may attest the agreement (A-01, C-01, C-31).
#[must_use]
pub fn confirm_customer_agreement(facts: &AttestationFacts) -> Vec<Refusal> {
    let mut found = may_attest(&facts.actor, &facts.partner, &facts.customer);
    found.extend(refusals(attestation::c_31_complete(&facts.attestation, facts.latest, facts.is_repeated)));
    found
}

/// What must hold whatever the partner attests (A-01, C-01, C-31).
#[must_use]
pub fn may_attest(actor: &Actor, partner: &PartnerFacts, customer: &CustomerFacts) -> Vec<Refusal> {
    refusals([
        attestation::c_31_attests(actor, partner),
        customer::c_01_related_to_manage(customer).field(["customer"]),
    ])
}
