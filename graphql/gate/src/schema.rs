//! What the gate knows about the schema: how to execute operations, and the text of its types.

use std::sync::Arc;

use async_graphql::{ObjectType, Request, Response, Schema, SubscriptionType};
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{BoxStream, StreamExt};

use super::type_system::TypeSystem;
use partnergraph_direct::Roots;

/// Executes operations. The gate does not know the root types, so changing a resolver does not recompile the gate.
pub trait Executor: Send + Sync {
    /// Executes a query or a mutation.
    fn execute(&self, request: Request) -> BoxFuture<'_, Response>;
    /// Executes any operation; a subscription until it ends.
    fn execute_stream(&self, request: Request) -> BoxStream<'static, Response>;
}

impl<Q, M, S> Executor for Schema<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        Self::execute(self, request).boxed()
    }

    fn execute_stream(&self, request: Request) -> BoxStream<'static, Response> {
        Self::execute_stream(self, request).boxed()
    }
}

/// The schema, with two ways to execute it.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct ApiSchema {
    /// Executes without extensions, because a single extension moves every field to a slower path. Limits, logging and
    /// metrics are in the gate.
    pub quick: Arc<dyn Executor>,
    /// Executes with errors handled as the specification requires.
    pub careful: Arc<dyn Executor>,
    /// The root fields that are answered directly, without async-graphql.
    pub direct: Roots,
    pub(super) types: Arc<TypeSystem>,
}

impl ApiSchema {
    /// A schema with this text. `quick` and `careful` execute operations; `direct` answers queries without executing
    /// them.
    ///
    /// # Panics
    /// Panics if the text is not a valid schema. The text is part of the program.
    #[must_use]
    pub fn new(quick: impl Executor + 'static, careful: impl Executor + 'static, direct: Roots, text: &str) -> Self {
        Self { quick: Arc::new(quick), careful: Arc::new(careful), direct, types: Arc::new(TypeSystem::read(text)) }
    }
}
