//! Issues about a field that is held.

use partnergraph_domain::Severity;

use super::draft::new_issue;
use super::subscription::{SeatsFinding, SeatsIssue};
use crate::baseline::FieldSpec;
use crate::issue::Issue;
use crate::reconcile::FieldDecision;

/// The issue without its location. `value` is what the file states.
pub(crate) fn held_issue(spec: &FieldSpec, decision: &FieldDecision, value: Option<&str>) -> Issue {
    let (code, message) = match decision {
        FieldDecision::HoldSources => {
            ("conflict.sources", format!("two portals state different values of {} for the same time", spec.name))
        }
        _ => (
            "conflict.edited",
            format!("{} was changed both here and in the file; the current value stays until you decide", spec.name),
        ),
    };
    let issue = new_issue(Severity::Error, code, message)
        .hint("import again with --on-conflict file to use the file's value, or with --on-conflict keep to keep the current one");
    value.into_iter().fold(issue, Issue::value)
}

/// The issue about a field in which another portal's value takes precedence. `values` are the file's value and the value
/// that is kept.
pub(crate) fn outranked_issue(
    spec: &FieldSpec,
    (says, counts): &(Option<String>, Option<String>),
    column: Option<String>,
) -> Issue {
    let shown = |word: &Option<String>| word.as_deref().map_or_else(|| "none".to_owned(), |word| format!("\"{word}\""));
    let message = format!(
        "{} is {} in this file and {} in another portal, whose value is kept",
        spec.name,
        shown(says),
        shown(counts)
    );
    let mut issue = new_issue(Severity::Warning, "row.outranked", message)
        .hint("for data that changes over time the later value is kept; for names, domains and countries, the higher-ranked portal's");
    issue.column = column;
    says.iter().fold(issue, |issue, says| issue.value(says))
}

/// The issue about the number of seats of a subscription.
pub(crate) fn seats_issue(seats: &SeatsIssue, key: &str) -> Issue {
    let SeatsIssue { finding, chain, .. } = seats;
    let issue = match finding {
        SeatsFinding::Held(reason) => {
            let message =
                format!("the number of seats cannot be determined: {}. Known lines: {chain}", reason.sentence());
            new_issue(Severity::Error, "conflict.seats", message)
                .hint("import the missing file, or use the last stated number with --on-conflict file")
        }
        SeatsFinding::Unproven => {
            let message =
                format!("no purchase, renewal or cycle charge proves the number of seats before the change: {chain}");
            new_issue(Severity::Info, "subscription.seats.unproven", message)
                .hint("import the earlier files to prove it")
        }
        SeatsFinding::Decided => {
            let message =
                format!("the charge lines do not prove the number of seats; it was decided by --on-conflict: {chain}");
            new_issue(Severity::Info, "subscription.seats.unproven", message).hint("check it in the portal")
        }
        SeatsFinding::Alike => {
            let message = format!("identical charge lines do not affect the number of seats: {chain}");
            new_issue(Severity::Warning, "row.repeated", message)
                .hint("check that the file does not contain the same invoice twice")
        }
    };
    issue.value(key)
}
