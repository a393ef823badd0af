//! Reads the attestation of a customer's agreement (C-31).

use partnergraph_domain::Severity;
use partnergraph_domain::refusal::refusals;
use partnergraph_domain::rules::attestation::{Attestation, c_31_complete};

use super::cells::Cells;
use crate::fact::AgreementFact;
use crate::profiles::Field;

/// The attestation. `None` if a part of it is missing or malformed; all such parts are reported.
pub(super) fn read(cells: &mut Cells<'_>) -> Option<AgreementFact> {
    let mut text = |field| cells.text(field).unwrap_or_default();
    let (first_name, last_name, email) = (text(Field::FirstName), text(Field::LastName), text(Field::Email));
    let phone_number = cells.text(Field::PhoneNumber);
    let date = cells.date(Field::DateAgreed).map(|at| at.date());
    if date.is_none() && !cells.is_bad_date(Field::DateAgreed) {
        let message = "the row has no day on which the agreement was accepted";
        let hint = "fill in the day";
        cells.missing(Field::DateAgreed, "agreement.date.missing", message, hint);
    }
    // Without a day, the other parts are checked all the same.
    let date_agreed = date.unwrap_or(cells.context.latest);
    let attested = Attestation { first_name, last_name, email, date_agreed };
    let refused = refusals(c_31_complete(&attested, cells.context.latest, false));
    let is_complete = refused.is_empty();
    for refusal in refused {
        let (field, code, hint) = match refusal.field.last().map(String::as_str) {
            Some("firstName") => (Field::FirstName, "agreement.contact.missing", "fill in the name"),
            Some("lastName") => (Field::LastName, "agreement.contact.missing", "fill in the name"),
            Some("email") => (Field::Email, "agreement.email.invalid", "correct the e-mail address"),
            _ => {
                (Field::DateAgreed, "agreement.date.in_future", "correct the day, and check the order of day and month")
            }
        };
        // A row that is too short is reported as such.
        if cells.row.is_cut_before(field) {
            continue;
        }
        let mut issue = cells.issue(Severity::Error, code, refusal.message).hint(hint);
        issue.column = cells.row.layout.name(field).map(str::to_owned);
        issue.value = cells.get(field).map(crate::issue::quoted);
        issue.rule = refusal.rule;
        cells.report(issue);
    }
    let Attestation { first_name, last_name, email, .. } = attested;
    (is_complete && date.is_some()).then_some(AgreementFact { first_name, last_name, email, phone_number, date_agreed })
}
