//! One source after another is put beside what stands, as if each were imported by itself.

use partnergraph_domain::ImportSourceKey;

use crate::reconcile::{FieldDecision, Words, decide, newer};
use crate::request::OnConflict;
use crate::said::{Baseline, FieldSpec, Value};

/// What the sources say of an entity, by the source's key.
pub(crate) type Sources = Vec<(ImportSourceKey, Baseline)>;

/// What one source says now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    /// The source's key.
    pub(crate) source: ImportSourceKey,
    /// Field by field the newest word, with all that is kept besides.
    pub(crate) said: &'a Baseline,
    /// By field, whether of two words of one time the greater value holds; nothing where the later told one always does.
    pub(crate) by_value: &'a [bool],
    /// A field of which the source takes back what it said before.
    pub(crate) withdrawn: Option<usize>,
}

/// What became of one source's word.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    /// Fields whose value changes: place, before.
    pub(crate) updated: Vec<(usize, Value)>,
    /// Fields that nothing was done about.
    pub(crate) held: Vec<(usize, FieldDecision)>,
    /// Fields in which another portal's word counts for more: place, that word.
    pub(crate) outranked: Vec<(usize, Value)>,
    /// Whether something newer was known of every field that would change.
    pub(crate) superseded: bool,
    /// The new baseline, where it is another than before; whether there was one.
    pub(crate) baseline: Option<(Baseline, bool)>,
}

/// Puts what one source says now beside what stands (`values`) and what all sources said (`sources`), and changes both.
///
/// `may_change` says no for a field that cannot be changed whatever is decided; it is held then.
pub(crate) fn fold(
    specs: &'static [FieldSpec],
    values: &mut [Value],
    sources: &mut Sources,
    told: Told<'_>,
    policy: OnConflict,
    may_change: impl Fn(usize) -> bool,
) -> Folded {
    let place = sources.iter().position(|(id, _)| *id == told.source);
    let known = place.map(|place| &sources[place].1);
    let mut new = Baseline {
        said: known.map_or_else(|| vec![None; specs.len()], |known| known.said.clone()),
        listed: told.said.listed || known.is_some_and(|known| known.listed),
        charges: told.said.charges.clone(),
        charged: told.said.charged,
        holders: told.said.holders.clone(),
        entitlements: told.said.entitlements.clone(),
    };
    let mut folded = Folded::default();
    let mut older = 0;
    if let Some(field) = told.withdrawn {
        new.said[field] = None;
        let others =
            sources.iter().filter(|(id, _)| *id != told.source).filter_map(|(_, other)| other.said[field].as_ref());
        let next = others.max_by_key(|said| (said.as_of, said.rank)).map_or(Value::Null, |said| said.value.clone());
        let ours = known.and_then(|known| known.said[field].as_ref());
        if ours.is_some_and(|said| said.value == values[field]) {
            folded.updated.push((field, std::mem::replace(&mut values[field], next)));
        }
    }
    for (field, spec) in specs.iter().enumerate() {
        let Some(fact) = told.said.said[field].as_ref() else { continue };
        let own = new.said[field].clone();
        let others: Vec<_> = sources
            .iter()
            .filter(|(id, _)| *id != told.source)
            .filter_map(|(_, other)| other.said[field].as_ref())
            .collect();
        let by_value = told.by_value.get(field).copied().unwrap_or(false);
        let words = Words { before: own.as_ref(), now: Some(fact), by_value, others: &others };
        let mut decision = decide(spec, &values[field], words, policy);
        if matches!(decision, FieldDecision::Update(_)) && !may_change(field) {
            decision = FieldDecision::HoldEdited;
        }
        match decision {
            FieldDecision::HoldEdited | FieldDecision::HoldSources => {
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
            new.said[field] = Some(fact.clone());
        }
    }
    folded.superseded = older > 0 && folded.updated.is_empty() && folded.held.is_empty();
    let changed = place.is_none_or(|place| sources[place].1 != new);
    folded.baseline = changed.then(|| (new.clone(), place.is_some()));
    match place {
        Some(place) => sources[place].1 = new,
        None => sources.push((told.source, new)),
    }
    folded
}
