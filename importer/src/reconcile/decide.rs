//! Reconciles one field three-way: the stored value, the last values of the sources, and the value in a file.

use std::cmp::Ordering;

use crate::baseline::{FieldSpec, StatedValue, Value};
use crate::request::OnConflict;

/// The decision about a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldDecision {
    /// The file states nothing, or the stored value.
    Unchanged,
    /// This value is stored.
    Update(Value),
    /// The stored value stays, and the baseline changes: a person's edit that the file does not contradict.
    Keep,
    /// The stored value stays, and the baseline changes: another portal's value, this one, takes precedence.
    Outranked(Value),
    /// Nothing changes: a person and the file both changed the field, and someone must decide.
    HoldEdited,
    /// Nothing changes: two portals state different values with the same rank for the same time.
    HoldSources,
    /// The source itself stated a newer value before.
    Superseded,
}

/// The statements about one field.
#[derive(Clone, Copy, Debug)]
pub struct FieldStatements<'a> {
    /// The last value of this source.
    pub before: Option<&'a StatedValue>,
    /// The value in its file. `None` if it states nothing.
    pub now: Option<&'a StatedValue>,
    /// Whether of two values of this source with the same time the greater one is used, instead of the later statement.
    pub by_value: bool,
    /// The values of the other sources.
    pub others: &'a [&'a StatedValue],
}

/// Whether the file's value is newer than its source's earlier value.
#[must_use]
pub fn newer(now: &StatedValue, before: &StatedValue, by_value: bool) -> bool {
    match now.as_of.cmp(&before.as_of) {
        Ordering::Greater => true,
        Ordering::Less => false,
        Ordering::Equal => !by_value || now.value >= before.value,
    }
}

/// The precedence between the values of two portals: for data that changes over time the later value, for names and
/// locations the value of the higher rank.
fn weight(spec: &FieldSpec, stated: &StatedValue) -> (i64, i64) {
    if spec.is_identity { (stated.rank.into(), stated.as_of) } else { (stated.as_of, stated.rank.into()) }
}

/// The value with the highest precedence. Of two equal ones it is the greater value, so that the order of imports does
/// not matter.
fn strongest<'a>(spec: &FieldSpec, statements: impl Iterator<Item = &'a StatedValue>) -> Option<&'a StatedValue> {
    statements.max_by(|a, b| weight(spec, a).cmp(&weight(spec, b)).then_with(|| a.value.cmp(&b.value)))
}

/// Decides one field.
#[must_use]
pub fn decide(spec: &FieldSpec, stored: &Value, statements: FieldStatements<'_>, policy: OnConflict) -> FieldDecision {
    let Some(now) = statements.now else { return FieldDecision::Unchanged };
    if let Some(before) = statements.before
        && !newer(now, before, statements.by_value)
    {
        return if now.value == before.value { FieldDecision::Unchanged } else { FieldDecision::Superseded };
    }
    let others = || statements.others.iter().copied();
    let was = strongest(spec, others().chain(statements.before));
    let same = |value: &Value| *value == *stored || (spec.is_unset(value) && spec.is_unset(stored));
    let as_imported = was.map_or_else(|| spec.is_unstated(stored), |was| same(&was.value))
        || statements.before.is_none() && statements.others.is_empty() && spec.is_unstated(stored);
    let rival = strongest(spec, others().filter(|other| other.value != now.value));
    let outvoted = rival.filter(|rival| {
        let order = weight(spec, rival).cmp(&weight(spec, now));
        order == Ordering::Greater || order == Ordering::Equal && spec.soft && rival.value > now.value
    });
    if same(&now.value) && outvoted.is_none() {
        return FieldDecision::Unchanged;
    }
    if !as_imported {
        return edited(spec, stored, statements, now, outvoted, policy);
    }
    if let Some(rival) = outvoted {
        return FieldDecision::Outranked(rival.value.clone());
    }
    let tied = rival.is_some_and(|rival| weight(spec, rival) == weight(spec, now)) && !spec.soft;
    if !tied {
        return FieldDecision::Update(now.value.clone());
    }
    match policy {
        OnConflict::Hold => FieldDecision::HoldSources,
        OnConflict::File => FieldDecision::Update(now.value.clone()),
        OnConflict::Keep => FieldDecision::Keep,
    }
}

