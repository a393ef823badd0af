//! Parses the first lines of a file: `SEP=`, the delimiter, the header, and the format that they belong to.

mod refusal;

use std::sync::Arc;

use memchr::memchr2;

use super::{Record, Records, count_lines};
use crate::issue::FileRefusal;
use crate::profiles::{self, Layout, Profile, fit, nearest};

/// Possible delimiters, the most likely first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How far the header is searched for in a file that begins with something else.
const PREAMBLE: u64 = 50;

/// What the header of a file shows.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) delimiter: u8,
    pub(crate) names: Vec<String>,
    /// Where the rows begin, counted from the beginning of the text.
    pub(crate) end: usize,
    /// The line on which the rows begin.
    pub(crate) line: u64,
    /// Whether the header extends to the end of the given text, so that more of it may follow.
    pub(crate) unfinished: bool,
    /// Whether the rows are a table that was converted from objects. Their first cells are the lines of the objects.
    pub(crate) numbered: bool,
}

impl Header {
    /// The header of a table that was converted from objects. It consists of their keys, which are not on any line.
    pub(crate) fn of_keys(keys: &[String]) -> Self {
        Self { delimiter: b',', names: keys.to_vec(), end: 0, line: 1, unfinished: false, numbered: true }
    }
}

/// Finds the delimiter and the header in the first bytes of a file. `None` if there is only white space. `header_line`
/// is the physical line of the header, if other lines precede it.
pub(crate) fn find(
    head: &[u8],
    delimiter: Option<u8>,
    profile: Option<&Profile>,
    header_line: Option<u64>,
) -> Option<Header> {
    let (separator, skipped) = preface(head, header_line);
    let candidates: &[u8] = match (delimiter, separator) {
        (Some(delimiter), _) | (None, Some(delimiter)) => &[delimiter],
        (None, None) => &DELIMITERS,
    };
    let lines = count_lines(&head[..skipped]);
    let found = candidates.iter().enumerate().filter_map(|(order, delimiter)| {
        let mut records = Records::new(&head[skipped..], *delimiter, lines + 1);
        let names = names_of(&records.next()?);
        let end = skipped + records.position();
        let (line, unfinished) = (records.line(), end == head.len());
        let header = Header { delimiter: *delimiter, end, line, unfinished, numbered: false, names };
        Some(((merit(&header.names, profile), header.names.len(), std::cmp::Reverse(order)), header))
    });
    let (_, header) = found.max_by_key(|(merit, _)| *merit)?;
    header.names.iter().any(|name| !name.trim().is_empty()).then_some(header)
}

fn names_of(record: &Record<'_>) -> Vec<String> {
    let (text, ends) = record.text();
    let mut start = 0;
    let name = |end: &usize| text.get(std::mem::replace(&mut start, *end)..*end).unwrap_or_default();
    ends.iter().map(name).map(|name| name.trim_matches('\u{feff}').to_owned()).collect()
}

/// How well names fit a profile: the given one, or the nearest.
fn merit(names: &[String], profile: Option<&Profile>) -> (bool, usize) {
    match profile {
        Some(profile) => {
            let layout = fit(names, profile);
            (layout.missing.is_empty(), layout.recognised())
        }
        None => {
            let best = nearest(names);
            (best.fits, best.recognised)
        }
    }
}

/// The line after the first on which the header seems to be, for a file that begins with something else.
pub(crate) fn seek(head: &[u8], delimiter: Option<u8>, profile: Option<&Profile>) -> Option<u64> {
    let candidates: &[u8] = delimiter.as_ref().map_or(&DELIMITERS, std::slice::from_ref);
    let mut at = 0;
    (1..=PREAMBLE)
        .map(|line| {
            let here = at;
            at += line_length(&head[at..]);
            (line, &head[here..at])
        })
        .skip(1)
        .filter(|(_, text)| !text.is_empty())
        .find(|(_, text)| {
            candidates.iter().any(|delimiter| {
                let mut records = Records::new(text, *delimiter, 1);
                let names = records.next().map(|record| names_of(&record)).unwrap_or_default();
                names.len() > 1 && merit(&names, profile).0
            })
        })
        .map(|(line, _)| line)
}

