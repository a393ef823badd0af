//! How every mutation writes: in one transaction, it finds what its input names, checks the rules and writes.

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

/// The outcome of the finished work: a result, or every refusal.
pub(super) type Outcome<T> = Result<T, Vec<Refusal>>;

/// The result of one step of the work, inside the transaction.
pub(super) type Attempt<T> = Result<T, Stop>;

/// Why the work stopped. Nothing it wrote is kept.
#[derive(Debug)]
pub(super) enum Stop {
    /// The refusals, which the caller reads in the payload's `userErrors`.
    Refused(Vec<Refusal>),
    /// A failure that the caller cannot fix. It becomes an error of the whole mutation.
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

/// Stops the work with all `refusals`, if there are any.
pub(super) fn refuse_if(refusals: Vec<Refusal>) -> Attempt<()> {
    if refusals.is_empty() { Ok(()) } else { Err(refusals.into()) }
}

/// Separates refusals from failures, for work that continues when one part of it is refused.
pub(super) fn settled<T>(attempt: Attempt<T>) -> StoreResult<Outcome<T>> {
    Ok(match attempt {
        Ok(done) => Ok(done),
        Err(Stop::Refused(refusals)) => Err(refusals),
        Err(Stop::Failed(error)) => return Err(error),
    })
}

/// Returns what was found. If the attempt was refused, adds its refusals to `refusals` and returns `None`. Code that
/// looks up several things gathers all of them before it calls [`refuse_if`], so that every refusal is reported at
/// once.
pub(super) fn gather<T>(attempt: Attempt<T>, refusals: &mut Vec<Refusal>) -> StoreResult<Option<T>> {
    Ok(settled(attempt)?.map_err(|found| refusals.extend(found)).ok())
}

/// Whether the work is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The work is committed.
    Write,
    /// The work is done, read by the payload, and rolled back. The checks and refusals are the same as for [`Mode::Write`].
    ValidateOnly,
}

impl From<bool> for Mode {
    /// From an input's `validateOnly`.
    fn from(validate_only: bool) -> Self {
        if validate_only { Self::ValidateOnly } else { Self::Write }
    }
}

/// Does the work in one write transaction; only one writer runs at a time. Work that is refused, or only validated, is
/// rolled back; what is only validated, after the payload has been read.
///
/// Reads later in the same operation see the new state, or until the operation writes again, the state as it would be.
///
/// # Errors
/// `UNAUTHENTICATED`, or a database error.
pub(super) async fn write<T: Send + 'static>(
    operation: &Operation,
    mode: Mode,
    work: impl FnOnce(&mut Conn, &Actor, NaiveDateTime) -> Attempt<T> + Send + 'static,
) -> Result<Outcome<T>> {
    write_for(operation, mode, Length::Short, work).await
}

/// As [`write()`], for work that is allowed to take as long as `length` says.
///
/// # Errors
/// Those of [`write()`].
pub(super) async fn write_for<T: Send + 'static>(
    operation: &Operation,
    mode: Mode,
    length: Length,
    work: impl FnOnce(&mut Conn, &Actor, NaiveDateTime) -> Attempt<T> + Send + 'static,
) -> Result<Outcome<T>> {
    let actor = operation.actor()?.clone();
    let now = whole_seconds(operation.now());
    // The operation has held a read connection since it identified the caller. Release it now: a write that waits,
    // perhaps behind a long import, must not keep a connection from readers.
    operation.renew().await;
    let database = operation.database();
    let (limit, work) = (operation.time_limit(), move |conn: &mut Conn| work(conn, &actor, now));
    if mode == Mode::ValidateOnly {
        return Ok(settled(match database.draft(limit, length, work).await {
            Ok((done, draft)) => {
                operation.read_in(draft).await;
                Ok(done)
            }
            Err(stop) => Err(stop),
        })?);
    }
    let written = database.write_for(limit, length, work).await;
    operation.renew().await;
    operation.has_written(written.is_ok());
    if written.is_ok() {
        operation.grow().await?;
    }
    Ok(settled(written)?)
}

/// What was queued, or `None` if it was only validated: then there is nothing to start.
pub(super) fn queued<T>(outcome: Outcome<T>, mode: Mode) -> Outcome<Option<T>> {
    outcome.map(|queued| (mode == Mode::Write).then_some(queued))
}

