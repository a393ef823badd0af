//! The gate that every operation passes. HTTP passes operations to [`Gate::execute`], and the WebSocket and event streams to
//! [`Gate::execute_stream`]. Whatever must be true of all operations is checked here and nowhere else.
//!
//! An operation passes, in this order: `documents` (parsed and validated, or known by its hash), `variables` (coerced), `selection` (fragments
//! expanded, fields merged), `cost`, `rewrite`, and then authentication. `rewrite` writes the operation out again for the library, which
//! therefore never sees a fragment, a directive or a variable. In production, authentication comes first.
//!
//! Absent: HTTP, SQL, rules and resolvers. The gate knows the schema only as text.

mod answers;
mod arguments;
mod budget;
mod cost;
mod descriptions;
mod document;
mod documents;
mod execution;
pub mod limits;
mod literals;
mod mismatch;
mod positions;
mod report;
mod rewrite;
mod schema;
mod selection;
mod sent;
mod turns;
mod type_system;
mod value_path;
mod variables;
mod whole;
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

pub use self::answers::Answer;
use self::budget::Budgets;
use self::cost::Estimator;
use self::documents::Documents;
pub use self::documents::Trusted;
use self::report::Report;
pub use self::schema::{ApiSchema, Executor};
pub use self::sent::{as_variables, is_beyond_bounds, variables as bounded_variables};
use self::turns::{Lanes, Turn};
use partnergraph_operation::auth::{self, Authenticator, Credential};
use partnergraph_operation::context::Operation;
use partnergraph_operation::errors::{self, code, server_error};
use partnergraph_operation::policy::Policy;

/// One operation as it came in.
#[derive(Debug, Default)]
pub struct GateRequest {
    /// The document.
    pub query: String,
    /// Which operation of the document to run; needed where there are several.
    pub operation_name: Option<String>,
    /// The SHA-256 of the document in hexadecimal, where the client sends one (automatic persisted queries).
    pub persisted: Option<String>,
    /// Its variables.
    pub variables: Map<String, Value>,
    /// The bearer token; `None` where none was sent.
    pub token: Option<String>,
    /// The id under which its errors are logged.
    pub request_id: String,
    /// Whether nothing may be written; so by GET.
    pub safe_only: bool,
    /// Whether the answer is to say what it cost.
    pub report_cost: bool,
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
    documents: Documents,
    max_cost: u64,
    deadline: Duration,
    lanes: Lanes,
    budgets: Option<Budgets>,
}

impl Gate {
    /// A gate before this schema and this database.
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

    /// The same gate for documents that the installation trusts, and no others.
    #[must_use]
    pub fn trusting_only(mut self, trusted: Option<Arc<Trusted>>) -> Self {
        self.documents = Documents::new(self.schema.types.clone(), trusted);
        self
    }

    /// The same gate with another bound on what one operation may cost, before a database with so many reading connections.
    #[must_use]
    pub fn with_capacity(mut self, readers: usize, max_cost: u64) -> Self {
        self.max_cost = max_cost;
        self.lanes = Lanes::new(readers, max_cost);
        self
    }

    /// The same gate that lets a token ask for so much a minute, in units of cost; 0 for any amount.
    #[must_use]
    pub fn with_budget(mut self, per_minute: u32) -> Self {
        self.budgets = Budgets::per_minute(per_minute);
        self
    }

    /// The same gate that gives an operation so much time.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
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
    pub async fn execute(&self, request: GateRequest) -> Answer {
        let request_id = request.request_id.clone();
        let mut answer = match self.admit(request).await {
            Ok(Admitted { kind: OperationType::Subscription, .. }) => Answer::refused(vec![server_error(
                code::BAD_REQUEST,
                "subscriptions run over the WebSocket at /graphql/ws, or as server-sent events with Accept: text/event-stream",
            )]),
            Ok(admitted) => self.run(admitted).await,
            Err(errors) => Answer::refused(errors),
        };
        errors::finish(&mut answer.response, &request_id);
        answer
    }

    async fn run(&self, admitted: Admitted) -> Answer {
        let turn = match self.turn(&admitted).await {
            Ok(turn) => turn,
            Err(error) => return Answer::refused(vec![error]),
        };
        let Admitted { kind, document, operation, report, .. } = admitted;
        let answer = match execution::directly(&self.schema, &document, &operation).await {
            Some(data) => Answer::written(data),
            None => self.by_the_library(kind, document, operation, report).await,
        };
        drop(turn);
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
    ) -> Answer {
        let answer = execution::execute(self.schema.clone(), kind, document, operation.clone());
        if !report.is_heavy() {
            return answer.await.into();
        }
        match workers::run(answer).await {
            Some(response) => response.into(),
            None => {
                tracing::error!(request_id = operation.request_id(), "an operation panicked");
                Answer::refused(vec![server_error(code::INTERNAL, "the server failed; its log says more")])
            }
        }
    }

