//! The one way in. HTTP hands every operation to [`Gate::execute`], the WebSocket to [`Gate::execute_stream`]; what must be true of all operations stands
//! here and nowhere else: size, shape, who asks, and that no error leaves without its code and request id.

mod depth;
mod scan;

use std::sync::Arc;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection};
use async_graphql::{Request, Response, ServerError, Variables};
use chrono::Utc;
use futures_util::stream::{self, BoxStream, StreamExt};
use partnergraph_store::{Database, StoreError};

use super::context::Operation;
use super::errors::{self, code, server_error};
use super::schema::ApiSchema;
use crate::auth::{self, Authenticator, Credential};
use crate::policy::Policy;

/// The largest document, in bytes. GraphiQL's introspection has some 2,000.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024;
/// The most tokens of a document.
pub const MAX_DOCUMENT_TOKENS: usize = 8_000;
/// How deep brackets of any kind may nest: the parser recurses with them.
pub const MAX_BRACKET_DEPTH: usize = 48;
/// How deep selections may nest, fragments spread out. GraphiQL's introspection needs 15.
pub const MAX_SELECTION_DEPTH: usize = 20;

/// One operation as it came in.
#[derive(Debug, Default)]
pub struct GateRequest {
    /// The document.
    pub query: String,
    /// Which operation of the document to run; needed where there are several.
    pub operation_name: Option<String>,
    /// Its variables.
    pub variables: Variables,
    /// The bearer token; `None` where none was sent.
    pub token: Option<String>,
    /// The id under which its errors are logged.
    pub request_id: String,
    /// Whether a mutation may run; not by GET.
    pub safe_only: bool,
}

/// What every operation passes.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct Gate {
    schema: ApiSchema,
    database: Database,
    policy: Arc<Policy>,
    authenticator: Authenticator,
    production: bool,
}

impl Gate {
    /// A gate before this schema and this database.
    #[must_use]
    pub fn new(schema: ApiSchema, database: Database) -> Self {
        Self { schema, database, policy: Arc::default(), authenticator: Authenticator::default(), production: false }
    }

    /// The same gate with what the installation decides; else what is built in.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = Arc::new(policy);
        self
    }

    /// The same gate with whom it trusts besides its own tokens.
    #[must_use]
    pub fn with_authenticator(mut self, authenticator: Authenticator) -> Self {
        self.authenticator = authenticator;
        self
    }

    /// The same gate in the production profile, or out of it. In it, the schema itself is for those with a token only.
    #[must_use]
    pub fn in_production(mut self, production: bool) -> Self {
        self.production = production;
        self
    }

    /// The database behind it.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Finds out whose a token is.
    #[must_use]
    pub fn authenticator(&self) -> &Authenticator {
        &self.authenticator
    }

    /// Runs one query or mutation. Whatever happens is in the response.
    pub async fn execute(&self, request: GateRequest) -> Response {
        let request_id = request.request_id.clone();
        let mut response = match self.admit(request).await {
            Ok(Admitted { kind: OperationType::Subscription, .. }) => Response::from_errors(vec![server_error(
                code::BAD_REQUEST,
                "subscriptions run over the WebSocket at /graphql/ws",
            )]),
            Ok(admitted) => self.schema.execute(admitted.request).await,
            Err(error) => Response::from_errors(vec![error]),
        };
        errors::finish(&mut response, &request_id);
        response
    }

    /// Runs any operation and gives its answers: one of a query or mutation, any number of a subscription. The next is worked
    /// out when it is asked for.
    pub fn execute_stream(&self, request: GateRequest) -> BoxStream<'static, Response> {
        let gate = self.clone();
        stream::once(async move { gate.begin(request).await }).flatten().boxed()
    }

    async fn begin(self, request: GateRequest) -> BoxStream<'static, Response> {
        let request_id = request.request_id.clone();
        let admitted = match self.admit(request).await {
            Ok(admitted) => admitted,
            Err(error) => {
                let mut refused = Response::from_errors(vec![error]);
                errors::finish(&mut refused, &request_id);
                return stream::iter([refused]).boxed();
            }
        };
        let operation = admitted.operation;
        let answers = self.schema.execute_stream(admitted.request);
        answers
            .then(move |mut response| {
                let (operation, request_id) = (operation.clone(), request_id.clone());
                async move {
                    errors::finish(&mut response, &request_id);
                    // The answer may wait for its reader; a connection of the database must not wait with it.
                    operation.renew().await;
                    response
                }
            })
            .boxed()
    }

    async fn admit(&self, request: GateRequest) -> Result<Admitted, ServerError> {
        scan::check(&request.query)?;
        let document = parse_query(&request.query).map_err(|error| {
            let locations = error.positions().collect();
            ServerError { locations, ..server_error(code::PARSE_FAILED, error.to_string()) }
        })?;
        let operation = chosen(&document, request.operation_name.as_deref())?;
        depth::check(&document)?;
        let kind = operation.ty;
        if kind == OperationType::Subscription {
            check_subscription(operation)?;
        } else if request.safe_only && operation.ty != OperationType::Query {
            return Err(server_error(METHOD_NOT_ALLOWED, "only queries run by GET; send this one by POST"));
        }
        let context =
            Operation::new(self.database.clone(), self.policy.clone(), request.request_id, Utc::now().naive_utc());
        let context = if !self.production && is_open(&document, operation) {
            context
        } else {
            let (actor, credential) = self.caller(&context, request.token).await?;
            context.by(actor, credential)
        };
        let context = Arc::new(context);
        let mut admitted = Request::new(request.query).variables(request.variables).data(context.clone());
        if let Some(name) = request.operation_name {
            admitted = admitted.operation_name(name);
        }
        admitted.set_parsed_query(document);
        Ok(Admitted { kind, request: admitted, operation: context })
    }

    async fn caller(
        &self,
        context: &Operation,
        token: Option<String>,
    ) -> Result<(partnergraph_store::Actor, Credential), ServerError> {
        let refused = || server_error(code::UNAUTHENTICATED, "a valid access token is needed");
        let Some(token) = token else { return Err(refused()) };
        let credential = self.authenticator.identify(&token).await.ok_or_else(refused)?;
        let (now, asked) = (context.now(), credential.clone());
        let found = context.read_unscoped(move |conn| auth::actor(conn, &asked, now)).await;
        Ok((found.map_err(internal)?.ok_or_else(refused)?, credential))
    }
}

