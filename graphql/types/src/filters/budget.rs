use async_graphql::{MaybeUndefined, Result};
use partnergraph_store::read::filter::{Filter, Test};

use super::comparators::Comparator;
use partnergraph_operation::errors::{code, error};

/// The maximum nesting depth of a filter.
pub const MAX_DEPTH: usize = 5;
/// The maximum number of conditions in a filter.
pub const MAX_TERMS: usize = 100;

/// The `and`, `or` and `not` of a filter.
pub type Composition<I> = (Option<Vec<I>>, Option<Vec<I>>, Option<Box<I>>);

/// The depth and number of conditions that a filter has left.
#[derive(Debug)]
pub struct Budget {
    terms: usize,
    depth: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { terms: MAX_TERMS, depth: MAX_DEPTH }
    }
}

impl Budget {
    /// Builds a part of the filter that is nested one level deeper.
    ///
    /// # Errors
    /// `BAD_FILTER` if the filter is nested too deeply.
    pub fn nested<T>(&mut self, build: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth = self.depth.checked_sub(1).ok_or_else(|| {
            error(code::BAD_FILTER, format!("a filter can be nested at most {MAX_DEPTH} levels deep"))
        })?;
        let built = build(self);
        self.depth += 1;
        built
    }

    fn spend(&mut self, terms: usize) -> Result<()> {
        self.terms = self
            .terms
            .checked_sub(terms)
            .ok_or_else(|| error(code::BAD_FILTER, format!("a filter can have at most {MAX_TERMS} conditions")))?;
        Ok(())
    }

    /// The tests of one comparator. Empty if the field was omitted.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn tests<C: Comparator>(&mut self, field: &str, nullable: bool, of: MaybeUndefined<C>) -> Result<Vec<Test>> {
        let tests = match of {
            MaybeUndefined::Undefined => return Ok(Vec::new()),
            MaybeUndefined::Null => {
                return Err(error(
                    code::BAD_FILTER,
                    format!("`{field}: null` is not a comparison; to match missing values, use `{{eq: null}}`"),
                ));
            }
            MaybeUndefined::Value(comparator) => comparator.tests(field, nullable)?,
        };
        if tests.is_empty() {
            let message = format!("`{field}` has no comparison; check whether a variable in it was left out");
            return Err(error(code::BAD_FILTER, message));
        }
        self.spend(tests.len())?;
        Ok(tests)
    }

    /// A condition on a related row. `None` if the field was omitted.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn related<I, T>(
        &mut self,
        field: &str,
        of: MaybeUndefined<I>,
        build: impl FnOnce(I, &mut Self) -> Result<T>,
    ) -> Result<Option<T>> {
        match of {
            MaybeUndefined::Undefined => Ok(None),
            MaybeUndefined::Null => {
                Err(error(code::BAD_FILTER, format!("`{field}` must not be null; leave it out instead")))
            }
            MaybeUndefined::Value(input) => {
                self.spend(1)?;
                self.nested(|budget| build(input, budget)).map(Some)
            }
        }
    }

    /// Combines a filter's own conditions with its `and`, `or` and `not`.
    ///
    /// # Errors
    /// `BAD_FILTER`.
    pub fn composed<I, T>(
        &mut self,
        mut own: Vec<Filter<T>>,
        (and, or, not): Composition<I>,
        build: impl Fn(I, &mut Self) -> Result<Filter<T>>,
    ) -> Result<Filter<T>> {
        let mut all = |parts: Vec<I>| -> Result<Vec<Filter<T>>> {
            self.nested(|budget| parts.into_iter().map(|part| build(part, budget)).collect())
        };
        if let Some(parts) = and {
            own.push(Filter::All(all(parts)?));
        }
        if let Some(parts) = or {
            own.push(Filter::Any(all(parts)?));
        }
        if let Some(part) = not {
            own.extend(all(vec![*part])?.into_iter().map(|part| Filter::Not(Box::new(part))));
        }
        Ok(Filter::All(own))
    }
}
