//! Positions in a document: lines end as defined by the specification (section 2.1.2), and columns are counted in
//! UTF-16 units, as browser editors and graphql-js do.

use apollo_compiler::parser::SourceSpan;
use async_graphql::Pos;

/// A text divided into lines.
#[derive(Debug)]
pub(super) struct Positions {
    text: String,
    /// The offset at which each line begins.
    lines: Vec<usize>,
}

impl Positions {
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let lines = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Self { text: text.to_owned(), lines }
    }

    /// The position of a byte offset.
    pub(super) fn at(&self, offset: usize) -> Pos {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        Pos { line, column: before.encode_utf16().count() + 1 }
    }

    /// The position of a syntax node. `None` if it does not come from the text.
    pub(super) fn of_span(&self, span: Option<SourceSpan>) -> Option<Pos> {
        span.map(|span| self.at(span.offset()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_those_of_an_editor() {
        let text = "a\nb\r\nc\rd\u{2028}e \"ż😀\" f";
        let positions = Positions::of(text);
        let place = |of: &str| {
            let Pos { line, column } = positions.at(text.find(of).unwrap());
            (line, column)
        };
        assert_eq!(
            [place("a"), place("b"), place("c"), place("d"), place("e")],
            [(1, 1), (2, 1), (3, 1), (4, 1), (4, 3)]
        );
        assert_eq!(place("f"), (4, 11));
        assert_eq!(positions.at(text.len()), Pos { line: 4, column: 12 });
    }
}