/// An operation that may run.
struct Admitted {
    kind: OperationType,
    request: Request,
    operation: Arc<Operation>,
}

/// A subscription selects one root field. Through a fragment it would be passed over by the library, which also asks nobody how
/// many there are.
fn check_subscription(operation: &OperationDefinition) -> Result<(), ServerError> {
    match operation.selection_set.node.items.as_slice() {
        [item] if matches!(item.node, Selection::Field(_)) => Ok(()),
        _ => {
            let message = "a subscription selects one root field, by itself and not through a fragment";
            Err(server_error(code::VALIDATION_FAILED, message))
        }
    }
}

/// The code of a mutation sent by GET.
pub const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";

fn internal(error: StoreError) -> ServerError {
    async_graphql::Error::new_with_source(error).into_server_error(async_graphql::Pos::default())
}

/// The operation that is to run.
fn chosen<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition, ServerError> {
    let mut operations = document.operations.iter();
    match name.filter(|name| !name.is_empty()) {
        Some(wanted) => operations.find(|(name, _)| name.is_some_and(|name| name.as_str() == wanted)),
        None => operations.next().filter(|_| operations.next().is_none()),
    }
    .map(|(_, operation)| &operation.node)
    .ok_or_else(|| {
        let message = match name {
            Some(name) => format!("the document has no operation `{name}`"),
            None => "the document has several operations; `operationName` must say which one to run".to_owned(),
        };
        server_error(code::VALIDATION_FAILED, message)
    })
}

/// Whether an operation asks for nothing but the schema itself, which is open without a token.
fn is_open(document: &ExecutableDocument, operation: &OperationDefinition) -> bool {
    operation.ty == OperationType::Query && asks_schema_only(document, &operation.selection_set.node.items, 0)
}

fn asks_schema_only(
    document: &ExecutableDocument,
    items: &[async_graphql::Positioned<Selection>],
    depth: usize,
) -> bool {
    // Fragments that spread each other in a circle are refused by validation; here they only must not run for ever.
    depth <= MAX_SELECTION_DEPTH
        && items.iter().all(|item| match &item.node {
            Selection::Field(field) => {
                matches!(field.node.name.node.as_str(), "__schema" | "__type" | "__typename")
            }
            Selection::InlineFragment(fragment) => {
                asks_schema_only(document, &fragment.node.selection_set.node.items, depth + 1)
            }
            Selection::FragmentSpread(spread) => document
                .fragments
                .get(&spread.node.fragment_name.node)
                .is_some_and(|fragment| asks_schema_only(document, &fragment.node.selection_set.node.items, depth + 1)),
        })
}
