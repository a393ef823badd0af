//! Any charge lines, as a set: the resulting number does not depend on their order or on how they are divided.
#![no_main]

use libfuzzer_sys::fuzz_target;
use partnergraph_importer::seats::{ChargeSet, Finding, Line, LineKind};

const KINDS: [LineKind; 13] = [
    LineKind::New,
    LineKind::Renew,
    LineKind::Cycle,
    LineKind::Purchase,
    LineKind::Add,
    LineKind::Remove,
    LineKind::Move,
    LineKind::ChangePlan,
    LineKind::ExtendTerm,
    LineKind::Convert,
    LineKind::Prorate,
    LineKind::Cancel,
    LineKind::Unknown,
];
/// The first day of the lines, as a number of days from the beginning of the common era.
const FIRST_DAY: i32 = 739_000;

fuzz_target!(|input: &[u8]| {
    let Some((&order, bytes)) = input.split_first() else { return };
    let lines: Vec<Line> = bytes.chunks_exact(4).take(24).map(line).collect();
    let whole = ChargeSet::of(lines.iter().copied());
    let found = whole.work_out(&|line| line.reference != 0);

    let mut other = lines.clone();
    let by = usize::from(order) % other.len().max(1);
    other.rotate_left(by);
    if order & 1 == 1 {
        other.reverse();
    }
    let (first, second) = other.split_at(usize::from(order >> 1) % (other.len() + 1));
    let mut apart = ChargeSet::of(first.iter().copied());
    apart = ChargeSet::unpack(&apart.pack()).expect("what was packed can be unpacked");
    apart.extend(second.iter().copied());
    assert_eq!(apart, whole, "in another order and in two parts");
    apart.extend(lines.iter().copied());
    assert_eq!(apart, whole, "stated again");
    assert_eq!(apart.work_out(&|line| line.reference != 0), found);

    let _ = whole.chain();
    if let Finding::Proven(seats) | Finding::Unproven(seats) = found.finding {
        // A number is stated by a line, or is the difference between two such numbers.
        let stated: Vec<u32> = lines.iter().filter_map(|line| line.seats).collect();
        let is_left = stated.iter().any(|a| stated.iter().any(|b| a.checked_sub(*b) == Some(seats)));
        assert!(seats == 0 || stated.contains(&seats) || is_left, "{seats} of {stated:?}");
    }
    // Any bytes are read or refused without a panic.
    if let Some(set) = ChargeSet::unpack(bytes) {
        let _ = (set.chain(), set.work_out(&|_| true));
    }
});

/// A line from four bytes: kind and sign, number, day and period, and what distinguishes it from other lines.
fn line(bytes: &[u8]) -> Line {
    let [kind, seats, days, rest] = [bytes[0], bytes[1], bytes[2], bytes[3]];
    let day = FIRST_DAY + i32::from(days & 0x0F);
    let has_period = rest & 0x80 != 0;
    Line {
        day,
        kind: KINDS[usize::from(kind >> 2) % KINDS.len()],
        sign: [0, 1, -1, 1][usize::from(kind & 0b11)],
        seats: (seats != 0xFF).then_some(u32::from(seats & 0x0F) + 1),
        start: has_period.then_some(day),
        end: has_period.then_some(day + i32::from(days >> 4)),
        is_ordered: rest & 0x40 == 0,
        likeness: u32::from(rest & 0b11),
        price: u16::from(rest >> 2 & 0b11),
        reference: if matches!(KINDS[usize::from(kind >> 2) % KINDS.len()], LineKind::Move | LineKind::Convert) {
            u32::from(rest >> 4 & 0b11)
        } else {
            0
        },
        is_double: false,
    }
}
