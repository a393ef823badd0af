//! Whose turn it is: operations run a few at a time, and organisations take turns, so that nobody waits for another's heavy queries.
//!
//! There are three lanes. What costs little never waits for what costs much, and a mutation that waits to write keeps nobody from reading. Within a lane the
//! organisations that wait are asked in a circle, each for its oldest operation, and no organisation has all places: one that comes while another
//! keeps the lane busy for long finds room at once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use partnergraph_store::Scope;
use tokio::sync::oneshot;

use super::limits::MAX_WRITES;

/// How many operations of one organisation may wait in a lane.
const MAX_WAITING: usize = 500;

/// Who takes turns: an organisation, or all who are not known.
pub(super) type Organization = Option<Scope>;

/// The lanes in which operations take turns.
#[derive(Clone)]
pub(super) struct Lanes {
    /// What reads little.
    pub(super) light: Lane,
    /// What reads much.
    pub(super) heavy: Lane,
    /// What writes.
    pub(super) writes: Lane,
}

impl Lanes {
    /// Lanes for a database with so many reading connections. Heavy queries leave half of them to the light ones, and together may answer twice
    /// what one of them may.
    pub(super) fn new(readers: usize, max_cost: u64) -> Self {
        let heavy = (readers / 2).max(1);
        Self {
            light: Lane::new(readers.saturating_sub(heavy), u64::MAX),
            heavy: Lane::new(heavy, max_cost.saturating_mul(2)),
            writes: Lane::new(MAX_WRITES, u64::MAX),
        }
    }
}

/// Operations of one kind, of which so many run at once.
#[derive(Clone)]
pub(super) struct Lane(Arc<Mutex<State>>);

struct State {
    /// How many more may run.
    slots: usize,
    /// How many of them one organisation may have.
    share: usize,
    /// Who runs, once for each operation.
    held: Vec<Organization>,
    /// How many units of cost may still run.
    units: u64,
    running: usize,
    waiting: VecDeque<(Organization, VecDeque<Waiter>)>,
}

struct Waiter {
    units: u64,
    turn: oneshot::Sender<Turn>,
}

/// The right to run; given back when it is dropped.
pub(super) struct Turn {
    lane: Option<Lane>,
    organization: Organization,
    units: u64,
}

/// Too many of the organisation's operations wait already.
#[derive(Debug)]
pub(super) struct Full;

impl Lane {
    /// A lane in which so many operations run at once, of so many units together. One operation alone may have more.
    pub(super) fn new(slots: usize, units: u64) -> Self {
        let slots = slots.max(1);
        // Three quarters, and never all where there are several.
        let share = (slots - slots.div_ceil(4)).max(1);
        let (held, waiting) = (Vec::new(), VecDeque::new());
        Self(Arc::new(Mutex::new(State { slots, share, held, units, running: 0, waiting })))
    }

    /// A turn, where nobody waits and there is room.
    pub(super) fn turn_at_once(&self, organization: Organization, units: u64) -> Option<Turn> {
        let mut state = self.lock();
        state.is_free(organization, units).then(|| state.grant(self, organization, units))
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`Full`].
    pub(super) async fn turn(&self, organization: Organization, units: u64) -> Result<Turn, Full> {
        /// Whoever goes away lets those behind it pass.
        struct Leaving<'a>(&'a Lane);
        impl Drop for Leaving<'_> {
            fn drop(&mut self) {
                self.0.lock().call(self.0);
            }
        }
        let waiting = {
            let mut state = self.lock();
            if state.is_free(organization, units) {
                return Ok(state.grant(self, organization, units));
            }
            let queue = state.queue(organization);
            if queue.len() >= MAX_WAITING {
                return Err(Full);
            }
            let (turn, waiting) = oneshot::channel();
            queue.push_back(Waiter { units, turn });
            // Those before it may wait for a place of their own organisation.
            state.call(self);
            waiting
        };
        let leaving = Leaving(self);
        // The sender stays in the lane until it is used, and the lane lives as long as this call. The receiver is dropped before `leaving`.
        let turn = waiting.await.map_err(|_| Full);
        std::mem::forget(leaving);
        turn
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, organization: Organization, units: u64) {
        let mut state = self.lock();
        state.release(organization, units);
        state.call(self);
    }
}

impl State {
    fn fits(&self, units: u64) -> bool {
        self.running == 0 || (self.slots > 0 && self.units >= units)
    }

    /// Whether an organisation has as many places as it may.
    fn is_served(&self, organization: Organization) -> bool {
        self.held.iter().filter(|held| **held == organization).count() >= self.share
    }

    /// Whoever has gone away waits for nothing, and nobody waits for it.
    fn forget_gone(&mut self) {
        for (_, queue) in &mut self.waiting {
            queue.retain(|waiter| !waiter.turn.is_closed());
        }
        self.waiting.retain(|(_, queue)| !queue.is_empty());
    }

