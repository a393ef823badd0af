//! Agreements: the Microsoft Partner Agreement (M-01) and the Microsoft Customer Agreement (C-10).

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{AgreementType, CustomerKey, OperationType, PartnerKey};

use super::{Change, Event, Outcome, Viewer, record};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::agreements;
use crate::scope::Actor;

/// The party to an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// A partner account, which signs the Microsoft Partner Agreement.
    Partner(PartnerKey),
    /// A customer, which accepts the Microsoft Customer Agreement.
    Customer(CustomerKey),
}

impl Party {
    fn agreement_type(self) -> AgreementType {
        match self {
            Self::Partner(_) => AgreementType::MicrosoftPartnerAgreement,
            Self::Customer(_) => AgreementType::MicrosoftCustomerAgreement,
        }
    }

    fn ids(self) -> (Option<PartnerKey>, Option<CustomerKey>) {
        match self {
            Self::Partner(id) => (Some(id), None),
            Self::Customer(id) => (None, Some(id)),
        }
    }
}

/// Whether the party's agreement is in force.
///
/// # Errors
/// Any database error.
pub fn is_signed(conn: &mut Conn, party: Party) -> StoreResult<bool> {
    let live = agreements::ended_at.is_null();
    let count: i64 = match party {
        Party::Partner(id) => on!(conn, c => agreements::table
            .filter(live.and(agreements::partner_id.eq(id)))
            .count()
            .get_result(c))?,
        Party::Customer(id) => on!(conn, c => agreements::table
            .filter(live.and(agreements::customer_id.eq(id)))
            .count()
            .get_result(c))?,
    };
    Ok(count > 0)
}

/// The person who accepts for a customer, with the details that portals ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatory {
    /// The person's first name.
    pub first_name: String,
    /// The person's last name.
    pub last_name: String,
    /// The person's e-mail address.
    pub email: String,
}

/// Signs the party's agreement. An agreement in force is left unchanged (C-11).
///
/// # Errors
/// Any database error.
pub fn sign(conn: &mut Conn, actor: &Actor, now: NaiveDateTime, party: Party) -> StoreResult<Outcome> {
    sign_by(conn, actor, now, party, None)
}

/// The same, recording the person who signs.
///
/// # Errors
/// Any database error.
pub fn sign_by(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    party: Party,
    signatory: Option<&Signatory>,
) -> StoreResult<Outcome> {
    if is_signed(conn, party)? {
        return Ok(Outcome::Unchanged);
    }
    let (partner_id, customer_id) = party.ids();
    let agreement_type = party.agreement_type();
    on!(conn, c => diesel::insert_into(agreements::table)
        .values((
            agreements::agreement_type.eq(agreement_type),
            agreements::partner_id.eq(partner_id),
            agreements::customer_id.eq(customer_id),
            agreements::first_name.eq(signatory.map(|person| person.first_name.as_str())),
            agreements::last_name.eq(signatory.map(|person| person.last_name.as_str())),
            agreements::email.eq(signatory.map(|person| person.email.as_str())),
            agreements::accepted_by.eq(&actor.user_principal_name),
            agreements::accepted_by_partner_id.eq(actor.scope.partner_id()),
            agreements::accepted_at.eq(now),
        ))
        .execute(c))?;
    let mut event = Event::succeeded(OperationType::CreateAgreement);
    event.partner_id = partner_id;
    event.customer_id = customer_id;
    event.viewers = vec![match party {
        Party::Partner(id) => Viewer::Partner(id),
        Party::Customer(_) => Viewer::TheCustomer,
    }];
    event.changes = Change::of("agreement", None, Some(agreement_type.to_string())).into_iter().collect();
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}
