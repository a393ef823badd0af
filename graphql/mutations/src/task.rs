//! How every mutation writes: one transaction, in which it finds what its input names, asks the rules and writes.

use async_graphql::{InputType, Result};
use chrono::NaiveDateTime;
use partnergraph_domain::rules::authz;
use partnergraph_domain::{Refusal, RuleId};
use partnergraph_store::database::Length;
use partnergraph_store::write::idempotency::{self, Recall};
use partnergraph_store::{Actor, Conn, StoreError, StoreResult};
use serde::Serialize;
use serde::de::DeserializeOwned;

use partnergraph_operation::Operation;

/// What the work came to when it is over: something to answer, or all that is against it.
pub(super) type Outcome<T> = Result<T, Vec<Refusal>>;

/// What a part of the work gives, inside the transaction.
pub(super) type Attempt<T> = Result<T, Stop>;

/// Why the work goes no further. Nothing of it is kept then.
#[derive(Debug)]
pub(super) enum Stop {
    /// All that is against it, which the caller reads among the user errors of the payload.
    Refused(Vec<Refusal>),
    /// Nobody's fault that the caller could mend: an error of the whole mutation.
    Failed(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

impl From<Vec<Refusal>> for Stop {
    fn from(refusals: Vec<Refusal>) -> Self {
        Self::Refused(refusals)
    }
}

/// Stops the work where anything is against it, with all of that.
pub(super) fn refuse_if(refusals: Vec<Refusal>) -> Attempt<()> {
    if refusals.is_empty() { Ok(()) } else { Err(refusals.into()) }
}

/// What an attempt came to, for work that goes on where one part of it is refused.
pub(super) fn settled<T>(attempt: Attempt<T>) -> StoreResult<Outcome<T>> {
    Ok(match attempt {
        Ok(done) => Ok(done),
        Err(Stop::Refused(refusals)) => Err(refusals),
        Err(Stop::Failed(error)) => return Err(error),
    })
}

/// What was found, or `None` and what is against it among `refusals`: whoever looks for several things asks for all of them
/// before [`refuse_if`], so that all refusals come at once.
pub(super) fn gather<T>(attempt: Attempt<T>, refusals: &mut Vec<Refusal>) -> StoreResult<Option<T>> {
    Ok(settled(attempt)?.map_err(|found| refusals.extend(found)).ok())
}

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
enum Undone<T> {
    /// The work stopped.
    Stopped(Stop),
    /// It was done to the end, and only to be validated.
    Validated(T),
}

impl<T> From<StoreError> for Undone<T> {
    fn from(error: StoreError) -> Self {
        Self::Stopped(Stop::Failed(error))
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
    work: impl FnOnce(&mut Conn, &Actor, NaiveDateTime) -> Attempt<T> + Send + 'static,
) -> Result<Outcome<T>> {
    write_for(operation, mode, Length::Short, work).await
}

/// The same for work that may take so long.
///
/// # Errors
/// As of [`write()`].
pub(super) async fn write_for<T: Send + 'static>(
    operation: &Operation,
    mode: Mode,
    length: Length,
    work: impl FnOnce(&mut Conn, &Actor, NaiveDateTime) -> Attempt<T> + Send + 'static,
) -> Result<Outcome<T>> {
    let actor = operation.actor()?.clone();
    let now = whole_seconds(operation.now());
    // A reading connection is held since the caller was found out. Whoever waits to write, behind a long import perhaps, must not
    // keep it from those who read.
    operation.renew().await;
    let written = operation
        .database()
        .write_for(operation.patience(), length, move |conn| match (work(conn, &actor, now), mode) {
            (Ok(done), Mode::Write) => Ok(done),
            (Ok(done), Mode::ValidateOnly) => Err(Undone::Validated(done)),
            (Err(stop), _) => Err(Undone::Stopped(stop)),
        })
        .await;
    operation.renew().await;
    operation.has_written(written.is_ok());
    if written.is_ok() {
        operation.grow().await?;
    }
    let attempt = match written {
        Ok(done) | Err(Undone::Validated(done)) => Ok(done),
        Err(Undone::Stopped(stop)) => Err(stop),
    };
    Ok(settled(attempt)?)
}

/// What a mutation made; `None` where it was only validated, since what was made then is gone again.
pub(super) fn made<T>(outcome: Outcome<T>, mode: Mode) -> Outcome<Option<T>> {
    outcome.map(|made| (mode == Mode::Write).then_some(made))
}

/// A request that makes something, and the idempotency key that it may bear.
#[derive(Debug, Clone)]
pub(super) struct Creation {
    key: Option<String>,
    operation: &'static str,
    input: serde_json::Value,
}

impl Creation {
    /// Of a mutation's input. Two inputs are the same where all but the key and `validateOnly` is.
    pub(super) fn of(operation: &'static str, key: Option<&str>, input: &impl InputType) -> Self {
        let mut spelled = input.to_value().into_json().unwrap_or_default();
        if let Some(members) = spelled.as_object_mut() {
            members.shift_remove("idempotencyKey");
            members.shift_remove("validateOnly");
        }
        Self { key: key.map(str::to_owned), operation, input: spelled }
    }
}

/// Does the work once for each idempotency key. `work` gives what is remembered, which must hold no secret, and what is told
/// once only; the same request again gets the first, and `None` for the second. What is refused is not remembered.
///
/// `role` stops by what is against the caller's role alone. It is asked before anything is said about a key that was used: who
/// lost the role since then gets the refusal. A new key needs no such question, because `work` asks all the rules.
pub(super) fn once<T: Serialize + DeserializeOwned, S>(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    creation: &Creation,
    role: impl FnOnce(&mut Conn) -> Attempt<()>,
    work: impl FnOnce(&mut Conn) -> Attempt<(T, S)>,
) -> Attempt<(T, Option<S>)> {
    let Some(key) = creation.key.as_deref() else {
        let (made, told) = work(conn)?;
        return Ok((made, Some(told)));
    };
    if key.is_empty() || key.chars().count() > LONGEST_KEY {
        let message = format!("An idempotency key has from 1 to {LONGEST_KEY} characters.");
        return Err(bad_input(&message, &["idempotencyKey"]).into());
    }
    let request = idempotency::Request { key, operation: creation.operation, input: &creation.input };
    let recalled = idempotency::recall(conn, actor, &request)?;
    if recalled != Recall::New {
        role(conn)?;
    }
    match recalled {
        Recall::New => {}
        Recall::Same(answer) => {
            let expected = "an answer as this program remembers it";
            let made = serde_json::from_value(answer)
                .map_err(|error| StoreError::Value { value: error.to_string(), expected })?;
            return Ok((made, None));
        }
        Recall::Other => {
            let message = "This key was used for another request; choose a new one.";
            return Err(Refusal::plain("IDEMPOTENCY_KEY_REUSED", message).field(["idempotencyKey"]).into());
        }
    }
    let (made, told) = work(conn)?;
    let answer = serde_json::to_value(&made)
        .map_err(|error| StoreError::Value { value: error.to_string(), expected: "an answer as JSON" })?;
    idempotency::remember(conn, actor, now, &request, &answer)?;
    Ok((made, Some(told)))
}

/// The most characters of an idempotency key.
const LONGEST_KEY: usize = 200;

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

/// The thing is for other people than the caller, whatever else may be against it.
pub(super) fn not_for_caller(rule: RuleId, message: &str) -> Refusal {
    authz::not_for(rule, message)
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
    refusals.into_iter().filter(Refusal::is_about_access).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gathered_is_refused_at_once() {
        let mut refusals = Vec::new();
        assert_eq!(gather(Ok(1), &mut refusals).unwrap(), Some(1));
        assert!(refuse_if(refusals.clone()).is_ok());
        let two = vec![not_found("partner", "a"), bad_input("No.", &["b"])];
        assert_eq!(gather::<i64>(Err(two.into()), &mut refusals).unwrap(), None);
        assert_eq!(gather::<i64>(Err(not_found("partner", "c").into()), &mut refusals).unwrap(), None);
        let Err(Stop::Refused(told)) = refuse_if(refusals) else { panic!("something is against it") };
        assert_eq!(told.iter().map(|refusal| refusal.field.concat()).collect::<String>(), "abc");
    }

    #[test]
    fn a_failure_is_no_refusal() {
        let mut refusals = Vec::new();
        let failed = Err::<(), _>(StoreError::Busy.into());
        assert!(matches!(gather(failed, &mut refusals), Err(StoreError::Busy)));
        assert!(refusals.is_empty());
    }
}
