//! What one operation knows and reads through.

use std::sync::{Arc, OnceLock};

use async_graphql::{Context, Result};
use chrono::NaiveDateTime;
use partnergraph_domain::checks;
use partnergraph_store::{Actor, Conn, Database, Scope, Snapshot, StoreError, StoreResult};
use tokio::sync::Mutex;

use super::errors::{code, error};
use crate::auth;
use crate::policy::Policy;

/// One operation under way. It stands in the request's data as `Arc<Operation>`; [`Operation::of`] fetches it.
///
/// All that the operation reads comes from one read transaction, opened when it is first needed, so that a list, its total and
/// everything below it are of one state of the database.
#[allow(missing_debug_implementations)]
pub struct Operation {
    database: Database,
    policy: Arc<Policy>,
    request_id: String,
    now: NaiveDateTime,
    token: Option<String>,
    actor: Option<Actor>,
    /// Who the caller is after what the operation wrote, where its organisation got its account by that.
    grown: OnceLock<Actor>,
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
            now,
            token: None,
            actor: None,
            grown: OnceLock::new(),
            snapshot: Mutex::new(None),
        }
    }

    /// The same operation, sent by `actor` with that token.
    #[must_use]
    pub fn by(mut self, actor: Actor, token: String) -> Self {
        self.actor = Some(actor);
        self.token = Some(token);
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
        self.grown
            .get()
            .or(self.actor.as_ref())
            .ok_or_else(|| error(code::UNAUTHENTICATED, "a valid access token is needed"))
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

    /// The one moment that everything in the operation takes for now.
    #[must_use]
    pub fn now(&self) -> NaiveDateTime {
        self.now
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
        let Some(token) = self.token.clone() else { return Ok(None) };
        self.database.read(move |conn| auth::authenticate(conn, &token, now)).await
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
    pub(super) async fn read_unscoped<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let snapshot = self.snapshot().await?;
        snapshot.read(work).await
    }

    /// Ends the snapshot, so that the next read sees what was written meanwhile. A mutation calls it after its write.
    pub async fn renew(&self) {
        *self.snapshot.lock().await = None;
    }

    /// After a write: a caller whose tenant had no account may have one now, and reads its answer as that.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn grow(&self) -> StoreResult<()> {
        if self.actor.as_ref().is_some_and(|actor| actor.scope == Scope::Nobody)
            && let Some(actor) = self.authenticate_again(self.now).await?
            && actor.scope != Scope::Nobody
        {
            // Set once: an operation's mutations run one after the other, and the first account is the one.
            let _ = self.grown.set(actor);
        }
        Ok(())
    }

    async fn snapshot(&self) -> Result<Arc<Snapshot>, StoreError> {
        let mut held = self.snapshot.lock().await;
        if let Some(snapshot) = held.as_ref() {
            return Ok(snapshot.clone());
        }
        let opened = Arc::new(self.database.snapshot().await?);
        *held = Some(opened.clone());
        Ok(opened)
    }
}
