//! What becomes of one subscription: pure functions over what the files say of it and what stands.

use std::collections::BTreeMap;

use partnergraph_domain::{ImportSourceKey, SubscriptionStatus};
use partnergraph_store::imports::stored::StoredSubscription;
use uuid::Uuid;

use super::Change;
use super::fold::{self, Folded, Sources, fold};
use super::history::{Stated, bare, stated};
use super::transfers::Transfers;
use crate::profiles::Profile;
use crate::reconcile::{FieldDecision, Group, RowFact, Standing, group, regroup, seconds_of};
use crate::request::OnConflict;
use crate::said::{Entitlement, SUBSCRIPTION, Said, Value, subscription as at};
use crate::seats::{Finding, Line, LineKind, Reason};

/// What one source says of a subscription in this import: its rows. None where only the other side of a transfer of seats
/// concerns it.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    /// The source's key.
    pub(crate) source: ImportSourceKey,
    pub(crate) rows: Vec<RowFact>,
    /// Whether one of them is from a list that is complete.
    pub(crate) is_listed: bool,
    /// The format of each row.
    pub(crate) profiles: Vec<&'a Profile>,
}

/// What stands of a subscription.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    pub(crate) stored: Option<&'a StoredSubscription>,
    pub(crate) values: Vec<Value>,
    /// What all sources said before this import.
    pub(crate) sources: Sources,
}

/// Of which subscription it is, for seats that go to others of the same customer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) transfers: &'a Transfers,
    /// The number of the customer in the files.
    pub(crate) customer: u32,
    pub(crate) subscription: Uuid,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowEnd {
    /// It says something that holds.
    Applied,
    /// It is evidence beside another row.
    Evidence,
    /// It says what another row says.
    Repeats,
    /// Something newer is known.
    Superseded,
    /// Another row of the same time says otherwise of this; neither is believed.
    Contradicts(&'static str),
}

/// A field that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) field: usize,
    pub(crate) decision: FieldDecision,
    /// The row that says what the file says, and its file.
    pub(crate) row: u32,
    pub(crate) file: u16,
    /// What the file says.
    pub(crate) value: Option<String>,
    /// Whether it is the partner of record of what must keep the one it was bought with (B-03).
    pub(crate) is_fixed: bool,
}

/// Something about a number of seats that is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeatsRemark {
    pub(crate) row: u32,
    pub(crate) file: u16,
    pub(crate) finding: SeatsFinding,
    /// The charge lines from which it follows, as a person reads them.
    pub(crate) chain: String,
}

/// What of a number of seats is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeatsFinding {
    /// It cannot be known; nothing is changed.
    Held(Reason),
    /// It is known, and nothing proves the number before it.
    Unproven,
    /// It was decided by what the request says about conflicts, from lines that do not prove it.
    Decided,
    /// Alike lines make no difference to it.
    Alike,
}

/// A field in which another portal's word counts for more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outranked {
    pub(crate) field: usize,
    pub(crate) row: u32,
    pub(crate) file: u16,
    /// What the file says, and what counts.
    pub(crate) words: (Option<String>, Option<String>),
}

/// What is decided about a subscription.
#[derive(Debug)]
pub(crate) struct SubscriptionDecision {
    pub(crate) before: Vec<Value>,
    pub(crate) after: Vec<Value>,
    /// Whether the partner of record was fixed, and is from now on.
    pub(crate) fixed: (bool, bool),
    pub(crate) change: Change,
    /// What all sources say of it from now on.
    pub(crate) sources: Sources,
    /// The sources that told of it.
    pub(crate) told: Vec<ImportSourceKey>,
    /// The sources whose baselines are written, and whether there was one.
    pub(crate) written: Vec<(ImportSourceKey, bool)>,
    /// Whether another history of partners of record follows than before.
    pub(crate) has_other_history: bool,
    /// What became of each row, source by source.
    pub(crate) rows: Vec<(u32, RowEnd)>,
    pub(crate) held: Vec<Held>,
    pub(crate) seats: Vec<SeatsRemark>,
    pub(crate) outranked: Vec<Outranked>,
    /// Whether a charge beyond the end of the term is known.
    pub(crate) goes_on: bool,
    /// What the sources said of entitlements before, where they say something else now.
    pub(crate) entitlements_before: Option<Entitled>,
}

