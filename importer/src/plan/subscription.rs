//! Decides about one subscription, with pure functions over what the files state about it and the stored state.

use std::collections::BTreeMap;

use partnergraph_domain::{ImportSourceKey, SubscriptionStatus};
use partnergraph_store::imports::stored::StoredSubscription;
use uuid::Uuid;

use super::Change;
use super::fold::{self, Folded, Sources, fold};
use super::history::{Stated, bare, stated};
use super::lines::Lines;
use super::transfers::Transfers;
use crate::baseline::{Entitlement, SUBSCRIPTION, StatedValue, Value, subscription as at};
use crate::profiles::Profile;
use crate::reconcile::{FieldDecision, Group, RowFact, Standing, group, regroup, seconds_of};
use crate::request::OnConflict;
use crate::row_locations::FileLine;
use crate::seats::{Finding, Line, LineKind, Reason};

/// What one source states about a subscription in this import: its rows. Empty if the subscription is only concerned as
/// the other side of a transfer of seats.
#[derive(Debug)]
pub(crate) struct SourceRows<'a> {
    /// The source's key.
    pub(crate) source: ImportSourceKey,
    pub(crate) rows: Vec<RowFact>,
    /// Whether one of them is from a list that is complete.
    pub(crate) is_listed: bool,
    /// The format of each row.
    pub(crate) profiles: Vec<&'a Profile>,
}

/// The stored state of a subscription.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    pub(crate) stored: Option<&'a StoredSubscription>,
    pub(crate) values: Vec<Value>,
    /// What all sources stated before this import.
    pub(crate) sources: Sources,
}

/// Identifies the subscription, for seats that move to others of the same customer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) transfers: &'a Transfers,
    /// The number of the customer in the files.
    pub(crate) customer: u32,
    pub(crate) subscription: Uuid,
}

/// The outcome of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowEnd {
    /// It states something that is in effect.
    Applied,
    /// It is evidence that supports another row.
    Evidence,
    /// It states the same as another row.
    Repeats,
    /// Newer data is known.
    Superseded,
    /// Another row states a different value for the same time, so neither is used.
    Contradicts(&'static str),
}

/// A field that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) field: usize,
    pub(crate) decision: FieldDecision,
    /// The row with the file's value, and its file.
    pub(crate) row: u32,
    pub(crate) file: u16,
    /// The file's value.
    pub(crate) value: Option<String>,
    /// Whether it is the partner of record of a reservation or savings plan, which cannot be changed after the purchase
    /// (B-03).
    pub(crate) is_fixed: bool,
}

/// An issue about a number of seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeatsIssue {
    pub(crate) row: u32,
    pub(crate) file: u16,
    pub(crate) finding: SeatsFinding,
    /// The charge lines from which it follows, in readable form.
    pub(crate) chain: String,
}

/// What the issue about a number of seats is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeatsFinding {
    /// It cannot be determined; nothing is changed.
    Held(Reason),
    /// It is known, but nothing proves the number before it.
    Unproven,
    /// It was decided by the request's conflict policy, from lines that do not prove it.
    Decided,
    /// Alike lines do not affect it.
    Alike,
}

/// A field in which another portal's value takes precedence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outranked {
    pub(crate) field: usize,
    pub(crate) row: u32,
    pub(crate) file: u16,
    /// The file's value, and the value that is kept.
    pub(crate) values: (Option<String>, Option<String>),
}

