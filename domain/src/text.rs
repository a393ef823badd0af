//! The normalised text by which names and domains are searched, sorted and compared, and counts in sentences.

use unicode_normalization::UnicodeNormalization;

/// The sort key of a missing name: the last code point, which no name consists of.
pub const NO_NAME: &str = "\u{10FFFF}";

/// The search key of a text: compatibility forms unified (NFKC), lower case, white space collapsed and trimmed.
///
/// Filters and the importer both compare these keys as bytes, so that a search has the same result on every database
/// and in a file. The key of a key is the key itself. A Greek final sigma counts as an ordinary one; otherwise the
/// beginning of a word could have a different key than the same letters within the word.
#[must_use]
pub fn search_key(text: &str) -> String {
    if text.is_ascii() {
        return collapse(text.bytes().map(|byte| char::from(byte.to_ascii_lowercase())), text.len());
    }
    // Lower-casing can denormalise a text, so it is normalised once more.
    let lower = text.nfkc().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c });
    collapse(lower.nfkc(), text.len())
}

/// The sort key of a nullable name: its search key, or [`NO_NAME`] if there is none.
///
/// A blank name counts as missing. Rows without a name are last in ascending order and first in descending order.
#[must_use]
pub fn sort_key(name: Option<&str>) -> String {
    match name.map(search_key) {
        Some(key) if !key.is_empty() => key,
        _ => NO_NAME.to_owned(),
    }
}

/// The most characters of a name or label.
pub const MAX_NAME_CHARS: usize = 256;

/// What is wrong with a name. The text is the end of a sentence that begins with what was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// It has more than [`MAX_NAME_CHARS`] characters.
    #[error("has more than {MAX_NAME_CHARS} characters")]
    TooLong,
    /// It has a control character, which includes tabs and line breaks.
    #[error("has a control character (U+{:04X})", u32::from(*.0))]
    ControlCharacter(char),
}

/// Checks a name or label that a user enters, for a company, a person, a place, an offer, a subscription or a file.
///
/// A name is one line of text. A control character in it is a mistake, or meant to mislead people who read a list, a
/// log or a terminal. The same applies to characters that break lines or change the direction of the text that follows.
///
/// # Errors
///
/// What is wrong with it.
pub fn check_name(name: &str) -> Result<(), NameFault> {
    if let Some(control) = name.chars().find(|c| is_control(*c)) {
        return Err(NameFault::ControlCharacter(control));
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(NameFault::TooLong);
    }
    Ok(())
}

/// The text in one line, with a space in place of the characters that [`check_name`] refuses.
#[must_use]
pub fn without_controls(name: &str) -> String {
    let parts: Vec<&str> = name.split(is_control).map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A number with what it counts: `1 row`, `2 rows`. The noun is given in the singular and forms its plural with an "s".
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Joins the words of a text with single spaces.
fn collapse(chars: impl Iterator<Item = char>, capacity: usize) -> String {
    let mut key = String::with_capacity(capacity);
    let mut gap = false;
    for c in chars {
        if c.is_whitespace() {
            gap = !key.is_empty();
        } else {
            if gap {
                key.push(' ');
                gap = false;
            }
            key.push(c);
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("  Contoso \t  Sp. z o.o.\r\n", "contoso sp. z o.o.")]
    #[case("ŻÓŁĆ", "żółć")]
    #[case("Z\u{307}o\u{301}łw", "żółw")]
    #[case("Ｃｏｎｔｏｓｏ\u{a0}№ 5", "contoso no 5")]
    #[case("ﬁnance", "finance")]
    #[case("ΟΔΟΣ", "οδοσ")]
    #[case("οδος", "οδοσ")]
    #[case("", "")]
    #[case(" \u{3000} ", "")]
    fn a_key_unifies_what_looks_alike(#[case] text: &str, #[case] key: &str) {
        assert_eq!(search_key(text), key);
    }

    #[rstest]
    #[case("Contoso\u{0}", 0)]
    #[case("Con\ntoso", 0x0A)]
    #[case("Con\ttoso", 0x09)]
    #[case("\u{1b}[31mContoso", 0x1B)]
    #[case("Contoso\u{7f}", 0x7F)]
    #[case("Contoso\u{85}", 0x85)]
    #[case("Contoso\u{2028}", 0x2028)]
    #[case("Contoso \u{202e}exe.csv", 0x202E)]
    fn a_name_has_no_control_characters(#[case] name: &str, #[case] control: u32) {
        assert_eq!(
            check_name(name).map_err(|fault| fault.to_string()),
            Err(format!("has a control character (U+{control:04X})"))
        );
    }

    #[test]
    fn a_name_has_at_most_256_characters_whatever_their_bytes() {
        assert_eq!(check_name(&"ż".repeat(MAX_NAME_CHARS)), Ok(()));
        assert_eq!(check_name(&"ż".repeat(MAX_NAME_CHARS + 1)), Err(NameFault::TooLong));
        for fine in ["", "Zażółć & Söhne 株式会社", "O\u{200d}Neil \u{a0}Ltd."] {
            assert_eq!(check_name(fine), Ok(()));
        }
    }

    #[test]
    fn only_one_of_a_kind_is_counted_in_the_singular() {
        assert_eq!([0, 1, 2].map(|number| counted(number, "row")), ["0 rows", "1 row", "2 rows"]);
    }

    #[test]
    fn a_missing_or_blank_name_sorts_after_every_name() {
        assert_eq!(sort_key(Some("Fabrikam ")), "fabrikam");
        for name in [None, Some(""), Some("  ")] {
            assert_eq!(sort_key(name), NO_NAME);
        }
        assert!(sort_key(None).as_bytes() > sort_key(Some("\u{10FFFD}zz")).as_bytes());
    }

    #[test]
    fn the_key_of_every_character_is_its_own_key() {
        for c in (0..=0x10FFFF).filter_map(char::from_u32) {
            let key = search_key(&c.to_string());
            assert_eq!(search_key(&key), key, "{:?}", c);
        }
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_the_key(text in "\\PC{0,60}|[a-zA-Z \\t\u{300}-\u{315}ΣςẞİIı\u{3000}]{0,40}") {
            let key = search_key(&text);
            prop_assert_eq!(search_key(&key), key);
        }

        #[test]
        fn case_and_spacing_do_not_matter_in_latin_text(words in proptest::collection::vec("[a-ząćęłńóśźż]{1,8}", 1..5)) {
            let plain = words.join(" ");
            prop_assert_eq!(search_key(&format!("  {}\n", words.join("  ").to_uppercase())), plain);
        }
    }
}
