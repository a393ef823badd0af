//! The evidence that customers accepted the Microsoft Customer Agreement (C-03, C-10, C-11, C-31).
//!
//! Evidence belongs to one partner. What another partner holds neither counts for it nor shows in anything that it reads.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{AgreementEvidence, AgreementType, CustomerKey, OperationType, PartnerKey};

use super::{Change, Event, Viewer, record};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::customer_agreements as table;
use crate::scope::Actor;

/// A partner and its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvidenceOf {
    /// The partner whose evidence it is.
    pub partner_id: PartnerKey,
    /// The customer that accepted.
    pub customer_id: CustomerKey,
}

/// The person who accepted for the customer, with the details that portals require.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Queryable)]
pub struct Signatory {
    /// The person's first name.
    pub first_name: Option<String>,
    /// The person's last name.
    pub last_name: Option<String>,
    /// The person's email address.
    pub email: Option<String>,
    /// The person's phone number.
    pub phone_number: Option<String>,
}

/// Who accepted, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The person.
    pub by: Signatory,
    /// When.
    pub at: NaiveDateTime,
}

/// Whether the customer itself has accepted, through whichever partner. Only what the customer does depends on this (C-11).
///
/// # Errors
/// Any database error.
pub fn has_accepted(conn: &mut Conn, customer_id: CustomerKey) -> StoreResult<bool> {
    let own = table::customer_id.eq(customer_id).and(table::evidence.eq(AgreementEvidence::Accepted));
    let count: i64 = on!(conn, c => table::table.filter(own).count().get_result(c))?;
    Ok(count > 0)
}

/// The person who accepted for the customer itself last, through whichever partner. `None` if it never accepted.
///
/// # Errors
/// Any database error.
pub fn accepted_by(conn: &mut Conn, customer_id: CustomerKey) -> StoreResult<Option<Signatory>> {
    let own = table::customer_id.eq(customer_id).and(table::evidence.eq(AgreementEvidence::Accepted));
    Ok(on!(conn, c => table::table
        .filter(own)
        .order(table::id.desc())
        .select((table::first_name, table::last_name, table::email, table::phone_number))
        .first(c)
        .optional())?)
}

/// Whether the partner has attested the same before (C-31).
///
/// # Errors
/// Any database error.
pub fn is_attested(conn: &mut Conn, of: EvidenceOf, acceptance: &Acceptance) -> StoreResult<bool> {
    let attested = table::customer_id
        .eq(of.customer_id)
        .and(table::partner_id.eq(of.partner_id))
        .and(table::evidence.eq(AgreementEvidence::Attested))
        .and(table::accepted_at.eq(acceptance.at));
    let people: Vec<Signatory> = on!(conn, c => table::table
        .filter(attested)
        .select((table::first_name, table::last_name, table::email, table::phone_number))
        .load(c))?;
    Ok(people.contains(&acceptance.by))
}

/// Records that the customer accepted the agreement, for one of its partners. What is recorded already is left unchanged (C-11).
///
/// # Errors
/// Any database error.
pub fn accept(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    of: EvidenceOf,
    acceptance: &Acceptance,
) -> StoreResult<()> {
    let held = table::customer_id.eq(of.customer_id).and(table::partner_id.eq(of.partner_id));
    let known = held.and(table::evidence.eq(AgreementEvidence::Accepted));
    let count: i64 = on!(conn, c => table::table.filter(known).count().get_result(c))?;
    if count > 0 {
        return Ok(());
    }
    add(conn, actor, now, of, (AgreementEvidence::Accepted, acceptance))
}

/// Records that the partner attests the acceptance (C-31). What it attested before is left unchanged.
///
/// # Errors
/// Any database error.
pub fn attest(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    of: EvidenceOf,
    acceptance: &Acceptance,
) -> StoreResult<()> {
    if is_attested(conn, of, acceptance)? {
        return Ok(());
    }
    add(conn, actor, now, of, (AgreementEvidence::Attested, acceptance))
}

fn add(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    of: EvidenceOf,
    (evidence, acceptance): (AgreementEvidence, &Acceptance),
) -> StoreResult<()> {
    let Acceptance { by, at } = acceptance;
    on!(conn, c => diesel::insert_into(table::table)
        .values((
            table::customer_id.eq(of.customer_id),
            table::partner_id.eq(of.partner_id),
            table::evidence.eq(evidence),
            table::accepted_at.eq(Some(at)),
            table::first_name.eq(by.first_name.as_deref()),
            table::last_name.eq(by.last_name.as_deref()),
            table::email.eq(by.email.as_deref()),
            table::phone_number.eq(by.phone_number.as_deref()),
            table::recorded_by.eq(Some(actor.user_principal_name.as_str())),
            table::recorded_at.eq(now),
        ))
        .execute(c))?;
    let mut event = Event::succeeded(OperationType::CreateAgreement);
    event.customer_id = Some(of.customer_id);
    event.partner_id = Some(of.partner_id);
    event.viewers = vec![Viewer::Partner(of.partner_id), Viewer::TheCustomer];
    let kind = AgreementType::MicrosoftCustomerAgreement.to_string();
    let person =
        [by.first_name.as_deref(), by.last_name.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    event.changes = [
        Change::of("agreement", None, Some(kind)),
        Change::of("evidence", None, Some(evidence.to_string())),
        Change::of("acceptedBy", None, Some(person).filter(|person| !person.is_empty())),
        Change::of("acceptedAt", None, Some(at.date().to_string())),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok(())
}
