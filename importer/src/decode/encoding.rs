//! Which encoding a file is in, and how it becomes UTF-8.

use std::io::{self, BufRead, Read, Write};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, ISO_8859_2, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252};

use super::UTF8_BOM;

/// So many bytes of lines with letters beyond ASCII are enough to tell languages apart.
const GUESS_LIMIT: usize = 1024 * 1024;
/// Stands for text that the source's encoding could not make sense of. It is no UTF-8, so that the row that holds it
/// is reported and not imported with a hole in it.
const UNDECODABLE: u8 = 0xff;

/// What the beginning of a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) encoding: &'static Encoding,
    /// How many bytes of byte-order mark there are.
    pub(super) bom: u64,
    pub(super) assumed: bool,
    pub(super) provisional: bool,
}

impl Found {
    /// How many bytes to skip where the encoding was chosen by hand.
    pub(super) fn mark_of(self, chosen: &'static Encoding, head: &[u8]) -> u64 {
        match Encoding::for_bom(head) {
            Some((marked, length)) if marked == chosen || chosen == UTF_16LE && marked == UTF_16BE => length as u64,
            _ => 0,
        }
    }
}

/// Looks at the beginning of a file, which is all of it where `complete` is set.
pub(super) fn detect(head: &[u8], complete: bool) -> Found {
    let found = |encoding, bom, assumed, provisional| Found { encoding, bom, assumed, provisional };
    if head.starts_with(UTF8_BOM) {
        return found(UTF_8, UTF8_BOM.len() as u64, false, false);
    }
    if let Some((encoding, length)) = Encoding::for_bom(head) {
        return found(encoding, length as u64, false, false);
    }
    if let Some(encoding) = utf16_without_mark(head) {
        return found(encoding, 0, false, false);
    }
    // The last character may have been cut by the end of the head.
    let whole = if complete { head } else { &head[..head.len().saturating_sub(4)] };
    let mut evidence = Evidence::default();
    evidence.add(whole);
    if evidence.speaks_against_utf8() { found(WINDOWS_1252, 0, true, false) } else { found(UTF_8, 0, false, true) }
}

/// UTF-16 of mostly Latin text has a nought in every other byte.
fn utf16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let sample = &head[..head.len().min(4096) & !1];
    let (mut even, mut odd) = (0, 0);
    for pair in sample.chunks_exact(2) {
        even += usize::from(pair[0] == 0);
        odd += usize::from(pair[1] == 0);
    }
    let most = sample.len() / 2 * 6 / 10;
    match (even, odd) {
        (0, odd) if odd > most => Some(UTF_16LE),
        (even, 0) if even > most => Some(UTF_16BE),
        _ => None,
    }
}

/// How a file's bytes beyond ASCII look when they are taken for UTF-8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// Characters that are UTF-8.
    sound: u64,
    /// Characters that are UTF-8 and, far more often, two letters of a Polish name in Windows-1250.
    doubtful: u64,
    /// Bytes that are not UTF-8 and are letters elsewhere.
    broken: u64,
}

impl Evidence {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        if bytes.is_ascii() {
            return;
        }
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars().filter(|c| !c.is_ascii()) {
                // "SPÓŁKA" is D3 A3 in the middle, which UTF-8 reads as a letter of languages of the Caucasus and Siberia.
                if ('\u{4c0}'..='\u{4ff}').contains(&c) { self.doubtful += 1 } else { self.sound += 1 }
            }
            // These stand for no letter in the encodings concerned: a damaged file, not a foreign one.
            self.broken +=
                chunk.invalid().iter().filter(|byte| !matches!(byte, 0xff | 0xfe | 0x81 | 0x90)).count() as u64;
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.sound += other.sound;
        self.doubtful += other.doubtful;
        self.broken += other.broken;
    }

    /// Whether the file is rather in some older encoding than a UTF-8 file with faults in it.
    pub(crate) fn speaks_against_utf8(self) -> bool {
        self.broken > self.sound || (self.sound == 0 && self.doubtful > 0)
    }
}

