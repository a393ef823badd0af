//! The stated partners of record, each with the day from which it is one.

use std::collections::BTreeMap;

use partnergraph_domain::MpnId;

use crate::varint::{signed, take_signed, take_unsigned, unsigned};

/// Days are counted from here, so that current dates take three bytes.
const EPOCH: i64 = 730_000;
/// Written for "none" and for "same as on the previous day". Other numbers are MPN IDs plus two.
const NOBODY: u64 = 0;
const SAME: u64 = 1;

/// Every statement of one source, by its day (counted from the beginning of the common era).
///
/// Statements that only repeat the previous one are kept too: if a file that is imported later names someone else for a
/// day in between, the repetition ends that period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders(BTreeMap<i32, Option<u64>>);

impl Holders {
    /// Adds a statement. Of two about one day, the later one counts.
    pub fn state(&mut self, day: i32, holder: Option<MpnId>) {
        self.0.insert(day, holder.map(|id| id.0));
    }

    /// Adds all statements of another.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// Whether there are no statements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The statements in the order of their days.
    pub fn iter(&self) -> impl Iterator<Item = (i32, Option<MpnId>)> + '_ {
        self.0.iter().map(|(day, holder)| (*day, holder.map(MpnId)))
    }

    /// The newest statement.
    #[must_use]
    pub fn newest(&self) -> Option<(i32, Option<MpnId>)> {
        self.0.last_key_value().map(|(day, holder)| (*day, holder.map(MpnId)))
    }

    /// The statements as bytes: about three for each one that repeats the previous one.
    #[must_use]
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.0.len() * 4);
        let (mut last, mut before) = (EPOCH, None);
        for (day, holder) in &self.0 {
            signed(&mut out, i64::from(*day) - last);
            let code = match holder {
                _ if before == Some(*holder) => SAME,
                None => NOBODY,
                Some(id) => id.saturating_add(2),
            };
            unsigned(&mut out, code);
            (last, before) = (i64::from(*day), Some(*holder));
        }
        out
    }

    /// Reads the bytes of [`Holders::pack`]. `None` for other bytes.
    #[must_use]
    pub fn unpack(mut bytes: &[u8]) -> Option<Self> {
        let mut holders = BTreeMap::new();
        let (mut last, mut before) = (EPOCH, None);
        while !bytes.is_empty() {
            last = last.checked_add(take_signed(&mut bytes)?)?;
            let holder = match take_unsigned(&mut bytes)? {
                SAME => before?,
                NOBODY => None,
                code => Some(code - 2),
            };
            holders.insert(i32::try_from(last).ok()?, holder);
            before = Some(holder);
        }
        Some(Self(holders))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_are_unpacked_as_they_were_packed() {
        let mut holders = Holders::default();
        for (day, holder) in
            [(739_500, Some(5_500_001)), (739_530, Some(5_500_001)), (739_560, None), (739_400, Some(7))]
        {
            holders.state(day, holder.map(MpnId));
        }
        let packed = holders.pack();
        assert_eq!(Holders::unpack(&packed), Some(holders.clone()));
        assert!(packed.len() <= 16, "{}", packed.len());
        assert_eq!(holders.newest(), Some((739_560, None)));
        assert_eq!(Holders::unpack(&[1]), None);
    }
}