/// The decision about a subscription.
#[derive(Debug)]
pub(crate) struct SubscriptionDecision {
    pub(crate) before: Vec<Value>,
    pub(crate) after: Vec<Value>,
    /// Whether the partner of record was fixed before, and whether it is fixed from now on.
    pub(crate) fixed: (bool, bool),
    pub(crate) change: Change,
    /// What all sources state about it from now on.
    pub(crate) sources: Sources,
    /// The sources whose files name it.
    pub(crate) named_by: Vec<ImportSourceKey>,
    /// The sources whose baselines are written, and whether there was one before.
    pub(crate) written: Vec<(ImportSourceKey, bool)>,
    /// Whether the history of partners of record differs from before.
    pub(crate) has_other_history: bool,
    /// The outcome of each row, source by source.
    pub(crate) rows: Vec<(u32, RowEnd)>,
    pub(crate) held: Vec<Held>,
    pub(crate) seats: Vec<SeatsIssue>,
    pub(crate) outranked: Vec<Outranked>,
    /// Whether a charge after the end of the term is known.
    pub(crate) goes_on: bool,
    /// The line of the files that proves that the customer accepted the agreement (C-32).
    pub(crate) proves_agreement: Option<FileLine>,
    /// The lines that state it.
    pub(crate) lines: Lines,
    /// What the sources stated about entitlements before, if they state something different now.
    pub(crate) entitlements_before: Option<Entitled>,
}

/// Decides about one subscription. `by_source` is in the order of the sources and has at least one entry. Issues about the
/// whole subscription refer to `first_row`.
pub(crate) fn decide(
    by_source: Vec<SourceRows<'_>>,
    known: Known<'_>,
    place: Place<'_>,
    first_row: u32,
    policy: OnConflict,
) -> SubscriptionDecision {
    let Known { stored, values: before, mut sources } = known;
    let mut after = before.clone();
    let was_fixed = stored.is_some_and(|row| row.partner_of_record_fixed);
    let bound = was_fixed && stored.is_some_and(|row| row.reseller_id.is_some());
    let (mut is_fixed, mut proves_agreement, mut lines) = (was_fixed, None, Lines::default());
    let stated_before = stated(&sources);
    let entitled_before = entitlements(&sources);
    let mut written = Vec::with_capacity(by_source.len());
    let named_by = by_source.iter().filter(|one| !one.rows.is_empty()).map(|one| one.source).collect();
    let (mut rows, mut held, mut seats, mut outranked) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for one in by_source {
        let mut group = combined(&one, &sources, place);
        settle_seats(&mut group, &one, first_row, policy, &mut seats, &after);
        let statement = fold::SourceStatement {
            source: one.source,
            baseline: &group.baseline,
            by_value: &group.by_value,
            withdrawn: group.is_revived.then_some(at::STATUS),
            dated: Some(at::RESELLER),
        };
        let folded =
            fold(&SUBSCRIPTION, &mut after, &mut sources, statement, policy, |field| field != at::RESELLER || !bound);
        is_fixed |= group.kind.has_fixed_partner_of_record();
        proves_agreement = proves_agreement.or(group.proves_agreement);
        prove_active(&group, &sources, &mut after);
        lines.add(&one.rows, &group, &after, stored.is_some());
        written.extend(folded.baseline.as_ref().map(|(_, known)| (one.source, *known)));
        rows.extend(row_ends(&one, &group, folded.superseded));
        held.extend(held_fields(&one, &group, &folded));
        outranked.extend(outranked_fields(&one, &group, &folded));
    }
    let fixed = (was_fixed, is_fixed);
    let change = match stored {
        None => Change::Created,
        Some(_) if before == after && was_fixed == is_fixed => Change::Unchanged,
        Some(_) => Change::Updated,
    };
    let has_other_history = has_other_history(&stated_before, &sources, before[at::RESELLER] != after[at::RESELLER]);
    let entitlements_before = (entitled_before != entitlements(&sources)).then_some(entitled_before);
    let goes_on =
        last_day(&after).is_some_and(|end| sources.iter().any(|(_, baseline)| baseline.charges.goes_on_after(end)));
    SubscriptionDecision {
        before,
        after,
        fixed,
        change,
        entitlements_before,
        has_other_history,
        sources,
        named_by,
        written,
        rows,
        held,
        seats,
        outranked,
        goes_on,
        proves_agreement,
        lines,
    }
}

/// What each source states about the entitlements under an Azure plan.
pub(crate) type Entitled = Vec<(ImportSourceKey, BTreeMap<String, Entitlement>)>;

fn entitlements(sources: &Sources) -> Entitled {
    let stating = sources.iter().filter(|(_, baseline)| !baseline.entitlements.is_empty());
    stating.map(|(id, baseline)| (*id, baseline.entitlements.clone())).collect()
}

