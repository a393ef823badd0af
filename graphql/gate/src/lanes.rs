//! Limits how many operations run at the same time. Organisations take turns, so that nobody waits for another
//! organisation's heavy queries.
//!
//! There are three lanes. Cheap operations never wait for expensive ones, and mutations that wait to write never delay
//! reads. Within a lane, waiting organisations are served in turn, each with its oldest operation. No organisation can
//! occupy a whole lane, so another one finds room at once even while the first keeps the lane busy.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use partnergraph_store::Scope;
use tokio::sync::oneshot;

use super::limits::MAX_WRITES;

/// How many operations of one organisation may wait in a lane.
const MAX_WAITING: usize = 500;

/// The organisation that takes turns. All anonymous callers together count as one.
pub(super) type Organization = Option<Scope>;

/// The lanes in which operations take turns.
#[derive(Clone)]
pub(super) struct Lanes {
    /// Cheap queries.
    pub(super) light: Lane,
    /// Expensive queries.
    pub(super) heavy: Lane,
    /// Mutations.
    pub(super) writes: Lane,
}

impl Lanes {
    /// Lanes for a database with `readers` read connections. Expensive queries leave half of the connections to cheap
    /// ones, and together may cost twice the maximum cost of one operation.
    pub(super) fn new(readers: usize, max_cost: u64) -> Self {
        let heavy = (readers / 2).max(1);
        Self {
            light: Lane::new(readers.saturating_sub(heavy), u64::MAX),
            heavy: Lane::new(heavy, max_cost.saturating_mul(2)),
            writes: Lane::new(MAX_WRITES, u64::MAX),
        }
    }
}

/// Operations of one kind, of which a limited number run at the same time.
#[derive(Clone)]
pub(super) struct Lane(Arc<Mutex<State>>);

struct State {
    /// How many more operations may run.
    slots: usize,
    /// How many operations of one organisation may run.
    share: usize,
    /// The organisation of each running operation.
    held: Vec<Organization>,
    /// How many units of cost are still free.
    units: u64,
    running: usize,
    waiting: VecDeque<(Organization, VecDeque<Waiter>)>,
}

struct Waiter {
    units: u64,
    permit: oneshot::Sender<Permit>,
}

/// Permission to run. It is returned when dropped.
pub(super) struct Permit {
    lane: Option<Lane>,
    organization: Organization,
    units: u64,
}

/// Too many operations of the organisation are already waiting.
#[derive(Debug)]
pub(super) struct Full;

impl Lane {
    /// A lane for at most `slots` operations with a total cost of at most `units`. A single operation may cost more if
    /// it runs alone.
    pub(super) fn new(slots: usize, units: u64) -> Self {
        let slots = slots.max(1);
        // One organisation may use three quarters of the slots, and never all of them if there are several.
        let share = (slots - slots.div_ceil(4)).max(1);
        let (held, waiting) = (Vec::new(), VecDeque::new());
        Self(Arc::new(Mutex::new(State { slots, share, held, units, running: 0, waiting })))
    }

    /// A permit, if nobody is waiting and there is room.
    pub(super) fn try_acquire(&self, organization: Organization, units: u64) -> Option<Permit> {
        let mut state = self.lock();
        state.is_free(organization, units).then(|| state.grant(self, organization, units))
    }

    /// Waits for a permit.
    ///
    /// # Errors
    /// [`Full`].
    pub(super) async fn acquire(&self, organization: Organization, units: u64) -> Result<Permit, Full> {
        /// When a waiting operation is cancelled, lets those behind it proceed.
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
            let (permit, waiting) = oneshot::channel();
            queue.push_back(Waiter { units, permit });
            // Operations ahead may be waiting only for their own organisation's share, in which case this one can run.
            state.call(self);
            waiting
        };
        let leaving = Leaving(self);
        // The sender stays in the lane until it is used, and the lane lives as long as this call. The receiver is
        // dropped before `leaving`.
        let permit = waiting.await.map_err(|_| Full);
        std::mem::forget(leaving);
        permit
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

    /// Whether an organisation is using its full share.
    fn is_served(&self, organization: Organization) -> bool {
        self.held.iter().filter(|held| **held == organization).count() >= self.share
    }

    /// Removes waiting operations that were cancelled.
    fn forget_gone(&mut self) {
        for (_, queue) in &mut self.waiting {
            queue.retain(|waiter| !waiter.permit.is_closed());
        }
        self.waiting.retain(|(_, queue)| !queue.is_empty());
    }

    /// Whether an operation may run at once: there is room, and nobody who could run is waiting.
    fn is_free(&mut self, organization: Organization, units: u64) -> bool {
        self.forget_gone();
        self.fits(units)
            && !self.is_served(organization)
            && self.waiting.iter().all(|(waiting, _)| self.is_served(*waiting))
    }

