//! Packs lines into a compact form, about fourteen bytes per line, that is stored with the source's other statements.

use super::{ChargeSet, Line, LineKind};
use crate::varint::{optional, signed, take, take_optional, take_signed, take_unsigned, unsigned};

/// Days are counted from here, so that current dates take three bytes.
const EPOCH: i64 = 730_000;

impl ChargeSet {
    /// The set as bytes. Empty for an empty set.
    #[must_use]
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.lines.len() * 16);
        let mut last = EPOCH;
        for line in &self.lines {
            let day = i64::from(line.day);
            let sign = u8::try_from(line.sign + 1).unwrap_or(1);
            out.push(line.kind as u8 | sign << 4 | u8::from(line.is_ordered) << 6 | u8::from(line.is_double) << 7);
            signed(&mut out, day - last);
            unsigned(&mut out, line.seats.map_or(0, |seats| u64::from(seats) + 1));
            optional(&mut out, line.start.map(|start| i64::from(start) - day));
            optional(&mut out, line.end.map(|end| i64::from(end) - i64::from(line.start.unwrap_or(line.day))));
            out.extend_from_slice(&line.likeness.to_le_bytes());
            out.extend_from_slice(&line.price.to_le_bytes());
            if line.kind.has_counterpart() {
                out.extend_from_slice(&line.reference.to_le_bytes());
            }
            last = day;
        }
        out
    }

    /// Reads the bytes of [`ChargeSet::pack`]. `None` for other bytes.
    #[must_use]
    pub fn unpack(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut lines = Vec::new();
        let mut last = EPOCH;
        while let Some((head, after)) = rest.split_first() {
            rest = after;
            let kind = *LineKind::ALL.get(usize::from(head & 15))?;
            let day = last.checked_add(take_signed(&mut rest)?)?;
            let seats = match take_unsigned(&mut rest)? {
                0 => None,
                seats => Some(u32::try_from(seats - 1).ok()?),
            };
            let offset_day = |from: i64, by: i64| from.checked_add(by).and_then(|day| i32::try_from(day).ok());
            let start = take_optional(&mut rest)?.map(|by| offset_day(day, by).ok_or(())).transpose().ok()?;
            let from = start.map_or(day, i64::from);
            let end = take_optional(&mut rest)?.map(|by| offset_day(from, by).ok_or(())).transpose().ok()?;
            let likeness = u32::from_le_bytes(take(&mut rest)?);
            let price = u16::from_le_bytes(take(&mut rest)?);
            let reference = if kind.has_counterpart() { u32::from_le_bytes(take(&mut rest)?) } else { 0 };
            lines.push(Line {
                day: i32::try_from(day).ok()?,
                kind,
                sign: i8::try_from(head >> 4 & 3).ok()? - 1,
                seats,
                start,
                end,
                is_ordered: head >> 6 & 1 == 1,
                likeness,
                price,
                reference,
                is_double: head >> 7 == 1,
            });
            last = day;
        }
        Some(Self { lines })
    }
}
