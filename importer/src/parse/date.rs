//! Parses dates as exports and spreadsheets write them.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime};

use crate::profiles::DateOrder;

/// A text that is not a date in the file's date order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotADate;

/// Three numbers and the separators between them, before it is known which one is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parts {
    numbers: [u32; 3],
    /// The number of digits of the first and the last number. Four digits make a year.
    digits: [usize; 2],
    separator: u8,
}

/// Parses a date with or without a time of day, in UTC if the text has an offset. `Ok(None)` for the first day of the
/// year 1, which programs write if they have no date.
pub(crate) fn parse(text: &str, order: DateOrder) -> Result<Option<NaiveDateTime>, NotADate> {
    let bytes = text.as_bytes();
    let end = bytes
        .iter()
        .position(|byte| !byte.is_ascii_digit() && !matches!(byte, b'/' | b'-' | b'.'))
        .unwrap_or(bytes.len());
    let Some(parts) = parts(&bytes[..end]) else {
        return if end == bytes.len() { number(text) } else { Err(NotADate) };
    };
    let (year, month, day) = parts.resolve(order)?;
    if year == 1 {
        return Ok(None);
    }
    if year < 1900 {
        return Err(NotADate);
    }
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(NotADate)?;
    let rest = text.get(end..).ok_or(NotADate)?;
    let rest = rest.strip_prefix(['T', 't', ',']).unwrap_or(rest).trim();
    if rest.is_empty() {
        return Ok(Some(date.and_time(NaiveTime::MIN)));
    }
    let (time, offset) = time(rest).ok_or(NotADate)?;
    date.and_time(time).checked_sub_signed(offset).map(Some).ok_or(NotADate)
}

/// Whether a text is a spreadsheet date that is formatted as a number: days since 1900, here from 1954 to 2119, with
/// the time of day as a fraction.
pub(crate) fn is_spreadsheet_number(text: &str) -> bool {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() == 5 && digits(whole) && digits(fraction) && (20_000..=80_000).contains(&whole.parse().unwrap_or(0))
}

fn parts(bytes: &[u8]) -> Option<Parts> {
    let mut numbers = [0_u32; 3];
    let mut digits = [0_usize; 3];
    let mut separator = 0;
    let mut at = 0;
    for byte in bytes {
        if byte.is_ascii_digit() {
            digits[at] += 1;
            if digits[at] > 4 {
                return None;
            }
            numbers[at] = numbers[at] * 10 + u32::from(byte - b'0');
        } else {
            if at == 2 || digits[at] == 0 || (at == 1 && *byte != separator) {
                return None;
            }
            separator = *byte;
            at += 1;
        }
    }
    (at == 2 && digits[2] > 0).then_some(Parts { numbers, digits: [digits[0], digits[2]], separator })
}

impl Parts {
    fn resolve(self, order: DateOrder) -> Result<(i32, u32, u32), NotADate> {
        let [a, b, c] = self.numbers;
        let (year, month, day) = match (self.digits, order) {
            ([4, 1 | 2], _) => (a, b, c),
            ([1 | 2, 4], DateOrder::Mdy) => (c, a, b),
            ([1 | 2, 4], DateOrder::Dmy) => (c, b, a),
            // Only a day that cannot be a month shows that the year is not first, as it should be.
            ([1 | 2, 4], DateOrder::Ymd) if a > 12 => (c, b, a),
            ([1 | 2, 4], DateOrder::Ymd) if b > 12 || a == b => (c, a, b),
            // Spreadsheets cut off the century.
            ([1 | 2, 2], DateOrder::Mdy) => (2000 + c, a, b),
            ([1 | 2, 2], DateOrder::Dmy) => (2000 + c, b, a),
            ([2, 1 | 2], DateOrder::Ymd) => (2000 + a, b, c),
            _ => return Err(NotADate),
        };
        Ok((i32::try_from(year).map_err(|_| NotADate)?, month, day))
    }
}

