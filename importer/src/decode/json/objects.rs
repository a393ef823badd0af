//! Reads the objects of a text one by one in bounded memory.

use std::borrow::Cow;
use std::io::{self, BufRead};

use serde::de::IgnoredAny;

/// Why a text is not a list of objects. Each variant names the line, if there is one.
#[derive(Debug)]
pub(super) enum Fault {
    Read(io::Error),
    /// The table is larger than a decompressed file may be.
    TooLarge,
    /// An object is longer than a record may be.
    TooLong(u64),
    /// The text ends within an object or array.
    Open(u64),
    Invalid(u64, String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// The position between two objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    /// Nothing was read yet.
    Start,
    /// Objects follow one another, as in JSON lines.
    Lines,
    /// Just after the opening bracket of an array, or a comma in it.
    Wanted,
    /// After an object in an array.
    Array,
    /// After the end of the array.
    End,
}

/// The objects of a text.
pub(super) struct Objects<R> {
    from: R,
    max_record: usize,
    between: Between,
    line: u64,
    /// Whether the last byte was a carriage return; a line feed after it does not start another line.
    returned: bool,
    array_line: u64,
    object: Vec<u8>,
}

impl<R: BufRead> Objects<R> {
    pub(super) fn new(from: R, max_record: usize) -> Self {
        Self { from, max_record, between: Between::Start, line: 1, returned: false, array_line: 0, object: Vec::new() }
    }

    /// The next object, with the line on which it starts.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &[u8])>, Fault> {
        let Some(line) = self.start()? else { return Ok(None) };
        self.object.clear();
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        loop {
            let Some(byte) = self.byte()? else { return Err(Fault::Open(line)) };
            if self.object.len() == self.max_record {
                return Err(Fault::TooLong(line));
            }
            self.object.push(byte);
            if quoted {
                match byte {
                    b'\n' | b'\r' => {
                        let message = "a string is not closed at the end of its line".to_owned();
                        return Err(Fault::Invalid(line, message));
                    }
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => quoted = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => quoted = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(Some((line, &self.object)));
                    }
                }
                _ => {}
            }
        }
    }

    /// Reads to the end, where only white space may follow.
    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        match self.start()? {
            Some(line) => Err(Fault::Invalid(line, "there is more text after the end of the array".to_owned())),
            None => Ok(()),
        }
    }

    /// Moves to the brace that opens the next object, without consuming it, and returns its line.
    fn start(&mut self) -> Result<Option<u64>, Fault> {
        loop {
            let Some(byte) = self.peek()? else {
                let open = matches!(self.between, Between::Wanted | Between::Array);
                return if open { Err(Fault::Open(self.array_line)) } else { Ok(None) };
            };
            let next = match (byte, self.between) {
                (b' ' | b'\t' | b'\n' | b'\r', between) => between,
                (b'[', Between::Start) => {
                    self.array_line = self.line;
                    Between::Wanted
                }
                (b'{', Between::Start | Between::Lines) => {
                    self.between = Between::Lines;
                    return Ok(Some(self.line));
                }
                (b'{', Between::Wanted) => {
                    self.between = Between::Array;
                    return Ok(Some(self.line));
                }
                (b',', Between::Array) => Between::Wanted,
                (b']', Between::Array | Between::Wanted) => Between::End,
                _ => {
                    let message = "expected an object here".to_owned();
                    return Err(Fault::Invalid(self.line, message));
                }
            };
            self.between = next;
            self.byte()?;
        }
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.from.fill_buf()?.first().copied())
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        if let Some(byte) = byte {
            self.from.consume(1);
            self.line += u64::from(byte == b'\r' || (byte == b'\n' && !self.returned));
            self.returned = byte == b'\r';
        }
        Ok(byte)
    }
}

/// The keys of an object and the texts of their values: strings without quotes, numbers as written but without trailing
/// zeros of a fraction, nothing for `null`, and JSON for nested values.
pub(super) fn members<'o>(
    line: u64,
    object: &'o [u8],
) -> Result<impl Iterator<Item = Result<(Cow<'o, str>, String), Fault>>, Fault> {
    let invalid = move |error: &dyn std::fmt::Display| Fault::Invalid(line, format!("not valid JSON: {error}"));
    let text = std::str::from_utf8(object).map_err(|error| invalid(&error))?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| invalid(&error))?;
    // From here on the text is known to be one object and only needs to be split.
    let mut rest = &text[1..];
    Ok(std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ',']);
        if rest.starts_with('}') || rest.is_empty() {
            return None;
        }
        let key = cut(&mut rest);
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ':']);
        let value = cut(&mut rest);
        let texts = string(key).and_then(|key| Ok((key, plain(value)?)));
        Some(texts.map_err(|error| invalid(&error)))
    }))
}

