//! Which accounts belong to one company, and which companies are affiliates.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{CompanyKey, OperationType, OrganizationLinkKind, PartnerKey};

use super::partners::label;
use super::{Change, Event, Outcome, Viewer, facts, record};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::{companies, company_affiliations, partners};
use crate::scope::Actor;
use crate::sql::sql;

/// Creates a new company, whatever the names of others: two companies with the same name are one only if an operator says so.
///
/// # Errors
/// Any database error.
pub(super) fn found(conn: &mut Conn, now: NaiveDateTime, name: &str) -> StoreResult<CompanyKey> {
    Ok(on!(conn, c => diesel::insert_into(companies::table)
        .values((companies::name.eq(name), companies::created_at.eq(now)))
        .returning(companies::id)
        .get_result(c))?)
}

/// Renames the company of an account, if no other account belongs to it.
///
/// # Errors
/// Any database error.
pub(super) fn rename(conn: &mut Conn, partner_id: PartnerKey, name: &str) -> StoreResult<()> {
    let statement = sql("UPDATE companies SET name = ")
        .bind(name)
        .push(" WHERE id = (SELECT p.company_id FROM partners p WHERE p.id = ")
        .bind(partner_id)
        .push(") AND NOT EXISTS (SELECT 1 FROM partners o WHERE o.company_id = companies.id AND o.id <> ")
        .bind(partner_id)
        .push(")");
    conn.execute(&statement).map(drop)
}

/// Records that the companies of two accounts are the same, or affiliates. A merged company keeps the affiliates of both.
///
/// # Errors
/// Any database error.
pub fn link(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (a, b): (PartnerKey, PartnerKey),
    kind: OrganizationLinkKind,
) -> StoreResult<Outcome> {
    let before = facts::tie(conn, a, b)?;
    if before == Some(kind) {
        return Ok(Outcome::Unchanged);
    }
    let (kept, other) = (company_of(conn, now, a)?, company_of(conn, now, b)?);
    match kind {
        OrganizationLinkKind::SameCompany => merge(conn, now, kept, other)?,
        OrganizationLinkKind::Affiliate => affiliate(conn, now, kept, other)?,
    }
    let mut event = Event::succeeded(OperationType::LinkOrganizations);
    event.partner_id = Some(b);
    event.viewers = vec![Viewer::Partner(a), Viewer::Partner(b)];
    event.changes = [
        Change::of("organizations", None, Some(names(conn, a, b)?)),
        Change::of("kind", before.map(|kind| kind.to_string()), Some(kind.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

fn names(conn: &mut Conn, a: PartnerKey, b: PartnerKey) -> StoreResult<String> {
    let (a, b) = (label(conn, Some(a))?, label(conn, Some(b))?);
    Ok(a.into_iter().chain(b).collect::<Vec<_>>().join(" "))
}

/// The company of an account. An account without one, such as a placeholder, gets a new company with its own name.
fn company_of(conn: &mut Conn, now: NaiveDateTime, partner_id: PartnerKey) -> StoreResult<CompanyKey> {
    let (company, name): (Option<CompanyKey>, String) = on!(conn, c => partners::table
        .find(partner_id)
        .select((partners::company_id, partners::name))
        .first(c))?;
    if let Some(company) = company {
        return Ok(company);
    }
    let company = found(conn, now, &name)?;
    on!(conn, c => diesel::update(partners::table.find(partner_id)).set(partners::company_id.eq(company)).execute(c))?;
    Ok(company)
}

fn affiliate(conn: &mut Conn, now: NaiveDateTime, one: CompanyKey, other: CompanyKey) -> StoreResult<()> {
    on!(conn, c => diesel::insert_into(company_affiliations::table)
        .values((
            company_affiliations::company_a.eq(one.min(other)),
            company_affiliations::company_b.eq(one.max(other)),
            company_affiliations::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Moves all accounts and affiliates of `other` to `kept`, and deletes `other`, so that no later account of that name can join
/// it.
fn merge(conn: &mut Conn, now: NaiveDateTime, kept: CompanyKey, other: CompanyKey) -> StoreResult<()> {
    let affiliations: Vec<(CompanyKey, CompanyKey)> = on!(conn, c => company_affiliations::table
        .filter(company_affiliations::company_a.eq(other).or(company_affiliations::company_b.eq(other)))
        .select((company_affiliations::company_a, company_affiliations::company_b))
        .load(c))?;
    on!(conn, c => diesel::delete(company_affiliations::table
            .filter(company_affiliations::company_a.eq(other).or(company_affiliations::company_b.eq(other))))
        .execute(c))?;
    for (one, two) in affiliations {
        let third = if one == other { two } else { one };
        if third != kept {
            affiliate(conn, now, kept, third)?;
        }
    }
    on!(conn, c => diesel::update(partners::table.filter(partners::company_id.eq(other)))
        .set((
            partners::company_id.eq(kept),
            partners::version.eq(partners::version + 1),
            partners::updated_at.eq(now),
        ))
        .execute(c))?;
    on!(conn, c => diesel::delete(companies::table.find(other)).execute(c))?;
    Ok(())
}