/// A person changed the imported value.
fn edited(
    spec: &FieldSpec,
    stored: &Value,
    statements: FieldStatements<'_>,
    now: &StatedValue,
    outvoted: Option<&StatedValue>,
    policy: OnConflict,
) -> FieldDecision {
    let is_as_before = statements.before.is_some_and(|before| before.value == now.value);
    if now.value == *stored || is_as_before || spec.is_personal || outvoted.is_some() {
        return FieldDecision::Keep;
    }
    match policy {
        // A name is not worth holding a row for.
        _ if spec.soft => FieldDecision::Update(now.value.clone()),
        OnConflict::Hold => FieldDecision::HoldEdited,
        OnConflict::File => FieldDecision::Update(now.value.clone()),
        OnConflict::Keep => FieldDecision::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::{CUSTOMER, SUBSCRIPTION, subscription};
    use FieldDecision::{HoldEdited, HoldSources, Keep, Outranked, Superseded, Unchanged};

    fn stated(value: i64, as_of: i64, rank: u8) -> StatedValue {
        StatedValue { value: Value::Int(value), as_of, rank }
    }

    fn update(value: i64) -> FieldDecision {
        FieldDecision::Update(Value::Int(value))
    }

    fn statements<'a>(
        before: Option<&'a StatedValue>,
        others: &'a [&'a StatedValue],
        now: Option<&'a StatedValue>,
    ) -> FieldStatements<'a> {
        FieldStatements { before, now, by_value: false, others }
    }

    /// One case per line: the stored value, the source's earlier value, the other sources' values, the file's value,
    /// and the decision.
    #[test]
    fn a_field_is_decided_three_ways() {
        let hold = OnConflict::Hold;
        let (jan, feb) = (1, 2);
        let cases = [
            ("a blank states nothing", 10, Some((10, jan)), vec![], None, hold, Unchanged),
            ("the file states the stored value", 10, Some((10, jan)), vec![], Some((10, feb)), hold, Unchanged),
            ("an import left it, the file changed", 10, Some((10, jan)), vec![], Some((12, feb)), hold, update(12)),
            ("a person changed it, the file did not", 11, Some((10, jan)), vec![], Some((10, feb)), hold, Keep),
            ("both changed", 11, Some((10, jan)), vec![], Some((12, feb)), hold, HoldEdited),
            ("both changed, the file wins", 11, Some((10, jan)), vec![], Some((12, feb)), OnConflict::File, update(12)),
            ("both changed, the edit stays", 11, Some((10, jan)), vec![], Some((12, feb)), OnConflict::Keep, Keep),
            ("both changed alike", 12, Some((10, jan)), vec![], Some((12, feb)), hold, Unchanged),
            ("January after February", 12, Some((12, feb)), vec![], Some((10, jan)), hold, Superseded),
            ("January after February, alike", 12, Some((12, feb)), vec![], Some((12, jan)), hold, Unchanged),
            ("the same day again, corrected", 12, Some((12, feb)), vec![], Some((10, feb)), hold, update(10)),
            ("a person's value that no file knows", 11, None, vec![], Some((12, feb)), hold, HoldEdited),
            ("another portal, earlier", 10, None, vec![(10, jan, 80)], Some((12, feb)), hold, update(12)),
            ("another portal, later", 10, None, vec![(10, feb, 40)], Some((12, jan)), hold, Outranked(Value::Int(10))),
            (
                "another portal of higher rank at the same time",
                10,
                None,
                vec![(10, jan, 80)],
                Some((12, jan)),
                hold,
                Outranked(Value::Int(10)),
            ),
            (
                "another of lower rank at the same time",
                10,
                None,
                vec![(10, jan, 40)],
                Some((12, jan)),
                hold,
                update(12),
            ),
            ("another of the same rank and time", 10, None, vec![(10, jan, 50)], Some((12, jan)), hold, HoldSources),
            ("a person changed what the other stated", 11, None, vec![(9, jan, 50)], Some((12, feb)), hold, HoldEdited),
            (
                "a person changed it, and the file is outvoted",
                11,
                None,
                vec![(9, feb, 50)],
                Some((12, jan)),
                hold,
                Keep,
            ),
        ];
        for (name, stored, own, others, fact, policy, expected) in cases {
            let own = own.map(|(value, as_of)| stated(value, as_of, 50));
            let others: Vec<StatedValue> =
                others.into_iter().map(|(value, as_of, rank)| stated(value, as_of, rank)).collect();
            let others: Vec<&StatedValue> = others.iter().collect();
            let fact = fact.map(|(value, as_of)| stated(value, as_of, 50));
            let statements = statements(own.as_ref(), &others, fact.as_ref());
            let decision = decide(&SUBSCRIPTION[subscription::QUANTITY], &Value::Int(stored), statements, policy);
            assert_eq!(decision, expected, "{name}");
        }
    }

    #[test]
    fn the_name_of_a_customer_is_that_of_the_higher_rank() {
        let text = |text: &str, as_of, rank| StatedValue { value: Value::Text(text.to_owned()), as_of, rank };
        let (list, invoice) = (text("Contoso", 1, 80), text("CONTOSO LTD", 2, 50));
        let stored = Value::Text("Contoso".to_owned());
        let decision = decide(&CUSTOMER[0], &stored, statements(None, &[&list], Some(&invoice)), OnConflict::Hold);
        assert_eq!(decision, Outranked(stored));
        let stored = Value::Text("CONTOSO LTD".to_owned());
        let decision = decide(&CUSTOMER[0], &stored, statements(None, &[&invoice], Some(&list)), OnConflict::Hold);
        assert_eq!(decision, FieldDecision::Update(Value::Text("Contoso".to_owned())));
    }

    #[test]
    fn the_order_of_two_sources_does_not_matter() {
        let spec = &SUBSCRIPTION[subscription::QUANTITY];
        for (a, b) in [((10, 1, 50), (12, 2, 40)), ((10, 3, 40), (12, 3, 80)), ((10, 5, 50), (10, 5, 50))] {
            let [a, b] = [a, b].map(|(value, as_of, rank)| stated(value, as_of, rank));
            let fold = |first: &StatedValue, second: &StatedValue| {
                let mut stored = Value::Null;
                let mut others: Vec<&StatedValue> = Vec::new();
                for statement in [first, second] {
                    if let FieldDecision::Update(value) =
                        decide(spec, &stored, statements(None, &others, Some(statement)), OnConflict::Hold)
                    {
                        stored = value;
                    }
                    others.push(if statement == first { first } else { second });
                }
                stored
            };
            assert_eq!(fold(&a, &b), fold(&b, &a));
        }
    }

    #[test]
    fn what_nobody_ever_set_is_not_an_edit() {
        let trial = StatedValue { value: Value::Bool(true), as_of: 1, rank: 50 };
        let spec = &SUBSCRIPTION[subscription::IS_TRIAL];
        let taken = decide(spec, &Value::Bool(false), statements(None, &[], Some(&trial)), OnConflict::Hold);
        assert_eq!(taken, FieldDecision::Update(Value::Bool(true)));
        let five = stated(5, 1, 50);
        let spec = &SUBSCRIPTION[subscription::QUANTITY];
        assert_eq!(decide(spec, &Value::Null, statements(None, &[], Some(&five)), OnConflict::Hold), update(5));
    }

    #[test]
    fn a_status_that_a_charge_proved_is_not_an_edit() {
        let spec = &SUBSCRIPTION[subscription::STATUS];
        let suspended = StatedValue { value: Value::Text("SUSPENDED".to_owned()), as_of: 1, rank: 50 };
        let (proved, edited) = (Value::Text("ACTIVE".to_owned()), Value::Text("DISABLED".to_owned()));
        let decision = |stored| decide(spec, stored, statements(None, &[], Some(&suspended)), OnConflict::Hold);
        assert_eq!(decision(&proved), FieldDecision::Update(suspended.value.clone()));
        assert_eq!(decision(&edited), HoldEdited);
    }

    #[test]
    fn a_name_is_never_held_and_the_partners_own_label_never_changed() {
        let now = StatedValue { value: Value::Text("New".to_owned()), as_of: 2, rank: 50 };
        let own = StatedValue { value: Value::Text("Old".to_owned()), as_of: 1, rank: 50 };
        let edited = Value::Text("Edited".to_owned());
        let decision = |spec| decide(spec, &edited, statements(Some(&own), &[], Some(&now)), OnConflict::File);
        assert_eq!(decision(&CUSTOMER[0]), FieldDecision::Update(now.value.clone()));
        assert_eq!(decision(&SUBSCRIPTION[subscription::FRIENDLY_NAME]), Keep);
    }
}
