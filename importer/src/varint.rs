//! Whole numbers in as few bytes as they need: seven bits per byte, the lowest first.

/// Writes a number.
pub(crate) fn unsigned(out: &mut Vec<u8>, mut number: u64) {
    while number >= 128 {
        out.push((number & 127) as u8 | 128);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Writes a number that may be negative. Numbers near zero are short.
pub(crate) fn signed(out: &mut Vec<u8>, number: i64) {
    unsigned(out, zigzag(number));
}

/// Writes a number or none.
pub(crate) fn optional(out: &mut Vec<u8>, number: Option<i64>) {
    unsigned(out, number.map_or(0, |number| zigzag(number).saturating_add(1)));
}

/// Reads the output of [`unsigned`].
pub(crate) fn take_unsigned(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..63).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 127) << shift;
        if byte & 128 == 0 {
            return Some(number);
        }
    }
    None
}

/// Reads the output of [`signed`].
pub(crate) fn take_signed(rest: &mut &[u8]) -> Option<i64> {
    take_unsigned(rest).map(unzigzag)
}

/// Reads the output of [`optional`].
pub(crate) fn take_optional(rest: &mut &[u8]) -> Option<Option<i64>> {
    Some(match take_unsigned(rest)? {
        0 => None,
        number => Some(unzigzag(number - 1)),
    })
}

/// Reads this number of bytes.
pub(crate) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*bytes)
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}