/// Splits off the value that a text starts with.
fn cut<'t>(rest: &mut &'t str) -> &'t str {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let end = rest
        .bytes()
        .position(|byte| {
            if quoted {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => quoted = false,
                    _ => {}
                }
                return false;
            }
            match byte {
                b'"' => quoted = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth > 0 => depth -= 1,
                b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => return depth == 0,
                _ => {}
            }
            false
        })
        .unwrap_or(rest.len());
    let (value, after) = rest.split_at(end);
    *rest = after;
    value
}

fn string(token: &str) -> serde_json::Result<Cow<'_, str>> {
    match token.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(inner) if !inner.contains('\\') => Ok(Cow::Borrowed(inner)),
        _ => serde_json::from_str(token).map(Cow::Owned),
    }
}

fn plain(token: &str) -> serde_json::Result<String> {
    Ok(match token.as_bytes().first() {
        Some(b'"') => string(token)?.into_owned(),
        Some(b'n') => String::new(),
        // In JSON a point is always a decimal point: 10.000 is ten, and must not be read as ten thousand.
        Some(b'-' | b'0'..=b'9') if token.contains('.') && !token.contains(['e', 'E']) => {
            token.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => token.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(u64, String)>, Fault> {
        let mut objects = Objects::new(text.as_bytes(), 200);
        let mut all = Vec::new();
        while let Some((line, object)) = objects.next()? {
            let mut cells = Vec::new();
            for member in members(line, object)? {
                let (key, value) = member?;
                cells.push(format!("{key}={value}"));
            }
            all.push((line, cells.join("|")));
        }
        objects.finish()?;
        Ok(all)
    }

    #[test]
    fn objects_are_found_however_they_are_laid_out() {
        for (text, lines) in [
            ("{\"a\":1}\n{\"a\":2}", [1, 2]),
            ("\r\n{\"a\":1}\r\n\r\n{\"a\":2}\r\n", [2, 4]),
            ("[{\"a\":1},{\"a\":2}]", [1, 1]),
            ("[\n  {\n    \"a\": 1\n  },\n  {\"a\" : 2}\n]\n", [2, 5]),
            ("{\"a\":1}{\"a\":2}", [1, 1]),
        ] {
            let expected = [(lines[0], "a=1".to_owned()), (lines[1], "a=2".to_owned())];
            assert_eq!(read(text).expect("sound"), expected, "{text:?}");
        }
        assert!(read("[]").expect("sound").is_empty());
        assert_eq!(read("[{}]").expect("sound"), [(1, String::new())]);
    }

    #[test]
    fn values_become_the_texts_that_a_cell_would_have() {
        let text = r#"{"s":"a, \"b\"\n","n":-10.080,"w":10.000,"big":12345678901234567890.123456789,"e":1.5e3,"t":true,
            "z":null,"o":{"x":[1,"}"]},"l":[{"id":"promo"}],"\u017c":"\u017c","":"blank"}"#;
        let expected = "s=a, \"b\"\n|n=-10.08|w=10|big=12345678901234567890.123456789|e=1.5e3|t=true|z=|\
                        o={\"x\":[1,\"}\"]}|l=[{\"id\":\"promo\"}]|ż=ż|=blank";
        assert_eq!(read(text).expect("sound"), [(1, expected.to_owned())]);
    }

    #[test]
    fn what_is_no_list_of_objects_names_its_line() {
        for (text, line) in [
            ("{\"a\":1}\n{\"a\":}\n{\"a\":3}", 2),
            ("{\"a\":1}\n{\"a\":\"x\n\"}", 2),
            ("{\"a\":1}\n5\n", 2),
            ("[{\"a\":1}\n{\"a\":2}]", 2),
            ("[{\"a\":1}]\n{\"a\":2}", 2),
            ("{\"a\":1},\n{\"a\":2}", 1),
            ("{\"a\":\"\\ud800\"}", 1),
            ("{\"a\":1]", 1),
        ] {
            assert!(matches!(read(text), Err(Fault::Invalid(at, _)) if at == line), "{text:?}: {:?}", read(text));
        }
        for (text, line) in [("{\"a\":1}\n{\"a\":", 2), ("\n[{\"a\":1}\n,", 2), ("[", 1)] {
            assert!(matches!(read(text), Err(Fault::Open(at)) if at == line), "{text:?}");
        }
        let long = format!("{{\"a\":1}}\n{{\"a\":\"{}\"}}", "x".repeat(300));
        assert!(matches!(read(&long), Err(Fault::TooLong(2))));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(pieces in proptest::collection::vec("[\\[\\]{}:,\"\\\\ a1n\n]{1,3}|\"a\":1|\\{\"a\":null\\}", 0..30)) {
            let _ = read(&pieces.concat());
        }
    }
}
