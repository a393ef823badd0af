//! What becomes of one subscription: pure functions over what the files say of it and what stands.

use partnergraph_domain::SubscriptionStatus;
use partnergraph_store::imports::stored::StoredSubscription;

use super::Change;
use super::fold::{Folded, Sources, fold};
use super::history::{Former, former};
use crate::reconcile::{Earlier, FieldDecision, Group, RowFact, Standing};
use crate::request::OnConflict;
use crate::said::{Baseline, SUBSCRIPTION, Said, Value, subscription as at};

/// What one source says of a subscription in this import, and its rows.
#[derive(Debug)]
pub(crate) struct Told {
    /// The source's key.
    pub(crate) source: i64,
    pub(crate) rows: Vec<RowFact>,
    pub(crate) group: Group,
}

/// What stands of a subscription.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    pub(crate) stored: Option<&'a StoredSubscription>,
    pub(crate) values: Vec<Value>,
    /// What all sources said before this import.
    pub(crate) sources: Sources,
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
    /// The sources whose baselines are written, and whether there was one.
    pub(crate) written: Vec<(i64, bool)>,
    pub(crate) history: Vec<Former>,
    /// What became of each row, source by source.
    pub(crate) rows: Vec<(u32, RowEnd)>,
    pub(crate) held: Vec<Held>,
}

/// Decides about one subscription. What is told comes in the order of the sources, at least one; `first_row` is the one to which
/// remarks about the whole go.
pub(crate) fn decide(told: Vec<Told>, known: Known<'_>, first_row: u32, policy: OnConflict) -> SubscriptionDecision {
    let Known { stored, values: before, mut sources } = known;
    let mut after = before.clone();
    let was_fixed = stored.is_some_and(|row| row.partner_of_record_fixed);
    let has_reseller = stored.is_some_and(|row| row.reseller_id.is_some());
    let mut is_fixed = was_fixed;
    let (mut written, mut earlier) = (Vec::with_capacity(told.len()), Vec::new());
    let (mut rows, mut held) = (Vec::with_capacity(told.iter().map(|one| one.rows.len()).sum()), Vec::new());
    for mut one in told {
        revive(&mut one.group, sources.iter().find(|(id, _)| *id == one.source).map(|(_, before)| before));
        let bound = is_fixed && has_reseller;
        let may_change = |field| field != at::RESELLER || !bound;
        let word = (one.source, &one.group.said);
        let folded = fold(&SUBSCRIPTION, &mut after, &mut sources, word, policy, may_change);
        is_fixed |= one.group.kind.has_fixed_partner_of_record();
        prove_active(&one.group, &mut after);
        written.extend(folded.baseline.as_ref().map(|(_, known)| (one.source, *known)));
        let moves = folded.updated.iter().any(|(field, _)| *field == at::RESELLER);
        if moves || stored.is_none() {
            let row = one.rows[one.group.first()].row;
            earlier.extend(std::mem::take(&mut one.group.earlier).into_iter().map(|earlier| (earlier, row)));
        }
        rows.extend(row_ends(&one, folded.superseded));
        held.extend(held_fields(&one, &folded));
    }
    let history = history(&earlier, (&before, &after), &sources, first_row);
    let fixed = (was_fixed, is_fixed);
    let change = match stored {
        None => Change::Created,
        Some(_) if before == after && was_fixed == is_fixed => Change::Unchanged,
        Some(_) => Change::Updated,
    };
    SubscriptionDecision { before, after, fixed, change, sources, written, history, rows, held }
}

impl SubscriptionDecision {
    /// The MPN ID of the partner of record from now on.
    pub(crate) fn partner_of_record(&self) -> Option<String> {
        self.after[at::RESELLER].shown()
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
fn prove_active(group: &Group, values: &mut [Value]) {
    if (group.in_use || group.states) && values[at::STATUS] == Value::Null {
        values[at::STATUS] = Value::Text(SubscriptionStatus::Active.as_str().to_owned());
    }
}

/// What became of the rows of one source.
fn row_ends(told: &Told, superseded: bool) -> impl Iterator<Item = (u32, RowEnd)> + '_ {
    told.rows.iter().zip(&told.group.standing).map(move |(row, standing)| {
        let end = match standing {
            Standing::Holds if superseded => RowEnd::Superseded,
            Standing::Holds => RowEnd::Applied,
            Standing::Evidence => RowEnd::Evidence,
            Standing::Repeats => RowEnd::Repeats,
            Standing::Superseded => RowEnd::Superseded,
        };
        (row.row, end)
    })
}

/// The fields of one source's word that are held, each with the row that says it.
fn held_fields<'a>(told: &'a Told, folded: &'a Folded) -> impl Iterator<Item = Held> + 'a {
    let group = &told.group;
    folded.held.iter().map(move |(field, decision)| {
        let row = &told.rows[group.by[*field].unwrap_or_else(|| group.first())];
        let bound = *field == at::RESELLER && *decision == FieldDecision::HoldEdited;
        Held {
            field: *field,
            decision: *decision,
            row: row.row,
            file: row.file,
            value: group.said.said[*field].as_ref().and_then(|said| said.value.shown()),
            is_fixed: bound && group.kind.has_fixed_partner_of_record(),
        }
    })
}

/// The former partners of record.
fn history(
    earlier: &[(Earlier, u32)],
    (before, after): (&[Value], &[Value]),
    sources: &Sources,
    first_row: u32,
) -> Vec<Former> {
    if earlier.is_empty() && (before[at::RESELLER] == Value::Null || before[at::RESELLER] == after[at::RESELLER]) {
        return Vec::new();
    }
    let (had, has) = (before[at::RESELLER].shown(), after[at::RESELLER].shown());
    let said = sources.iter().filter_map(|(_, source)| source.said[at::RESELLER].as_ref());
    let changed_at = said.map(|said| said.as_of).max().unwrap_or(0);
    former(earlier, (had.as_deref(), has.as_deref()), changed_at, first_row)
}

/// What the same source's charges cancelled and charge for again after that day is active: the charges that said one thing
/// say the other. What a list or a person deleted stays, for a charge never overrides those.
fn revive(said: &mut Group, before: Option<&Baseline>) {
    let deleted = Value::Text(SubscriptionStatus::Deleted.as_str().to_owned());
    let Some((on, rank)) = said.in_force.filter(|_| said.said.said[at::STATUS].is_none()) else { return };
    let cancelled = before.and_then(|before| before.said[at::STATUS].as_ref());
    let as_of = on.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
    let by_charges = |one: &&Said| one.value == deleted && one.rank == rank;
    // The day of the cancellation itself proves nothing: its lines stand in any order.
    if cancelled.filter(by_charges).is_some_and(|one| day(as_of) > day(one.as_of)) {
        let value = Value::Text(SubscriptionStatus::Active.as_str().to_owned());
        said.said.said[at::STATUS] = Some(Said { value, as_of, rank });
    }
}

/// The day of a time in seconds.
fn day(seconds: i64) -> i64 {
    seconds.div_euclid(86_400)
}

/// The last day of a term that is over although the subscription is active: nothing says that it was renewed.
pub(crate) fn presumed_expired<'a>(values: &'a [Value], today: &str) -> Option<&'a str> {
    let active = matches!(&values[at::STATUS], Value::Text(word) if word == SubscriptionStatus::Active.as_str());
    match &values[at::END] {
        Value::Text(end) if active && end.as_str() < today => Some(end),
        _ => None,
    }
}