/// `20240131`, or seconds or milliseconds since 1970.
fn number(text: &str) -> Result<Option<NaiveDateTime>, NotADate> {
    let value: i64 = text.parse().map_err(|_| NotADate)?;
    let date = match text.len() {
        _ if value == 0 => return Ok(None),
        8 => {
            let (year, month, day) = (value / 10_000, value / 100 % 100, value % 100);
            let part = |part: i64| u32::try_from(part).map_err(|_| NotADate);
            let year = i32::try_from(year).map_err(|_| NotADate)?;
            NaiveDate::from_ymd_opt(year, part(month)?, part(day)?).map(|date| date.and_time(NaiveTime::MIN))
        }
        9 | 10 => DateTime::from_timestamp(value, 0).map(|at| at.naive_utc()),
        12 | 13 => DateTime::from_timestamp(value.div_euclid(1000), 0).map(|at| at.naive_utc()),
        _ => None,
    };
    date.filter(|date| (1900..=9999).contains(&date.year())).map(Some).ok_or(NotADate)
}

/// A time of day and its offset from UTC.
fn time(text: &str) -> Option<(NaiveTime, Duration)> {
    let clock_end =
        text.bytes().position(|byte| !byte.is_ascii_digit() && !matches!(byte, b':' | b'.')).unwrap_or(text.len());
    let (clock, rest) = text.split_at_checked(clock_end)?;
    let mut numbers = clock.split(':');
    let mut hour: u32 = numbers.next()?.parse().ok()?;
    let minute: u32 = numbers.next()?.parse().ok()?;
    let second: u32 = match numbers.next() {
        Some(seconds) => seconds.split('.').next()?.parse().ok()?,
        None => 0,
    };
    if numbers.next().is_some() {
        return None;
    }
    let rest = rest.trim();
    let mut offset = Duration::zero();
    match rest {
        "" | "Z" | "z" | "UTC" => {}
        _ if rest.eq_ignore_ascii_case("am") && (1..=12).contains(&hour) => hour %= 12,
        _ if rest.eq_ignore_ascii_case("pm") && (1..=12).contains(&hour) => hour = hour % 12 + 12,
        _ => offset = clock_offset(rest)?,
    }
    Some((NaiveTime::from_hms_opt(hour, minute, second)?, offset))
}

/// `+02:00` or `-0530`.
fn clock_offset(text: &str) -> Option<Duration> {
    let ahead = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let minutes = digits[..2].parse::<i64>().ok()? * 60 + digits[2..].parse::<i64>().ok()?;
    (minutes <= 14 * 60).then(|| Duration::minutes(ahead * minutes))
}

/// What a column of dates shows about the order of day and month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Votes {
    mdy: u64,
    dmy: u64,
    /// Ambiguous dates that differ between the two orders.
    undecided: u64,
    /// The ambiguous dates that use points, which no locale with the month first does.
    points: u64,
}

impl Votes {
    /// Adds what one cell shows.
    pub(crate) fn of(cell: &[u8]) -> Self {
        let cell = cell.trim_ascii();
        let end = cell
            .iter()
            .position(|byte| !byte.is_ascii_digit() && !matches!(byte, b'/' | b'-' | b'.'))
            .unwrap_or(cell.len());
        let mut votes = Self::default();
        if let Some(Parts { numbers: [a, b, _], digits: [1 | 2, 2 | 4], separator }) = parts(&cell[..end]) {
            match (a, b) {
                (13..=31, 1..=12) => votes.dmy = 1,
                (1..=12, 13..=31) => votes.mdy = 1,
                (1..=12, 1..=12) if a != b => {
                    votes.undecided = 1;
                    votes.points = u64::from(separator == b'.');
                }
                _ => {}
            }
        }
        votes
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.mdy += other.mdy;
        self.dmy += other.dmy;
        self.undecided += other.undecided;
        self.points += other.points;
    }

