//! Combines the rows of one subscription into what one source states about it.

use std::collections::BTreeMap;

use partnergraph_domain::{MpnId, SubscriptionStatus};

use super::lines::{Charged, Part, charged};
use super::values::{day_of, holder, ranks, seconds_of, values};
use crate::baseline::{Baseline, SUBSCRIPTION, StatedValue, Value, subscription as at};
use crate::fact::{ChargeKind, SubscriptionFact, SubscriptionKind};
use crate::profiles::Profile;
use crate::row_locations::FileLine;
use crate::seats::{Finding, Line, WorkedOut};

/// The time of the statements of a line that removes seats. They describe the state before the change, so everything
/// else is newer.
const BEFORE: i64 = 1;

/// A row's statement about a subscription.
#[derive(Clone, Debug)]
pub(crate) struct RowFact {
    pub(crate) row: u32,
    pub(crate) at: FileLine,
    pub(crate) as_of: i64,
    pub(crate) fact: SubscriptionFact,
}

/// The role of a row in its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It states something that is in effect.
    Holds,
    /// It is evidence that supports another row.
    Evidence,
    /// It states the same as another row.
    Repeats,
    /// A newer row states something different.
    Superseded,
    /// Another row states a different value for the same time, so neither is used.
    Contradicts(&'static str),
}

/// What the rows of one source state about one subscription together, with the lines that were known before.
#[derive(Debug)]
pub(crate) struct Group {
    /// The newest value of each field; all known charge lines, partners of record and entitlements.
    pub(crate) baseline: Baseline,
    /// By field, the index in the group of the row that states it.
    pub(crate) by: Vec<Option<usize>>,
    /// By field, whether of two values with the same time the greater one is used, instead of the later statement.
    pub(crate) by_value: Vec<bool>,
    /// Each row's role, in the given order.
    pub(crate) standing: Vec<Standing>,
    /// Whether a charge shows that it is in use.
    pub(crate) in_use: bool,
    /// What the charge lines prove, if there are any.
    pub(crate) worked_out: Option<WorkedOut>,
    /// Whether `DELETED`, which earlier charges proved, is no longer proved.
    pub(crate) is_revived: bool,
    /// The kind of subscription.
    pub(crate) kind: SubscriptionKind,
    /// Whether the group contains a row that states the state and is not a charge.
    pub(crate) states: bool,
    /// The line that proves that the customer accepted the agreement (C-32).
    pub(crate) proves_agreement: Option<FileLine>,
}

impl Group {
    /// The index of the row to which issues about the whole subscription refer.
    pub(crate) fn first(&self) -> usize {
        self.standing.iter().position(|standing| *standing == Standing::Holds).unwrap_or(0)
    }

    /// The index of the newest charge among the rows.
    pub(crate) fn newest_charge(&self, rows: &[RowFact]) -> usize {
        let day = |row: &RowFact| row.fact.charge.as_deref().and_then(|charge| charge.order_date);
        let charges = rows.iter().enumerate().filter(|(_, row)| row.fact.charge.is_some());
        charges.max_by_key(|(place, row)| (day(row), *place)).map_or(0, |(place, _)| place)
    }
}

