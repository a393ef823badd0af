//! Guesses the older encoding of a file without a byte-order mark, or finds that none of the encodings that
//! spreadsheets write fits.

use std::io::{self, BufRead, Read as _};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_8859_2, WINDOWS_1250, WINDOWS_1252};

/// This many bytes of lines with non-ASCII letters are enough to tell languages apart.
const GUESS_LIMIT: usize = 1024 * 1024;
/// This many bytes of them are enough to tell text from nonsense.
const SAMPLE: usize = 64 * 1024;
/// With fewer letters than this, the detector finds an encoding of another script only by chance.
const FEW: usize = 12;

/// The encodings that spreadsheets write in the markets concerned.
const CENTRAL: [&Encoding; 3] = [WINDOWS_1250, ISO_8859_2, WINDOWS_1252];
const WESTERN: [&Encoding; 3] = [WINDOWS_1252, WINDOWS_1250, ISO_8859_2];

/// The result of a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// The text is readable in this encoding.
    Text(&'static Encoding),
    /// The text is readable in none of the usual encodings; this one is the closest, if any.
    Nonsense(Option<&'static Encoding>),
}

/// The older encoding that best fits a text.
pub(super) fn guess(text: &mut impl BufRead) -> io::Result<Guess> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut fed = 0;
    let mut line = Vec::new();
    let mut sample = Vec::new();
    while fed < GUESS_LIMIT {
        line.clear();
        // Lines are bounded: a file without line ends must not be held in memory.
        if text.by_ref().take(GUESS_LIMIT as u64).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if !line.is_ascii() {
            detector.feed(&line, false);
            fed += line.len();
            if sample.len() < SAMPLE {
                sample.extend_from_slice(&line);
            }
        }
    }
    detector.feed(b"", true);
    Ok(judge(&detector, &sample))
}

fn judge(detector: &EncodingDetector, sample: &[u8]) -> Guess {
    let guess = |country: Option<&[u8]>| detector.guess(country, Utf8Detection::Deny);
    let found = guess(None);
    let usual = |found: &&'static Encoding| CENTRAL.contains(found);
    if usual(&found) {
        let candidates = if found == WINDOWS_1252 { WESTERN } else { CENTRAL };
        let texts = candidates.map(|encoding| (Look::of(encoding, sample), encoding));
        let mut texts = texts.into_iter().filter(|(look, _)| look.is_text());
        let first = if found == WINDOWS_1252 {
            texts.next()
        } else {
            // Two Central European encodings differ in only a few letters. The right one leaves no stray symbols within
            // words.
            texts.min_by_key(|(look, _)| look.odd)
        };
        return first.map_or(Guess::Nonsense(None), |(_, encoding)| Guess::Text(encoding));
    }
    // A short text may look like anything, so it is tried again as Polish and as German.
    let local = [&b"pl"[..], b"de"].into_iter().map(|country| guess(Some(country))).find(usual);
    let candidates = match local {
        Some(western) if western == WINDOWS_1252 => WESTERN,
        Some(_) => CENTRAL,
        None => return Guess::Nonsense(Some(found)),
    };
    let letters = candidates.into_iter().find(|encoding| {
        let look = Look::of(encoding, sample);
        look.is_text() && look.odd == 0 && look.signs == 0 && look.all < FEW
    });
    letters.map_or(Guess::Nonsense(Some(found)), Guess::Text)
}

/// How a text looks in an encoding. Only non-ASCII characters count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    all: usize,
    /// Control characters, and bytes that are unassigned.
    controls: usize,
    /// Characters in an unusual place: a symbol within a word, a capital after a small letter, or a small letter after
    /// capitals.
    odd: usize,
    /// Characters that are not letters.
    signs: usize,
}

impl Look {
    fn of(encoding: &'static Encoding, sample: &[u8]) -> Self {
        let (text, _) = encoding.decode_without_bom_handling(sample);
        let mut look = Self::default();
        let mut before = ['\n'; 2];
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let after = rest.peek().copied().unwrap_or('\n');
            if !c.is_ascii() {
                look.all += 1;
                look.signs += usize::from(!c.is_alphabetic());
                look.controls += usize::from(matches!(c, '\u{80}'..='\u{9f}' | '\u{fffd}'));
                look.odd += usize::from(is_odd(before, c, after));
            }
            before = [before[1], c];
        }
        look
    }

    fn is_text(self) -> bool {
        self.controls == 0 && self.odd * 5 <= self.all
    }
}