    /// The order, and whether it was assumed: if nothing decides it, `otherwise` is used. Points speak for the day first, unless a
    /// map states the order.
    pub(crate) fn order(self, otherwise: DateOrder, is_stated: bool) -> (DateOrder, bool) {
        let all_have_points = self.points > 0 && self.points == self.undecided;
        let mixed = self.mdy > 0 && self.dmy > 0;
        match self.mdy.cmp(&self.dmy) {
            std::cmp::Ordering::Greater => (DateOrder::Mdy, mixed),
            std::cmp::Ordering::Less => (DateOrder::Dmy, mixed),
            std::cmp::Ordering::Equal if mixed => (otherwise, true),
            std::cmp::Ordering::Equal if all_have_points && !is_stated => (DateOrder::Dmy, true),
            std::cmp::Ordering::Equal => (otherwise, self.undecided > 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, order: DateOrder) -> String {
        match parse(text, order) {
            Ok(Some(date)) => date.format("%Y-%m-%d %H:%M:%S").to_string(),
            Ok(None) => "no date".to_owned(),
            Err(NotADate) => "invalid".to_owned(),
        }
    }

    #[test]
    fn dates_are_read_as_portals_and_spreadsheets_write_them() {
        let cases = [
            ("2/1/2019 0:00", "2019-02-01 00:00:00"),
            ("2/28/2019 23:59", "2019-02-28 23:59:00"),
            ("10/3/2020", "2020-10-03 00:00:00"),
            ("09/23/2022 17:19:54", "2022-09-23 17:19:54"),
            ("10/3/2020 12:05:00 AM", "2020-10-03 00:05:00"),
            ("10/3/2020 1:05 pm", "2020-10-03 13:05:00"),
            ("10/3/20", "2020-10-03 00:00:00"),
            ("2020-01-01", "2020-01-01 00:00:00"),
            ("2020/01/31", "2020-01-31 00:00:00"),
            ("2021-05-20T00:00:00Z", "2021-05-20 00:00:00"),
            ("2021-05-20T01:30:00.1234567+02:00", "2021-05-19 23:30:00"),
            ("20200131", "2020-01-31 00:00:00"),
            ("1580428800", "2020-01-31 00:00:00"),
            ("1580428800000", "2020-01-31 00:00:00"),
            ("0001-01-01T00:00:00", "no date"),
            ("1/1/0001 12:00:00 AM", "no date"),
            ("13/13/2020", "invalid"),
            ("2/30/2020", "invalid"),
            ("soon", "invalid"),
            ("2020-01", "invalid"),
            ("2020-01-01T25:00", "invalid"),
            ("1/2/3/4", "invalid"),
            ("12/31/2020 żółw", "invalid"),
            ("12345", "invalid"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text, DateOrder::Mdy), expected, "{text}");
        }
        assert_eq!(read("31.12.2020 10:00", DateOrder::Dmy), "2020-12-31 10:00:00");
        assert_eq!(read("20/01/31", DateOrder::Ymd), "2020-01-31 00:00:00");
    }

    #[test]
    fn a_spreadsheets_number_of_a_date_is_known_as_such() {
        for text in ["46191", "46191.5", "46191,25", "20000"] {
            assert!(is_spreadsheet_number(text), "{text}");
            assert_eq!(read(text, DateOrder::Mdy), "invalid", "{text}");
        }
        for text in ["4619", "461911", "12345", "99999", "46191.", "46191.x", "1/1/2020", ""] {
            assert!(!is_spreadsheet_number(text), "{text}");
        }
    }

    fn order(cells: &[&str]) -> (DateOrder, bool) {
        let mut votes = Votes::default();
        cells.iter().for_each(|cell| votes.merge(Votes::of(cell.as_bytes())));
        votes.order(DateOrder::Mdy, false)
    }

    #[test]
    fn one_day_beyond_the_twelfth_decides_for_the_whole_column() {
        assert_eq!(order(&["1/2/2024", "3/4/2024", "31/1/2024"]), (DateOrder::Dmy, false));
        assert_eq!(order(&["1/2/2024", "1/31/2024 0:00"]), (DateOrder::Mdy, false));
    }

    #[test]
    fn where_nothing_decides_the_order_is_assumed() {
        assert_eq!(order(&["1/2/2024", "3/4/2024"]), (DateOrder::Mdy, true));
        assert_eq!(order(&["1.2.2024", "03.04.2024"]), (DateOrder::Dmy, true));
        assert_eq!(order(&["13/1/2024", "1/13/2024"]), (DateOrder::Mdy, true));
    }

    #[test]
    fn dates_that_read_alike_in_any_order_need_no_assumption() {
        assert_eq!(order(&["2024-01-02", "3/3/2024", "", "1580428800"]), (DateOrder::Mdy, false));
    }
}
