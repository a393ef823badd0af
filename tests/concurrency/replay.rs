//! What happened, put into the order of commits and held against the model.

use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use partnergraph_store::sql::sql;
use serde_json::{Value, json};

use crate::act::{Act, Op};
use crate::answers::Answer;
use crate::model::{Footprint, Judgement, State};
use crate::world::World;

/// An act, its answer, and the last events of the feed before it was sent and after it was answered.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) act: Act,
    pub(crate) answer: Answer,
    pub(crate) before: i64,
    pub(crate) after: i64,
}

#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct Event {
    #[diesel(sql_type = BigInt)]
    pub(crate) id: i64,
    #[diesel(sql_type = Text)]
    pub(crate) operation_type: String,
    #[diesel(sql_type = Text)]
    pub(crate) user_principal_name: String,
    #[diesel(sql_type = Text)]
    pub(crate) changes: String,
    /// How many others than the organisation that acted are told of it.
    #[diesel(sql_type = BigInt)]
    pub(crate) others: i64,
}

/// The feed after that event, in the order of commits.
pub(crate) fn feed(world: &World, after: i64) -> Vec<Event> {
    let query = sql(
        "SELECT e.id, e.operation_type, e.user_principal_name, e.changes, (SELECT COUNT(*) FROM audit_event_viewers v \
         WHERE v.event_id = e.id AND v.viewer_partner_id <> COALESCE(e.actor_partner_id, -1)) AS others \
         FROM audit_events e WHERE e.id > ",
    )
    .bind(after)
    .push(" ORDER BY e.id");
    world.graph.database.connect().rows(&query).unwrap()
}

/// Holds all records against the model and gives its last state.
///
/// Every event is one of an answer and every answer that changed something has its events; each was lawful in the state in which
/// it committed; each refusal, and each answer that nothing changed, was right in some state between request and answer.
pub(crate) fn replay(world: &World, records: &[Record], events: &[Event], start: i64) -> State {
    let events_of = allot(records, events);
    let mut commits: Vec<(usize, &[Event])> =
        events_of.iter().enumerate().filter(|(_, own)| !own.is_empty()).map(|(place, own)| (place, &own[..])).collect();
    commits.sort_by_key(|(_, own)| own[0].id);

    let mut states = vec![(start, world.start.clone())];
    for (place, own) in commits {
        let record = &records[place];
        let state = &states.last().unwrap().1;
        let Judgement::Changed(footprint) = state.judge(&record.act) else {
            panic!("{record:#?}\ncommitted where the model says {:?}: {own:#?}", state.judge(&record.act));
        };
        compare(world, record, &footprint, own);
        // What was made may be out of its maker's sight by the time of the answer; its event names it for good.
        let answer = Answer { subscriptions: sold(own), ..record.answer.clone() };
        let next = state.after(&record.act, &answer);
        assert_eq!(next.breach(), None, "{record:#?}");
        states.push((own.last().unwrap().id, next));
    }
    for (record, own) in records.iter().zip(&events_of) {
        // What the caller saw is of its own commit or later; of any state meanwhile where nothing was written.
        let from = own.last().map_or(record.before, |event| event.id);
        let meanwhile = between(&states, from, record.after);
        if own.is_empty() {
            assert!(meanwhile.iter().any(|(_, state)| is_right(state, record)), "never right: {record:#?}\n{}", {
                let judged: Vec<Judgement> = meanwhile.iter().map(|(_, state)| state.judge(&record.act)).collect();
                format!("the model says {judged:#?}")
            });
        }
        let made = sold(own);
        assert!(
            meanwhile.iter().any(|(_, state)| shows(world, state, record, &made)),
            "never so: {record:#?}\nwhere {made:?} was made"
        );
    }
    states.pop().unwrap().1
}

