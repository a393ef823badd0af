//! The remark about a field that is held.

use partnergraph_domain::Severity;

use super::draft::remark;
use crate::issue::Issue;
use crate::reconcile::FieldDecision;
use crate::said::FieldSpec;

/// The remark, without its place; `value` is what the file says.
pub(crate) fn held_issue(spec: &FieldSpec, decision: FieldDecision, value: Option<&str>) -> Issue {
    let (code, message) = match decision {
        FieldDecision::HoldSources => {
            ("conflict.sources", format!("two portals state different values of {} at the same time", spec.name))
        }
        _ => ("conflict.edited", format!("{} was changed here and in the file as well; it is held", spec.name)),
    };
    let issue = remark(Severity::Error, code, message)
        .hint("import again with --on-conflict file to take the file's value, or with --on-conflict keep");
    value.into_iter().fold(issue, Issue::value)
}