/// What a mutation created, without the secret if it was only validated: it never opens anything.
pub(super) fn without_secret<T, S>(outcome: Outcome<(T, Option<S>)>, mode: Mode) -> Outcome<(T, Option<S>)> {
    outcome.map(|(made, secret)| (made, secret.filter(|_| mode == Mode::Write)))
}

/// A request that creates something, with its optional idempotency key.
#[derive(Debug, Clone)]
pub(super) struct Creation {
    key: Option<String>,
    operation: &'static str,
    input: serde_json::Value,
}

impl Creation {
    /// Takes a mutation's input. Two inputs are equal if everything except the key and `validateOnly` is equal.
    pub(super) fn of(operation: &'static str, key: Option<&str>, input: &impl InputType) -> Self {
        let mut spelled = input.to_value().into_json().unwrap_or_default();
        if let Some(members) = spelled.as_object_mut() {
            members.shift_remove("idempotencyKey");
            members.shift_remove("validateOnly");
        }
        Self { key: key.map(str::to_owned), operation, input: spelled }
    }
}

/// Does the work once for each idempotency key. `work` returns two values: one that is remembered, which must not
/// contain secrets, and one that is returned only once. Repeating the same request returns the remembered value, and
/// `None` in place of the second. Refused requests are not remembered.
///
/// `role` checks only the caller's role. It runs before anything about a used key is revealed, so a caller who has lost
/// the role since then is refused. A new key does not need it, because `work` checks all rules.
pub(super) fn once<T: Serialize + DeserializeOwned, S>(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    creation: &Creation,
    role: impl FnOnce(&mut Conn) -> Attempt<()>,
    work: impl FnOnce(&mut Conn) -> Attempt<(T, S)>,
) -> Attempt<(T, Option<S>)> {
    let Some(key) = creation.key.as_deref() else {
        let (made, returned_once) = work(conn)?;
        return Ok((made, Some(returned_once)));
    };
    if key.is_empty() || key.chars().count() > LONGEST_KEY {
        let message = format!("An idempotency key must have 1 to {LONGEST_KEY} characters.");
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
            let expected = "a remembered result of this operation";
            let made = serde_json::from_value(answer)
                .map_err(|error| StoreError::Value { value: error.to_string(), expected })?;
            return Ok((made, None));
        }
        Recall::Other => {
            let message = "This idempotency key was used for a different request. Use a new key.";
            return Err(Refusal::plain("IDEMPOTENCY_KEY_REUSED", message).field(["idempotencyKey"]).into());
        }
    }
    let (made, returned_once) = work(conn)?;
    let answer = serde_json::to_value(&made).map_err(|error| StoreError::Value {
        value: error.to_string(),
        expected: "a result that can be stored as JSON",
    })?;
    idempotency::remember(conn, actor, now, &request, &answer)?;
    Ok((made, Some(returned_once)))
}

/// The maximum length of an idempotency key, in characters.
const LONGEST_KEY: usize = 200;

/// Times are shown in whole seconds, so they are stored in whole seconds.
fn whole_seconds(now: NaiveDateTime) -> NaiveDateTime {
    use chrono::Timelike;
    now.with_nanosecond(0).unwrap_or(now)
}

/// Something that does not exist or that the caller cannot see. The two are indistinguishable.
pub(super) fn not_found(what: &str, field: &str) -> Refusal {
    Refusal::not_found(what, field)
}

/// An input with missing, superfluous or contradictory fields.
pub(super) fn bad_input(message: &str, field: &[&str]) -> Refusal {
    Refusal::plain("BAD_INPUT", message).field(field.iter().copied())
}

/// The caller's kind of account may not do this at all, whatever the other rules say.
pub(super) fn not_for_caller(rule: RuleId, message: &str) -> Refusal {
    authz::not_for(rule, message)
}

/// The entity has changed since the caller last read it (2055).
pub(super) fn stale(if_version: Option<i64>, version: i64) -> Option<Refusal> {
    Refusal::stale(if_version, version)
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
        let Err(Stop::Refused(refused)) = refuse_if(refusals) else { panic!("there are refusals") };
        assert_eq!(refused.iter().map(|refusal| refusal.field.concat()).collect::<String>(), "abc");
    }

    #[test]
    fn a_failure_is_no_refusal() {
        let mut refusals = Vec::new();
        let failed = Err::<(), _>(StoreError::Busy.into());
        assert!(matches!(gather(failed, &mut refusals), Err(StoreError::Busy)));
        assert!(refusals.is_empty());
    }
}
