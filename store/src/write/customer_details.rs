//! The details of a customer: what a partner knows of it, and what the customer or an operator says of it.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{CountryCode, CustomerKey, OperationType, PartnerKey, checks, search_key, sort_key};

use super::{Change, Event, Outcome, Viewer, customer_records, facts, json_list, record};
use crate::columns::{CustomerRecordColumns, CustomerRecordRow};
use crate::conn::Conn;
use crate::derive;
use crate::error::{StoreError, StoreResult};
use crate::read::json;
use crate::schema::customers;
use crate::scope::Actor;

/// What somebody sets: `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetailsChange {
    /// The name.
    pub company_name: Option<Option<String>>,
    /// The default domain.
    pub domain: Option<Option<String>>,
    /// The country.
    pub country: Option<Option<CountryCode>>,
    /// The words with which a partner tags it; of no meaning for what the customer says of itself.
    pub tags: Option<Vec<String>>,
}

/// Changes what that partner knows of the customer. A country that mends what an import let in opens new business again.
///
/// # Errors
/// The database's; [`StoreError::Value`] where the partner has no record of it.
pub fn update_record(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (partner_id, customer_id): (PartnerKey, CustomerKey),
    change: &DetailsChange,
) -> StoreResult<Outcome> {
    let held = customer_records::find(conn, partner_id, customer_id)?.ok_or_else(|| StoreError::Value {
        value: customer_id.to_string(),
        expected: "a customer of which the partner has a record",
    })?;
    let columns = CustomerRecordColumns {
        company_name: change.company_name.clone().unwrap_or_else(|| held.company_name.clone()),
        domain: change.domain.clone().unwrap_or_else(|| held.domain.clone()),
        country: change.country.unwrap_or(held.country),
        tags: change.tags.as_ref().map_or_else(|| held.tags.clone(), |tags| json_list(tags)),
        ..held.columns.clone()
    };
    let so_far = held.new_business_blocked.as_deref();
    let blocked = if columns.country == held.country {
        so_far.map(str::to_owned)
    } else {
        still_blocked(conn, partner_id, customer_id, so_far, columns.country)?
    };
    let mut changes = details(
        (&held.company_name, &held.domain, held.country),
        (&columns.company_name, &columns.domain, columns.country),
    );
    let words = |tags: &str| {
        json::<Vec<String>>(tags, "a list of tags").map(|tags| (!tags.is_empty()).then(|| tags.join(", ")))
    };
    changes.extend(Change::of("tags", words(&held.tags)?, words(&columns.tags)?));
    changes.extend(Change::of("newBusinessBlocked", held.new_business_blocked.clone(), blocked.clone()));
    if changes.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    customer_records::update(conn, now, &CustomerRecordRow { new_business_blocked: blocked, columns, ..held })?;
    derive::refresh_customers(conn, &[customer_id])?;
    // What a partner knows of a customer is its own: the customer does not read it in its history either.
    finish(conn, actor, now, customer_id, vec![Viewer::Partner(partner_id)], changes)
}

/// Changes what the customer, or an operator, says of it. The records of its partners stay as they are.
///
/// # Errors
/// The database's; [`StoreError::Value`] where there is no such customer.
pub fn update_own(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    customer_id: CustomerKey,
    change: &DetailsChange,
) -> StoreResult<Outcome> {
    let held: Option<(Option<String>, Option<String>, Option<CountryCode>)> = on!(conn, c => customers::table
        .find(customer_id)
        .select((customers::company_name, customers::domain, customers::country))
        .first(c)
        .optional())?;
    let (held_name, held_domain, held_country) =
        held.ok_or_else(|| StoreError::Value { value: customer_id.to_string(), expected: "the row of a customer" })?;
    let name = change.company_name.clone().unwrap_or_else(|| held_name.clone());
    let domain = change.domain.clone().unwrap_or_else(|| held_domain.clone());
    let country = change.country.unwrap_or(held_country);
    let changes = details((&held_name, &held_domain, held_country), (&name, &domain, country));
    if changes.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    on!(conn, c => diesel::update(customers::table.find(customer_id))
        .set((
            customers::company_name.eq(name.as_deref()),
            customers::name_key.eq(name.as_deref().map(search_key)),
            customers::name_sort.eq(name.as_deref().map(|name| sort_key(Some(name)))),
            customers::domain.eq(domain.as_deref()),
            customers::domain_key.eq(domain.as_deref().map(search_key)),
            customers::country.eq(country),
            customers::version.eq(customers::version + 1),
            customers::updated_at.eq(now),
        ))
        .execute(c))?;
    finish(conn, actor, now, customer_id, vec![Viewer::TheCustomer], changes)
}

type Details<'a> = (&'a Option<String>, &'a Option<String>, Option<CountryCode>);

fn details(before: Details<'_>, after: Details<'_>) -> Vec<Change> {
    let shown = |country: Option<CountryCode>| country.map(|country| country.to_string());
    [
        Change::of("companyName", before.0.clone(), after.0.clone()),
        Change::of("domain", before.1.clone(), after.1.clone()),
        Change::of("country", shown(before.2), shown(after.2)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Of the rules that an import let the customer break, those that it still breaks in its new country, as an import decides it.
fn still_blocked(
    conn: &mut Conn,
    partner_id: PartnerKey,
    customer_id: CustomerKey,
    blocked: Option<&str>,
    country: Option<CountryCode>,
) -> StoreResult<Option<String>> {
    let held = facts::rules(blocked)?;
    if held.is_empty() {
        return Ok(None);
    }
    let tenant_id = facts::customer(conn, partner_id, customer_id)?.tenant_id;
    let tenant_use = facts::tenant_use(conn, tenant_id)?;
    let partner = facts::partner(conn, partner_id)?;
    // A country that is not known any more decides nothing: what was broken with the old one stays broken.
    let broken: Vec<_> = checks::imported_customer(partner.country, country, tenant_use)
        .into_iter()
        .filter_map(|refusal| refusal.rule)
        .collect();
    let still = held.into_iter().filter(|rule| country.is_none() || broken.contains(rule));
    let still: Vec<&str> = still.map(partnergraph_domain::RuleId::as_str).collect();
    Ok((!still.is_empty()).then(|| still.join(" ")))
}

fn finish(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    customer_id: CustomerKey,
    viewers: Vec<Viewer>,
    changes: Vec<Change>,
) -> StoreResult<Outcome> {
    let mut event = Event::succeeded(OperationType::UpdateCustomer);
    event.customer_id = Some(customer_id);
    event.viewers = viewers;
    event.changes = changes;
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}
