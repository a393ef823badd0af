//! Compares one source after another with the stored state, as if each were imported separately.

use partnergraph_domain::ImportSourceKey;

use crate::baseline::{Baseline, FieldSpec, Value};
use crate::reconcile::{FieldDecision, FieldStatements, decide, newer};
use crate::request::OnConflict;

/// What the sources state about an entity, by the source's key.
pub(crate) type Sources = Vec<(ImportSourceKey, Baseline)>;

/// What one source states now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SourceStatement<'a> {
    /// The source's key.
    pub(crate) source: ImportSourceKey,
    /// The newest value of each field, with everything else that is kept.
    pub(crate) baseline: &'a Baseline,
    /// By field: whether of two values with the same time the greater one is used. If not set, the later statement
    /// always counts.
    pub(crate) by_value: &'a [bool],
    /// A field whose earlier statement the source withdraws.
    pub(crate) withdrawn: Option<usize>,
    /// The field of which every statement is kept with its day ([`Baseline::holders`]). If it is held, nothing new is stated of it.
    pub(crate) dated: Option<usize>,
}

/// The result for one source's statement.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    /// Fields whose value changes: index and earlier value.
    pub(crate) updated: Vec<(usize, Value)>,
    /// Fields that are held.
    pub(crate) held: Vec<(usize, FieldDecision)>,
    /// Fields in which another portal's value takes precedence: index and that value.
    pub(crate) outranked: Vec<(usize, Value)>,
    /// Whether newer data was known for every field that would change.
    pub(crate) superseded: bool,
    /// The new baseline, if it has changed, and whether there was one before.
    pub(crate) baseline: Option<(Baseline, bool)>,
}

/// Compares what one source states now with the stored values (`values`) and with what all sources stated (`sources`),
/// and updates both.
///
/// `may_change` returns false for a field that cannot be changed whatever is decided. Such a field is held.
pub(crate) fn fold(
    specs: &'static [FieldSpec],
    values: &mut [Value],
    sources: &mut Sources,
    statement: SourceStatement<'_>,
    policy: OnConflict,
    may_change: impl Fn(usize) -> bool,
) -> Folded {
    let place = sources.iter().position(|(id, _)| *id == statement.source);
    let known = place.map(|place| &sources[place].1);
    let mut new = Baseline {
        fields: known.map_or_else(|| vec![None; specs.len()], |known| known.fields.clone()),
        listed: statement.baseline.listed || known.is_some_and(|known| known.listed),
        charges: statement.baseline.charges.clone(),
        charged: statement.baseline.charged,
        holders: statement.baseline.holders.clone(),
        entitlements: statement.baseline.entitlements.clone(),
    };
    let mut folded = Folded::default();
    let mut older = 0;
    if let Some(field) = statement.withdrawn {
        new.fields[field] = None;
        let others = sources
            .iter()
            .filter(|(id, _)| *id != statement.source)
            .filter_map(|(_, other)| other.fields[field].as_ref());
        let next =
            others.max_by_key(|stated| (stated.as_of, stated.rank)).map_or(Value::Null, |stated| stated.value.clone());
        let ours = known.and_then(|known| known.fields[field].as_ref());
        if ours.is_some_and(|stated| stated.value == values[field]) {
            folded.updated.push((field, std::mem::replace(&mut values[field], next)));
        }
    }
    for (field, spec) in specs.iter().enumerate() {
        let Some(fact) = statement.baseline.fields[field].as_ref() else { continue };
        let own = new.fields[field].clone();
        let others: Vec<_> = sources
            .iter()
            .filter(|(id, _)| *id != statement.source)
            .filter_map(|(_, other)| other.fields[field].as_ref())
            .collect();
        let by_value = statement.by_value.get(field).copied().unwrap_or(false);
        let statements = FieldStatements { before: own.as_ref(), now: Some(fact), by_value, others: &others };
        let mut decision = decide(spec, &values[field], statements, policy);
        if matches!(decision, FieldDecision::Update(_)) && !may_change(field) {
            decision = FieldDecision::HoldEdited;
        }
        match decision {
            FieldDecision::HoldEdited | FieldDecision::HoldSources => {
                if statement.dated == Some(field) {
                    new.holders = known.map(|known| known.holders.clone()).unwrap_or_default();
                }
                folded.held.push((field, decision));
                continue;
            }
            FieldDecision::Superseded => {
                older += 1;
                continue;
            }
            FieldDecision::Update(value) => {
                folded.updated.push((field, std::mem::replace(&mut values[field], value)));
            }
            FieldDecision::Outranked(value) => folded.outranked.push((field, value)),
            FieldDecision::Unchanged | FieldDecision::Keep => {}
        }
        if own.as_ref().is_none_or(|own| newer(fact, own, by_value)) {
            new.fields[field] = Some(fact.clone());
        }
    }
    folded.superseded = older > 0 && folded.updated.is_empty() && folded.held.is_empty();
    let changed = place.is_none_or(|place| sources[place].1 != new);
    folded.baseline = changed.then(|| (new.clone(), place.is_some()));
    match place {
        Some(place) => sources[place].1 = new,
        None => sources.push((statement.source, new)),
    }
    folded
}
