//! Money as a whole number of units of 10⁻¹⁰: exact, and never a float.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Number of decimal places that are kept. Unit prices of meters have eight or nine.
const PLACES: u32 = 10;
const ONE: i128 = 10_i128.pow(PLACES);
/// The most digits of an amount. Longer numbers are rejected, so that a sum of a million amounts cannot overflow.
const DIGIT_LIMIT: usize = 18;

/// An amount of money. Its currency is stored separately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Amount(i128);

/// How to read a number that has only one kind of separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecimalMark {
    /// `1,234` is one thousand two hundred and thirty-four.
    Point,
    /// `1,234` is a little more than one. This applies to files that use semicolons as delimiters.
    Comma,
}

impl Amount {
    /// −1, 0 or 1.
    #[must_use]
    pub fn sign(self) -> i8 {
        self.0.signum() as i8
    }

    /// The amount in its smallest unit, for fingerprints.
    pub(crate) fn parts(self) -> i128 {
        self.0
    }

    /// The sum. It cannot overflow, because a file cannot have enough rows.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Parses `1234.5`, `-1,234.50`, `1.234,50`, `(12.00)` or `9.3E-05`. Digits after the tenth decimal place are
    /// dropped.
    pub(crate) fn parse(text: &str, decimal_mark: DecimalMark) -> Option<Self> {
        let text = text.trim();
        let (text, negative) = match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(inner) => (inner.trim(), true),
            None => match text.strip_prefix(['-', '−']) {
                Some(rest) => (rest.trim_start(), true),
                None => (text.strip_prefix('+').unwrap_or(text), false),
            },
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = split_at_decimal_mark(mantissa, decimal_mark);
        let mut value: i128 = 0;
        let mut digits = 0;
        for c in whole.chars() {
            match c {
                '0'..='9' => {
                    value = value * 10 + i128::from(c as u8 - b'0');
                    digits += 1;
                }
                // Thousands are grouped by commas, points, apostrophes or (non-breaking) spaces.
                ',' | '.' | '\'' | ' ' | '\u{a0}' | '\u{202f}' if digits > 0 => {}
                _ => return None,
            }
            if digits > DIGIT_LIMIT {
                return None;
            }
        }
        value *= ONE;
        let mut place = ONE;
        for c in fraction.chars() {
            let digit = c.to_digit(10)?;
            place /= 10;
            value += i128::from(digit) * place;
            digits += 1;
        }
        if digits == 0 {
            return None;
        }
        for _ in 0..exponent.unsigned_abs().min(40) {
            value = if exponent < 0 { value / 10 } else { value.checked_mul(10)? };
        }
        Some(Self(if negative { -value } else { value }))
    }
}

/// Splits a number into its integer and fractional digits. If it has two kinds of separator, the last one is the
/// decimal separator.
fn split_at_decimal_mark(text: &str, decimal_mark: DecimalMark) -> (&str, &str) {
    let point = text.rfind('.');
    let comma = text.rfind(',');
    let at = match (point, comma) {
        (Some(point), Some(comma)) => Some(point.max(comma)),
        (Some(point), None) => Some(point),
        (None, Some(comma)) => {
            // A leading zero is never a thousands group: 0,045 is a fraction in every locale.
            let grouped = decimal_mark == DecimalMark::Point && text.len() - comma == 4 && !text.starts_with('0');
            (!grouped).then_some(comma)
        }
        (None, None) => None,
    };
    match at {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    }
}

impl fmt::Display for Amount {
    /// At least two decimal places, and no more than the amount has.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let whole = self.0.unsigned_abs() / ONE.unsigned_abs();
        let fraction = format!("{:010}", self.0.unsigned_abs() % ONE.unsigned_abs());
        let digits = fraction.trim_end_matches('0').len().max(2);
        write!(f, "{sign}{whole}.{}", &fraction[..digits])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        Amount::parse(text, DecimalMark::Point).map_or("none".to_owned(), |amount| amount.to_string())
    }

    #[test]
    fn amounts_are_read_however_a_spreadsheet_wrote_them() {
        let cases = [
            ("10.08", "10.08"),
            ("-9.41", "-9.41"),
            ("−9.41", "-9.41"),
            ("(9.41)", "-9.41"),
            ("1,234.50", "1234.50"),
            ("1.234,50", "1234.50"),
            ("10,08", "10.08"),
            ("1,234", "1234.00"),
            ("0,045", "0.045"),
            ("1 234,5", "1234.50"),
            ("9.3E-05", "0.000093"),
            ("0", "0.00"),
            ("0.045", "0.045"),
            (".5", "0.50"),
            ("", "none"),
            ("-", "none"),
            ("ten", "none"),
            ("1.2.x", "none"),
            ("99999999999999999999", "none"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text:?}");
        }
        assert_eq!(Amount::parse("1,234", DecimalMark::Comma).map(|a| a.to_string()).as_deref(), Some("1.234"));
    }

    #[test]
    fn sums_are_exact() {
        let tenth = Amount::parse("0.1", DecimalMark::Point).expect("a number");
        let sum = (0..10).fold(Amount::default(), |sum, _| sum.plus(tenth));
        assert_eq!(sum.to_string(), "1.00");
    }
}