/// The events of each record. A person does one thing after another, so its events between two moments are its act's.
fn allot(records: &[Record], events: &[Event]) -> Vec<Vec<Event>> {
    let mut of_person: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, record) in records.iter().enumerate() {
        of_person.entry(&record.act.by.name).or_default().push(place);
    }
    let mut allotted: Vec<Vec<Event>> = vec![Vec::new(); records.len()];
    for event in events {
        let places = of_person.get(event.user_principal_name.as_str()).map_or(&[][..], Vec::as_slice);
        let place = places.iter().find(|place| {
            let record = &records[**place];
            record.before < event.id && event.id <= record.after
        });
        let place = *place.unwrap_or_else(|| panic!("nobody was answered for {event:#?}"));
        if let Some(earlier) = allotted[place].last() {
            // One writer at a time: what commits together stands together. (A sequence may skip the number of a write that was
            // taken back, so it is the neighbour in the feed that counts.)
            let following = events.iter().find(|other| other.id > earlier.id).unwrap();
            assert_eq!(following.id, event.id, "another commit in the midst of {:#?}", records[place]);
        }
        allotted[place].push(event.clone());
    }
    allotted
}

/// The states between two moments, that at the first included.
fn between(states: &[(i64, State)], from: i64, to: i64) -> &[(i64, State)] {
    let first = states.partition_point(|(id, _)| *id <= from).saturating_sub(1);
    let last = states.partition_point(|(id, _)| *id <= to);
    &states[first..last]
}

/// Whether the answer to an act that changed nothing is right in that state.
pub(crate) fn is_right(state: &State, record: &Record) -> bool {
    record.answer.failed.is_none()
        && match state.judge(&record.act) {
            Judgement::Refused(refused) => refused == record.answer.refused,
            Judgement::Unchanged => record.answer.refused.is_empty(),
            Judgement::Changed(_) => false,
        }
}

/// Whether what the answer shows stood so in that state: the subscription that changed, or those that were made.
pub(crate) fn shows(world: &World, state: &State, record: &Record, made: &[String]) -> bool {
    let seen = record.answer.seen.as_ref().is_none_or(|seen| {
        let sold = &state.subscriptions[&seen.subscription];
        let partner_of_record = sold.reseller.map(|place| world.names.resellers[place].mpn_id.to_string());
        sold.version == seen.version && partner_of_record == seen.partner_of_record
    });
    let visible = made.iter().all(|id| {
        let sold = &state.subscriptions[id];
        state.related.contains(&(sold.seller, sold.customer))
    });
    seen && if visible { record.answer.subscriptions == made } else { record.answer.subscriptions.is_empty() }
}

/// The subscriptions that were sold by these events.
fn sold(own: &[Event]) -> Vec<String> {
    let changes = own.iter().filter(|event| event.operation_type == "CREATE_ORDER").map(|event| &event.changes);
    let changes = changes.flat_map(|changes| serde_json::from_str::<Vec<Value>>(changes).unwrap());
    let ids = changes.filter(|change| change["field"] == "subscriptionId");
    ids.map(|change| change["after"].as_str().unwrap().to_owned()).collect()
}

/// Holds the events of an act against what it must leave.
pub(crate) fn compare(world: &World, record: &Record, footprint: &Footprint, own: &[Event]) {
    assert!(record.answer.failed.is_none() && record.answer.refused.is_empty(), "{record:#?}\nwrote {own:#?}");
    let main: Vec<&Event> =
        own.iter().filter(|event| footprint.main.contains(&event.operation_type.as_str())).collect();
    let others = own.iter().filter(|event| !footprint.main.contains(&event.operation_type.as_str()));
    for other in others {
        assert!(footprint.beside.contains(&other.operation_type.as_str()), "{record:#?}\nwrote {other:#?}");
    }
    // X-05 and D-03: an end is told to nobody but whoever brought it about.
    if matches!(record.act.op, Op::Part { .. } | Op::RemoveCustomer { .. }) {
        assert!(own.iter().all(|event| event.others == 0), "{record:#?}\ntold others of {own:#?}");
    }
    let [main] = main[..] else { panic!("{record:#?}\nwrote {own:#?}\nwhere {footprint:?} was due") };
    let Some((field, before, after)) = footprint.change else { return };
    let name = |place: Option<usize>| place.map(|place| world.names.resellers[place].mpn_id.to_string());
    let expected = json!([{"field": field, "before": name(before), "after": name(after)}]);
    assert_eq!(serde_json::from_str::<Value>(&main.changes).unwrap(), expected, "{record:#?}");
}