    /// Whether an operation may run at once, and nobody waits who could.
    fn is_free(&mut self, organization: Organization, units: u64) -> bool {
        self.forget_gone();
        self.fits(units)
            && !self.is_served(organization)
            && self.waiting.iter().all(|(waiting, _)| self.is_served(*waiting))
    }

    fn grant(&mut self, lane: &Lane, organization: Organization, units: u64) -> Turn {
        self.running += 1;
        self.held.push(organization);
        self.slots = self.slots.saturating_sub(1);
        // One that is larger than the lane takes all that there is.
        let units = units.min(self.units);
        self.units -= units;
        Turn { lane: Some(lane.clone()), organization, units }
    }

    fn release(&mut self, organization: Organization, units: u64) {
        self.running -= 1;
        if let Some(at) = self.held.iter().position(|held| *held == organization) {
            self.held.swap_remove(at);
        }
        self.slots += 1;
        self.units += units;
    }

    fn queue(&mut self, organization: Organization) -> &mut VecDeque<Waiter> {
        let at = self.waiting.iter().position(|(waiting, _)| *waiting == organization).unwrap_or_else(|| {
            self.waiting.push_back((organization, VecDeque::new()));
            self.waiting.len() - 1
        });
        &mut self.waiting[at].1
    }

    /// Calls those whose turn it is.
    fn call(&mut self, lane: &Lane) {
        self.forget_gone();
        let mut passed = VecDeque::new();
        while let Some((organization, mut queue)) = self.waiting.pop_front() {
            if self.is_served(organization) {
                passed.push_back((organization, queue));
                continue;
            }
            let Some(waiter) = queue.pop_front() else { continue };
            if !self.fits(waiter.units) {
                queue.push_front(waiter);
                self.waiting.push_front((organization, queue));
                break;
            }
            if !queue.is_empty() {
                self.waiting.push_back((organization, queue));
            }
            let turn = self.grant(lane, organization, waiter.units);
            if let Err(mut refused) = waiter.turn.send(turn) {
                // Whoever waited has gone away.
                refused.lane = None;
                self.release(organization, refused.units);
            }
        }
        // Those who have what they may are asked again when something of theirs ends, before those who came later.
        passed.append(&mut self.waiting);
        self.waiting = passed;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(lane) = self.lane.take() {
            lane.give_back(self.organization, self.units);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use partnergraph_domain::CustomerKey;
    use proptest::prelude::*;

    use super::*;

    fn organization(id: i64) -> Organization {
        Some(Scope::Customer { id: CustomerKey::new(id) })
    }

    #[tokio::test]
    async fn organisations_take_turns_whatever_one_of_them_has_waiting() {
        let lane = Lane::new(1, 100);
        let first = lane.turn(organization(1), 1).await.unwrap();
        let mut greedy: Vec<_> = (0..3).map(|_| Box::pin(lane.turn(organization(1), 1))).collect();
        for waiting in &mut greedy {
            assert!(waiting.now_or_never().is_none());
        }
        let mut other = Box::pin(lane.turn(organization(2), 1));
        assert!((&mut other).now_or_never().is_none());
        drop(first);
        let second = (&mut greedy[0]).now_or_never().unwrap().unwrap();
        drop(second);
        assert!((&mut greedy[1]).now_or_never().is_none(), "it is the other's turn");
        assert!((&mut other).now_or_never().unwrap().is_ok());
    }

    #[tokio::test]
    async fn no_organisation_has_all_places() {
        let lane = Lane::new(4, 100);
        let held: Vec<_> = (0..3).map(|_| lane.turn_at_once(organization(1), 1).unwrap()).collect();
        assert!(lane.turn_at_once(organization(1), 1).is_none(), "it has its share");
        let mut greedy = Box::pin(lane.turn(organization(1), 1));
        assert!((&mut greedy).now_or_never().is_none());
        let other = lane.turn_at_once(organization(2), 1).expect("a place is left for others");
        let mut second = Box::pin(lane.turn(organization(2), 1));
        assert!((&mut second).now_or_never().is_none(), "all places are taken");
        drop(other);
        assert!((&mut greedy).now_or_never().is_none(), "it still has its share");
        assert!((&mut second).now_or_never().unwrap().is_ok());
        drop(held);
        assert!((&mut greedy).now_or_never().unwrap().is_ok());
    }

    /// What happens in a lane: an operation of an organisation comes, with so many units; or one that runs, or waits, goes.
    #[derive(Debug, Clone)]
    enum Event {
        Comes(i64, u64),
        Ends(prop::sample::Index),
        GoesAway(prop::sample::Index),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            3 => (0..4_i64, 1..130_u64).prop_map(|(organization, units)| Event::Comes(organization, units)),
            2 => any::<prop::sample::Index>().prop_map(Event::Ends),
            1 => any::<prop::sample::Index>().prop_map(Event::GoesAway),
        ]
    }

    type Waiting<'a> = (i64, u64, std::pin::Pin<Box<dyn Future<Output = Result<Turn, Full>> + 'a>>);

