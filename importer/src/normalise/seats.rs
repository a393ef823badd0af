//! Parses numbers of seats as portals and spreadsheets write them.

/// The largest number of seats: the largest integer of the tables and of the API.
const MOST_SEATS: i64 = i32::MAX as i64;

/// Why a cell is not a number of seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SeatsFault {
    NotANumber,
    Fraction,
    /// Three digits after the only separator, or several groups of them.
    Thousands,
    Negative,
    TooLarge,
}

impl SeatsFault {
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::NotANumber => "the number of seats is not a whole number",
            Self::Fraction => "the number of seats is a fraction",
            Self::Thousands => "the number of seats is ambiguous: a thousands separator?",
            Self::Negative => "the number of seats is negative",
            Self::TooLarge => "the number of seats is too large",
        }
    }

    pub(super) const fn hint(self) -> &'static str {
        match self {
            Self::Thousands => "is it a thousands separator? use digits only, such as 1200",
            _ => "the number of seats is a whole number from 0 to 2147483647",
        }
    }
}

/// A whole number of seats; `10.00` is ten. A number with exactly three decimals is never read as a whole number,
/// because `1.000` is a thousand in one locale and one in another.
pub(super) fn seats(text: &str) -> Result<i64, SeatsFault> {
    let (text, negative) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let signed = |seats: i64| if negative { -seats } else { seats };
    // Almost every cell consists of digits only.
    if digits(text) {
        return whole_number(text).map(signed);
    }
    let separator = |c: char| matches!(c, '.' | ',' | '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}');
    let groups: Vec<&str> = text.splitn(8, separator).collect();
    let (whole, fraction) = match groups[..] {
        [_, ref rest @ ..] if groups.iter().all(|group| digits(group)) && rest.iter().all(|group| group.len() == 3) => {
            return Err(SeatsFault::Thousands);
        }
        [whole, fraction] if text.contains(['.', ',']) && digits(whole) && digits(fraction) => (whole, fraction),
        _ => return Err(SeatsFault::NotANumber),
    };
    if fraction.bytes().any(|byte| byte != b'0') {
        return Err(SeatsFault::Fraction);
    }
    whole_number(whole).map(signed)
}

fn whole_number(digits: &str) -> Result<i64, SeatsFault> {
    digits.parse().ok().filter(|seats| *seats <= MOST_SEATS).ok_or(SeatsFault::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::{SeatsFault, seats};

    #[test]
    fn seats_are_whole_numbers() {
        for (text, expected) in [
            ("0", 0),
            ("12", 12),
            ("10.0000", 10),
            ("10.00", 10),
            ("10,0", 10),
            ("2147483647", 2_147_483_647),
            ("-1", -1),
            ("−12.0", -12),
            ("-0", 0),
        ] {
            assert_eq!(seats(text), Ok(expected), "{text}");
        }
        for text in ["ten", "", ".", "-", "1e3", "+5", "1.", ".5", "--1", "1 2", "1.2.3", "1.0000.0"] {
            assert_eq!(seats(text), Err(SeatsFault::NotANumber), "{text}");
        }
        for text in ["1.5", "10,25", "0.0001"] {
            assert_eq!(seats(text), Err(SeatsFault::Fraction), "{text}");
        }
        for text in ["2147483648", "99999999999999999999", "-2147483648"] {
            assert_eq!(seats(text), Err(SeatsFault::TooLarge), "{text}");
        }
    }

    #[test]
    fn three_digits_after_a_separator_are_never_guessed_at() {
        for text in
            ["1,200", "1.200", "1.000", "10,000", "1.000.000", "1 200", "1\u{a0}200", "1'200", "-1,200", "1234.000"]
        {
            assert_eq!(seats(text), Err(SeatsFault::Thousands), "{text}");
        }
    }
}
