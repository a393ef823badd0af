//! The gate that every operation passes. HTTP passes operations to [`Gate::execute`], and the WebSocket and event streams to
//! [`Gate::execute_stream`]. Whatever must be true of all operations is checked here and nowhere else.
//!
//! An operation passes, in this order: `documents` (parsed and validated, or known by its hash), `variables` (coerced), `selection` (fragments
//! expanded, fields merged), `cost`, `rewrite`, and then authentication. `rewrite` writes the operation out again for the library, which
//! therefore never sees a fragment, a directive or a variable. In production, authentication comes first.
//!
//! Absent: HTTP, SQL, rules and resolvers. The gate knows the schema only as text.

mod arguments;
mod bounded_variables;
mod budget;
mod completeness;
mod cost;
mod descriptions;
mod document;
mod documents;
mod execution;
mod lanes;
pub mod limits;
mod literals;
mod mismatch;
mod positions;
mod report;
mod responses;
mod rewrite;
mod schema;
mod selection;
mod type_system;
mod value_path;
mod variables;
mod workers;

use std::sync::Arc;
use std::time::{Duration, Instant};

use apollo_compiler::executable::OperationType;
use async_graphql::ServerError;
use async_graphql::parser::types::ExecutableDocument;
use futures_util::stream::{self, BoxStream, StreamExt};
use partnergraph_store::database::PoolSize;
use partnergraph_store::{Database, StoreError, clock};
use serde_json::{Map, Value};

pub use self::bounded_variables::{as_variables, is_beyond_bounds, variables as bounded_variables};
use self::budget::Budgets;
use self::cost::Estimator;
use self::documents::Documents;
pub use self::documents::Trusted;
use self::lanes::{Lanes, Permit};
use self::report::Report;
pub use self::responses::GateResponse;
pub use self::schema::{ApiSchema, Executor};
use partnergraph_operation::auth::{self, Authenticator, Credential};
use partnergraph_operation::context::Operation;
use partnergraph_operation::errors::{self, code, server_error};
use partnergraph_operation::policy::Policy;

/// An operation as received.
#[derive(Debug, Default)]
pub struct GateRequest {
    /// The text of the document.
    pub query: String,
    /// The name of the operation to run. Required if the document has several.
    pub operation_name: Option<String>,
    /// The SHA-256 hash of the document in hexadecimal, if the client sent one (automatic persisted queries).
    pub persisted: Option<String>,
    /// The variables.
    pub variables: Map<String, Value>,
    /// The bearer token, if one was sent.
    pub token: Option<String>,
    /// The request id under which errors are logged.
    pub request_id: String,
    /// Whether writing is not allowed, as for GET requests.
    pub safe_only: bool,
    /// Whether the response must report the cost.
    pub report_cost: bool,
}

/// The entry point that every operation passes.
#[derive(Clone)]
#[allow(missing_debug_implementations)]
pub struct Gate {
    schema: ApiSchema,
    database: Database,
    policy: Arc<Policy>,
    authenticator: Authenticator,
    production: bool,
    documents: Documents,
    max_cost: u64,
    deadline: Duration,
    lanes: Lanes,
    budgets: Option<Budgets>,
}

impl Gate {
    /// A gate for this schema and this database.
    #[must_use]
    pub fn new(schema: ApiSchema, database: Database) -> Self {
        Self {
            documents: Documents::new(schema.types.clone(), None),
            schema,
            database,
            policy: Arc::default(),
            production: false,
            max_cost: limits::MAX_COST,
            deadline: limits::DEADLINE,
            lanes: Lanes::new(PoolSize::default().readers, limits::MAX_COST),
            budgets: None,
            authenticator: Authenticator::default(),
        }
    }