    proptest! {
        /// Whatever comes and goes: no bound is exceeded, nobody waits who could run, and at the end everything has run and is given back.
        #[test]
        fn a_lane_keeps_its_bounds_and_serves_everybody(slots in 1..6_usize, events in prop::collection::vec(event(), 1..60)) {
            let lane = Lane::new(slots, 100);
            let share = lane.lock().share;
            let mut running: Vec<(i64, u64, Turn)> = Vec::new();
            let mut waiting: Vec<Waiting<'_>> = Vec::new();
            for event in events {
                match event {
                    Event::Comes(who, units) => waiting.push((who, units, Box::pin(lane.turn(organization(who), units)))),
                    Event::Ends(which) if !running.is_empty() => drop(running.swap_remove(which.index(running.len()))),
                    Event::GoesAway(which) if !waiting.is_empty() => drop(waiting.swap_remove(which.index(waiting.len()))),
                    Event::Ends(_) | Event::GoesAway(_) => {}
                }
                settle(&mut waiting, &mut running);
                prop_assert!(running.len() <= slots);
                prop_assert!(running.len() <= 1 || running.iter().map(|(_, units, _)| units).sum::<u64>() <= 100);
                for who in 0..4 {
                    prop_assert!(running.iter().filter(|(of, ..)| *of == who).count() <= share);
                }
                let is_served = |who: i64| running.iter().filter(|(of, ..)| *of == who).count() >= share;
                let free = 100_u64.saturating_sub(running.iter().map(|(_, units, _)| units).sum());
                let has_room = running.is_empty() || (running.len() < slots && free > 0);
                // One that is too large for what is left is waited for; so somebody who could run waits for that alone.
                let could = waiting.iter().any(|(who, ..)| !is_served(*who));
                let smallest = waiting.iter().filter(|(who, ..)| !is_served(*who)).map(|(_, units, _)| *units).max();
                prop_assert!(!(has_room && could && smallest.is_some_and(|units| units <= free)), "somebody waits for nothing: {:?} run, {:?} wait, {} slots", running.iter().map(|(who, units, _)| (who, units)).collect::<Vec<_>>(), waiting.iter().map(|(who, units, _)| (who, units)).collect::<Vec<_>>(), slots);
            }
            while !(waiting.is_empty() && running.is_empty()) {
                let before = waiting.len() + running.len();
                running.pop();
                settle(&mut waiting, &mut running);
                prop_assert!(waiting.len() + running.len() < before || !running.is_empty(), "somebody waits for ever");
            }
            let state = lane.lock();
            prop_assert_eq!((state.slots, state.units, state.running, state.held.len()), (slots, 100, 0, 0));
        }
    }

    fn settle(waiting: &mut Vec<Waiting<'_>>, running: &mut Vec<(i64, u64, Turn)>) {
        let mut at = 0;
        while at < waiting.len() {
            match (&mut waiting[at].2).now_or_never() {
                Some(turn) => {
                    let (who, units, _) = waiting.remove(at);
                    running.push((who, units, turn.expect("few wait")));
                    // Others may have been called by the one before.
                    at = 0;
                }
                None => at += 1,
            }
        }
    }

    #[tokio::test]
    async fn so_many_units_run_at_once_and_one_that_is_larger_runs_alone() {
        let lane = Lane::new(10, 100);
        let small = lane.turn(organization(1), 60).await.unwrap();
        let mut large = Box::pin(lane.turn(organization(2), 1_000));
        assert!((&mut large).now_or_never().is_none(), "it does not fit beside the other");
        let mut behind = Box::pin(lane.turn(organization(3), 1));
        assert!((&mut behind).now_or_never().is_none(), "nobody overtakes it");
        drop(small);
        let alone = (&mut large).now_or_never().unwrap().unwrap();
        assert!((&mut behind).now_or_never().is_none());
        drop(alone);
        let last = (&mut behind).now_or_never().unwrap().unwrap();
        drop(last);
        let state = lane.lock();
        assert_eq!((state.slots, state.units, state.running), (10, 100, 0));
    }

    #[tokio::test]
    async fn who_goes_away_while_waiting_is_passed_over() {
        let lane = Lane::new(1, 100);
        let first = lane.turn(organization(1), 1).await.unwrap();
        let mut gone = Box::pin(lane.turn(organization(2), 1));
        assert!((&mut gone).now_or_never().is_none());
        let mut stays = Box::pin(lane.turn(organization(3), 1));
        assert!((&mut stays).now_or_never().is_none());
        drop(gone);
        drop(first);
        assert!((&mut stays).now_or_never().unwrap().is_ok());
    }
}