/// Decides about one subscription. What is told comes in the order of the sources, at least one; `first_row` is the one to which
/// remarks about the whole go.
pub(crate) fn decide(
    told: Vec<Told<'_>>,
    known: Known<'_>,
    place: Place<'_>,
    first_row: u32,
    policy: OnConflict,
) -> SubscriptionDecision {
    let Known { stored, values: before, mut sources } = known;
    let mut after = before.clone();
    let was_fixed = stored.is_some_and(|row| row.partner_of_record_fixed);
    let bound = was_fixed && stored.is_some_and(|row| row.reseller_id.is_some());
    let mut is_fixed = was_fixed;
    let stated_before = stated(&sources);
    let entitled_before = entitlements(&sources);
    let mut written = Vec::with_capacity(told.len());
    let telling = told.iter().filter(|one| !one.rows.is_empty()).map(|one| one.source).collect();
    let (mut rows, mut held, mut seats, mut outranked) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for one in told {
        let mut heard = heard(&one, &sources, place);
        settle_seats(&mut heard, &one, first_row, policy, &mut seats, &after);
        let word = fold::Told {
            source: one.source,
            said: &heard.said,
            by_value: &heard.by_value,
            withdrawn: heard.is_revived.then_some(at::STATUS),
        };
        let folded =
            fold(&SUBSCRIPTION, &mut after, &mut sources, word, policy, |field| field != at::RESELLER || !bound);
        is_fixed |= heard.kind.has_fixed_partner_of_record();
        prove_active(&heard, &sources, &mut after);
        written.extend(folded.baseline.as_ref().map(|(_, known)| (one.source, *known)));
        rows.extend(row_ends(&one, &heard, folded.superseded));
        held.extend(held_fields(&one, &heard, &folded));
        outranked.extend(outranked_fields(&one, &heard, &folded));
    }
    let fixed = (was_fixed, is_fixed);
    let change = match stored {
        None => Change::Created,
        Some(_) if before == after && was_fixed == is_fixed => Change::Unchanged,
        Some(_) => Change::Updated,
    };
    let has_other_history = has_other_history(&stated_before, &sources, before[at::RESELLER] != after[at::RESELLER]);
    let entitlements_before = (entitled_before != entitlements(&sources)).then_some(entitled_before);
    let goes_on = last_day(&after).is_some_and(|end| sources.iter().any(|(_, said)| said.charges.goes_on_after(end)));
    SubscriptionDecision {
        before,
        after,
        fixed,
        change,
        entitlements_before,
        has_other_history,
        sources,
        told: telling,
        written,
        rows,
        held,
        seats,
        outranked,
        goes_on,
    }
}

/// What each source says of the entitlements under an Azure plan.
pub(crate) type Entitled = Vec<(ImportSourceKey, BTreeMap<String, Entitlement>)>;

fn entitlements(sources: &Sources) -> Entitled {
    let speaking = sources.iter().filter(|(_, said)| !said.entitlements.is_empty());
    speaking.map(|(id, said)| (*id, said.entitlements.clone())).collect()
}

/// What the rows of one source say together with what it said before.
fn heard(one: &Told<'_>, sources: &Sources, place: Place<'_>) -> Group {
    let known = sources.iter().find(|(id, _)| *id == one.source).map(|(_, known)| known);
    let has_counterpart = |line: &Line| place.transfers.has_counterpart(place.customer, place.subscription, line);
    let mut heard = if one.rows.is_empty() {
        regroup(known, &has_counterpart)
    } else {
        group(&one.rows, &one.profiles, known, &has_counterpart)
    };
    heard.said.listed = heard.states && one.is_listed;
    if place.transfers.concern(place.customer)
        && heard.said.said[at::PARENT].is_none()
        && let Some((old, day)) = place.transfers.upgraded_from(place.customer, place.subscription)
        && heard
            .said
            .charges
            .lines()
            .iter()
            .any(|line| line.day == day && line.kind == LineKind::Convert && line.sign > 0)
    {
        // The source whose lines tell of it says so, as of the day on which it happened, whenever it is found out.
        let rank = heard.said.said.iter().flatten().map(|said| said.rank).next().unwrap_or(0);
        let as_of = seconds_of(day);
        heard.said.said[at::PARENT] = Some(Said { value: Value::Text(old.to_string()), as_of, rank });
    }
    heard
}

/// What is to be told of the seats; and where they cannot be known, what the request says about conflicts.
fn settle_seats(
    heard: &mut Group,
    one: &Told<'_>,
    first_row: u32,
    policy: OnConflict,
    remarks: &mut Vec<SeatsRemark>,
    stands: &[Value],
) {
    let Some(worked_out) = &heard.worked_out else { return };
    let finding = match worked_out.finding {
        Finding::Held { reason, last_stated, .. } => {
            let decided = match policy {
                OnConflict::Hold => None,
                OnConflict::File => last_stated,
                OnConflict::Keep => stands[at::QUANTITY].int().and_then(|seats| u32::try_from(seats).ok()),
            };
            match decided {
                Some(seats) => {
                    let (as_of, rank) =
                        (heard.said.charged, heard.said.said[at::QUANTITY].as_ref().map_or(0, |said| said.rank));
                    heard.said.charges.restart(seats);
                    heard.said.said[at::QUANTITY] = Some(Said { value: Value::Int(seats.into()), as_of, rank });
                    SeatsFinding::Decided
                }
                None => SeatsFinding::Held(reason),
            }
        }
        Finding::Unproven(_) => SeatsFinding::Unproven,
        Finding::Proven(_) if worked_out.has_alike => SeatsFinding::Alike,
        Finding::Proven(_) | Finding::Silent => return,
    };
    let row = heard.by[at::QUANTITY].or_else(|| (!one.rows.is_empty()).then(|| heard.newest_charge(&one.rows)));
    let row = row.and_then(|place| one.rows.get(place));
    remarks.push(SeatsRemark {
        row: row.map_or(first_row, |row| row.row),
        file: row.map_or(0, |row| row.file),
        finding,
        chain: heard.said.charges.chain(),
    });
}

