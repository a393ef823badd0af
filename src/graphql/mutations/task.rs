//! How every mutation writes: one transaction, in which it finds what its input names, asks the rules and writes.

use async_graphql::{InputType, Result};
use chrono::NaiveDateTime;
use partnergraph_domain::{Refusal, RuleId};
use partnergraph_store::write::idempotency::{self, Recall};
use partnergraph_store::{Actor, Conn, StoreError, StoreResult};
use serde::Serialize;
use serde::de::DeserializeOwned;

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
    // A reading connection is held since the caller was found out. Whoever waits to write, behind a long import perhaps, must not
    // keep it from those who read.
    operation.renew().await;
    let settled = operation
        .database()
        .write_for(operation.patience(), move |conn| match work(conn, &actor, now)? {
            Ok(done) if mode == Mode::Write => Ok(done),
            other => Err(Stop::Settled(other)),
        })
        .await;
    operation.renew().await;
    if settled.is_ok() {
        operation.has_written();
        operation.grow().await?;
    }
    match settled {
        Ok(done) => Ok(Ok(done)),
        Err(Stop::Settled(outcome)) => Ok(outcome),
        Err(Stop::Failed(failed)) => Err(failed.into()),
    }
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
/// `role` gives what is against the caller's role alone. It is asked before anything is said about a key that was used: who
/// lost the role since then gets the refusal. A new key needs no such question, because `work` asks all the rules.
pub(super) fn once<T: Serialize + DeserializeOwned, S>(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    creation: &Creation,
    role: impl FnOnce(&mut Conn) -> StoreResult<Vec<Refusal>>,
    work: impl FnOnce(&mut Conn) -> StoreResult<Outcome<(T, S)>>,
) -> StoreResult<Outcome<(T, Option<S>)>> {
    let Some(key) = creation.key.as_deref() else {
        return Ok(work(conn)?.map(|(made, told)| (made, Some(told))));
    };
    if key.is_empty() || key.chars().count() > LONGEST_KEY {
        let message = format!("An idempotency key has from 1 to {LONGEST_KEY} characters.");
        return Ok(Err(vec![bad_input(&message, &["idempotencyKey"])]));
    }
    let request = idempotency::Request { key, operation: creation.operation, input: &creation.input };
    let recalled = idempotency::recall(conn, actor, &request)?;
    if recalled != Recall::New {
        let refusals = role(conn)?;
        if !refusals.is_empty() {
            return Ok(Err(refusals));
        }
    }
    match recalled {
        Recall::New => {}
        Recall::Same(answer) => {
            let expected = "an answer as this program remembers it";
            let made = serde_json::from_value(answer)
                .map_err(|error| StoreError::Value { value: error.to_string(), expected })?;
            return Ok(Ok((made, None)));
        }
        Recall::Other => {
            let message = "This key was used for another request; choose a new one.";
            return Ok(Err(vec![Refusal::plain("IDEMPOTENCY_KEY_REUSED", message).field(["idempotencyKey"])]));
        }
    }
    let (made, told) = match work(conn)? {
        Ok(done) => done,
        Err(refusals) => return Ok(Err(refusals)),
    };
    let answer = serde_json::to_value(&made)
        .map_err(|error| StoreError::Value { value: error.to_string(), expected: "an answer as JSON" })?;
    idempotency::remember(conn, actor, now, &request, &answer)?;
    Ok(Ok((made, Some(told))))
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
    Refusal::of(rule, "ROLE_NOT_ALLOWED", message).microsoft(900_150)
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
