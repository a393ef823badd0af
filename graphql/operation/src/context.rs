//! The context of one operation, through which it reads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_graphql::{Context, Result};
use chrono::NaiveDateTime;
use partnergraph_domain::checks;
use partnergraph_store::{Actor, Conn, Database, Scope, Snapshot, StoreError, StoreResult, TimeLimit, clock};
use tokio::sync::Mutex;

use crate::auth::{self, Credential};
use crate::errors::{self, code, error};
use crate::policy::Policy;

/// Who sent an operation. This can change while it runs: the operation itself may create its organisation's account, and a
/// subscription can run for days. Earlier values are kept, so that references to them stay valid.
struct Caller {
    actor: Actor,
    later: OnceLock<Box<Caller>>,
}

impl Caller {
    fn new(actor: Actor) -> Self {
        Self { actor, later: OnceLock::new() }
    }

    fn latest(&self) -> &Self {
        let mut caller = self;
        while let Some(later) = caller.later.get() {
            caller = later;
        }
        caller
    }

    fn become_known_as(&self, actor: Actor) {
        // An operation updates the caller in one place at a time. If two updates coincide, either one is correct.
        let _ = self.latest().later.set(Box::new(Self::new(actor)));
    }
}

/// The minimum time left after a write to read its result. A client that does not receive the result of a change would send the
/// request again.
const TIME_TO_RESPOND: Duration = Duration::from_secs(30);

/// One operation in progress. It is stored in the request's data as `Arc<Operation>`; use [`Operation::of`] to get it.
///
/// Everything that the operation reads comes from one read transaction, which is opened when first needed. A list, its total
/// count and everything below it therefore reflect the same state of the database.
#[allow(missing_debug_implementations)]
pub struct Operation {
    database: Database,
    policy: Arc<Policy>,
    request_id: String,
    now: std::sync::Mutex<NaiveDateTime>,
    /// How long to wait for the response. `None` for a subscription, which has no end.
    time_limit: Option<TimeLimit>,
    /// Whether the mutation whose response is being read has written to the database.
    wrote: AtomicBool,
    /// How long the response may take after a write.
    response_time_limit: std::sync::Mutex<Option<TimeLimit>>,
    credential: Option<Credential>,
    caller: Option<Caller>,
    snapshot: Mutex<Option<Arc<Snapshot>>>,
}

impl Operation {
    /// An operation whose caller is not known yet.
    #[must_use]
    pub fn new(database: Database, policy: Arc<Policy>, request_id: String, now: NaiveDateTime) -> Self {
        Self {
            database,
            policy,
            request_id,
            now: std::sync::Mutex::new(now),
            time_limit: None,
            wrote: AtomicBool::new(false),
            response_time_limit: std::sync::Mutex::default(),
            credential: None,
            caller: None,
            snapshot: Mutex::new(None),
        }
    }

    /// Sets a deadline. The operation's reads end at the deadline, and so do its writes that are still waiting for their turn.
    #[must_use]
    pub fn until(mut self, deadline: Instant) -> Self {
        self.time_limit = Some(TimeLimit::until(deadline));
        self
    }

    /// Removes the deadline, for a subscription that runs for as long as its events are read.
    #[must_use]
    pub fn without_end(mut self) -> Self {
        self.time_limit = None;
        *self.snapshot.get_mut() = None;
        self
    }

    /// How long to wait for the response.
    #[must_use]
    pub fn time_limit(&self) -> Option<TimeLimit> {
        self.time_limit.clone()
    }

    /// To be called after a mutation. The result of a completed write must be returned, however long the write took.
    pub fn has_written(&self, is_done: bool) {
        self.wrote.store(is_done, Ordering::Relaxed);
        if is_done
            && let Some(time_limit) = &self.time_limit
            && time_limit.deadline().saturating_duration_since(Instant::now()) < TIME_TO_RESPOND
        {
            *self.response_time_limit.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(TimeLimit::until(Instant::now() + TIME_TO_RESPOND));
        }
    }

    /// Sets the caller and its credential.
    #[must_use]
    pub fn by(mut self, actor: Actor, credential: Credential) -> Self {
        self.caller = Some(Caller::new(actor));
        self.credential = Some(credential);
        self
    }

