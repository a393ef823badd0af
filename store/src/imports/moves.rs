//! Moves of what one reseller holds for a provider to another reseller: what is moved, row by row, and the run that moves it.
//!
//! A move is planned, applied and reverted like an import, but all its rows change in the same way. So its plan is a table, and each
//! step is a few statements about all rows.

mod apply;
mod events;
mod judge;
mod lines;
mod plan;
mod revert;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{ErrorPolicy, ImportRunKey, MovedKind, MovedPart, PartnerKey};

pub use apply::apply;
pub use events::newest as newest_event;
pub use judge::{Judged, Standing, judged};
pub use lines::{MoveLine, Party, lines};
pub use plan::{
    Collected, KindTotals, changes, collect, customers, forget_items, loser, matches_more, refuse, refused, totals,
};
pub use revert::{Kept, revert};

use crate::conn::{Backend, Conn};
use crate::error::{StoreError, StoreResult};
use crate::schema::reseller_moves;
use crate::sql::{Sql, sql};

/// What a run moves, from whom and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The run.
    pub run_id: ImportRunKey,
    /// The provider whose run it is.
    pub provider_id: PartnerKey,
    /// The reseller that loses it.
    pub from: PartnerKey,
    /// The reseller that gains it; `None` if nobody does.
    pub to: Option<PartnerKey>,
    /// The MPN ID by which the new reseller was named. It can be that of another of its locations.
    pub to_mpn_id: Option<String>,
    /// What is moved; in the order of the enum.
    pub what: Vec<MovedPart>,
    /// What happens to the other rows if one is refused.
    pub error_policy: ErrorPolicy,
    /// When the run was applied.
    pub applied_at: Option<NaiveDateTime>,
}

impl Move {
    /// Whether it moves this.
    #[must_use]
    pub fn has(&self, what: MovedPart) -> bool {
        self.what.contains(&what)
    }

    /// Whether it moves everything or nothing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.error_policy == ErrorPolicy::RejectEverything
    }
}

/// Stores what a run moves, in the transaction that creates the run.
///
/// # Errors
/// Any database error.
pub fn create(conn: &mut Conn, new: &Move) -> StoreResult<()> {
    let what: Vec<&str> = new.what.iter().map(|part| part.as_str()).collect();
    on!(conn, c => diesel::insert_into(reseller_moves::table)
        .values((
            reseller_moves::run_id.eq(new.run_id),
            reseller_moves::from_id.eq(new.from),
            reseller_moves::to_id.eq(new.to),
            reseller_moves::to_mpn_id.eq(new.to_mpn_id.as_deref()),
            reseller_moves::what.eq(what.join(",")),
            reseller_moves::error_policy.eq(new.error_policy),
        ))
        .execute(c))?;
    Ok(())
}

type Stored = (PartnerKey, Option<PartnerKey>, Option<String>, String, ErrorPolicy, Option<NaiveDateTime>);

/// What a run moves; `None` for an import.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, run_id: ImportRunKey) -> StoreResult<Option<Move>> {
    let row: Option<Stored> = on!(conn, c => reseller_moves::table
        .find(run_id)
        .select((
            reseller_moves::from_id,
            reseller_moves::to_id,
            reseller_moves::to_mpn_id,
            reseller_moves::what,
            reseller_moves::error_policy,
            reseller_moves::applied_at,
        ))
        .first(c)
        .optional())?;
    let Some((from, to, to_mpn_id, what, error_policy, applied_at)) = row else { return Ok(None) };
    let Some(run) = super::runs::find(conn, run_id)? else { return Ok(None) };
    let what = what.split(',').map(|part| {
        part.parse()
            .map_err(|_| StoreError::Value { value: part.to_owned(), expected: "something that a reseller holds" })
    });
    let what = what.collect::<StoreResult<_>>()?;
    Ok(Some(Move { run_id, provider_id: run.partner_id, from, to, to_mpn_id, what, error_policy, applied_at }))
}

/// A moment in a select list, where PostgreSQL cannot infer the type of a bare placeholder. SQLite keeps text and has no such type.
fn moment(backend: Backend, at: NaiveDateTime) -> Sql {
    match backend {
        Backend::Sqlite => Sql::default().bind(at),
        Backend::Postgres => sql("CAST(").bind(at).push(" AS TIMESTAMP)"),
    }
}

/// A nullable key in a select list.
fn key(key: Option<PartnerKey>) -> Sql {
    sql("CAST(").bind(key).push(" AS BIGINT)")
}

/// A nullable text in a select list.
fn text(text: Option<&str>) -> Sql {
    sql("CAST(").bind(text.map(str::to_owned)).push(" AS TEXT)")
}

/// The run's rows of one kind, as a condition on `i`.
fn of(run_id: ImportRunKey, kind: MovedKind) -> Sql {
    sql("i.run_id = ").bind(run_id).push(" AND i.kind = ").bind(kind)
}
