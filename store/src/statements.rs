//! Decides which statements a connection keeps prepared.
//!
//! diesel keeps every statement it is allowed to for as long as the connection exists. The text of a list depends on the caller's
//! filter and order, so callers could fill the memory with ever new texts. Therefore a text is kept only from its second use, and
//! a thread keeps a limited number. When the limit is reached, its connection is replaced by a new one (see [`is_full`]) and the
//! count starts again.

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};

/// The maximum number of statements that a thread keeps prepared.
const MAX_CACHED: usize = 400;
/// The maximum number of texts that a thread remembers to have seen once.
const MAX_SEEN_ONCE: usize = 1_000;

thread_local! {
    static SEEN: RefCell<Seen> = RefCell::default();
}

#[derive(Default)]
struct Seen {
    cached: HashSet<u64>,
    once: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Seen {
    fn is_cached(&mut self, text: u64) -> bool {
        if self.cached.contains(&text) {
            return true;
        }
        if self.once.contains(&text) {
            return self.cached.len() < MAX_CACHED && self.cached.insert(text);
        }
        self.once.insert(text);
        self.order.push_back(text);
        if self.order.len() > MAX_SEEN_ONCE
            && let Some(oldest) = self.order.pop_front()
        {
            self.once.remove(&oldest);
        }
        false
    }
}

/// Whether this thread's connection keeps the statement with this text, given by its hash.
pub(crate) fn is_cached(text: u64) -> bool {
    SEEN.with_borrow_mut(|seen| seen.is_cached(text))
}

/// Whether the thread has reached the maximum number of statements.
pub(crate) fn is_full() -> bool {
    SEEN.with_borrow(|seen| seen.cached.len() >= MAX_CACHED)
}

/// Forgets the thread's statements, together with the connection that kept them.
pub(crate) fn forget() {
    SEEN.take();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cached_from_its_second_use_up_to_a_limit() {
        let mut seen = Seen::default();
        assert!(!seen.is_cached(7), "a text used once is not cached");
        assert!(seen.is_cached(7), "one used twice is cached");
        for text in 0..20_000 {
            seen.is_cached(text);
            seen.is_cached(text);
        }
        assert_eq!(seen.cached.len(), MAX_CACHED);
        assert!(seen.once.len() <= MAX_SEEN_ONCE);
        assert!(seen.is_cached(7), "what is cached stays cached");
    }
}
