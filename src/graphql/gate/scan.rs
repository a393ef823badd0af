//! A look at the text before it is parsed. The parser recurses with every bracket and has no cap of its own, so a document must
//! be known to be harmless before the parser sees it.

use async_graphql::ServerError;

use super::{MAX_BRACKET_DEPTH, MAX_DOCUMENT_BYTES, MAX_DOCUMENT_TOKENS};
use crate::graphql::errors::{code, server_error};

/// Refuses a document with too many bytes, tokens or nested brackets.
///
/// # Errors
/// `DOCUMENT_TOO_LARGE`.
pub(super) fn check(text: &str) -> Result<(), ServerError> {
    let refused = |what: String| Err(server_error(code::TOO_LARGE, what));
    if text.len() > MAX_DOCUMENT_BYTES {
        return refused(format!("a document has at most {MAX_DOCUMENT_BYTES} bytes"));
    }
    let (tokens, depth) = measure(text.as_bytes());
    if tokens > MAX_DOCUMENT_TOKENS {
        return refused(format!("a document has at most {MAX_DOCUMENT_TOKENS} tokens"));
    }
    if depth > MAX_BRACKET_DEPTH {
        return refused(format!("brackets nest at most {MAX_BRACKET_DEPTH} deep"));
    }
    Ok(())
}

/// The number of tokens, and how deep brackets nest.
fn measure(text: &[u8]) -> (usize, usize) {
    let (mut tokens, mut depth, mut deepest, mut at) = (0_usize, 0_usize, 0_usize, 0_usize);
    while let Some(byte) = text.get(at) {
        let length = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => 1,
            b'#' => text[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(text.len() - at),
            b'"' => {
                tokens += 1;
                string_length(&text[at..])
            }
            b'{' | b'(' | b'[' => {
                tokens += 1;
                depth += 1;
                deepest = deepest.max(depth);
                1
            }
            b'}' | b')' | b']' => {
                tokens += 1;
                depth = depth.saturating_sub(1);
                1
            }
            byte => {
                tokens += 1;
                if is_word(*byte) { text[at..].iter().take_while(|byte| is_word(**byte)).count() } else { 1 }
            }
        };
        at += length;
    }
    (tokens, deepest)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.') || byte >= 0x80
}

/// The length of the string that begins here, its quotes included; an open one reaches to the end.
fn string_length(text: &[u8]) -> usize {
    let block = text.starts_with(b"\"\"\"");
    let quote: &[u8] = if block { b"\"\"\"" } else { b"\"" };
    let mut at = quote.len();
    while at < text.len() {
        if text[at] == b'\\' {
            at += 2;
        } else if text[at..].starts_with(quote) {
            return at + quote.len();
        } else if !block && matches!(text[at], b'\n' | b'\r') {
            return at;
        } else {
            at += 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        assert_eq!(measure(b"{ a(b: \"{{{\", c: \"\"\"\"[\"\"\") # (((\n }"), (11, 2));
        assert_eq!(measure(b"\"open"), (1, 0));
        assert_eq!(measure(b"\"\\"), (1, 0));
    }

    #[test]
    fn a_document_too_deep_is_refused() {
        assert!(check(&"{a".repeat(MAX_BRACKET_DEPTH)).is_ok());
        assert!(check(&"{a".repeat(MAX_BRACKET_DEPTH + 1)).is_err());
        assert!(check(&"a ".repeat(MAX_DOCUMENT_TOKENS + 1)).is_err());
        assert!(check(&" ".repeat(MAX_DOCUMENT_BYTES + 1)).is_err());
    }
}
