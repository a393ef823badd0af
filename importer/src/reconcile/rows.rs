//! From the rows of one subscription to what one source says of it.

use chrono::{NaiveDate, NaiveDateTime};
use partnergraph_domain::{MpnId, SubscriptionStatus};

use super::charges::{ChargeLine, Seats, seats};
use crate::fact::{QuantityStatement, ResellerStatement, SubscriptionFact, SubscriptionKind};
use crate::profiles::Profile;
use crate::said::{Baseline, SUBSCRIPTION, Said, Value, subscription as at};

/// A row's statement about a subscription.
#[derive(Clone, Debug)]
pub(crate) struct RowFact {
    pub(crate) row: u32,
    pub(crate) file: u16,
    pub(crate) as_of: i64,
    pub(crate) fact: SubscriptionFact,
}

/// What a row is beside the others of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It says something that holds.
    Holds,
    /// It is evidence beside another row.
    Evidence,
    /// It says what another row says.
    Repeats,
    /// A newer row says otherwise.
    Superseded,
}

/// A partner of record before the one that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Earlier {
    pub(crate) reseller: MpnId,
    pub(crate) from: Option<NaiveDateTime>,
    pub(crate) to: NaiveDateTime,
}

/// What the rows of one source say of one subscription together.
#[derive(Debug)]
pub(crate) struct Group {
    /// Field by field the newest word.
    pub(crate) said: Baseline,
    /// By field, the place in the group of the row that says it.
    pub(crate) by: Vec<Option<usize>>,
    /// Each row's part, in the order given.
    pub(crate) standing: Vec<Standing>,
    /// Whether a charge shows that it is in use.
    pub(crate) in_use: bool,
    /// The newest day for which something was charged, where no cancellation holds; with the rank of the status.
    pub(crate) in_force: Option<(NaiveDate, u8)>,
    pub(crate) kind: SubscriptionKind,
    pub(crate) earlier: Vec<Earlier>,
    /// Whether a row that states (and does not charge) was among them, from a list that is complete.
    pub(crate) states: bool,
}

impl Group {
    /// The place of the row to which remarks about the whole go.
    pub(crate) fn first(&self) -> usize {
        self.standing.iter().position(|standing| *standing == Standing::Holds).unwrap_or(0)
    }
}

/// Rows that speak as one: a list's row alone, or all charges of the subscription.
struct Unit {
    as_of: i64,
    rows: Vec<usize>,
    primary: usize,
    values: Vec<Option<Value>>,
    rank: Vec<u8>,
    times: Vec<i64>,
}

/// Works out what `rows` say together. All are of one source and one subscription, in the order of the files.
pub(crate) fn group<'a>(rows: &[RowFact], profile: impl Fn(u16) -> &'a Profile) -> Group {
    let mut standing = vec![Standing::Superseded; rows.len()];
    let charged: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].fact.charge.is_some()).collect();
    let mut units: Vec<Unit> = Vec::new();
    let mut in_use = false;
    let mut in_force = None;
    let mut earlier = Vec::new();
    if !charged.is_empty() {
        let (unit, worked_out) = charges(rows, &charged, &profile, &mut standing, &mut earlier);
        in_use = worked_out.in_use;
        let cancelled = worked_out.cancelled_on.is_some();
        in_force = worked_out.charged_on.filter(|_| !cancelled).map(|on| (on, unit.rank[at::STATUS]));
        units.push(unit);
    }
    for (place, row) in rows.iter().enumerate().filter(|(_, row)| row.fact.charge.is_none()) {
        let values = values(&row.fact);
        let rank = ranks(profile(row.file));
        units.push(Unit {
            as_of: row.as_of,
            rows: vec![place],
            primary: place,
            times: vec![row.as_of; values.len()],
            values,
            rank,
        });
    }
    units.sort_by_key(|unit| (unit.as_of, rows[unit.primary].row));
    let mut said = Baseline::silent(SUBSCRIPTION.len());
    let mut by: Vec<Option<usize>> = vec![None; SUBSCRIPTION.len()];
    for (number, unit) in units.iter().enumerate() {
        for (field, value) in unit.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let as_of = unit.times[field];
            let newer = match &said.said[field] {
                // A repetition adds nothing: the first row that says it keeps the credit.
                Some(before) => as_of > before.as_of || (as_of == before.as_of && *value != before.value),
                None => true,
            };
            if newer {
                said.said[field] = Some(Said { value: value.clone(), as_of, rank: unit.rank[field] });
                by[field] = Some(number);
            }
        }
    }
    for (number, unit) in units.iter().enumerate() {
        let holds = units.len() == 1 || by.contains(&Some(number));
        let alike = (0..SUBSCRIPTION.len()).all(|field| {
            unit.values[field].as_ref().is_none_or(|value| said.said[field].as_ref().is_some_and(|s| s.value == *value))
        });
        if holds {
            standing[unit.primary] = Standing::Holds;
        } else if unit.rows.len() == 1 || !charged.contains(&unit.primary) {
            standing[unit.primary] = if alike { Standing::Repeats } else { Standing::Superseded };
        } else {
            standing[unit.primary] = Standing::Superseded;
        }
    }
    let kind = rows.last().map_or(SubscriptionKind::License, |row| row.fact.kind);
    Group {
        said,
        by: by.into_iter().map(|unit| unit.map(|unit| units[unit].primary)).collect(),
        standing,
        in_use,
        in_force,
        kind,
        earlier,
        states: rows.len() > charged.len(),
    }
}

fn ranks(profile: &Profile) -> Vec<u8> {
    SUBSCRIPTION.iter().map(|spec| profile.rank(spec.column)).collect()
}

