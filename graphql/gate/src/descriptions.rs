//! Descriptions of operations, fragments and variables (specification of September 2025, section 2.2), which the parser
//! does not support yet. They do not affect execution, so they are replaced with the same number of spaces, and every
//! position in the text stays the same.

use std::borrow::Cow;

use apollo_parser::{Lexer, Token, TokenKind};

/// The text with descriptions blanked out.
pub(super) fn without(text: &str) -> Cow<'_, str> {
    if !text.contains('"') {
        return text.into();
    }
    let tokens: Vec<Token<'_>> = Lexer::new(text)
        .flatten()
        .filter(|token| !matches!(token.kind(), TokenKind::Whitespace | TokenKind::Comment | TokenKind::Comma))
        .collect();
    let mut clear = String::new();
    let (mut done, mut nesting) = (0, Nesting::default());
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map(Token::kind);
        if token.kind() == TokenKind::StringValue
            && tokens.get(at + 1).is_some_and(|next| nesting.is_description(before, next))
        {
            let end = token.index() + token.data().len();
            clear.push_str(&text[done..token.index()]);
            for char in token.data().chars() {
                match char {
                    '\n' | '\r' => clear.push(char),
                    _ => clear.extend(std::iter::repeat_n(' ', char.len_utf16())),
                }
            }
            done = end;
        }
        nesting.pass(token.kind());
    }
    if done == 0 {
        return text.into();
    }
    clear.push_str(&text[done..]);
    clear.into()
}

/// How deeply a token is nested.
#[derive(Default)]
struct Nesting {
    braces: usize,
    brackets: usize,
    parentheses: usize,
}

impl Nesting {
    fn pass(&mut self, kind: TokenKind) {
        match kind {
            TokenKind::LCurly => self.braces += 1,
            TokenKind::RCurly => self.braces = self.braces.saturating_sub(1),
            TokenKind::LBracket => self.brackets += 1,
            TokenKind::RBracket => self.brackets = self.brackets.saturating_sub(1),
            TokenKind::LParen => self.parentheses += 1,
            TokenKind::RParen => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
    }

    /// Whether a string at this position describes what follows it. A default value does not.
    fn is_description(&self, before: Option<TokenKind>, next: &Token<'_>) -> bool {
        match (self.braces, self.brackets, self.parentheses) {
            (0, 0, 0) => matches!(next.data(), "query" | "mutation" | "subscription" | "fragment"),
            (0, 0, 1) => next.kind() == TokenKind::Dollar && before != Some(TokenKind::Eq),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_give_way_and_nothing_else_does() {
        for (text, clear) in [
            ("\"a\" query Q { a }", "    query Q { a }"),
            ("\"\"\"a\n  \"ż\" \"\"\"\nfragment F on T { a }", "    \n         \nfragment F on T { a }"),
            ("query Q(\"a\" $a: Int = 1, \"b\" $b: Int) { a }", "query Q(    $a: Int = 1,     $b: Int) { a }"),
            ("query Q($a: S = \"x\" \"b\" $b: Int) { a }", "query Q($a: S = \"x\"     $b: Int) { a }"),
            ("{ a(x: [\"a\" $b], y: \"c\") }\n\"d\"\nquery { b }", "{ a(x: [\"a\" $b], y: \"c\") }\n   \nquery { b }"),
        ] {
            assert_eq!(without(text), clear, "{text}");
            assert!(matches!(without(clear), Cow::Borrowed(_)), "{clear}");
        }
        for text in [
            "{ a }",
            "\"a\" { a }",
            "query Q($a: S = \"x\" $b: Int) { a }",
            "query Q($a: [S] = [\"x\" $b]) { a }",
            "query Q($a: I = {x: \"y\"} @d(x: \"y\") $b: Int) { a(x: \"query\") }",
            "query Q @d(x: \"y\") { a(x: \"y\" y: $b) }",
        ] {
            assert_eq!(without(text), text);
        }
    }
}
