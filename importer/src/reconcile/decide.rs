//! One field, three ways: what stands there, what this source said last, what its file says now.

use crate::request::OnConflict;
use crate::said::{FieldSpec, Said, Value};

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldDecision {
    /// The file says nothing, or what stands there.
    Unchanged,
    /// The file's value is taken.
    Update,
    /// What stands there stays, and the baseline moves: a person's edit that the file knows nothing of, or another
    /// portal whose word counts for more.
    Keep,
    /// Nothing moves: a person and the file both changed it, and somebody has to decide.
    HoldEdited,
    /// Nothing moves: two portals say different things with the same weight at the same time.
    HoldSources,
    /// The source itself said something newer before.
    Superseded,
}

/// Decides one field.
///
/// `own` is what this source said last, `others` what other sources say; `None` of `fact` is a file that says nothing.
#[must_use]
pub fn decide(
    spec: &FieldSpec,
    stored: &Value,
    own: Option<&Said>,
    others: &[&Said],
    fact: Option<&Said>,
    policy: OnConflict,
) -> FieldDecision {
    let Some(fact) = fact else { return FieldDecision::Unchanged };
    if let Some(own) = own {
        if fact.as_of < own.as_of {
            return if fact.value == own.value { FieldDecision::Unchanged } else { FieldDecision::Superseded };
        }
        if fact.value == own.value {
            return if fact.value == *stored { FieldDecision::Unchanged } else { FieldDecision::Keep };
        }
    }
    if fact.value == *stored || (spec.is_unset(&fact.value) && spec.is_unset(stored)) {
        return FieldDecision::Unchanged;
    }
    let as_own_left_it = own.is_some_and(|own| own.value == *stored);
    let in_force: Vec<&&Said> = others.iter().filter(|other| other.value == *stored).collect();
    let untouched = own.is_none() && others.is_empty() && spec.is_unset(stored);
    if !as_own_left_it && in_force.is_empty() && !untouched {
        return match policy {
            // Rank cannot decide between a portal and a person, and a name is not worth holding a row for.
            _ if spec.soft => FieldDecision::Update,
            OnConflict::Hold => FieldDecision::HoldEdited,
            OnConflict::File => FieldDecision::Update,
            OnConflict::Keep => FieldDecision::Keep,
        };
    }
    // Another portal says what stands there: its word against this one's.
    let strongest = in_force.iter().map(|other| (other.rank, other.as_of)).max();
    match strongest {
        None => FieldDecision::Update,
        Some(other) if (fact.rank, fact.as_of) > other => FieldDecision::Update,
        Some(other) if (fact.rank, fact.as_of) < other => FieldDecision::Keep,
        Some(_) => match policy {
            _ if spec.soft => FieldDecision::Update,
            OnConflict::Hold => FieldDecision::HoldSources,
            OnConflict::File => FieldDecision::Update,
            OnConflict::Keep => FieldDecision::Keep,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::said::{CUSTOMER, SUBSCRIPTION, subscription};
    use FieldDecision::{HoldEdited, HoldSources, Keep, Superseded, Unchanged, Update};

    fn said(value: i64, as_of: i64, rank: u8) -> Said {
        Said { value: Value::Int(value), as_of, rank }
    }

    /// One line: what stands, what the source said, what others say, what the file says, and what becomes of it.
    #[test]
    fn a_field_is_decided_three_ways() {
        let hold = OnConflict::Hold;
        let (jan, feb) = (1, 2);
        let cases = [
            ("a blank states nothing", 10, Some((10, jan)), vec![], None, hold, Unchanged),
            ("the file says what stands", 10, Some((10, jan)), vec![], Some((10, feb)), hold, Unchanged),
            ("an import left it, the file changed", 10, Some((10, jan)), vec![], Some((12, feb)), hold, Update),
            ("a person changed it, the file did not", 11, Some((10, jan)), vec![], Some((10, feb)), hold, Keep),
            ("both changed", 11, Some((10, jan)), vec![], Some((12, feb)), hold, HoldEdited),
            (
                "both changed, the file shall win",
                11,
                Some((10, jan)),
                vec![],
                Some((12, feb)),
                OnConflict::File,
                Update,
            ),
            ("both changed, the edit shall stay", 11, Some((10, jan)), vec![], Some((12, feb)), OnConflict::Keep, Keep),
            ("both changed alike", 12, Some((10, jan)), vec![], Some((12, feb)), hold, Unchanged),
            ("January after February", 12, Some((12, feb)), vec![], Some((10, jan)), hold, Superseded),
            ("January after February, alike", 12, Some((12, feb)), vec![], Some((12, jan)), hold, Unchanged),
            ("a person's value that no file knows", 11, None, vec![], Some((12, feb)), hold, HoldEdited),
            ("another portal of lower rank", 10, None, vec![(10, feb, 40)], Some((12, jan)), hold, Update),
            ("another portal of higher rank", 10, None, vec![(10, jan, 80)], Some((12, feb)), hold, Keep),
            ("another portal, earlier", 10, None, vec![(10, jan, 50)], Some((12, feb)), hold, Update),
            ("another portal, later", 10, None, vec![(10, feb, 50)], Some((12, jan)), hold, Keep),
            ("another portal, the same time", 10, None, vec![(10, jan, 50)], Some((12, jan)), hold, HoldSources),
            ("nobody says what stands", 10, None, vec![(9, jan, 50)], Some((12, feb)), hold, HoldEdited),
        ];
        for (name, stored, own, others, fact, policy, expected) in cases {
            let own = own.map(|(value, as_of)| said(value, as_of, 50));
            let others: Vec<Said> = others.into_iter().map(|(value, as_of, rank)| said(value, as_of, rank)).collect();
            let fact = fact.map(|(value, as_of)| said(value, as_of, 50));
            let decision = decide(
                &SUBSCRIPTION[subscription::QUANTITY],
                &Value::Int(stored),
                own.as_ref(),
                &others.iter().collect::<Vec<_>>(),
                fact.as_ref(),
                policy,
            );
            assert_eq!(decision, expected, "{name}");
        }
    }

    #[test]
    fn what_nobody_ever_set_is_not_an_edit() {
        let trial = Said { value: Value::Bool(true), as_of: 1, rank: 50 };
        let spec = &SUBSCRIPTION[subscription::IS_TRIAL];
        assert_eq!(decide(spec, &Value::Bool(false), None, &[], Some(&trial), OnConflict::Hold), Update);
        let spec = &SUBSCRIPTION[subscription::QUANTITY];
        assert_eq!(decide(spec, &Value::Null, None, &[], Some(&said(5, 1, 50)), OnConflict::Hold), Update);
    }

    #[test]
    fn a_name_is_never_held() {
        let fact = Said { value: Value::Text("New".to_owned()), as_of: 2, rank: 50 };
        let own = Said { value: Value::Text("Old".to_owned()), as_of: 1, rank: 50 };
        let edited = Value::Text("Edited".to_owned());
        assert_eq!(decide(&CUSTOMER[0], &edited, Some(&own), &[], Some(&fact), OnConflict::Hold), Update);
    }
}