/// Works out what `rows` state together. `profiles` are the formats of their files. All rows are of one source and one
/// subscription, in the order of the files. `known` is what the source stated before.
pub(crate) fn group(
    rows: &[RowFact],
    profiles: &[&Profile],
    known: Option<&Baseline>,
    has_counterpart: &dyn Fn(&Line) -> bool,
) -> Group {
    let mut collected = Collected::default();
    for (place, (row, profile)) in rows.iter().zip(profiles).enumerate() {
        collected.row(place, row, &ranks(profile));
    }
    let mut contradictions = collected.contradictions(rows);
    collected.holders(rows, known);
    contradictions.extend(collected.entitlements(rows, known));
    let charged = charged(rows, known.map(|known| &known.charges), has_counterpart);
    let is_revived = collected.charges(rows, known, charged.as_ref());
    let mut standing = collected.standing(rows, charged.as_ref());
    contradictions.into_iter().for_each(|(place, what)| standing[place] = Standing::Contradicts(what));
    // A fact of the past: neither newer rows nor the order of the files change it. Rows that are not applied prove nothing.
    let proves = |(row, standing): &(&RowFact, &Standing)| {
        row.fact.proves_agreement && !matches!(standing, Standing::Contradicts(_))
    };
    let proves_agreement = rows.iter().zip(&standing).find(proves).map(|(row, _)| row.at);
    let in_force = |row: &RowFact| {
        row.fact.charge.as_deref().is_some_and(|charge| {
            charge.kind == ChargeKind::Usage || !charge.wipes() && charge.kind != ChargeKind::CustomerCredit
        })
    };
    let states = rows.iter().any(|row| row.fact.charge.is_none());
    Group {
        in_use: rows.iter().any(in_force),
        kind: rows.last().map_or(SubscriptionKind::License, |row| row.fact.kind),
        worked_out: charged.map(|charged| {
            collected.baseline.charges = charged.set;
            charged.worked_out
        }),
        baseline: collected.baseline,
        by: collected.by,
        by_value: collected.by_value,
        standing,
        is_revived,
        states,
        proves_agreement,
    }
}

/// Works out again what a source stated before, because the other side of moved seats may have been found.
pub(crate) fn regroup(known: Option<&Baseline>, has_counterpart: &dyn Fn(&Line) -> bool) -> Group {
    let mut baseline = Baseline::silent(SUBSCRIPTION.len());
    let mut worked_out = None;
    if let Some(known) = known {
        baseline = Baseline { fields: baseline.fields, listed: false, ..known.clone() };
        let out = known.charges.work_out(has_counterpart);
        if let (Finding::Proven(seats) | Finding::Unproven(seats), false) = (out.finding, known.charges.is_empty()) {
            let rank = known.fields[at::QUANTITY].as_ref().map_or(0, |stated| stated.rank);
            baseline.fields[at::QUANTITY] =
                Some(StatedValue { value: Value::Int(seats.into()), as_of: known.charged, rank });
        }
        worked_out = Some(out).filter(|out| matches!(out.finding, Finding::Proven(_)));
    }
    Group {
        baseline,
        by: vec![None; SUBSCRIPTION.len()],
        by_value: vec![false; SUBSCRIPTION.len()],
        standing: Vec::new(),
        in_use: false,
        worked_out,
        is_revived: false,
        kind: SubscriptionKind::License,
        states: false,
        proves_agreement: None,
    }
}

/// The statements read so far, by field.
struct Collected {
    baseline: Baseline,
    by: Vec<Option<usize>>,
    by_value: Vec<bool>,
    /// By field, the file of the row that states it. Charges have none, because their files have no order.
    file: Vec<Option<u16>>,
    /// The ranks of the last row's format.
    ranks: [u8; SUBSCRIPTION.len()],
}

impl Default for Collected {
    fn default() -> Self {
        Self {
            baseline: Baseline::silent(SUBSCRIPTION.len()),
            by: vec![None; SUBSCRIPTION.len()],
            by_value: vec![false; SUBSCRIPTION.len()],
            file: vec![None; SUBSCRIPTION.len()],
            ranks: [0; SUBSCRIPTION.len()],
        }
    }
}

impl Collected {
    fn row(&mut self, place: usize, row: &RowFact, ranks: &[u8; SUBSCRIPTION.len()]) {
        let charge = row.fact.charge.as_deref();
        let as_of = if charge.is_some_and(|charge| charge.wipes()) { BEFORE } else { row.as_of };
        let file = charge.is_none().then_some(row.at.file);
        for (field, value) in values(&row.fact).into_iter().enumerate() {
            let Some(value) = value else { continue };
            let newer = match &self.baseline.fields[field] {
                None => true,
                // A repetition adds nothing: the first row that states the value is counted for it.
                Some(before) => {
                    as_of > before.as_of
                        || as_of == before.as_of
                            && value != before.value
                            && (file, &value) > (self.file[field], &before.value)
                }
            };
            if newer {
                self.baseline.fields[field] = Some(StatedValue { value, as_of, rank: ranks[field] });
                self.by[field] = Some(place);
                self.by_value[field] = charge.is_some();
                self.file[field] = file;
            }
        }
        if charge.is_some() {
            self.baseline.charged = self.baseline.charged.max(row.as_of);
        }
        self.ranks = *ranks;
    }