/// What precedes the header: the delimiter from a `SEP=;` line, and the number of bytes up to the header or the blank
/// lines before it. A `#TYPE` line is written by PowerShell.
fn preface(head: &[u8], header_line: Option<u64>) -> (Option<u8>, usize) {
    let mut delimiter = None;
    let mut skipped = 0;
    // Everything before the specified line is skipped, except for what it shows about the delimiter.
    for _ in 1..header_line.unwrap_or(1) {
        let line = &head[skipped..skipped + line_length(&head[skipped..])];
        delimiter = delimiter.or(separator(line).flatten());
        skipped += line.len();
    }
    loop {
        let start = skipped + head[skipped..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let end = start + line_length(&head[start..]);
        let line = &head[start..end];
        match separator(line) {
            Some(named) => delimiter = delimiter.or(named),
            None if is_type(line) => {}
            None => return (delimiter, skipped),
        }
        skipped = end;
    }
}

/// The delimiter of a `SEP=;` line, which may be invalid. `None` for any other line.
fn separator(line: &[u8]) -> Option<Option<u8>> {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    line.get(..4).filter(|word| word.eq_ignore_ascii_case(b"sep="))?;
    Some(line.get(4).copied().filter(|byte| may_delimit(*byte)))
}

/// Whether this is the line in which Windows PowerShell writes the type of the exported objects.
fn is_type(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    line.get(..6).is_some_and(|word| word[..5].eq_ignore_ascii_case(b"#type") && word[5].is_ascii_whitespace())
}

/// The length of the first line, including its line end.
fn line_length(text: &[u8]) -> usize {
    match memchr2(b'\n', b'\r', text) {
        Some(at) if text[at..].starts_with(b"\r\n") => at + 2,
        Some(at) => at + 1,
        None => text.len(),
    }
}

/// Whether a character can be a delimiter: one byte that is not part of words and has no other meaning.
pub(crate) fn may_delimit(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r' | 0)
}

/// The format of a header: the specified one, or the nearest one.
pub(crate) fn recognise(
    file: &str,
    names: &[String],
    profile: Option<&Arc<Profile>>,
) -> Result<(Arc<Profile>, Layout), FileRefusal> {
    let (profile, layout, sure) = match profile {
        Some(profile) => (Arc::clone(profile), fit(names, profile), true),
        None => {
            let best = nearest(names);
            let sure = best.fits || best.is_nearly();
            (best.profile, best.layout, sure)
        }
    };
    if !sure {
        return Err(refusal::unknown(file, &profile, &layout));
    }
    if !layout.missing.is_empty() {
        return Err(refusal::column_missing(file, &profile, &layout));
    }
    if let Some(twice) = layout.twice.iter().find(|twice| profile.key.contains(&twice.field)) {
        return Err(refusal::column_twice(file, twice));
    }
    Ok((profile, layout))
}

/// The profile with the specified name.
pub(crate) fn named(file: &str, name: &str) -> Result<Arc<Profile>, FileRefusal> {
    profiles::show(name).ok_or_else(|| {
        let known: Vec<&str> = profiles::list().iter().map(|profile| profile.name.as_str()).collect();
        FileRefusal::new(file, "file.header.unknown", format!("unknown profile \"{name}\""))
            .hint(format!("the known profiles are {}", known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(head: &str) -> (char, u64, usize, Vec<String>) {
        let header = find(head.as_bytes(), None, None, None).expect("a header");
        (char::from(header.delimiter), header.line, header.end, header.names)
    }

    #[test]
    fn the_delimiter_is_the_one_that_makes_sense_of_the_header() {
        for delimiter in [',', ';', '\t', '|'] {
            let head = format!("Microsoft ID{delimiter}Company name{delimiter}Primary domain name\r\nx");
            assert_eq!(header(&head).0, delimiter);
        }
        assert_eq!(header("one;two,three;four\n").0, ';');
    }

    #[test]
    fn a_separator_line_is_obeyed_and_counted() {
        let (delimiter, line, end, names) = header("SEP=;\r\nMicrosoft ID;Company name\r\nrow");
        assert_eq!((delimiter, line, end, names.len()), (';', 3, 34, 2));
        assert_eq!(header("\n\"sep=,\"\nMicrosoft ID,Company name\n").1, 4);
    }

    #[test]
    fn white_space_is_no_header() {
        assert!(find(b"\r\n\n", None, None, None).is_none());
        assert!(find(b",,,\n", None, None, None).is_none());
        assert!(find(b"", None, None, None).is_none());
    }

    #[test]
    fn an_unknown_header_names_the_nearest_format_and_what_it_lacks() {
        let names = ["CustomerName", "Quantity", "Colour", "Weight", "Height"].map(str::to_owned);
        let refusal = recognise("x.csv", &names, None).expect_err("unknown");
        assert_eq!(refusal.code, "file.header.unknown");
        assert_eq!(
            refusal.message,
            "the header matches no known format; the nearest is license-reconciliation, but the file lacks \"CustomerId\", \"SyndicationPartnerSubscriptionNumber\", \"ChargeType\""
        );
    }

    #[test]
    fn a_known_header_without_its_key_says_which_column_is_missing() {
        let names = ["Company name", "Primary domain name", "Relationship"].map(str::to_owned);
        let refusal = recognise("x.csv", &names, None).expect_err("no key");
        assert_eq!(
            (refusal.code.as_ref(), refusal.column.as_deref()),
            ("file.header.column_missing", Some("Microsoft ID"))
        );
    }
}
