//! Checks that a parsed document covers the whole text. The parser silently skips some text that it does not
//! understand, such as an input field without its colon: `{validateOnly true}` would become `{}`. So the document is
//! printed again and compared with the text, token by token.

use apollo_compiler::ast;
use apollo_parser::{Lexer, Token, TokenKind};

/// The offset of the first byte of the text that is missing from the document.
pub(super) fn first_missing(text: &str, document: &ast::Document) -> Option<usize> {
    let written = document.serialize().no_indent().to_string();
    let mut kept = tokens(&written);
    for token in tokens(text) {
        if kept.next().is_none_or(|kept| !is_same(&token, &kept)) {
            return Some(token.index());
        }
    }
    None
}

/// The significant tokens. The `query` keyword before an operation is optional, so it is skipped.
fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    Lexer::new(text).flatten().filter(|token| match token.kind() {
        TokenKind::Whitespace | TokenKind::Comment | TokenKind::Comma | TokenKind::Eof => false,
        TokenKind::Name => token.data() != "query",
        _ => true,
    })
}

/// Whether two tokens are equal. A string can be written in several ways.
fn is_same(one: &Token<'_>, other: &Token<'_>) -> bool {
    one.kind() == other.kind() && (one.kind() == TokenKind::StringValue || one.data() == other.data())
}

#[cfg(test)]
mod tests {
    use apollo_compiler::parser::Parser;

    use super::*;

    fn lost(text: &str) -> Option<usize> {
        let document = Parser::new().parse_ast(text, "document").unwrap_or_else(|found| found.partial);
        first_missing(text, &document)
    }

    #[test]
    fn what_the_parser_passes_over_is_found_and_nothing_else() {
        for text in [
            "{ a }",
            "query { a }",
            "query Q($a: [Int!]! = [1, 2.50, -0] @d, $b: E = X) @d(if: true) { b: a(x: $a, y: {z: \"\"\"q\n \"s\" \"\"\", w: null}) @skip(if: $b) ...F ... on T @include(if: false) { query } ... { c } }\nfragment F on T @d { d # e\n }",
            "mutation M { a(x: {y: \"\\u00e9\", z: [[]]}) { b } } subscription S { c }",
        ] {
            assert_eq!(lost(text), None, "{text}");
        }
        assert_eq!(lost("{ a(x: {y: 1 z true}) }"), Some(13));
        assert_eq!(lost("{ a(x: {y: 1 z}) }"), Some(13));
        assert_eq!(lost("{\n a @skip(if: true x) }"), Some(20));
    }
}