/// Combines what the rows of one source state with what it stated before.
fn combined(one: &SourceRows<'_>, sources: &Sources, place: Place<'_>) -> Group {
    let known = sources.iter().find(|(id, _)| *id == one.source).map(|(_, known)| known);
    let has_counterpart = |line: &Line| place.transfers.has_counterpart(place.customer, place.subscription, line);
    let is_upgrade = |line: &Line, day| line.day == day && line.kind == LineKind::Convert && line.sign > 0;
    let mut group = if one.rows.is_empty() {
        regroup(known, &has_counterpart)
    } else {
        group(&one.rows, &one.profiles, known, &has_counterpart)
    };
    group.baseline.listed = group.states && one.is_listed;
    if place.transfers.concern(place.customer)
        && group.baseline.fields[at::PARENT].is_none()
        && let Some((old, day)) = place.transfers.upgraded_from(place.customer, place.subscription)
        && group.baseline.charges.lines().iter().any(|line| is_upgrade(line, day))
    {
        // The source whose lines show the upgrade states it with the upgrade's date, no matter when it is detected.
        let rank = group.baseline.fields.iter().flatten().map(|stated| stated.rank).next().unwrap_or(0);
        let as_of = seconds_of(day);
        group.baseline.fields[at::PARENT] = Some(StatedValue { value: Value::Text(old.to_string()), as_of, rank });
    }
    group
}

/// Reports the issues about the seats. If the seats cannot be determined, applies the request's conflict policy.
fn settle_seats(
    group: &mut Group,
    one: &SourceRows<'_>,
    first_row: u32,
    policy: OnConflict,
    issues: &mut Vec<SeatsIssue>,
    current: &[Value],
) {
    let Some(worked_out) = &group.worked_out else { return };
    let finding = match worked_out.finding {
        Finding::Held { reason, last_stated, .. } => {
            let decided = match policy {
                OnConflict::Hold => None,
                OnConflict::File => last_stated,
                OnConflict::Keep => current[at::QUANTITY].int().and_then(|seats| u32::try_from(seats).ok()),
            };
            match decided {
                Some(seats) => {
                    let (as_of, rank) = (
                        group.baseline.charged,
                        group.baseline.fields[at::QUANTITY].as_ref().map_or(0, |stated| stated.rank),
                    );
                    group.baseline.charges.restart(seats);
                    group.baseline.fields[at::QUANTITY] =
                        Some(StatedValue { value: Value::Int(seats.into()), as_of, rank });
                    SeatsFinding::Decided
                }
                None => SeatsFinding::Held(reason),
            }
        }
        Finding::Unproven(_) => SeatsFinding::Unproven,
        Finding::Proven(_) if worked_out.has_alike => SeatsFinding::Alike,
        Finding::Proven(_) | Finding::Silent => return,
    };
    let row = group.by[at::QUANTITY].or_else(|| (!one.rows.is_empty()).then(|| group.newest_charge(&one.rows)));
    let row = row.and_then(|place| one.rows.get(place));
    issues.push(SeatsIssue {
        row: row.map_or(first_row, |row| row.row),
        file: row.map_or(0, |row| row.at.file),
        finding,
        chain: group.baseline.charges.chain(),
    });
}

impl SubscriptionDecision {
    /// The MPN IDs of the partner of record before and after.
    pub(crate) fn partners_of_record(&self) -> (Option<String>, Option<String>) {
        (self.before[at::RESELLER].shown(), self.after[at::RESELLER].shown())
    }

    /// The time of the newest statement about the partner of record, in seconds since 1970.
    pub(crate) fn partner_of_record_stated(&self) -> i64 {
        let stated = self.sources.iter().filter_map(|(_, baseline)| baseline.fields[at::RESELLER].as_ref());
        stated.filter(|stated| stated.value == self.after[at::RESELLER]).map(|stated| stated.as_of).max().unwrap_or(0)
    }