impl SubscriptionDecision {
    /// The MPN IDs of the partner of record before and after.
    pub(crate) fn partners_of_record(&self) -> (Option<String>, Option<String>) {
        (self.before[at::RESELLER].shown(), self.after[at::RESELLER].shown())
    }

    /// When the newest word about the partner of record is from, in seconds since 1970.
    pub(crate) fn partner_of_record_stated(&self) -> i64 {
        let words = self.sources.iter().filter_map(|(_, said)| said.said[at::RESELLER].as_ref());
        words.filter(|said| said.value == self.after[at::RESELLER]).map(|said| said.as_of).max().unwrap_or(0)
    }

    /// What became of the association with a reseller, where there was one or is one now.
    pub(crate) fn association(&self) -> Option<Change> {
        match (&self.before[at::RESELLER], &self.after[at::RESELLER]) {
            (Value::Null, Value::Null) => None,
            (Value::Null, _) => Some(Change::Created),
            (had, has) if had == has => Some(Change::Unchanged),
            _ => Some(Change::Updated),
        }
    }

    /// The seats from now on.
    pub(crate) fn seats(&self) -> i64 {
        self.after[at::QUANTITY].int().unwrap_or(0)
    }
}

/// A charge proves that something is in use where nobody says otherwise, and so does standing in a list; neither is a
/// statement of its source.
fn prove_active(group: &Group, sources: &Sources, values: &mut [Value]) {
    // A word that is not known says that the status is none that is known; nothing takes it for active.
    if values[at::STATUS] == Value::Text(SubscriptionStatus::None.as_str().to_owned()) {
        values[at::STATUS] = Value::Null;
    }
    let is_stated = sources.iter().any(|(_, said)| said.said[at::STATUS].is_some());
    if (group.in_use || group.states) && values[at::STATUS] == Value::Null && !is_stated {
        values[at::STATUS] = Value::Text(SubscriptionStatus::Active.as_str().to_owned());
    }
}

/// What became of the rows of one source.
fn row_ends<'a>(told: &'a Told<'_>, heard: &'a Group, superseded: bool) -> impl Iterator<Item = (u32, RowEnd)> + 'a {
    told.rows.iter().zip(&heard.standing).map(move |(row, standing)| {
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

/// The fields of one source's word that are held, each with the row that says it.
fn held_fields<'a>(told: &'a Told<'_>, group: &'a Group, folded: &'a Folded) -> impl Iterator<Item = Held> + 'a {
    folded.held.iter().filter_map(move |(field, decision)| {
        let row = told.rows.get(group.by[*field].unwrap_or_else(|| group.first()))?;
        let bound = *field == at::RESELLER && *decision == FieldDecision::HoldEdited;
        Some(Held {
            field: *field,
            decision: decision.clone(),
            row: row.row,
            file: row.file,
            value: group.said.said[*field].as_ref().and_then(|said| said.value.shown()),
            is_fixed: bound && group.kind.has_fixed_partner_of_record(),
        })
    })
}

/// The fields of one source's word that another portal's word outweighs, but for spellings of the same.
fn outranked_fields<'a>(
    told: &'a Told<'_>,
    group: &'a Group,
    folded: &'a Folded,
) -> impl Iterator<Item = Outranked> + 'a {
    folded.outranked.iter().filter_map(move |(field, counts)| {
        let row = told.rows.get(group.by[*field]?)?;
        let says = group.said.said[*field].as_ref().and_then(|said| said.value.shown());
        let counts = counts.shown();
        let plain = |text: &Option<String>| text.as_deref().map(partnergraph_domain::search_key);
        (plain(&says) != plain(&counts)).then_some(Outranked {
            field: *field,
            row: row.row,
            file: row.file,
            words: (says, counts),
        })
    })
}

/// Whether the sources state another history than before. A month that repeats who holds adds a statement, and no period.
fn has_other_history(before: &[Stated], now: &Sources, is_other_holder: bool) -> bool {
    let now = stated(now);
    is_other_holder || (before != now && bare(before) != bare(&now))
}

/// The last day of the term, counted from the beginning of the common era.
fn last_day(values: &[Value]) -> Option<i32> {
    let Value::Text(end) = &values[at::END] else { return None };
    let end: chrono::NaiveDate = end.parse().ok()?;
    Some(chrono::Datelike::num_days_from_ce(&end))
}

/// The last day of a term that is over although the subscription is active: nothing says that it was renewed.
pub(crate) fn presumed_expired<'a>(decision: &'a SubscriptionDecision, today: &str) -> Option<&'a str> {
    let values = &decision.after;
    let active = matches!(&values[at::STATUS], Value::Text(word) if word == SubscriptionStatus::Active.as_str());
    match &values[at::END] {
        Value::Text(end) if active && !decision.goes_on && end.as_str() < today => Some(end),
        _ => None,
    }
}
