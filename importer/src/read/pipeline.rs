//! Processes items in parallel, with results in order and few items in flight.

use std::collections::VecDeque;

use crossbeam_channel::{Receiver, TryRecvError, bounded};

/// The number of blocks per thread that may be waiting or in progress: enough to keep the threads busy, and few enough
/// that memory does not grow with the file.
const AHEAD_PER_THREAD: usize = 2;
const AHEAD_LIMIT: usize = 32;

/// Takes items from `next`, runs `work` on them in rayon's threads, and passes the results to `take` in the order of
/// the items. `next` and `take` run on the calling thread.
pub(crate) fn in_order<I, O, E>(
    mut next: impl FnMut() -> Result<Option<I>, E>,
    work: impl Fn(I) -> O + Sync,
    mut take: impl FnMut(O) -> Result<(), E>,
) -> Result<(), E>
where
    I: Send,
    O: Send,
{
    let ahead = (rayon::current_num_threads() * AHEAD_PER_THREAD + 1).min(AHEAD_LIMIT);
    let work = &work;
    rayon::in_place_scope(|scope| {
        let mut waiting: VecDeque<Receiver<O>> = VecDeque::with_capacity(ahead);
        let mut more = true;
        loop {
            while more && waiting.len() < ahead {
                match next()? {
                    Some(thing) => {
                        let (give, receive) = bounded(1);
                        scope.spawn(move |_| {
                            // If `take` has failed, no one receives the result and it is not needed.
                            let _ = give.send(work(thing));
                        });
                        waiting.push_back(receive);
                    }
                    None => more = false,
                }
            }
            match waiting.pop_front() {
                Some(receive) => {
                    if let Some(done) = wait_for(&receive) {
                        take(done)?;
                    }
                }
                None => return Ok(()),
            }
        }
    })
}

/// Waits for a result. `None` if its work panicked; the scope propagates the panic when it ends.
fn wait_for<O>(receive: &Receiver<O>) -> Option<O> {
    if rayon::current_thread_index().is_none() {
        return receive.recv().ok();
    }
    // Blocking one of rayon's own threads would keep the work from running if there is only one of them.
    loop {
        match receive.try_recv() {
            Ok(done) => return Some(done),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {
                if rayon::yield_now() == Some(rayon::Yield::Idle) {
                    std::thread::yield_now();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(count: u64) -> Vec<u64> {
        let mut numbers = 0..count;
        let mut squares = Vec::new();
        let done: Result<(), ()> = in_order(
            || Ok(numbers.next()),
            |number| number * number,
            |square| {
                squares.push(square);
                Ok(())
            },
        );
        assert_eq!(done, Ok(()));
        squares
    }

    #[test]
    fn results_come_in_the_order_of_the_things() {
        assert_eq!(squares(1000), (0..1000).map(|number| number * number).collect::<Vec<u64>>());
    }

    #[test]
    fn it_runs_within_a_pool_of_one_thread() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
        assert_eq!(pool.install(|| squares(100)).len(), 100);
    }

    #[test]
    fn a_failure_of_the_taker_ends_it() {
        let mut taken = 0;
        let done = in_order(
            || Ok(Some(1)),
            |one| one,
            |one| {
                taken += one;
                if taken == 5 { Err("enough") } else { Ok(()) }
            },
        );
        assert_eq!((done, taken), (Err("enough"), 5));
    }
}