/// All charges of the subscription as one statement.
fn charges<'a>(
    rows: &[RowFact],
    charged: &[usize],
    profile: &impl Fn(u16) -> &'a Profile,
    standing: &mut [Standing],
    earlier: &mut Vec<Earlier>,
) -> (Unit, Seats) {
    let lines: Vec<ChargeLine<'_>> = charged
        .iter()
        .filter_map(|place| {
            let charge = rows[*place].fact.charge.as_deref()?;
            Some(ChargeLine { row: u32::try_from(*place).ok()?, charge })
        })
        .collect();
    let worked_out = seats(&lines);
    let primary = worked_out.row as usize;
    for place in charged {
        standing[*place] = Standing::Evidence;
    }
    for place in &worked_out.repeated {
        standing[*place as usize] = Standing::Repeats;
    }
    // What is said of the subscription beside the seats: the newest line that says it.
    let mut order: Vec<usize> = charged.to_vec();
    order.sort_by_key(|place| {
        let row = &rows[*place];
        let at = row.fact.charge.as_deref().and_then(|charge| charge.order_date);
        (row.as_of, at, *place == primary, *place)
    });
    let as_of = rows[order.last().copied().unwrap_or(primary)].as_of;
    let mut said: Vec<Option<Value>> = vec![None; SUBSCRIPTION.len()];
    for place in &order {
        for (field, value) in values(&rows[*place].fact).into_iter().enumerate() {
            if value.is_some() {
                said[field] = value;
            }
        }
    }
    if let Some(quantity) = worked_out.quantity {
        said[at::QUANTITY] = Some(Value::Int(quantity));
    }
    let mut times = vec![as_of; SUBSCRIPTION.len()];
    if let Some(day) = worked_out.cancelled_on {
        said[at::STATUS] = Some(Value::Text(SubscriptionStatus::Deleted.as_str().to_owned()));
        times[at::STATUS] = times[at::STATUS].max(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp());
    }
    resellers(rows, charged, &mut said, earlier);
    let rank = ranks(profile(rows[primary].file));
    (Unit { as_of, rows: charged.to_vec(), primary, values: said, rank, times }, worked_out)
}

/// On different dates the later reseller holds, and the earlier ones go to history.
fn resellers(rows: &[RowFact], charged: &[usize], said: &mut [Option<Value>], earlier: &mut Vec<Earlier>) {
    let mut named: Vec<(Option<NaiveDateTime>, Option<MpnId>)> = charged
        .iter()
        .filter_map(|place| {
            let fact = &rows[*place].fact;
            let at = fact.charge.as_deref().and_then(|charge| charge.order_date);
            match fact.reseller {
                ResellerStatement::Silent => None,
                ResellerStatement::Nobody | ResellerStatement::OwnMpn => Some((at, None)),
                ResellerStatement::Mpn(id) => Some((at, Some(id))),
            }
        })
        .collect();
    named.sort_by_key(|(at, id)| (*at, id.map(|id| id.0)));
    named.dedup_by_key(|(_, id)| *id);
    if let Some((_, id)) = named.last() {
        said[at::RESELLER] = Some(Value::from(id.map(|id| id.to_string())));
    }
    for pair in named.windows(2) {
        if let ((from, Some(id)), (Some(to), _)) = (pair[0], pair[1]) {
            earlier.push(Earlier { reseller: id, from, to });
        }
    }
}

/// What one row says of each field.
fn values(fact: &SubscriptionFact) -> Vec<Option<Value>> {
    let text = |text: &Option<String>| text.as_ref().map(|text| Value::Text(text.clone()));
    let word = |word: Option<&'static str>| word.map(|word| Value::Text(word.to_owned()));
    let mut said = vec![None; SUBSCRIPTION.len()];
    said[at::OFFER_ID] = text(&fact.offer_id);
    said[at::OFFER_NAME] = text(&fact.offer_name);
    said[at::FRIENDLY_NAME] = text(&fact.friendly_name);
    said[at::QUANTITY] = match fact.quantity {
        QuantityStatement::Silent => None,
        QuantityStatement::Metered => Some(Value::Null),
        QuantityStatement::Seats(seats) => Some(Value::Int(seats.into())),
    };
    said[at::UNIT_TYPE] = text(&fact.unit_type);
    said[at::STATUS] = word(fact.status.map(partnergraph_domain::SubscriptionStatus::as_str));
    said[at::BILLING_TYPE] = word(fact.billing_type.map(partnergraph_domain::BillingType::as_str));
    said[at::BILLING_CYCLE] = word(fact.billing_cycle.map(partnergraph_domain::BillingCycle::as_str));
    said[at::TERM] = word(fact.term.map(partnergraph_domain::TermDuration::as_str));
    said[at::AUTO_RENEW] = fact.auto_renew.map(Value::Bool);
    said[at::CREATED] = fact.creation_date.map(|at| Value::Text(moment(at)));
    said[at::START] = fact.effective_start.map(|on| Value::Text(on.to_string()));
    said[at::END] = fact.commitment_end.map(|on| Value::Text(on.to_string()));
    said[at::ORDER_ID] = text(&fact.order_id);
    said[at::PARENT] = fact.parent.or(fact.migrated_from).map(|id| Value::Text(id.to_string()));
    said[at::IS_TRIAL] = fact.is_trial.map(Value::Bool);
    said[at::PUBLISHER] = text(&fact.publisher);
    said[at::PRODUCT_TYPE] = text(&fact.product_type);
    said[at::RESELLER] = match fact.reseller {
        ResellerStatement::Silent => None,
        ResellerStatement::Nobody | ResellerStatement::OwnMpn => Some(Value::Null),
        ResellerStatement::Mpn(id) => Some(Value::Text(id.to_string())),
    };
    said
}

/// A moment as the tables have it in text.
pub(crate) fn moment(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}