    /// The operation that a resolver belongs to.
    #[must_use]
    pub fn of<'a>(ctx: &Context<'a>) -> &'a Arc<Self> {
        ctx.data_unchecked::<Arc<Self>>()
    }

    /// The caller. The gate allows nothing but introspection without a caller, so resolvers for data always have one.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`.
    pub fn actor(&self) -> Result<&Actor> {
        self.caller.as_ref().map(|caller| &caller.latest().actor).ok_or_else(unauthenticated)
    }

    /// What the caller can see: the first argument of every read.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`.
    pub fn scope(&self) -> Result<Scope> {
        Ok(self.actor()?.scope)
    }

    /// The import runs that the caller can see. None if the caller has no role that may import.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`.
    pub fn import_scope(&self) -> Result<Scope> {
        let actor = self.actor()?;
        Ok(if checks::read_imports(&actor.roles) { actor.scope } else { Scope::Nobody })
    }

    /// The current time for everything in the operation. In a subscription, the time of the most recent read.
    #[must_use]
    pub fn now(&self) -> NaiveDateTime {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request id, as shown in errors and log lines.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The installation's policy.
    #[must_use]
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Authenticates the caller again. `None` if its token is no longer valid.
    ///
    /// # Errors
    /// A database error.
    pub async fn authenticate_again(&self, now: NaiveDateTime) -> StoreResult<Option<Actor>> {
        let Some(credential) = self.credential.clone() else { return Ok(None) };
        self.database.read(move |conn| auth::actor(conn, &credential, now)).await
    }

    /// Updates the current time, the snapshot and the caller, before a subscription reads again.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if the token is no longer valid, or a database error.
    pub async fn look_again(&self) -> Result<()> {
        self.renew().await;
        let now = clock::now();
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
        let actor = self.authenticate_again(now).await?.ok_or_else(unauthenticated)?;
        let known = self.actor()?;
        if (known.scope, &known.roles) != (actor.scope, &actor.roles)
            && let Some(caller) = &self.caller
        {
            caller.become_known_as(actor);
        }
        Ok(())
    }

    /// The database, for mutations to write to. For reads, use [`Operation::read`].
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Reads in the operation's snapshot with the caller's scope.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, or a database error.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn, &Scope) -> StoreResult<T> + Send + 'static,
    ) -> Result<T> {
        let scope = self.scope()?;
        Ok(self.read_unscoped(move |conn| work(conn, &scope)).await?)
    }

    /// Reads in the operation's snapshot without a scope. Use this only to find out who the caller is.
    pub async fn read_unscoped<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let read = async { self.snapshot().await?.read(work).await };
        read.await.map_err(|error| if self.wrote.load(Ordering::Relaxed) { error.after_a_write() } else { error })
    }

    /// Reads in this snapshot from now on: in one that shows what a validated mutation would write.
    pub async fn read_in(&self, snapshot: Snapshot) {
        *self.snapshot.lock().await = Some(Arc::new(snapshot));
    }

    /// Ends the snapshot, so that the next read sees later writes. A mutation calls this after it has written.
    pub async fn renew(&self) {
        *self.snapshot.lock().await = None;
    }

    /// Updates the caller after a write: if its tenant had no account before and has one now, the response is read with the
    /// scope of the new account. A customer's tenant can get one too, if only partners called it a customer's.
    ///
    /// # Errors
    /// A database error.
    pub async fn grow(&self) -> StoreResult<()> {
        if let Some(caller) = &self.caller
            && let scope @ (Scope::Nobody | Scope::Customer { .. }) = caller.latest().actor.scope
            && let Some(actor) = self.authenticate_again(self.now()).await?
            && actor.scope != scope
        {
            caller.become_known_as(actor);
        }
        Ok(())
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, StoreError> {
        let mut held = self.snapshot.lock().await;
        if let Some(snapshot) = held.as_ref() {
            return Ok(snapshot.clone());
        }
        let response_time_limit = self.response_time_limit.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let opened = Arc::new(self.database.snapshot(response_time_limit.or_else(|| self.time_limit())).await?);
        *held = Some(opened.clone());
        Ok(opened)
    }
}

impl Drop for Operation {
    /// The response is complete or the client has disconnected, so statements that are still running are ended.
    fn drop(&mut self) {
        let response_time_limit = self.response_time_limit.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        for time_limit in self.time_limit.iter().chain(&response_time_limit) {
            time_limit.cancel();
        }
    }
}

fn unauthenticated() -> async_graphql::Error {
    error(code::UNAUTHENTICATED, errors::NEEDS_TOKEN)
}