    fn grant(&mut self, lane: &Lane, organization: Organization, units: u64) -> Permit {
        self.running += 1;
        self.held.push(organization);
        self.slots = self.slots.saturating_sub(1);
        // An operation that is larger than the lane takes everything that is free.
        let units = units.min(self.units);
        self.units -= units;
        Permit { lane: Some(lane.clone()), organization, units }
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

    /// Starts the waiting operations whose turn it is.
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
            let permit = self.grant(lane, organization, waiter.units);
            if let Err(mut refused) = waiter.permit.send(permit) {
                // The waiting operation was cancelled.
                refused.lane = None;
                self.release(organization, refused.units);
            }
        }
        // Organisations that are using their full share keep their place in the queue for when one of their operations
        // ends.
        passed.append(&mut self.waiting);
        self.waiting = passed;
    }
}

impl Drop for Permit {
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
        let first = lane.acquire(organization(1), 1).await.unwrap();
        let mut greedy: Vec<_> = (0..3).map(|_| Box::pin(lane.acquire(organization(1), 1))).collect();
        for waiting in &mut greedy {
            assert!(waiting.now_or_never().is_none());
        }
        let mut other = Box::pin(lane.acquire(organization(2), 1));
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
        let held: Vec<_> = (0..3).map(|_| lane.try_acquire(organization(1), 1).unwrap()).collect();
        assert!(lane.try_acquire(organization(1), 1).is_none(), "it uses its full share");
        let mut greedy = Box::pin(lane.acquire(organization(1), 1));
        assert!((&mut greedy).now_or_never().is_none());
        let other = lane.try_acquire(organization(2), 1).expect("a slot is left for others");
        let mut second = Box::pin(lane.acquire(organization(2), 1));
        assert!((&mut second).now_or_never().is_none(), "all slots are taken");
        drop(other);
        assert!((&mut greedy).now_or_never().is_none(), "it still uses its full share");
        assert!((&mut second).now_or_never().unwrap().is_ok());
        drop(held);
        assert!((&mut greedy).now_or_never().unwrap().is_ok());
    }

    /// An event in a lane: an operation with this organisation and cost arrives, or a running or waiting operation
    /// ends.
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

    type Waiting<'a> = (i64, u64, std::pin::Pin<Box<dyn Future<Output = Result<Permit, Full>> + 'a>>);

    proptest! {
        /// Whatever arrives and ends: no limit is exceeded, no operation waits that could run, and in the end every
        /// operation has run and everything was returned.
        #[test]
        fn a_lane_keeps_its_bounds_and_serves_everybody(slots in 1..6_usize, events in prop::collection::vec(event(), 1..60)) {
            let lane = Lane::new(slots, 100);
            let share = lane.lock().share;
            let mut running: Vec<(i64, u64, Permit)> = Vec::new();
            let mut waiting: Vec<Waiting<'_>> = Vec::new();
            for event in events {
                match event {
                    Event::Comes(who, units) => waiting.push((who, units, Box::pin(lane.acquire(organization(who), units)))),
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
                // An operation that is too large for what is free is waited for, so an operation that could run may
                // have to wait for that one only.
                let could = waiting.iter().any(|(who, ..)| !is_served(*who));
                let smallest = waiting.iter().filter(|(who, ..)| !is_served(*who)).map(|(_, units, _)| *units).max();
                prop_assert!(!(has_room && could && smallest.is_some_and(|units| units <= free)), "an operation waits although it could run: {:?} run, {:?} wait, {} slots", running.iter().map(|(who, units, _)| (who, units)).collect::<Vec<_>>(), waiting.iter().map(|(who, units, _)| (who, units)).collect::<Vec<_>>(), slots);
            }
            while !(waiting.is_empty() && running.is_empty()) {
                let before = waiting.len() + running.len();
                running.pop();
                settle(&mut waiting, &mut running);
                prop_assert!(waiting.len() + running.len() < before || !running.is_empty(), "an operation waits forever");
            }
            let state = lane.lock();
            prop_assert_eq!((state.slots, state.units, state.running, state.held.len()), (slots, 100, 0, 0));
        }
    }

    fn settle(waiting: &mut Vec<Waiting<'_>>, running: &mut Vec<(i64, u64, Permit)>) {
        let mut at = 0;
        while at < waiting.len() {
            match (&mut waiting[at].2).now_or_never() {
                Some(permit) => {
                    let (who, units, _) = waiting.remove(at);
                    running.push((who, units, permit.expect("few wait")));
                    // This turn may have allowed others to run.
                    at = 0;
                }
                None => at += 1,
            }
        }
    }

    #[tokio::test]
    async fn so_many_units_run_at_once_and_one_that_is_larger_runs_alone() {
        let lane = Lane::new(10, 100);
        let small = lane.acquire(organization(1), 60).await.unwrap();
        let mut large = Box::pin(lane.acquire(organization(2), 1_000));
        assert!((&mut large).now_or_never().is_none(), "it does not fit beside the other");
        let mut behind = Box::pin(lane.acquire(organization(3), 1));
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
        let first = lane.acquire(organization(1), 1).await.unwrap();
        let mut gone = Box::pin(lane.acquire(organization(2), 1));
        assert!((&mut gone).now_or_never().is_none());
        let mut stays = Box::pin(lane.acquire(organization(3), 1));
        assert!((&mut stays).now_or_never().is_none());
        drop(gone);
        drop(first);
        assert!((&mut stays).now_or_never().unwrap().is_ok());
    }
}
