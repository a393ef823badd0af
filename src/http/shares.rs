//! A limited number of places, of which each client can hold only a part.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// `most` places in total, at most `each` of them for one key.
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

/// A place; released when it is dropped.
#[derive(Debug)]
pub(super) struct Share<K: Hash + Eq> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
    key: K,
}

impl<K: Hash + Eq + Clone> Shares<K> {
    /// Every limit is at least one.
    pub(super) fn new(most: usize, each: usize) -> Self {
        Self { most: most.max(1), each: each.max(1), taken: Arc::default() }
    }

    /// Takes a place; `None` if all are taken or the client already has its share.
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
    fn one_client_cannot_take_all_places() {
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