    /// Records the partner of record from each day on. The newest statement counts.
    fn holders(&mut self, rows: &[RowFact], known: Option<&Baseline>) {
        let rank = self.ranks[at::RESELLER];
        let mut by_day: BTreeMap<i32, (Option<MpnId>, usize)> = BTreeMap::new();
        for (place, row) in rows.iter().enumerate() {
            let Some(holder) = holder(&row.fact).filter(|_| states_holder(&row.fact)) else { continue };
            let ordered = row.fact.charge.as_deref().and_then(|charge| charge.order_date);
            let ordered = ordered.map_or(0, |at| at.and_utc().timestamp());
            let day = day_of(row.as_of.max(ordered));
            let entry = by_day.entry(day).or_insert((holder, place));
            // Contradictions on one day were reported before. A list that is imported twice may correct itself.
            if (rows[entry.1].at.file, entry.0.map(|id| id.0)) < (row.at.file, holder.map(|id| id.0)) {
                *entry = (holder, place);
            }
        }
        if let Some(known) = known {
            self.baseline.holders.clone_from(&known.holders);
        }
        for (day, (holder, _)) in &by_day {
            self.baseline.holders.state(*day, *holder);
        }
        // A statement that is older than a known one is history. It is compared with that one and found to be
        // superseded.
        if let Some((day, (holder, place))) = by_day.last_key_value() {
            let value = Value::from(holder.map(|id| id.to_string()));
            self.baseline.fields[at::RESELLER] = Some(StatedValue { value, as_of: seconds_of(*day), rank });
            self.by[at::RESELLER] = Some(*place);
        }
    }

    /// Rows of lists that state different seats or statuses for the same time. None of them is used, because the result
    /// would depend on which one was read first. Returns their indexes, and what they contradict each other in.
    fn contradictions(&mut self, rows: &[RowFact]) -> Vec<(usize, &'static str)> {
        let mut found = Vec::new();
        let lists = || rows.iter().enumerate().filter(|(_, row)| row.fact.charge.is_none());
        if lists().nth(1).is_none() {
            return found;
        }
        for (field, what) in [(at::QUANTITY, "seats"), (at::STATUS, "statuses")] {
            let stated =
                || lists().filter_map(|(at, row)| Some((row.as_of, at, values(&row.fact).into_iter().nth(field)??)));
            let Some(newest) = stated().map(|(as_of, ..)| as_of).max() else { continue };
            let stated: Vec<_> = stated().filter(|(as_of, ..)| *as_of == newest).collect();
            if stated.iter().any(|(.., value)| *value != stated[0].2) {
                (self.baseline.fields[field], self.by[field], self.file[field]) = (None, None, None);
                found.extend(stated.iter().map(|(_, place, _)| (*place, what)));
            }
        }
        found
    }