/// The older encoding that the letters of a text speak for.
pub(super) fn guess(text: &mut impl BufRead) -> io::Result<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut fed = 0;
    let mut line = Vec::new();
    while fed < GUESS_LIMIT {
        line.clear();
        // A bounded line: a file without line ends is no reason to hold it in memory.
        if text.by_ref().take(GUESS_LIMIT as u64).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if !line.is_ascii() {
            detector.feed(&line, false);
            fed += line.len();
        }
    }
    detector.feed(b"", true);
    // Spreadsheets of the markets concerned write one of two encodings. A short text may look like anything else, and is
    // then asked for once more as a Polish and as a German one; ISO 8859-2 has the letters of Windows-1250.
    let guessed = [None, Some(&b"pl"[..]), Some(&b"de"[..])]
        .into_iter()
        .map(|country| detector.guess(country, Utf8Detection::Deny))
        .find(|guessed| [WINDOWS_1250, WINDOWS_1252, ISO_8859_2].contains(guessed));
    Ok(if guessed.is_none_or(|guessed| guessed == WINDOWS_1252) { WINDOWS_1252 } else { WINDOWS_1250 })
}

/// Writes `from` as UTF-8; what cannot be decoded becomes a byte that is no UTF-8.
pub(super) fn to_utf8(encoding: &'static Encoding, from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut input = vec![0; super::COPY_BUFFER];
    let mut output = vec![0; super::COPY_BUFFER];
    loop {
        let count = match from.read(&mut input) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let last = count == 0;
        let mut rest = &input[..count];
        loop {
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(rest, &mut output, last);
            to.write_all(&output[..written])?;
            rest = &rest[read..];
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => to.write_all(&[UNDECODABLE])?,
            }
        }
        if last {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(encoding: &'static Encoding, bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        to_utf8(encoding, &mut { bytes }, &mut text).expect("memory can be written");
        text
    }

    fn guessed(text: &str, encoding: &'static Encoding) -> &'static Encoding {
        let (bytes, _, _) = encoding.encode(text);
        assert!(detect(&bytes, true).assumed, "{text} is not taken for UTF-8");
        guess(&mut bytes.as_ref()).expect("memory can be read")
    }

    #[test]
    fn polish_and_german_letters_tell_the_two_windows_encodings_apart() {
        assert_eq!(guessed("Zażółć Gęślą Jaźń Sp. z o.o.", WINDOWS_1250), WINDOWS_1250);
        assert_eq!(guessed("Łódzka Spółka Wodociągów, Kraków", WINDOWS_1250), WINDOWS_1250);
        assert_eq!(guessed("Müller & Söhne GmbH, Straße", WINDOWS_1252), WINDOWS_1252);
        assert_eq!(guessed("Société Générale, Ibérica Española", WINDOWS_1252), WINDOWS_1252);
    }

    #[test]
    fn a_few_broken_bytes_do_not_make_a_utf8_file_another() {
        let head = "Zażółć,".repeat(9).into_bytes().into_iter().chain(*b"\xe9\n").collect::<Vec<_>>();
        assert_eq!(detect(&head, true).encoding, UTF_8);
        assert_eq!(detect(b"abc \xff def", true).encoding, UTF_8);
    }

    #[test]
    fn a_polish_company_in_capitals_is_not_taken_for_utf8() {
        let (bytes, _, _) = WINDOWS_1250.encode("SPÓŁKA AKCYJNA");
        assert!(std::str::from_utf8(&bytes).is_ok());
        assert!(detect(&bytes, true).assumed);
    }

    #[test]
    fn utf16_is_known_by_its_mark_or_by_its_noughts() {
        let little: Vec<u8> = "Microsoft ID,Company name".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "Microsoft ID,Company name".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(detect(&little, true).encoding, UTF_16LE);
        assert_eq!(detect(&big, true).encoding, UTF_16BE);
        assert_eq!(
            detect(&[b"\xff\xfe", &little[..]].concat(), true),
            Found { encoding: UTF_16LE, bom: 2, assumed: false, provisional: false }
        );
        assert_eq!(converted(UTF_16BE, &big), b"Microsoft ID,Company name");
    }

    #[test]
    fn half_a_character_leaves_a_mark_that_is_no_utf8() {
        assert_eq!(converted(UTF_16LE, b"a\0\0\xd8b\0"), b"a\xffb");
        assert_eq!(converted(UTF_16LE, b"a\0b"), b"a\xff");
    }
}
