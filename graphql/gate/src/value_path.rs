//! The path of a value in what was sent, as `$input.lines[2].quantity`. It is written out only where something is wrong.

use std::fmt;

/// A path, from the outside in.
#[derive(Debug, Clone, Copy)]
pub(super) struct ValuePath<'a> {
    within: Option<&'a ValuePath<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    /// A variable, with its `$`, or an argument.
    Variable(&'a str),
    Name(&'a str),
    Index(usize),
}

impl<'a> ValuePath<'a> {
    /// An argument, or the type of a literal.
    pub(super) fn named(name: &'a str) -> Self {
        Self { within: None, step: Step::Name(name) }
    }

    pub(super) fn variable(name: &'a str) -> Self {
        Self { within: None, step: Step::Variable(name) }
    }

    /// The field of an object that stands here.
    pub(super) fn field(&'a self, name: &'a str) -> Self {
        Self { within: Some(self), step: Step::Name(name) }
    }

    /// The item of a list that stands here.
    pub(super) fn item(&'a self, index: usize) -> Self {
        Self { within: Some(self), step: Step::Index(index) }
    }
}

impl fmt::Display for ValuePath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(within) = self.within {
            within.fmt(f)?;
        }
        match (self.step, self.within) {
            (Step::Variable(name), _) => write!(f, "${name:.100}"),
            (Step::Name(name), None) => write!(f, "{name:.100}"),
            (Step::Name(name), Some(_)) => write!(f, ".{name:.100}"),
            (Step::Index(index), _) => write!(f, "[{index}]"),
        }
    }
}