/// Whether names do not have this character in such a place.
fn is_odd([earlier, before]: [char; 2], c: char, after: char) -> bool {
    let in_word = |c: char| c.is_alphabetic() || (!c.is_ascii() && !c.is_whitespace());
    if c.is_alphabetic() {
        let capitals = earlier.is_uppercase() && before.is_uppercase();
        return (c.is_uppercase() && before.is_lowercase()) || (c.is_lowercase() && capitals);
    }
    let (follows, leads) = (in_word(before), in_word(after));
    match c {
        // Characters that occur within words or join two of them.
        '’' | '‘' | '´' | '·' | '•' | '–' | '—' | '…' => false,
        '\u{a0}' => before == ' ' || after == ' ',
        _ if follows && leads => true,
        // Characters that end or begin a word.
        _ if follows => !matches!(c, '®' | '™' | '©' | '”' | '“' | '»' | '«' | '›' | '‹' | '°' | '€' | '¹' | '²' | '³'),
        _ if leads => !matches!(
            c,
            '„' | '“' | '”' | '‚' | '«' | '»' | '‹' | '›' | '¿' | '¡' | '°' | '©' | '€' | '£' | '§' | 'µ'
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(bytes: &[u8]) -> Guess {
        guess(&mut { bytes }).expect("memory can be read")
    }

    fn in_encoding(encoding: &'static Encoding, text: &str) -> Guess {
        guessed(&encoding.encode(text).0)
    }

    #[test]
    fn polish_and_german_letters_tell_the_windows_encodings_apart() {
        for text in [
            "Zażółć Gęślą Jaźń Sp. z o.o.",
            "Łódzka Spółka Wodociągów, Kraków",
            "Żółw",
            "SPÓŁKA AKCYJNA",
            "Piekarnia Śnieżka",
            "Městský úřad Příbram",
            "Pila Hluboký Les s.r.o.",
        ] {
            assert_eq!(in_encoding(WINDOWS_1250, text), Guess::Text(WINDOWS_1250), "{text}");
        }
        for text in [
            "Müller",
            "Müller & Söhne GmbH, Straße",
            "Société Générale, Ibérica Española",
            "L’Oréal",
            "Windows® 10 – Pro™",
            "Åkeri Östersund AB",
            "A–B Ltd, Price €100",
        ] {
            assert_eq!(in_encoding(WINDOWS_1252, text), Guess::Text(WINDOWS_1252), "{text}");
        }
    }

    #[test]
    fn the_letters_that_two_central_european_encodings_do_not_share_decide_between_them() {
        for text in ["Zażółć Gęślą Jaźń", "Piekarnia Śnieżka, Łódzka Spółka Wodociągów"] {
            assert_eq!(in_encoding(ISO_8859_2, text), Guess::Text(ISO_8859_2), "{text}");
        }
    }

    #[test]
    fn encodings_of_other_scripts_are_named_and_not_taken_for_western_ones() {
        use encoding_rs::{EUC_JP, GBK, IBM866, KOI8_U, SHIFT_JIS, WINDOWS_1251};
        for (encoding, text) in [
            (SHIFT_JIS, "株式会社コントソ"),
            (SHIFT_JIS, "日本"),
            (EUC_JP, "東京商事株式会社"),
            (EUC_JP, "日本"),
            (GBK, "北京有限公司"),
            (WINDOWS_1251, "ООО Ромашка"),
            (KOI8_U, "Завод Москва"),
            (IBM866, "ООО Ромашка"),
        ] {
            assert_eq!(in_encoding(encoding, text), Guess::Nonsense(Some(encoding)), "{text}");
        }
    }

    #[test]
    fn code_pages_of_the_old_command_line_are_nonsense() {
        // Polish and Czech in code page 852, German and French in 850.
        for bytes in [
            &b"Za\xbe\xa2\x88\x86 G\xa9\x98l\xa5 Ja\xab\xe4 Sp. z o.o."[..],
            b"\x9d\xa2dzka Sp\xa2\x88ka Wodoci\xa5g\xa2w, Krak\xa2w",
            b"Przychodnia Wierzba Sp\xa2\x88ka z o.o. Krak\xa2w",
            b"SP\xe0\x9dKA AKCYJNA",
            b"\xa6i\xa7kovsk\xa0 \xa3\x9fetn\xa1 kancel\xa0\xfd",
            b"M\x81ller",
            b"B\x84ckerei Kranichsee GmbH",
            b"Schr\x94der",
            b"Soci\x82t\x82 G\x82n\x82rale",
            b"Caf\x82",
            b"Ib\x82rica Espa\xa4ola",
        ] {
            assert!(matches!(guessed(bytes), Guess::Nonsense(_)), "{bytes:?}");
        }
    }
}
