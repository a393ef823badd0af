//! What one operation knows and reads through.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_graphql::{Context, Result};
use chrono::NaiveDateTime;
use partnergraph_domain::checks;
use partnergraph_store::{Actor, Conn, Database, Patience, Scope, Snapshot, StoreError, StoreResult, clock};
use tokio::sync::Mutex;

use crate::auth::{self, Credential};
use crate::errors::{self, code, error};
use crate::policy::Policy;

/// Who sent an operation, and who that turned out to be later: where its organisation got its account by what the operation
/// wrote, and where a subscription goes on for days. Earlier answers stay, so that whoever holds one may go on reading it.
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
        // An operation asks in one place at a time; of two answers at once either is true.
        let _ = self.latest().later.set(Box::new(Self::new(actor)));
    }
}

/// So much time at least is left after a write to read what is told of it: whoever is not told the result of a change asks for it once more.
const TO_TELL: Duration = Duration::from_secs(30);

/// One operation under way. It stands in the request's data as `Arc<Operation>`; [`Operation::of`] fetches it.
///
/// All that the operation reads comes from one read transaction, opened when it is first needed, so that a list, its total and
/// everything below it are of one state of the database.
#[allow(missing_debug_implementations)]
pub struct Operation {
    database: Database,
    policy: Arc<Policy>,
    request_id: String,
    now: std::sync::Mutex<NaiveDateTime>,
    /// For how long somebody waits for the answer; `None` for a subscription, which goes on.
    patience: Option<Patience>,
    /// Whether the mutation whose answer is being read has written.
    wrote: AtomicBool,
    /// How long after a write its answer may take.
    telling: std::sync::Mutex<Option<Patience>>,
    credential: Option<Credential>,
    caller: Option<Caller>,
    snapshot: Mutex<Option<Arc<Snapshot>>>,
}

impl Operation {
    /// An operation that nobody is known to have sent yet.
    #[must_use]
    pub fn new(database: Database, policy: Arc<Policy>, request_id: String, now: NaiveDateTime) -> Self {
        Self {
            database,
            policy,
            request_id,
            now: std::sync::Mutex::new(now),
            patience: None,
            wrote: AtomicBool::new(false),
            telling: std::sync::Mutex::default(),
            credential: None,
            caller: None,
            snapshot: Mutex::new(None),
        }
    }

    /// The same operation, to be answered by then. Its reads end at that moment, and its writes unless their turn has come.
    #[must_use]
    pub fn until(mut self, deadline: Instant) -> Self {
        self.patience = Some(Patience::until(deadline));
        self
    }

    /// The same operation, to go on for as long as somebody reads its answers.
    #[must_use]
    pub fn without_end(mut self) -> Self {
        self.patience = None;
        *self.snapshot.get_mut() = None;
        self
    }

    /// For how long somebody waits for the answer.
    #[must_use]
    pub fn patience(&self) -> Option<Patience> {
        self.patience.clone()
    }

    /// After a mutation: what is done has to be told, however long it took.
    pub fn has_written(&self, is_done: bool) {
        self.wrote.store(is_done, Ordering::Relaxed);
        if is_done
            && let Some(patience) = &self.patience
            && patience.deadline().saturating_duration_since(Instant::now()) < TO_TELL
        {
            *self.telling.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(Patience::until(Instant::now() + TO_TELL));
        }
    }

    /// The same operation, sent by `actor` with that credential.
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

    /// Whoever sent it. The gate lets nothing but introspection through without a caller, so this fails for nobody else.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`.
    pub fn actor(&self) -> Result<&Actor> {
        self.caller.as_ref().map(|caller| &caller.latest().actor).ok_or_else(unauthenticated)
    }

    /// What the caller sees: the first argument of every read.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`.
    pub fn scope(&self) -> Result<Scope> {
        Ok(self.actor()?.scope)
    }

    /// What the caller sees of import runs: nothing, where its roles are not those that import.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`.
    pub fn import_scope(&self) -> Result<Scope> {
        let actor = self.actor()?;
        Ok(if checks::read_imports(&actor.roles) { actor.scope } else { Scope::Nobody })
    }

    /// The one moment that everything in the operation takes for now; in a subscription, that of what it reads last.
    #[must_use]
    pub fn now(&self) -> NaiveDateTime {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id that its errors and its log lines bear.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// What the installation decides where the programme leaves a choice.
    #[must_use]
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Asks again who the caller is. `None` where its token is not valid any more.
    ///
    /// # Errors
    /// The database's.
    pub async fn authenticate_again(&self, now: NaiveDateTime) -> StoreResult<Option<Actor>> {
        let Some(credential) = self.credential.clone() else { return Ok(None) };
        self.database.read(move |conn| auth::actor(conn, &credential, now)).await
    }

    /// For a subscription that is about to read again: what time it is, what is written, and who the caller is now.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` where the token is not valid any more, or the database's.
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

    /// The database, for mutations to write to. Reads go through [`Operation::read`].
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Reads in the operation's snapshot with the caller's scope.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, or the database's.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn, &Scope) -> StoreResult<T> + Send + 'static,
    ) -> Result<T> {
        let scope = self.scope()?;
        Ok(self.read_unscoped(move |conn| work(conn, &scope)).await?)
    }

    /// Reads in the operation's snapshot what belongs to no caller: only for finding out who the caller is.
    pub async fn read_unscoped<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let read = async { self.snapshot().await?.read(work).await };
        read.await.map_err(|error| if self.wrote.load(Ordering::Relaxed) { error.after_a_write() } else { error })
    }

    /// Ends the snapshot, so that the next read sees what was written meanwhile. A mutation calls it after its write.
    pub async fn renew(&self) {
        *self.snapshot.lock().await = None;
    }

    /// After a write: a caller whose tenant had no account may have one now, and reads its answer as that.
    ///
    /// # Errors
    /// The database's.
    pub async fn grow(&self) -> StoreResult<()> {
        if let Some(caller) = &self.caller
            && caller.latest().actor.scope == Scope::Nobody
            && let Some(actor) = self.authenticate_again(self.now()).await?
            && actor.scope != Scope::Nobody
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
        let telling = self.telling.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let opened = Arc::new(self.database.snapshot(telling.or_else(|| self.patience())).await?);
        *held = Some(opened.clone());
        Ok(opened)
    }
}

impl Drop for Operation {
    /// Nobody reads the answer any more: it is finished, or the client has gone away. Statements that still run end.
    fn drop(&mut self) {
        let telling = self.telling.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        for patience in self.patience.iter().chain(&telling) {
            patience.give_up();
        }
    }
}

fn unauthenticated() -> async_graphql::Error {
    error(code::UNAUTHENTICATED, errors::NEEDS_TOKEN)
}