    /// The change of the association with a reseller, if there was one before or is one now.
    pub(crate) fn association(&self) -> Option<Change> {
        match (&self.before[at::RESELLER], &self.after[at::RESELLER]) {
            (Value::Null, Value::Null) => None,
            (Value::Null, _) => Some(Change::Created),
            (had, has) if had == has => Some(Change::Unchanged),
            _ => Some(Change::Updated),
        }
    }

    /// The number of seats from now on.
    pub(crate) fn seats(&self) -> i64 {
        self.after[at::QUANTITY].int().unwrap_or(0)
    }
}

/// A charge, or an entry in a list, proves that a subscription is in use if no source states its status. Neither is a
/// statement of the status by its source.
fn prove_active(group: &Group, sources: &Sources, values: &mut [Value]) {
    // A status that is not known is stored as NONE and never counts as active.
    if values[at::STATUS] == Value::Text(SubscriptionStatus::None.as_str().to_owned()) {
        values[at::STATUS] = Value::Null;
    }
    let is_stated = sources.iter().any(|(_, baseline)| baseline.fields[at::STATUS].is_some());
    if (group.in_use || group.states) && values[at::STATUS] == Value::Null && !is_stated {
        values[at::STATUS] = Value::Text(SubscriptionStatus::Active.as_str().to_owned());
    }
}

/// The outcome of the rows of one source.
fn row_ends<'a>(
    one: &'a SourceRows<'_>,
    group: &'a Group,
    superseded: bool,
) -> impl Iterator<Item = (u32, RowEnd)> + 'a {
    one.rows.iter().zip(&group.standing).map(move |(row, standing)| {
        let end = match standing {
            Standing::Holds if superseded => RowEnd::Superseded,
            Standing::Holds => RowEnd::Applied,
            Standing::Evidence => RowEnd::Evidence,
            Standing::Repeats => RowEnd::Repeats,
            Standing::Superseded => RowEnd::Superseded,
            Standing::Contradicts(what) => RowEnd::Contradicts(what),
        };
        (row.row, end)
    })
}

/// The held fields of one source, each with the row that states it.
fn held_fields<'a>(one: &'a SourceRows<'_>, group: &'a Group, folded: &'a Folded) -> impl Iterator<Item = Held> + 'a {
    folded.held.iter().filter_map(move |(field, decision)| {
        let row = one.rows.get(group.by[*field].unwrap_or_else(|| group.first()))?;
        let bound = *field == at::RESELLER && *decision == FieldDecision::HoldEdited;
        Some(Held {
            field: *field,
            decision: decision.clone(),
            row: row.row,
            file: row.at.file,
            value: group.baseline.fields[*field].as_ref().and_then(|stated| stated.value.shown()),
            is_fixed: bound && group.kind.has_fixed_partner_of_record(),
        })
    })
}

/// The fields in which another portal's value takes precedence, except for other spellings of the same value.
fn outranked_fields<'a>(
    one: &'a SourceRows<'_>,
    group: &'a Group,
    folded: &'a Folded,
) -> impl Iterator<Item = Outranked> + 'a {
    folded.outranked.iter().filter_map(move |(field, counts)| {
        let row = one.rows.get(group.by[*field]?)?;
        let says = group.baseline.fields[*field].as_ref().and_then(|stated| stated.value.shown());
        let counts = counts.shown();
        let plain = |text: &Option<String>| text.as_deref().map(partnergraph_domain::search_key);
        (plain(&says) != plain(&counts)).then_some(Outranked {
            field: *field,
            row: row.row,
            file: row.at.file,
            values: (says, counts),
        })
    })
}

/// Whether the history differs from before. A repeated partner of record adds a statement, but no period.
fn has_other_history(before: &[Stated], now: &Sources, is_other_holder: bool) -> bool {
    let now = stated(now);
    is_other_holder || (before != now && bare(before) != bare(&now))
}

/// The last day of the term, in days since the beginning of the common era.
fn last_day(values: &[Value]) -> Option<i32> {
    let Value::Text(end) = &values[at::END] else { return None };
    let end: chrono::NaiveDate = end.parse().ok()?;
    Some(chrono::Datelike::num_days_from_ce(&end))
}
