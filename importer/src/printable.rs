//! Makes text from files safe to show on a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every character escaped that does not print as itself: control characters, so that a cell cannot send
/// commands to a terminal or break a line, and characters that change the text direction, so that it cannot be
/// disguised as another text.
///
/// ```
/// use partnergraph_importer::printable::escape_control;
///
/// assert_eq!(escape_control("Contoso\u{1b}[2J"), "Contoso\\u{1b}[2J");
/// ```
#[must_use]
pub fn escape_control(text: &str) -> Cow<'_, str> {
    if !text.contains(does_not_print) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if does_not_print(character) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "{}", character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

fn does_not_print(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_print_is_escaped() {
        for (text, shown) in [
            ("Zażółć, 東京 \"x\" \\", "Zażółć, 東京 \"x\" \\"),
            ("a\tb\r\nc", "a\\tb\\r\\nc"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{202e}gpj.exe", "\\u{202e}gpj.exe"),
            ("\u{9b}31m", "\\u{9b}31m"),
        ] {
            assert_eq!(escape_control(text), shown);
        }
        assert!(matches!(escape_control("plain"), Cow::Borrowed(_)));
    }
}
