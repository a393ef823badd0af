//! Root fields that handle their own failures.
//!
//! They commonly fail because of the request: a page size that is too large, or a cursor of another list. These fields
//! therefore report failures as the specification requires, and the operation need not be executed a second time to correct the
//! errors ([`propagation`](crate::propagation)).

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, Result, ServerResult, Value};

/// The result of a root field. Null if there is nothing to return, or if the field failed, in which case an error is added.
#[derive(Debug)]
pub struct Nullable<T>(Result<Option<T>>);

impl<T> From<Result<T>> for Nullable<T> {
    fn from(answer: Result<T>) -> Self {
        Self(answer.map(Some))
    }
}

impl<T> Nullable<T> {
    /// A result that can also be null on success.
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
