//! The first lines of a file: `SEP=`, the delimiter, the header, and the format they belong to.

use std::sync::Arc;

use super::{Records, count_lines};
use crate::issue::FileRefusal;
use crate::profiles::{self, Layout, Nearest, Profile, fit, nearest};

/// What cells may be separated by, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// So many columns are named where a header is refused.
const NAMED: usize = 6;

/// What the header of a file says.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) delimiter: u8,
    pub(crate) names: Vec<String>,
    /// Where the rows begin, counted from where the text begins.
    pub(crate) end: usize,
    /// The line on which the rows begin.
    pub(crate) line: u64,
    /// Whether the whole of the given text was needed to find the end: there may be more of the header behind it.
    pub(crate) unfinished: bool,
}

/// Finds delimiter and header in the first bytes of a file. `None`: nothing but white space.
pub(crate) fn find(head: &[u8], delimiter: Option<u8>, profile: Option<&Profile>) -> Option<Header> {
    let (separator, skipped) = separator_line(head);
    let candidates: &[u8] = match (delimiter, separator) {
        (Some(delimiter), _) | (None, Some(delimiter)) => &[delimiter],
        (None, None) => &DELIMITERS,
    };
    let lines = count_lines(&head[..skipped]);
    let found = candidates.iter().enumerate().filter_map(|(order, delimiter)| {
        let mut records = Records::new(&head[skipped..], *delimiter, lines + 1);
        let record = records.next()?;
        let (text, ends) = record.text();
        let mut start = 0;
        let names: Vec<String> = ends
            .iter()
            .map(|end| {
                text.get(std::mem::replace(&mut start, *end)..*end)
                    .unwrap_or_default()
                    .trim_matches('\u{feff}')
                    .to_owned()
            })
            .collect();
        drop((text, ends));
        let end = skipped + records.position();
        let header = Header { delimiter: *delimiter, end, line: records.line(), unfinished: end == head.len(), names };
        let merit = match profile {
            Some(profile) => (true, fit(&header.names, profile).recognised()),
            None => {
                let near = nearest(&header.names);
                (near.fits, near.recognised)
            }
        };
        Some(((merit, header.names.len(), std::cmp::Reverse(order)), header))
    });
    let (_, header) = found.max_by_key(|(merit, _)| *merit)?;
    header.names.iter().any(|name| !name.trim().is_empty()).then_some(header)
}

/// The delimiter that a first line `SEP=;` names, and how long that line is; blank lines before it count in.
fn separator_line(head: &[u8]) -> (Option<u8>, usize) {
    let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let end = head[start..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(head.len(), |at| start + at);
    let line = &head[start..end];
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let Some(rest) = line.get(..4).filter(|word| word.eq_ignore_ascii_case(b"sep=")).map(|_| &line[4..]) else {
        return (None, 0);
    };
    let after = match &head[end..] {
        [b'\r', b'\n', ..] => end + 2,
        [] => end,
        _ => end + 1,
    };
    (rest.first().copied().filter(|byte| may_delimit(*byte)), after)
}

/// Whether a character can separate cells: one byte that is in no word and has no other meaning.
pub(crate) fn may_delimit(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\n' | b'\r' | 0)
}

/// The format of a header: the one that was named, or the one that it comes nearest to.
pub(crate) fn recognise(
    file: &str,
    names: &[String],
    profile: Option<&Arc<Profile>>,
) -> Result<(Arc<Profile>, Layout), FileRefusal> {
    if let Some(profile) = profile {
        let layout = fit(names, profile);
        if layout.missing.is_empty() {
            return Ok((Arc::clone(profile), layout));
        }
        let missing: Vec<String> =
            layout.missing.iter().filter_map(|field| profile.column_of(*field)).map(str::to_owned).collect();
        return Err(column_missing(file, profile, &missing));
    }
    let near = nearest(names);
    if near.fits {
        return Ok((near.profile, near.layout));
    }
    if near.is_nearly() {
        return Err(column_missing(file, &near.profile, &near.missing));
    }
    Err(unknown(file, names, &near))
}

/// The profile of a name that was given.
pub(crate) fn named(file: &str, name: &str) -> Result<Arc<Profile>, FileRefusal> {
    profiles::show(name).ok_or_else(|| {
        let known: Vec<&str> = profiles::list().iter().map(|profile| profile.name.as_str()).collect();
        FileRefusal::new(file, "file.header.unknown", format!("no profile is called \"{name}\""))
            .hint(format!("the known ones are {}", known.join(", ")))
    })
}

fn column_missing(file: &str, profile: &Profile, missing: &[String]) -> FileRefusal {
    let message = format!("the file lacks {}, without which it cannot be read as {}", quoted(missing), profile.name);
    let refusal = FileRefusal::new(file, "file.header.column_missing", message).hint(
        "export it again with that column, or map another one to it with --map (see `partnergraph profiles new FILE`)",
    );
    match missing.first() {
        Some(column) => refusal.column(column.as_str()),
        None => refusal,
    }
}

fn unknown(file: &str, names: &[String], near: &Nearest) -> FileRefusal {
    let lacks = if near.missing.is_empty() { &near.lacking } else { &near.missing };
    let message = if near.recognised == 0 {
        format!("the header is of no known format: it has {}", quoted(names))
    } else {
        format!(
            "the header is of no known format; it comes nearest to {} and lacks {}",
            near.profile.name,
            quoted(lacks)
        )
    };
    let refusal = FileRefusal::new(file, "file.header.unknown", message).hint(
        "name the format with --profile (`partnergraph profiles list`), or map the columns with --map (`partnergraph profiles new FILE`)",
    );
    match lacks.first() {
        Some(column) => refusal.column(column.as_str()),
        None => refusal,
    }
}

fn quoted(names: &[String]) -> String {
    let mut list: Vec<String> = names
        .iter()
        .filter(|name| !name.is_empty())
        .take(NAMED)
        .map(|name| format!("\"{}\"", crate::issue::quoted(name)))
        .collect();
    if names.len() > NAMED {
        list.push(format!("{} more", names.len() - NAMED));
    }
    list.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(head: &str) -> (char, u64, usize, Vec<String>) {
        let header = find(head.as_bytes(), None, None).expect("a header");
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
        assert!(find(b"\r\n\n", None, None).is_none());
        assert!(find(b",,,\n", None, None).is_none());
        assert!(find(b"", None, None).is_none());
    }

    #[test]
    fn an_unknown_header_names_the_nearest_format_and_what_it_lacks() {
        let names = ["CustomerName", "Quantity", "Colour", "Weight", "Height"].map(str::to_owned);
        let refusal = recognise("x.csv", &names, None).expect_err("unknown");
        assert_eq!(refusal.code, "file.header.unknown");
        assert_eq!(
            refusal.message,
            "the header is of no known format; it comes nearest to license-reconciliation and lacks \"CustomerId\", \"SyndicationPartnerSubscriptionNumber\", \"ChargeType\""
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
