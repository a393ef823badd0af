//! Root fields whose failure is their own.
//!
//! The specification has a field that fails answer null, and only where the field cannot be null does its parent (section 6.4.4). The library in its
//! pinned version nulls the parent of whatever field's resolver fails, nullable or not. For root fields that would hide all that
//! other fields answered, among them mutations that are done.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, Result, ServerResult, Value};

/// What a root field answers: null where there is nothing, or where it failed, and then with an error.
#[derive(Debug)]
pub struct Nullable<T>(Result<Option<T>>);

impl<T> From<Result<T>> for Nullable<T> {
    fn from(answer: Result<T>) -> Self {
        Self(answer.map(Some))
    }
}

impl<T> Nullable<T> {
    /// What may be null by itself.
    pub fn maybe(answer: Result<Option<T>>) -> Self {
        Self(answer)
    }
}

impl<T: OutputType + Send + Sync> OutputType for Nullable<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::type_name().into_owned()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry);
        T::type_name().into_owned()
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match &self.0 {
            Ok(value) => value.resolve(ctx, field).await,
            Err(error) => {
                ctx.add_error(ctx.set_error_path(error.clone().into_server_error(field.pos)));
                Ok(Value::Null)
            }
        }
    }
}
