//! Detects a file's encoding and converts it to UTF-8.

use std::io::{self, Read, Seek, SeekFrom, Write};

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::memchr_iter;

use super::UTF8_BOM;

/// Replaces text that could not be decoded. It is not valid UTF-8, so the row that contains it is reported instead of
/// being imported with a gap.
const UNDECODABLE: u8 = 0xff;

/// What the beginning of a file shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) encoding: &'static Encoding,
    /// The length of the byte-order mark in bytes.
    pub(super) bom: u64,
    pub(super) assumed: bool,
    pub(super) provisional: bool,
}

impl Found {
    /// How many bytes to skip if the encoding was chosen explicitly. Some tools leave a UTF-8 byte-order mark in front
    /// of text in an older encoding; it is not part of the text.
    pub(super) fn mark_of(self, chosen: &'static Encoding, head: &[u8]) -> u64 {
        match Encoding::for_bom(head) {
            Some((marked, length)) if marked == chosen || chosen == UTF_16LE && marked == UTF_16BE => length as u64,
            Some((marked, length)) if marked == UTF_8 && chosen.is_ascii_compatible() => length as u64,
            _ => 0,
        }
    }
}

/// Inspects the beginning of a file, which is the whole file if `complete` is set.
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
    // The last character may be cut off by the end of the head.
    let whole = if complete { head } else { &head[..head.len().saturating_sub(4)] };
    let mut evidence = Evidence::default();
    evidence.add(whole);
    if evidence.speaks_against_utf8() { found(WINDOWS_1252, 0, true, false) } else { found(UTF_8, 0, false, true) }
}

/// UTF-16 of mostly Latin text has a zero in every other byte.
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

/// How a file's non-ASCII bytes look when read as UTF-8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// Valid UTF-8 characters.
    sound: u64,
    /// Valid UTF-8 characters that are far more often two letters of a Polish name in Windows-1250.
    doubtful: u64,
    /// Bytes that are not UTF-8 but are letters in other encodings.
    broken: u64,
}

impl Evidence {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        if bytes.is_ascii() {
            return;
        }
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars().filter(|c| !c.is_ascii()) {
                // "SPÓŁKA" contains the bytes D3 A3, which UTF-8 reads as a letter of languages of the Caucasus and
                // Siberia.
                if ('\u{4c0}'..='\u{4ff}').contains(&c) { self.doubtful += 1 } else { self.sound += 1 }
            }
            // These are not letters in any of the encodings considered: the file is damaged, not in another encoding.
            self.broken +=
                chunk.invalid().iter().filter(|byte| !matches!(byte, 0xff | 0xfe | 0x81 | 0x90)).count() as u64;
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.sound += other.sound;
        self.doubtful += other.doubtful;
        self.broken += other.broken;
    }

    /// Whether the file is more likely in an older encoding than a UTF-8 file with errors.
    pub(crate) fn speaks_against_utf8(self) -> bool {
        self.broken > self.sound || (self.sound == 0 && self.doubtful > 0)
    }
}

/// Whether all of a file is UTF-8, with letters beyond ASCII after any byte-order mark. Text of another encoding hardly ever is.
pub(super) fn reads_as_utf8(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    file.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; super::COPY_BUFFER];
    let (mut kept, mut place, mut has_letters) = (0, 0, false);
    loop {
        let count = file.read(&mut buffer[kept..])?;
        let mut text = &buffer[..kept + count];
        if place == 0 && text.starts_with(UTF8_BOM) {
            text = &text[UTF8_BOM.len()..];
        }
        place += count;
        has_letters |= !text.is_ascii();
        let cut = match std::str::from_utf8(text) {
            Ok(_) if count == 0 => return Ok(has_letters),
            Ok(_) => 0,
            // A character that the end of the buffer cuts off.
            Err(error) if error.error_len().is_none() && count > 0 => text.len() - error.valid_up_to(),
            Err(_) => return Ok(false),
        };
        buffer.copy_within(kept + count - cut..kept + count, 0);
        kept = cut;
    }
}

/// Detects UTF-32, which the web's encodings do not include, by its byte-order mark or by the zeros around each letter.
pub(super) fn is_utf32(head: &[u8]) -> bool {
    if head.starts_with(b"\xff\xfe\0\0") || head.starts_with(b"\0\0\xfe\xff") {
        return true;
    }
    let sample = &head[..head.len().min(4096) & !3];
    let letters = |at: [usize; 3]| {
        sample.chunks_exact(4).filter(|four| at.iter().all(|at| four[*at] == 0) && **four != [0; 4]).count()
    };
    let most = sample.len() / 4 * 6 / 10;
    !sample.is_empty() && (letters([1, 2, 3]) > most || letters([0, 1, 2]) > most)
}

/// Writes `from` as UTF-8. Bytes that cannot be decoded become a byte that is not valid UTF-8. Returns the number of
/// non-ASCII control characters, which no export contains: they are a sign of the wrong encoding.
pub(super) fn to_utf8(encoding: &'static Encoding, from: &mut impl Read, to: &mut impl Write) -> io::Result<u64> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut input = vec![0; super::COPY_BUFFER];
    let mut output = vec![0; super::COPY_BUFFER];
    let mut controls = 0;
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
            let text = &output[..written];
            // In UTF-8 they are C2 and a byte from 80 to 9F.
            let control = |at: &usize| text.get(at + 1).is_some_and(|byte| *byte < 0xa0);
            controls += memchr_iter(0xc2, text).filter(control).count() as u64;
            to.write_all(text)?;
            rest = &rest[read..];
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => to.write_all(&[UNDECODABLE])?,
            }
        }
        if last {
            return Ok(controls);
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

    #[test]
    fn a_few_broken_bytes_do_not_make_a_utf8_file_another() {
        let head = "Zażółć,".repeat(9).into_bytes().into_iter().chain(*b"\xe9\n").collect::<Vec<_>>();
        assert_eq!(detect(&head, true).encoding, UTF_8);
        assert_eq!(detect(b"abc \xff def", true).encoding, UTF_8);
    }

    #[test]
    fn a_polish_company_in_capitals_is_not_taken_for_utf8() {
        let (bytes, _, _) = encoding_rs::WINDOWS_1250.encode("SPÓŁKA AKCYJNA");
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
    fn utf32_is_known_by_its_mark_or_by_its_noughts() {
        let little: Vec<u8> = "Microsoft ID".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        let big: Vec<u8> = "Microsoft ID".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        assert!(is_utf32(&little) && is_utf32(&big));
        assert!(is_utf32(b"\xff\xfe\0\0a\0\0\0") && is_utf32(b"\0\0\xfe\xff\0\0\0a"));
        let utf16: Vec<u8> = "Microsoft ID".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for other in [&utf16[..], b"Microsoft ID", b"", &[0; 64]] {
            assert!(!is_utf32(other), "{other:?}");
        }
    }

    #[test]
    fn control_characters_beyond_ascii_are_counted() {
        let mut text = Vec::new();
        let controls =
            to_utf8(WINDOWS_1252, &mut &b"M\x81ller \xa9 \x8d"[..], &mut text).expect("memory can be written");
        assert_eq!((controls, text.as_slice()), (2, "M\u{81}ller © \u{8d}".as_bytes()));
    }

    #[test]
    fn half_a_character_leaves_a_mark_that_is_no_utf8() {
        assert_eq!(converted(UTF_16LE, b"a\0\0\xd8b\0"), b"a\xffb");
        assert_eq!(converted(UTF_16LE, b"a\0b"), b"a\xff");
    }
}
