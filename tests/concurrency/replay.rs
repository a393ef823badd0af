//! Replays what happened in commit order and compares it with the model.

use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use partnergraph_store::sql::sql;
use serde_json::{Value, json};

use crate::act::{Act, Op};
use crate::answers::Answer;
use crate::model::{Footprint, Judgement, Renamed, State};
use crate::world::{STALE, World};

/// An act, its response, and the last event of the feed before the request and after the response.
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
    /// How many organisations other than the actor's were notified.
    #[diesel(sql_type = BigInt)]
    pub(crate) others: i64,
}

/// The feed after that event, in commit order.
pub(crate) fn feed(world: &World, after: i64) -> Vec<Event> {
    let query = sql(
        // What an automatic approval did is part of the request, although it is recorded under whoever set it.
        "SELECT e.id, e.operation_type, COALESCE((SELECT r.requested_by FROM change_requests r WHERE r.id = e.change_request_id \
         AND r.is_automatic), e.user_principal_name) AS user_principal_name, e.changes, (SELECT COUNT(*) FROM audit_event_viewers v \
         WHERE v.event_id = e.id AND v.viewer_partner_id <> COALESCE(e.actor_partner_id, -1)) AS others \
         FROM audit_events e WHERE e.id > ",
    )
    .bind(after)
    .push(" ORDER BY e.id");
    world.graph.database.connect().rows(&query).unwrap()
}

/// Compares all records with the model and returns its last state.
///
/// Every event belongs to a response, and every response that changed something has its events. Each change was allowed in the
/// state in which it was committed. Each refusal, and each response that nothing changed, was correct in some state between
/// request and response.
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
        // A created entity may already be invisible to its creator when the response is made; its event names it.
        let answer = Answer { subscriptions: sold(own), ..record.answer.clone() };
        let next = state.after(&record.act, &answer);
        assert_eq!(next.breach(), None, "{record:#?}");
        states.push((own.last().unwrap().id, next));
    }
    for (record, own) in records.iter().zip(&events_of) {
        // The caller saw a state at or after its own commit; any state in between if nothing was written.
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

/// The events of each record. A user performs one action after another, so its events between two points belong to its act.
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
            // There is only one writer at a time, so events of the same commit are adjacent. (A sequence can skip the number of a
            // write that was rolled back, so adjacency in the feed counts.)
            let following = events.iter().find(|other| other.id > earlier.id).unwrap();
            assert_eq!(following.id, event.id, "another commit in the midst of {:#?}", records[place]);
        }
        allotted[place].push(event.clone());
    }
    allotted
}

/// The states between two points, including the first.
fn between(states: &[(i64, State)], from: i64, to: i64) -> &[(i64, State)] {
    let first = states.partition_point(|(id, _)| *id <= from).saturating_sub(1);
    let last = states.partition_point(|(id, _)| *id <= to);
    &states[first..last]
}

/// Whether the response to an act that changed nothing is correct in that state.
pub(crate) fn is_right(state: &State, record: &Record) -> bool {
    record.answer.failed.is_none()
        && match state.judge(&record.act) {
            Judgement::Refused(refused) => refused == record.answer.refused || record.answer.refused.contains(STALE),
            Judgement::Unchanged => record.answer.refused.is_empty(),
            Judgement::Changed(_) => false,
        }
}

/// Whether the response shows that state: of the subscription that changed, or of those that were created.
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

/// The subscriptions sold by these events.
fn sold(own: &[Event]) -> Vec<String> {
    let changes = own.iter().filter(|event| event.operation_type == "CREATE_ORDER").map(|event| &event.changes);
    let changes = changes.flat_map(|changes| serde_json::from_str::<Vec<Value>>(changes).unwrap());
    let ids = changes.filter(|change| change["field"] == "subscriptionId");
    ids.map(|change| change["after"].as_str().unwrap().to_owned()).collect()
}

/// Compares the events of an act with those it must leave.
pub(crate) fn compare(world: &World, record: &Record, footprint: &Footprint, own: &[Event]) {
    assert!(record.answer.failed.is_none() && record.answer.refused.is_empty(), "{record:#?}\nwrote {own:#?}");
    let name = |place: Option<usize>| place.map(|place| world.names.resellers[place].mpn_id.to_string());
    let shown =
        |(field, before, after): Renamed| json!([{"field": field, "before": name(before), "after": name(after)}]);
    if !footprint.moved.is_empty() {
        let sorted = |events: Vec<(String, String)>| {
            let mut events = events;
            events.sort();
            events
        };
        let found = own.iter().map(|event| (event.operation_type.clone(), event.changes.clone())).collect();
        let due = footprint.moved.iter().map(|(of, renamed)| ((*of).to_owned(), shown(*renamed).to_string())).collect();
        assert_eq!(sorted(found), sorted(due), "{record:#?}");
        return;
    }
    let main: Vec<&Event> =
        own.iter().filter(|event| footprint.main.contains(&event.operation_type.as_str())).collect();
    let others = own.iter().filter(|event| !footprint.main.contains(&event.operation_type.as_str()));
    for other in others {
        assert!(footprint.beside.contains(&other.operation_type.as_str()), "{record:#?}\nwrote {other:#?}");
    }
    // X-05 and D-03: only the remover is notified of a removal.
    if matches!(record.act.op, Op::Part { .. } | Op::RemoveCustomer { .. }) {
        assert!(own.iter().all(|event| event.others == 0), "{record:#?}\ntold others of {own:#?}");
    }
    let [main] = main[..] else { panic!("{record:#?}\nwrote {own:#?}\nwhere {footprint:?} was due") };
    let Some(renamed) = footprint.change else { return };
    assert_eq!(serde_json::from_str::<Value>(&main.changes).unwrap(), shown(renamed), "{record:#?}");
}
