//! How every mutation writes: one transaction, in which it finds what its input names, asks the rules and writes.

use async_graphql::Result;
use chrono::NaiveDateTime;
use partnergraph_domain::Refusal;
use partnergraph_store::{Actor, Conn, StoreError, StoreResult};

use crate::graphql::Operation;

/// What the work came to: something to answer, or all that is against it.
pub(super) type Outcome<T> = Result<T, Vec<Refusal>>;

/// Whether the work is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It is written.
    Write,
    /// It is done and taken back: the same checks and the same refusals, and nothing written.
    ValidateOnly,
}

impl From<bool> for Mode {
    /// From an input's `validateOnly`.
    fn from(validate_only: bool) -> Self {
        if validate_only { Self::ValidateOnly } else { Self::Write }
    }
}

/// Why a transaction does not commit.
enum Stop<T> {
    Failed(StoreError),
    Settled(Outcome<T>),
}

impl<T> From<StoreError> for Stop<T> {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// Does the work in one write transaction, as the only writer. What is refused, or only validated, leaves nothing behind.
///
/// The operation's reads see the new state afterwards.
///
/// # Errors
/// `UNAUTHENTICATED`, or the database's.
pub(super) async fn write<T: Send + 'static>(
    operation: &Operation,
    mode: Mode,
    work: impl FnOnce(&mut Conn, &Actor, NaiveDateTime) -> StoreResult<Outcome<T>> + Send + 'static,
) -> Result<Outcome<T>> {
    let actor = operation.actor()?.clone();
    let now = whole_seconds(operation.now());
    let settled = operation
        .database()
        .write(move |conn| match work(conn, &actor, now)? {
            Ok(done) if mode == Mode::Write => Ok(done),
            other => Err(Stop::Settled(other)),
        })
        .await;
    operation.renew().await;
    match settled {
        Ok(done) => Ok(Ok(done)),
        Err(Stop::Settled(outcome)) => Ok(outcome),
        Err(Stop::Failed(failed)) => Err(failed.into()),
    }
}

/// What is shown as a moment is kept as one: nobody compares microseconds of a contract.
fn whole_seconds(now: NaiveDateTime) -> NaiveDateTime {
    use chrono::Timelike;
    now.with_nanosecond(0).unwrap_or(now)
}

/// What does not exist, or is not the caller's to see; both look alike.
pub(super) fn not_found(what: &str, field: &str) -> Refusal {
    Refusal::plain("NOT_FOUND", format!("There is no such {what}.")).field([field])
}

/// An input that says too little, too much or what contradicts itself.
pub(super) fn bad_input(message: &str, field: &[&str]) -> Refusal {
    Refusal::plain("BAD_INPUT", message).field(field.iter().copied())
}

/// The thing is not the one that the caller last saw (2055).
pub(super) fn stale(if_version: Option<i64>, version: i64) -> Option<Refusal> {
    let expected = if_version.filter(|expected| *expected != version)?;
    let message = format!("It has version {version} now, not {expected}: read it again before changing it.");
    Some(Refusal::plain("STALE_VERSION", message).microsoft(2055).field(["ifVersion"]))
}

/// What of the refusals the caller may know: somebody of another organisation learns that it may not, and not what else is
/// the matter there.
pub(super) fn told(
    refusals: Vec<Refusal>,
    actor: &partnergraph_domain::Actor,
    owner: &partnergraph_domain::PartnerFacts,
) -> Vec<Refusal> {
    if owner.tenant_id.is_some() && actor.tenant_id == owner.tenant_id {
        return refusals;
    }
    refusals.into_iter().filter(|refusal| refusal.rule.is_some_and(|rule| rule.as_str().starts_with("A-"))).collect()
}
