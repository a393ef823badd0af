//! The path of a value in a request, such as `$input.lines[2].quantity`. It is formatted only if there is an error.

use std::fmt;

/// A path, from the outermost part inwards.
#[derive(Debug, Clone, Copy)]
pub(super) struct ValuePath<'a> {
    within: Option<&'a ValuePath<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    /// A variable (shown with its `$`) or an argument.
    Variable(&'a str),
    Name(&'a str),
    Index(usize),
}

impl<'a> ValuePath<'a> {
    /// A path that starts at an argument, or at the type of a literal.
    pub(super) fn named(name: &'a str) -> Self {
        Self { within: None, step: Step::Name(name) }
    }

    pub(super) fn variable(name: &'a str) -> Self {
        Self { within: None, step: Step::Variable(name) }
    }

    /// The path of a field of the object at this path.
    pub(super) fn field(&'a self, name: &'a str) -> Self {
        Self { within: Some(self), step: Step::Name(name) }
    }

    /// The path of an item of the list at this path.
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
