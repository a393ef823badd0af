//! One source after another is put beside what stands, as if each were imported by itself.

use crate::reconcile::{FieldDecision, decide};
use crate::request::OnConflict;
use crate::said::{Baseline, FieldSpec, Value};

/// What the sources say of an entity, by the source's key.
pub(crate) type Sources = Vec<(i64, Baseline)>;

/// What became of one source's word.
#[derive(Debug)]
pub(crate) struct Folded {
    /// Fields whose value changes: place, before.
    pub(crate) updated: Vec<(usize, Value)>,
    /// Fields that nothing was done about.
    pub(crate) held: Vec<(usize, FieldDecision)>,
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
    (source, said): (i64, &Baseline),
    policy: OnConflict,
    may_change: impl Fn(usize) -> bool,
) -> Folded {
    let place = sources.iter().position(|(id, _)| *id == source);
    let mut new = place.map_or_else(|| Baseline::silent(specs.len()), |place| sources[place].1.clone());
    new.listed |= said.listed;
    let (mut updated, mut held, mut older) = (Vec::new(), Vec::new(), 0);
    for (field, spec) in specs.iter().enumerate() {
        let own = place.and_then(|place| sources[place].1.said[field].as_ref());
        let others: Vec<_> = sources
            .iter()
            .filter(|(id, _)| *id != source)
            .filter_map(|(_, other)| other.said[field].as_ref())
            .collect();
        let fact = said.said[field].as_ref();
        let mut decision = decide(spec, &values[field], own, &others, fact, policy);
        if decision == FieldDecision::Update && !may_change(field) {
            decision = FieldDecision::HoldEdited;
        }
        let Some(fact) = fact else { continue };
        match decision {
            FieldDecision::HoldEdited | FieldDecision::HoldSources => {
                held.push((field, decision));
                continue;
            }
            FieldDecision::Superseded => {
                older += 1;
                continue;
            }
            FieldDecision::Update => {
                let before = std::mem::replace(&mut values[field], fact.value.clone());
                updated.push((field, before));
            }
            FieldDecision::Unchanged | FieldDecision::Keep => {}
        }
        if own.is_none_or(|own| fact.as_of >= own.as_of) {
            new.said[field] = Some(fact.clone());
        }
    }
    let superseded = older > 0 && updated.is_empty() && held.is_empty();
    let changed = place.is_none_or(|place| sources[place].1 != new);
    match place {
        Some(place) => sources[place].1 = new.clone(),
        None => sources.push((source, new.clone())),
    }
    Folded { updated, held, superseded, baseline: changed.then_some((new, place.is_some())) }
}
