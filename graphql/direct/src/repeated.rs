//! Values that many rows of a batch share.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use crate::Declined;

/// The JSON of values that many rows share, such as the partner of record of a reseller's subscriptions. Each value is written once and then
/// copied.
#[derive(Debug)]
pub struct Repeated<K> {
    places: RefCell<HashMap<K, Range<usize>>>,
    text: RefCell<Vec<u8>>,
}

impl<K> Default for Repeated<K> {
    fn default() -> Self {
        Self { places: RefCell::default(), text: RefCell::default() }
    }
}

impl<K: Eq + Hash> Repeated<K> {
    /// Writes the value with this key to `out`. `write` is called for the first row that has it.
    ///
    /// # Errors
    /// The error of `write`.
    pub fn write(
        &self,
        key: K,
        out: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), Declined>,
    ) -> Result<(), Declined> {
        let mut text = self.text.borrow_mut();
        let mut places = self.places.borrow_mut();
        let place = match places.get(&key) {
            Some(place) => place.clone(),
            None => {
                let from = text.len();
                write(&mut text)?;
                places.entry(key).or_insert(from..text.len()).clone()
            }
        };
        out.extend_from_slice(&text[place]);
        Ok(())
    }
}
