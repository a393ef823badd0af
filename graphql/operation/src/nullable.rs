//! Root fields whose failure is their own.
//!
//! What they refuse is usual: a page that is too large, a cursor of another list. So they tell it as the specification wants it by themselves, and
//! the operation need not be executed once more for it ([`propagation`](crate::propagation)).

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
