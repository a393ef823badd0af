//! Which statements a connection keeps prepared.
//!
//! diesel keeps every statement that it may for as long as the connection lives. The text of a list depends on its caller's filter and order, so that
//! callers could fill the memory with ever new texts. So a text is kept when it comes a second time, and a thread keeps only so many;
//! when it has them all, its connection is replaced by a fresh one (see [`is_full`]), with which the count begins anew.

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};

/// How many statements one thread keeps prepared.
const KEPT: usize = 400;
/// How many texts a thread remembers to have seen once.
const REMEMBERED: usize = 1_000;

thread_local! {
    static SEEN: RefCell<Seen> = RefCell::default();
}

#[derive(Default)]
struct Seen {
    kept: HashSet<u64>,
    once: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Seen {
    fn is_kept(&mut self, text: u64) -> bool {
        if self.kept.contains(&text) {
            return true;
        }
        if self.once.contains(&text) {
            return self.kept.len() < KEPT && self.kept.insert(text);
        }
        self.once.insert(text);
        self.order.push_back(text);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.once.remove(&oldest);
        }
        false
    }
}

/// Whether the statement with this text, given by its hash, is to be kept prepared by the thread's connection.
pub(crate) fn is_kept(text: u64) -> bool {
    SEEN.with_borrow_mut(|seen| seen.is_kept(text))
}

/// Whether the thread keeps as many statements as it may.
pub(crate) fn is_full() -> bool {
    SEEN.with_borrow(|seen| seen.kept.len() >= KEPT)
}

/// Forgets what the thread has kept, together with the connection that kept it.
pub(crate) fn forget() {
    SEEN.take();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_when_it_comes_again_and_no_more_than_so_many_are() {
        let mut seen = Seen::default();
        assert!(!seen.is_kept(7), "a text that comes once is not kept");
        assert!(seen.is_kept(7), "one that comes again is");
        for text in 0..20_000 {
            seen.is_kept(text);
            seen.is_kept(text);
        }
        assert_eq!(seen.kept.len(), KEPT);
        assert!(seen.once.len() <= REMEMBERED);
        assert!(seen.is_kept(7), "what is kept stays kept");
    }
}
