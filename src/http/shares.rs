//! Things of which there are so many, and of which one client has a part at most.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// So many places, so many of them for each key.
#[derive(Debug)]
pub(super) struct Shares<K> {
    most: usize,
    each: usize,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K> Clone for Shares<K> {
    fn clone(&self) -> Self {
        Self { most: self.most, each: self.each, taken: self.taken.clone() }
    }
}

/// A place; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share<K: Hash + Eq> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
    key: K,
}

impl<K: Hash + Eq + Clone> Shares<K> {
    /// At least one for everybody.
    pub(super) fn new(most: usize, each: usize) -> Self {
        Self { most: most.max(1), each: each.max(1), taken: Arc::default() }
    }

    /// A place; `None` where all are taken, or the client has its part.
    pub(super) fn take(&self, key: K) -> Option<Share<K>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.values().sum::<usize>() >= self.most {
            return None;
        }
        let own = taken.entry(key.clone()).or_default();
        if *own >= self.each {
            return None;
        }
        *own += 1;
        Some(Share { taken: self.taken.clone(), key })
    }
}

impl<K: Hash + Eq> Drop for Share<K> {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.key) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_leaves_something_to_the_others() {
        let shares = Shares::new(3, 2);
        let first: Vec<_> = (0..2).map(|_| shares.take("a").unwrap()).collect();
        assert!(shares.take("a").is_none());
        let other = shares.take("b").unwrap();
        assert!(shares.take("c").is_none(), "all are taken");
        drop(other);
        assert!(shares.take("c").is_some());
        drop(first);
        assert!(shares.take("a").is_some());
    }
}
