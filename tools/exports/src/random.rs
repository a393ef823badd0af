//! A small generator of reproducible random numbers (SplitMix64).
//!
//! It is implemented here so that no library update changes the samples.

use uuid::Uuid;

/// A stream of numbers that depends only on its seed.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The stream for this seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix64(self.state)
    }

    /// A number from 0 up to, but not including, `end`, which must be positive.
    pub fn below(&mut self, end: u32) -> u32 {
        // The high half of the product: no modulo, and a negligible bias at these sizes.
        (((self.bits() >> 32) * u64::from(end)) >> 32) as u32
    }

    /// A number from `first` to `last`, inclusive.
    pub fn between(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last - first + 1)
    }

    /// True with a probability of `percent`.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of the items; there must be at least one.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u32) as usize]
    }

    /// An index, with probabilities proportional to the weights.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        unreachable!("the number drawn is below the sum of the weights")
    }

    /// A random version 4 GUID.
    pub fn guid(&mut self) -> Uuid {
        guid_of(self.bits(), self.bits())
    }

    /// Letters and digits that look like an order or reference number.
    pub fn token(&mut self, len: usize) -> String {
        const ALPHABET: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";
        (0..len).map(|_| char::from(*self.pick(ALPHABET))).collect()
    }

    /// Shuffles the items.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u32 + 1) as usize);
        }
    }
}

/// Mixes 64 bits; a bijection.
pub fn mix64(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Mixes 32 bits; a bijection.
pub fn mix32(number: u32) -> u32 {
    let number = (number ^ (number >> 16)).wrapping_mul(0x85eb_ca6b);
    let number = (number ^ (number >> 13)).wrapping_mul(0xc2b2_ae35);
    number ^ (number >> 16)
}

/// The version 4 GUID of 128 random bits. The first 32 are unchanged.
pub fn guid_of(high: u64, low: u64) -> Uuid {
    let high = high & !0xf000 | 0x4000;
    let low = low & !(0b11 << 62) | (0b10 << 62);
    Uuid::from_u64_pair(high, low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_for_ever() {
        let mut random = Random::new(1);
        assert_eq!(random.guid().to_string(), "910a2dec-8902-4cc1-beeb-8da1658eec67");
        assert_eq!(random.between(1, 6), 6);
    }

    #[test]
    fn a_guid_is_a_version_4_one() {
        let guid = Random::new(7).guid();
        assert_eq!(guid.get_version_num(), 4);
        assert_eq!(guid.get_variant(), uuid::Variant::RFC4122);
    }
}