    /// Waits for the operation's turn. What asks for a little of the schema needs none.
    async fn turn(&self, admitted: &Admitted) -> Result<Option<Turn>, ServerError> {
        let Admitted { kind, is_open, operation, report, .. } = admitted;
        let organization = operation.scope().ok();
        let lane = match kind {
            OperationType::Mutation => &self.lanes.writes,
            _ if report.is_heavy() => &self.lanes.heavy,
            _ if *is_open => return Ok(None),
            _ => &self.lanes.light,
        };
        if let Some(turn) = lane.turn_at_once(organization, report.units()) {
            return Ok(Some(turn));
        }
        // A reading connection is held since the caller was found out; whoever waits must not keep it from others.
        operation.renew().await;
        let busy = || {
            server_error(code::BUSY, "the server has too much to do just now; nothing was done; try again in a moment")
        };
        let waiting = lane.turn(organization, report.units());
        match operation.patience() {
            Some(patience) => {
                tokio::time::timeout_at(patience.deadline().into(), waiting).await.map_err(|_| busy())?.map(Some)
            }
            None => waiting.await.map(Some),
        }
        .map_err(|_| busy())
    }

    /// Runs any operation and gives its answers: one of a query or mutation, any number of a subscription. The next is worked
    /// out when it is asked for.
    pub fn execute_stream(&self, request: GateRequest) -> BoxStream<'static, Answer> {
        let gate = self.clone();
        stream::once(async move { gate.begin(request).await }).flatten().boxed()
    }

    async fn begin(self, request: GateRequest) -> BoxStream<'static, Answer> {
        let request_id = request.request_id.clone();
        let admitted = match self.admit(request).await {
            Ok(admitted) => admitted,
            Err(errors) => {
                let mut refused = Answer::refused(errors);
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
        let answers = execution::execute_stream(&self.schema, admitted.document, &operation);
        answers
            .then(move |response| {
                let (operation, request_id) = (operation.clone(), request_id.clone());
                let mut answer = Answer::from(response).bounded(limits::MAX_ANSWER_BYTES);
                admitted.report.add_to(&mut answer.response);
                async move {
                    errors::finish(&mut answer.response, &request_id);
                    // The answer may wait for its reader; a connection of the database must not wait with it.
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
            // What is wrong with a document tells of the schema, which is for those with a token here.
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

    /// All that can be known of an operation without the database.
    fn understand(&self, request: GateRequest) -> Result<Understood, Vec<ServerError>> {
        let types = &*self.schema.types;
        let document = self.documents.find(&request.query, request.persisted.as_deref())?;
        let operation = document.operation(request.operation_name.as_deref())?;
        let kind = operation.operation_type;
        if request.safe_only && kind == OperationType::Mutation {
            return Err(vec![server_error(code::METHOD_NOT_ALLOWED, "only queries run by GET; send this one by POST")]);
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
        let report = Report { asked: request.report_cost, requested: cost, max: self.max_cost };
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
        let (now, asked) = (context.now(), credential.clone());
        let found = context.read_unscoped(move |conn| auth::actor(conn, &asked, now)).await;
        Ok((found.map_err(|error| vec![internal(error)])?.ok_or_else(refused)?, credential))
    }
}

/// What an operation turned out to be.
struct Understood {
    kind: OperationType,
    /// Whether it asks for nothing but the schema, which is open without a token.
    is_open: bool,
    document: ExecutableDocument,
    report: Report,
}

impl Understood {
    fn admitted(self, context: Operation) -> Admitted {
        // A subscription goes on until one side ends it; each of its reads has what time it needs.
        let context = if self.kind == OperationType::Subscription { context.without_end() } else { context };
        let operation = Arc::new(context);
        let Self { kind, is_open, document, report } = self;
        Admitted { kind, is_open, document, operation, report }
    }
}

/// An operation that may run.
struct Admitted {
    kind: OperationType,
    /// Whether it asks for nothing but the schema.
    is_open: bool,
    document: ExecutableDocument,
    operation: Arc<Operation>,
    report: Report,
}

fn internal(error: StoreError) -> ServerError {
    let error = async_graphql::Error::new_with_source(error).into_server_error(async_graphql::Pos::default());
    // It is about no place in the document.
    ServerError { locations: Vec::new(), ..error }
}
