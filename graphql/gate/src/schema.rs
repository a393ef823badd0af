//! What the gate knows of the schema: whatever executes an operation, and the text of its types.

use std::sync::Arc;

use async_graphql::{ObjectType, Request, Response, Schema, SubscriptionType};
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{BoxStream, StreamExt};

use super::type_system::TypeSystem;
use partnergraph_direct::Roots;

/// Whatever executes operations. The gate does not know the roots' types, so that a change of a resolver compiles nothing of it again.
pub trait Executor: Send + Sync {
    /// Executes a query or a mutation.
    fn execute(&self, request: Request) -> BoxFuture<'_, Response>;
    /// Executes any operation, a subscription for as long as it lasts.
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

/// The schema, to be executed in two ways.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct ApiSchema {
    /// Without extensions, because a single one switches every field to a slower path; limits, logging and metrics are the
    /// gate's.
    pub quick: Arc<dyn Executor>,
    /// With failures as the specification wants them.
    pub careful: Arc<dyn Executor>,
    /// Which root fields are answered without it.
    pub direct: Roots,
    pub(super) types: Arc<TypeSystem>,
}

impl ApiSchema {
    /// The schema with that text, executed without and with care, or not at all where `direct` answers.
    ///
    /// # Panics
    /// Where the text is no valid schema: it is the program's own.
    #[must_use]
    pub fn new(quick: impl Executor + 'static, careful: impl Executor + 'static, direct: Roots, text: &str) -> Self {
        Self { quick: Arc::new(quick), careful: Arc::new(careful), direct, types: Arc::new(TypeSystem::read(text)) }
    }
}