    /// The entitlements under an Azure plan, each with its newest description and partner of record. Returns the rows
    /// that name different resellers for one entitlement at the same time. None of them is used.
    fn entitlements(&mut self, rows: &[RowFact], known: Option<&Baseline>) -> Vec<(usize, &'static str)> {
        if let Some(known) = known {
            self.baseline.entitlements.clone_from(&known.entitlements);
        }
        // By entitlement and time: the reseller that is named, and whether there is more than one.
        let mut named: BTreeMap<(&str, i64), (Option<MpnId>, bool)> = BTreeMap::new();
        for row in rows {
            let Some(entitlement) = row.fact.entitlement.as_deref() else { continue };
            let Some(holder) = holder(&row.fact) else { continue };
            let entry = named.entry((&entitlement.id, row.as_of)).or_insert((holder, false));
            entry.1 |= entry.0 != holder;
        }
        let mut found = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            let Some(entitlement) = row.fact.entitlement.as_deref() else { continue };
            let entry = self.baseline.entitlements.entry(entitlement.id.clone()).or_default();
            if entitlement.description.is_some()
                && (row.as_of, &entitlement.description) > (entry.as_of.0, &entry.description)
            {
                (entry.description, entry.as_of.0) = (entitlement.description.clone(), row.as_of);
            }
            if named.get(&(entitlement.id.as_str(), row.as_of)).is_some_and(|(_, is_disputed)| *is_disputed) {
                found.push((place, "resellers of one entitlement"));
                continue;
            }
            let reseller = holder(&row.fact).map(|holder| holder.map(|id| id.to_string()));
            if reseller.is_some() && (row.as_of, &reseller) > (entry.as_of.1, &entry.reseller) {
                (entry.reseller, entry.as_of.1) = (reseller, row.as_of);
            }
        }
        found
    }

    /// The seats and the end that follow from all charge lines. Returns whether an end is withdrawn.
    fn charges(&mut self, rows: &[RowFact], known: Option<&Baseline>, charged: Option<&Charged>) -> bool {
        let Some(charged) = charged else {
            if let Some(known) = known {
                self.baseline.charges.clone_from(&known.charges);
                self.baseline.charged = known.charged;
            }
            return false;
        };
        self.baseline.charged = self.baseline.charged.max(known.map_or(0, |known| known.charged));
        let as_of = self.baseline.charged;
        let primary = charged.parts.iter().find(|(_, part)| *part == Part::Holds).or(charged.parts.last());
        let Some(&(primary, _)) = primary else { return false };
        let (quantity_rank, status_rank) = (self.ranks[at::QUANTITY], self.ranks[at::STATUS]);
        let number = match charged.worked_out.finding {
            Finding::Proven(seats) | Finding::Unproven(seats) => Some(seats),
            // What was worked out before stays. If there was nothing before, the lines that precede the contradiction
            // count.
            Finding::Held { before, .. } if known.is_none_or(|known| known.fields[at::QUANTITY].is_none()) => before,
            Finding::Held { .. } | Finding::Silent => None,
        };
        let mut derive = |field: usize, value: Value, as_of: i64, rank: u8| {
            // A newer list of the same source takes precedence.
            if self.file[field].is_none()
                || self.baseline.fields[field].as_ref().is_none_or(|stated| stated.as_of <= as_of)
            {
                self.baseline.fields[field] = Some(StatedValue { value, as_of, rank });
                self.by[field] = Some(primary);
                self.by_value[field] = false;
            }
        };
        if let Some(seats) = number {
            derive(at::QUANTITY, Value::Int(seats.into()), as_of, quantity_rank);
        }
        match charged.worked_out.cancelled_on {
            Some(day) => {
                let deleted = Value::Text(SubscriptionStatus::Deleted.as_str().to_owned());
                derive(at::STATUS, deleted, as_of.max(seconds_of(day)), status_rank);
                false
            }
            None => charged.was_cancelled && rows.iter().all(|row| row.fact.status.is_none()),
        }
    }

    fn standing(&self, rows: &[RowFact], charged: Option<&Charged>) -> Vec<Standing> {
        let mut standing = vec![Standing::Superseded; rows.len()];
        let alone = rows.len() == 1;
        for (place, row) in rows.iter().enumerate().filter(|(_, row)| row.fact.charge.is_none()) {
            let alike = || {
                values(&row.fact).into_iter().zip(&self.baseline.fields).all(|(value, stated)| {
                    value.is_none_or(|value| stated.as_ref().is_some_and(|stated| stated.value == value))
                })
            };
            standing[place] = if alone || self.by.contains(&Some(place)) {
                Standing::Holds
            } else if alike() {
                Standing::Repeats
            } else {
                Standing::Superseded
            };
        }
        for (place, part) in charged.into_iter().flat_map(|charged| &charged.parts) {
            standing[*place] = match part {
                Part::Holds => Standing::Holds,
                Part::Evidence => Standing::Evidence,
                Part::Repeats => Standing::Repeats,
                Part::History => Standing::Superseded,
            };
        }
        standing
    }
}

/// Whether a row states the partner of record of the whole subscription. It does not if it reverses an earlier charge,
/// or if it is about an entitlement under the subscription.
fn states_holder(fact: &SubscriptionFact) -> bool {
    fact.entitlement.is_none() && fact.charge.as_deref().is_none_or(|charge| !charge.wipes())
}

#[cfg(test)]
mod tests;