    /// Sets the installation's policy. Without it, the built-in defaults apply.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = Arc::new(policy);
        self
    }

    /// Sets the authenticator, which knows the trusted issuers besides the service's own tokens.
    #[must_use]
    pub fn with_authenticator(mut self, authenticator: Authenticator) -> Self {
        self.authenticator = authenticator;
        self
    }

    /// Enables or disables the production profile, in which introspection also needs a token.
    #[must_use]
    pub fn in_production(mut self, production: bool) -> Self {
        self.production = production;
        self
    }

    /// Restricts the gate to the installation's trusted documents.
    #[must_use]
    pub fn trusting_only(mut self, trusted: Option<Arc<Trusted>>) -> Self {
        self.documents = Documents::new(self.schema.types.clone(), trusted);
        self
    }

    /// Sets the maximum cost of one operation, for a database with `readers` read connections.
    #[must_use]
    pub fn with_capacity(mut self, readers: usize, max_cost: u64) -> Self {
        self.max_cost = max_cost;
        self.lanes = Lanes::new(readers, max_cost);
        self
    }

    /// Sets the cost that a token may use per minute. 0 means no limit.
    #[must_use]
    pub fn with_budget(mut self, per_minute: u32) -> Self {
        self.budgets = Budgets::per_minute(per_minute);
        self
    }

    /// Sets the time limit of an operation.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The authenticator, which identifies the owner of a token.
    #[must_use]
    pub fn authenticator(&self) -> &Authenticator {
        &self.authenticator
    }

    /// Runs one query or mutation. All errors are in the response.
    pub async fn execute(&self, request: GateRequest) -> GateResponse {
        let request_id = request.request_id.clone();
        let mut answer = match self.admit(request).await {
            Ok(Admitted { kind: OperationType::Subscription, .. }) => GateResponse::refused(vec![server_error(
                code::BAD_REQUEST,
                "subscriptions require the WebSocket at /graphql/ws, or server-sent events with Accept: text/event-stream",
            )]),
            Ok(admitted) => self.run(admitted).await,
            Err(errors) => GateResponse::refused(errors),
        };
        errors::finish(&mut answer.response, &request_id);
        answer
    }

    async fn run(&self, admitted: Admitted) -> GateResponse {
        let permit = match self.permit(&admitted).await {
            Ok(permit) => permit,
            Err(error) => return GateResponse::refused(vec![error]),
        };
        let Admitted { kind, document, operation, report, .. } = admitted;
        let answer = match execution::directly(&self.schema, &document, &operation).await {
            Some(data) => GateResponse::written(data),
            None => self.by_the_library(kind, document, operation, report).await,
        };
        drop(permit);
        let mut answer = answer.bounded(limits::MAX_ANSWER_BYTES);
        report.add_to(&mut answer.response);
        answer
    }

    async fn by_the_library(
        &self,
        kind: OperationType,
        document: ExecutableDocument,
        operation: Arc<Operation>,
        report: Report,
    ) -> GateResponse {
        let answer = execution::execute(self.schema.clone(), kind, document, operation.clone());
        if !report.is_heavy() {
            return answer.await.into();
        }
        match workers::run(answer).await {
            Some(response) => response.into(),
            None => {
                tracing::error!(request_id = operation.request_id(), "an operation panicked");
                GateResponse::refused(vec![server_error(
                    code::INTERNAL,
                    "internal error; the server's log has details",
                )])
            }
        }
    }

    /// Waits for the operation's turn. A small introspection query does not have to wait.
    async fn permit(&self, admitted: &Admitted) -> Result<Option<Permit>, ServerError> {
        let Admitted { kind, is_open, operation, report, .. } = admitted;
        let organization = operation.scope().ok();
        let lane = match kind {
            OperationType::Mutation => &self.lanes.writes,
            _ if report.is_heavy() => &self.lanes.heavy,
            _ if *is_open => return Ok(None),
            _ => &self.lanes.light,
        };
        if let Some(permit) = lane.try_acquire(organization, report.units()) {
            return Ok(Some(permit));
        }
        // The operation has held a read connection since it identified the caller. Release it, so that waiting does not
        // keep it from others.
        operation.renew().await;
        let busy = || server_error(code::BUSY, "the server is busy; nothing was changed; try again in a moment");
        let waiting = lane.acquire(organization, report.units());
        match operation.time_limit() {
            Some(time_limit) => {
                tokio::time::timeout_at(time_limit.deadline().into(), waiting).await.map_err(|_| busy())?.map(Some)
            }
            None => waiting.await.map(Some),
        }
        .map_err(|_| busy())
    }

    /// Runs any operation and returns its responses: one for a query or mutation, any number for a subscription. The
    /// next response is computed only when it is requested.
    pub fn execute_stream(&self, request: GateRequest) -> BoxStream<'static, GateResponse> {
        let gate = self.clone();
        stream::once(async move { gate.begin(request).await }).flatten().boxed()
    }

    async fn begin(self, request: GateRequest) -> BoxStream<'static, GateResponse> {
        let request_id = request.request_id.clone();
        let admitted = match self.admit(request).await {
            Ok(admitted) => admitted,
            Err(errors) => {
                let mut refused = GateResponse::refused(errors);
                errors::finish(&mut refused.response, &request_id);
                return stream::iter([refused]).boxed();
            }
        };
        if admitted.kind != OperationType::Subscription {
            let mut answer = self.run(admitted).await;
            errors::finish(&mut answer.response, &request_id);
            return stream::iter([answer]).boxed();
        }
        let operation = admitted.operation;
        let responses = execution::execute_stream(&self.schema, admitted.document, &operation);
        responses
            .then(move |response| {
                let (operation, request_id) = (operation.clone(), request_id.clone());
                let mut answer = GateResponse::from(response).bounded(limits::MAX_ANSWER_BYTES);
                admitted.report.add_to(&mut answer.response);
                async move {
                    errors::finish(&mut answer.response, &request_id);
                    // The response may wait for a slow client. Release the database connection, so that it does not
                    // wait too.
                    operation.renew().await;
                    answer
                }
            })
            .boxed()
    }

    async fn admit(&self, request: GateRequest) -> Result<Admitted, Vec<ServerError>> {
        let context =
            Operation::new(self.database.clone(), self.policy.clone(), request.request_id.clone(), clock::now())
                .until(Instant::now() + self.deadline);
        if self.production {
            // In production, validation errors reveal the schema, so the caller must be authenticated first.
            let (actor, credential) = self.caller(&context, request.token.as_deref()).await?;
            let token = request.token.clone().unwrap_or_default();
            let understood = self.understand(request)?;
            self.charge(&token, &understood)?;
            return Ok(understood.admitted(context.by(actor, credential)));
        }
        let token = request.token.clone();
        let understood = self.understand(request)?;
        if understood.is_open {
            return Ok(understood.admitted(context));
        }
        let (actor, credential) = self.caller(&context, token.as_deref()).await?;
        self.charge(&token.unwrap_or_default(), &understood)?;
        Ok(understood.admitted(context.by(actor, credential)))
    }

    fn charge(&self, token: &str, understood: &Understood) -> Result<(), Vec<ServerError>> {
        match &self.budgets {
            Some(budgets) => budgets.take(token, understood.report.units()).map_err(|error| vec![error]),
            None => Ok(()),
        }
    }

    /// Everything that can be determined about an operation without the database.
    fn understand(&self, request: GateRequest) -> Result<Understood, Vec<ServerError>> {
        let types = &*self.schema.types;
        let document = self.documents.find(&request.query, request.persisted.as_deref())?;
        let operation = document.operation(request.operation_name.as_deref())?;
        let kind = operation.operation_type;
        if request.safe_only && kind == OperationType::Mutation {
            return Err(vec![server_error(code::METHOD_NOT_ALLOWED, "mutations cannot be sent by GET; use POST")]);
        }
        let variables = variables::coerce(types, operation, request.variables).map_err(|error| vec![error])?;
        let selected = selection::collect(types, document.get(), operation, &variables).map_err(|error| vec![error])?;
        let estimator = Estimator::new(types, &variables);
        let cost = estimator.cost(&selected);
        estimator.check(&selected, cost, self.max_cost).map_err(|error| vec![error])?;
        let is_open =
            kind != OperationType::Subscription && selected.iter().all(|field| field.field.name.starts_with("__"));
        let rewritten =
            rewrite::rewrite(types, &document, operation, &variables, &selected).map_err(|error| vec![error])?;
        let report = Report { is_wanted: request.report_cost, requested: cost, max: self.max_cost };
        Ok(Understood { kind, is_open, document: rewritten, report })
    }

    async fn caller(
        &self,
        context: &Operation,
        token: Option<&str>,
    ) -> Result<(partnergraph_store::Actor, Credential), Vec<ServerError>> {
        let refused = || vec![server_error(code::UNAUTHENTICATED, errors::NEEDS_TOKEN)];
        let Some(token) = token else { return Err(refused()) };
        let credential = self.authenticator.identify(token).await.ok_or_else(refused)?;
        let (now, presented) = (context.now(), credential.clone());
        let found = context.read_unscoped(move |conn| auth::actor(conn, &presented, now)).await;
        Ok((found.map_err(|error| vec![internal(error)])?.ok_or_else(refused)?, credential))
    }
}

/// An operation that has passed every check that needs no database.
struct Understood {
    kind: OperationType,
    /// Whether the operation is introspection only, which needs no token outside production.
    is_open: bool,
    document: ExecutableDocument,
    report: Report,
}

impl Understood {
    fn admitted(self, context: Operation) -> Admitted {
        // A subscription runs until either side ends it. Each of its reads gets its own time limit.
        let context = if self.kind == OperationType::Subscription { context.without_end() } else { context };
        let operation = Arc::new(context);
        let Self { kind, is_open, document, report } = self;
        Admitted { kind, is_open, document, operation, report }
    }
}

/// An operation that may run.
struct Admitted {
    kind: OperationType,
    /// Whether the operation is introspection only.
    is_open: bool,
    document: ExecutableDocument,
    operation: Arc<Operation>,
    report: Report,
}

fn internal(error: StoreError) -> ServerError {
    let error = async_graphql::Error::new_with_source(error).into_server_error(async_graphql::Pos::default());
    // The error has no location in the document.
    ServerError { locations: Vec::new(), ..error }
}
