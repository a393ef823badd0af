//! Attestations that customers accepted the Microsoft Customer Agreement (C-31), as files state them.
//!
//! An attestation is a fact of its own: it neither brings a customer in nor changes what is known of it. One that was made
//! before, in the API or by a file, is not made again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::NaiveTime;
use partnergraph_domain::rules::attestation::c_31_not_by;
use partnergraph_domain::{AgreementEvidence, CustomerKey, RuleId, Severity};
use partnergraph_store::imports::rows::NewAgreement;
use partnergraph_store::imports::stored::StoredAttestation;
use partnergraph_store::write::customer_agreements::Signatory;

use super::PlanError;
use super::context::Context;
use super::customer::Live;
use super::draft::{Draft, new_issue};
use super::snapshot::Snapshot;
use super::statements::Statements;
use crate::fact::AgreementFact;
use crate::issue::Issue;
use crate::profiles::Field;
use crate::reconcile::moment;

/// The attestations about customers of the partner, in the order in which they are made.
#[derive(Debug, Default)]
pub(super) struct Attesting(Vec<(u32, CustomerKey)>);

impl Attesting {
    /// Takes the attestations about one customer. Without a relationship with it, they are rejected (C-01).
    pub(super) fn take(
        &mut self,
        context: &Context<'_>,
        related: Option<CustomerKey>,
        attested: &[Live],
        statements: &mut Statements,
    ) {
        for one in attested {
            match (refused(context, related), related) {
                (None, Some(customer_id)) => self.0.push((one.number, customer_id)),
                (issue, _) => {
                    let issues: Vec<Issue> = issue
                        .into_iter()
                        .map(|issue| Issue {
                            column: context.column(one.statement.file, Field::CustomerTenantId),
                            ..issue.value(&one.statement.customer.tenant_id.to_string())
                        })
                        .collect();
                    statements.reject(one.number, &issues);
                }
            }
        }
    }

    /// Writes those that were not made before, and returns the number of the others. Of rows that say the same, one is applied.
    pub(super) fn write(
        self,
        context: &Context<'_>,
        statements: &mut Statements,
        snapshot: &mut impl Snapshot,
        draft: &mut Draft<'_>,
    ) -> Result<u64, PlanError> {
        let mut made_before = 0;
        if self.0.is_empty() {
            return Ok(made_before);
        }
        let intake = context.intake;
        // Whether a row of the files has been counted for it.
        let mut known: HashMap<StoredAttestation, bool> =
            snapshot.attestations()?.into_iter().map(|row| (row, false)).collect();
        let mut cursor = intake.statement_spool.cursor();
        for (number, customer_id) in self.0 {
            let statement = cursor.get(intake.statements[number as usize].place)?;
            let by = statement.at();
            let Some(fact) = statement.agreement else { continue };
            match known.entry(attestation(customer_id, &fact)) {
                Entry::Occupied(mut made) => {
                    if made.insert(true) {
                        continue;
                    }
                    made_before += 1;
                    draft.repeated_agreement(row(made.key()))?;
                }
                Entry::Vacant(new) => {
                    draft.agreement(&statement.customer.tenant_id.to_string(), &row(new.key()), Some(by))?;
                    new.insert(true);
                }
            }
            statements.hold_true(number);
        }
        Ok(made_before)
    }
}

/// Why the importing partner cannot attest the agreement of this customer.
fn refused(context: &Context<'_>, related: Option<CustomerKey>) -> Option<Issue> {
    if let Some(refusal) = c_31_not_by(context.partner.partner_type) {
        let mut issue = new_issue(Severity::Error, "agreement.not_a_seller", refusal.message);
        issue.rule = refusal.rule;
        return Some(issue.hint("ask the provider that sells to the customer to confirm it"));
    }
    if related.is_some() {
        return None;
    }
    let message = "the importing account has no reseller relationship with this customer";
    let mut issue = new_issue(Severity::Error, "agreement.no_relationship", message);
    issue.rule = Some(RuleId::C_01);
    Some(issue.hint("import a file that has the customer, together with this one or before it, or invite the customer"))
}

fn attestation(customer_id: CustomerKey, fact: &AgreementFact) -> StoredAttestation {
    let AgreementFact { first_name, last_name, email, phone_number, date_agreed } = fact;
    StoredAttestation {
        customer_id,
        accepted_at: Some(date_agreed.and_time(NaiveTime::MIN)),
        by: Signatory {
            first_name: Some(first_name.clone()),
            last_name: Some(last_name.clone()),
            email: Some(email.clone()),
            phone_number: phone_number.clone(),
        },
    }
}

fn row(attested: &StoredAttestation) -> NewAgreement {
    let StoredAttestation { customer_id, accepted_at, by } = attested;
    NewAgreement {
        accepted_at: accepted_at.map(moment),
        evidence: AgreementEvidence::Attested,
        first_name: by.first_name.clone(),
        last_name: by.last_name.clone(),
        email: by.email.clone(),
        phone_number: by.phone_number.clone(),
        ..NewAgreement::proved(*customer_id)
    }
}
