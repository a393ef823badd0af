//! The first stage: rows that cannot be imported, whatever is stored about their customers and subscriptions.

use partnergraph_domain::Severity;

use super::PlanError;
use super::context::Context;
use super::draft::{Draft, new_issue};
use super::resellers::{Resellers, not_a_reseller};
use super::snapshot::Snapshot;
use crate::intake::{Entry, Outcome};
use crate::profiles::{Field, States};

/// The rows are screened. Those that are still open can be planned.
#[derive(Debug)]
pub(crate) struct Screened {
    pub(super) resellers: Resellers,
}

/// Screens all rows.
pub(crate) fn screen(
    context: &Context<'_>,
    resellers: Resellers,
    snapshot: &mut impl Snapshot,
    draft: &mut Draft<'_>,
) -> Result<Screened, PlanError> {
    reject_resellers(context, &resellers, draft)?;
    find_contradictions(context, draft)?;
    reject_foreign(context, snapshot, draft)?;
    hold_companions(context, draft)?;
    Ok(Screened { resellers })
}

/// Rejects the rows whose reseller cannot be one: an account of another type (2204), or any reseller in a direct-bill
/// partner's file (T-04).
fn reject_resellers(context: &Context<'_>, resellers: &Resellers, draft: &mut Draft<'_>) -> Result<(), PlanError> {
    if !resellers.any_refused() {
        return Ok(());
    }
    for entry in &context.intake.entries {
        let Some(reseller) = entry.reseller() else { continue };
        let (mpn_id, refusals) = resellers.refusals(reseller);
        for refusal in refusals {
            draft.set(entry.row, Outcome::Rejected);
            let mut issue = not_a_reseller(mpn_id, refusal);
            issue.column = context.column(entry.file(), Field::ResellerMpnId);
            draft.report(entry.row, issue)?;
        }
    }
    Ok(())
}

/// Reports rows of one subscription that cannot all be correct. All lines of the subscription are then a conflict, and
/// no policy decides between them.
fn find_contradictions(context: &Context<'_>, draft: &mut Draft<'_>) -> Result<(), PlanError> {
    for group in context.intake.entries.chunk_by(Entry::same) {
        if group.len() < 2 {
            continue;
        }
        let open: Vec<&Entry> = group.iter().filter(|entry| draft.is_open(entry.row)).collect();
        let Some((field, message)) = contradiction(&open, |file| context.file(file).source) else { continue };
        let key = open[0].subscription().to_string();
        for entry in open {
            draft.set(entry.row, Outcome::Conflict);
            let mut issue = new_issue(Severity::Error, "conflict.rows", message)
                .value(&key)
                .hint("none of these lines is applied; find out which is correct and import only that one");
            issue.column = context.column(entry.file(), field);
            draft.report(entry.row, issue)?;
        }
    }
    Ok(())
}

/// How rows of one subscription contradict each other: two customers, or two resellers for the same time in one source.
fn contradiction(rows: &[&Entry], source_of: impl Fn(u16) -> usize) -> Option<(Field, &'static str)> {
    let first = rows.first()?;
    if rows.iter().any(|entry| entry.customer != first.customer) {
        return Some((Field::CustomerTenantId, "the files name two customers for this subscription"));
    }
    let mut named: Vec<(usize, u32, usize)> =
        rows.iter().filter_map(|entry| Some((source_of(entry.file()), entry.when, entry.stated_reseller()?))).collect();
    named.sort_unstable();
    let differ =
        |pair: &[(usize, u32, usize)]| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1) && pair[0].2 != pair[1].2;
    let message = "the files name two resellers for this subscription for the same time";
    named.windows(2).any(differ).then_some((Field::ResellerMpnId, message))
}

/// Handles charge lines of a subscription with a rejected line. Without that line they do not show how many seats there
/// are. None of them is applied, so that importing all of them again after the correction gives the same result as a
/// correct file.
fn hold_companions(context: &Context<'_>, draft: &mut Draft<'_>) -> Result<(), PlanError> {
    let intake = context.intake;
    let is_charge = |entry: &Entry| context.file(entry.file()).profile.states == States::Charges;
    for group in intake.entries.chunk_by(Entry::same) {
        let key = group[0].subscription();
        let rejected = intake.rejected_charges.binary_search(&key.as_u128()).is_ok()
            || group.iter().any(|entry| is_charge(entry) && draft.outcome(entry.row) == Outcome::Rejected);
        if !rejected {
            continue;
        }
        for entry in group.iter().filter(|entry| is_charge(entry)) {
            if !draft.is_open(entry.row) {
                continue;
            }
            draft.set(entry.row, Outcome::Conflict);
            let message =
                "another charge line of this subscription was rejected; its lines can only be imported together";
            let mut issue = new_issue(Severity::Error, "row.companion_rejected", message)
                .value(&key.to_string())
                .hint("fix the rejected line and import all lines of the subscription again from the rejects file");
            issue.column = context.column(entry.file(), Field::SubscriptionId);
            draft.report(entry.row, issue)?;
        }
    }
    Ok(())
}

/// Rejects rows about a subscription that another partner holds. Nothing about the other partner is disclosed.
fn reject_foreign(context: &Context<'_>, snapshot: &mut impl Snapshot, draft: &mut Draft<'_>) -> Result<(), PlanError> {
    let intake = context.intake;
    if intake.entries.is_empty() || !snapshot.has_other_partners_subscriptions()? {
        return Ok(());
    }
    for group in intake.entries.chunk_by(Entry::same) {
        let key = group[0].subscription().to_string();
        if !snapshot.other_partners_subscription(&key)? {
            continue;
        }
        for entry in group {
            if !matches!(draft.outcome(entry.row), Outcome::Open | Outcome::Conflict) {
                continue;
            }
            draft.set(entry.row, Outcome::Rejected);
            let message = "the subscription id is not available to this account";
            let mut issue = new_issue(Severity::Error, "subscription.id.unavailable", message)
                .value(&key)
                .hint("check the id, and that the file belongs to this account");
            issue.column = context.column(entry.file(), Field::SubscriptionId);
            draft.report(entry.row, issue)?;
        }
    }
    Ok(())
}
