//! The details of a customer: a partner's record of it, and the values set by the customer or an operator.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{CountryCode, CustomerKey, OperationType, PartnerKey, checks, search_key, sort_key};

use super::partners::label;
use super::{Change, Event, Outcome, Viewer, customer_records, facts, json_list, record};
use crate::columns::{CustomerRecordColumns, CustomerRecordRow};
use crate::conn::Conn;
use crate::derive;
use crate::error::{StoreError, StoreResult};
use crate::read::json;
use crate::schema::customers;
use crate::scope::Actor;

/// The fields to set: `None` leaves a field unchanged, `Some(None)` clears it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DetailsChange {
    /// The name.
    pub company_name: Option<Option<String>>,
    /// The default domain.
    pub domain: Option<Option<String>>,
    /// The country.
    pub country: Option<Option<CountryCode>>,
    /// A partner's tags; not used for the customer's own values.
    pub tags: Option<Vec<String>>,
}

/// Changes that partner's record of the customer. If a new country resolves a rule breach from an import, new business is
/// possible again.
///
/// # Errors
/// Any database error; [`StoreError::Value`] if the partner has no record of it.
pub fn update_record(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (partner_id, customer_id): (PartnerKey, CustomerKey),
    change: &DetailsChange,
) -> StoreResult<Outcome> {
    let held = customer_records::find(conn, partner_id, customer_id)?.ok_or_else(|| StoreError::Value {
        value: customer_id.to_string(),
        expected: "a customer that the partner has a record of",
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
    let list = |tags: &str| {
        json::<Vec<String>>(tags, "a list of tags").map(|tags| (!tags.is_empty()).then(|| tags.join(", ")))
    };
    changes.extend(Change::of("tags", list(&held.tags)?, list(&columns.tags)?));
    changes.extend(Change::of("newBusinessBlocked", held.new_business_blocked.clone(), blocked.clone()));
    if changes.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    customer_records::update(conn, now, &CustomerRecordRow { new_business_blocked: blocked, columns, ..held })?;
    derive::refresh_customers(conn, &[customer_id])?;
    // A partner's record is its own: the customer cannot read it in its history either.
    finish(conn, actor, now, customer_id, vec![Viewer::Partner(partner_id)], changes)
}

/// Changes the values set by the customer or an operator. The records of its partners are unchanged.
///
/// # Errors
/// Any database error; [`StoreError::Value`] if there is no such customer.
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
    let (held_name, held_domain, held_country) = held.ok_or_else(|| StoreError::Value {
        value: customer_id.to_string(),
        expected: "the id of an existing customer",
    })?;
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

/// Marks the customer's tenant for a partner's internal use, as its Global admin confirms. The newest word of the tenant
/// itself counts. `sellers` are told, besides the customer.
///
/// # Errors
/// Any database error.
pub fn mark_internal_use(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (customer_id, buyer_id): (CustomerKey, PartnerKey),
    sellers: &[PartnerKey],
) -> StoreResult<Outcome> {
    let held: Option<PartnerKey> =
        on!(conn, c => customers::table.find(customer_id).select(customers::internal_use_of).first(c))?;
    if held == Some(buyer_id) {
        return Ok(Outcome::Unchanged);
    }
    on!(conn, c => diesel::update(customers::table.find(customer_id))
        .set((
            customers::internal_use_of.eq(buyer_id),
            customers::version.eq(customers::version + 1),
            customers::updated_at.eq(now),
        ))
        .execute(c))?;
    let (before, after) = (label(conn, held)?, label(conn, Some(buyer_id))?);
    // Whose own use it was before is between the customer and another seller.
    let partners = || sellers.iter().copied().map(Viewer::Partner).collect::<Vec<_>>();
    let told = match &before {
        None => vec![([partners(), vec![Viewer::TheCustomer]].concat(), None)],
        Some(_) => vec![(vec![Viewer::TheCustomer], before), (partners(), None)],
    };
    for (viewers, before) in told {
        let change = Change::of("internalUseOf", before, after.clone());
        finish(conn, actor, now, customer_id, viewers, change.into_iter().collect())?;
    }
    Ok(Outcome::Changed)
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

/// Of the rules that an import let the customer break, those that it still breaks with its new country, decided as in an import.
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
    // An unknown country proves nothing: rules broken with the old country remain broken.
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
