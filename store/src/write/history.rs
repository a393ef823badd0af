//! The history of partners of record as the API writes it: one change at a time.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use partnergraph_domain::partner_of_record::{Period, Point, periods, points};
use partnergraph_domain::{ImportRunKey, PartnerKey, SubscriptionKey};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::imports::history;
use crate::schema::{partner_of_record_edits, partner_of_record_history, partners_of_record};

/// What made a reseller the partner of record: an import or a user; both are `None` if unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Source {
    run_id: Option<ImportRunKey>,
    set_by: Option<String>,
}

/// The current partner of record of a subscription, and since when.
type Current = (Option<PartnerKey>, Option<NaiveDateTime>, Option<ImportRunKey>, Option<String>);

/// Sets or clears the partner of record of a subscription from `now` on, and writes the resulting periods: the ended ones to the
/// history, the open one to the subscription. The caller increments the subscription's version.
///
/// An edit is always newer than what an import has stated, even if the import is dated in the future.
///
/// # Errors
/// Any database error.
pub(super) fn set(
    conn: &mut Conn,
    subscription_pk: SubscriptionKey,
    reseller_id: Option<PartnerKey>,
    by: &str,
    now: NaiveDateTime,
) -> StoreResult<()> {
    set_after(conn, subscription_pk, (reseller_id, by), (now, TimeDelta::zero())).map(drop)
}

/// The same, at least this long after everything that is known, so that the period that ends is not lost. Returns from when on.
///
/// # Errors
/// Any database error.
pub(crate) fn set_after(
    conn: &mut Conn,
    subscription_pk: SubscriptionKey,
    (reseller_id, by): (Option<PartnerKey>, &str),
    (now, least): (NaiveDateTime, TimeDelta),
) -> StoreResult<NaiveDateTime> {
    let so_far = stored(conn, subscription_pk)?;
    let newest = so_far.iter().flat_map(|period| [period.from, period.to]).flatten().max();
    let at = newest.map_or(now, |newest| now.max(newest + least));
    let mut stated = points(&so_far);
    let source = Source { run_id: None, set_by: Some(by.to_owned()) };
    stated.push(Point { at: Some(at), reseller: reseller_id, by: source });
    write(conn, subscription_pk, periods(stated))?;
    edited(conn, subscription_pk, at, (reseller_id, by))?;
    Ok(at)
}

/// Keeps what a person set. Of two edits at one moment, the later counts.
///
/// # Errors
/// Any database error.
pub(super) fn edited(
    conn: &mut Conn,
    subscription_pk: SubscriptionKey,
    at: NaiveDateTime,
    (reseller_id, by): (Option<PartnerKey>, &str),
) -> StoreResult<()> {
    let set = (partner_of_record_edits::reseller_id.eq(reseller_id), partner_of_record_edits::set_by.eq(by));
    on!(conn, c => diesel::insert_into(partner_of_record_edits::table)
        .values((
            partner_of_record_edits::subscription_pk.eq(subscription_pk),
            partner_of_record_edits::at.eq(at),
            set,
        ))
        .on_conflict((partner_of_record_edits::subscription_pk, partner_of_record_edits::at))
        .do_update()
        .set(set)
        .execute(c))?;
    Ok(())
}

fn stored(conn: &mut Conn, subscription_pk: SubscriptionKey) -> StoreResult<Vec<Period<PartnerKey, Source>>> {
    let ended = history::list(conn, &[subscription_pk])?.into_iter().map(|row| Period {
        reseller: row.reseller_id,
        from: row.valid_from,
        to: Some(row.valid_to),
        by: Source { run_id: row.run_id, set_by: row.set_by },
    });
    let mut periods: Vec<_> = ended.collect();
    let (reseller, from, run_id, set_by): Current = on!(conn, c => partners_of_record::table
        .find(subscription_pk)
        .select((
            partners_of_record::reseller_id,
            partners_of_record::partner_of_record_since,
            partners_of_record::partner_of_record_run,
            partners_of_record::partner_of_record_by,
        ))
        .first(c))?;
    periods.extend(reseller.map(|reseller| Period { reseller, from, to: None, by: Source { run_id, set_by } }));
    Ok(periods)
}

fn write(
    conn: &mut Conn,
    subscription_pk: SubscriptionKey,
    mut periods: Vec<Period<PartnerKey, Source>>,
) -> StoreResult<()> {
    let open = periods.pop_if(|last| last.to.is_none());
    history::forget(conn, &[subscription_pk])?;
    for Period { reseller, from, to, by } in periods {
        // Only the last of the `periods` is open.
        let Some(to) = to else { continue };
        on!(conn, c => diesel::insert_into(partner_of_record_history::table)
            .values((
                partner_of_record_history::subscription_pk.eq(subscription_pk),
                partner_of_record_history::reseller_id.eq(reseller),
                partner_of_record_history::valid_from.eq(from),
                partner_of_record_history::valid_to.eq(to),
                partner_of_record_history::run_id.eq(by.run_id),
                partner_of_record_history::set_by.eq(by.set_by.as_deref()),
            ))
            .execute(c))?;
    }
    let (reseller, since, by) =
        open.map_or((None, None, Source::default()), |open| (Some(open.reseller), open.from, open.by));
    on!(conn, c => diesel::update(partners_of_record::table.find(subscription_pk))
        .set((
            partners_of_record::reseller_id.eq(reseller),
            partners_of_record::partner_of_record_since.eq(since),
            partners_of_record::partner_of_record_run.eq(by.run_id),
            partners_of_record::partner_of_record_by.eq(by.set_by.as_deref()),
        ))
        .execute(c))?;
    Ok(())
}
