//! Reads what a row states about its customer.

use std::collections::HashMap;
use std::sync::LazyLock;

use partnergraph_domain::{CountryCode, NameFault, TenantId, check_name, market_of, markets, without_controls};

use super::cells::Cells;
use super::enums;
use crate::fact::CustomerFact;
use crate::profiles::{Field, folded};

/// ISO 3166 countries in which the programme has no market. They are not an error of the file, but of the row's region.
const NO_MARKET: [&str; 7] = ["RU", "BY", "CU", "IR", "KP", "SY", "SD"];
/// Codes that are often written for a country but are not its ISO code.
const ALIASES: [(&str, &str); 2] = [("UK", "GB"), ("EL", "GR")];

static BY_NAME: LazyLock<HashMap<String, CountryCode>> =
    LazyLock::new(|| markets().map(|market| (folded(&market.name), market.country)).collect());

/// The customer. `None` if its key is missing or malformed.
pub(super) fn read(cells: &mut Cells<'_>) -> Option<CustomerFact> {
    let tenant_id = tenant(cells);
    let country = country(cells, Field::CustomerCountry);
    let domain = domain(cells);
    let relationship = cells.enum_value(Field::CustomerRelationship, "relationship", enums::relationship);
    let fact = CustomerFact {
        tenant_id: tenant_id?,
        company_name: cells.text(Field::CustomerName),
        domain,
        country,
        tags: tags(cells),
        relationship,
    };
    Some(fact)
}

fn tenant(cells: &mut Cells<'_>) -> Option<TenantId> {
    let field = Field::CustomerTenantId;
    if cells.row.layout.column(field).is_none() {
        return cells.context.customer;
    }
    if cells.get(field).is_none() {
        cells.missing(
            field,
            "customer.tenant_id.missing",
            "the row has no customer tenant id",
            "a customer is identified by its tenant id only; names and domains are not keys",
        );
        return None;
    }
    cells.id(field, "customer.tenant_id.invalid", "the customer's tenant id")
}

/// The primary domain. An invalid one is omitted with a warning.
fn domain(cells: &mut Cells<'_>) -> Option<String> {
    let text = cells.get(Field::CustomerDomain)?;
    let domain = text.strip_suffix('.').unwrap_or(text).to_lowercase();
    let possible = super::domain::can_be(&domain);
    if !possible {
        let message = "not a valid domain; the cell is ignored";
        let hint = "check the cell, and that the row's columns are not shifted";
        cells.unknown(Field::CustomerDomain, "customer.domain.invalid", message, hint);
    }
    possible.then_some(domain)
}

/// The country in a cell. `None` if the cell is blank or names no country, which is an error.
pub(super) fn country(cells: &mut Cells<'_>, field: Field) -> Option<CountryCode> {
    let text = cells.get(field)?;
    let alias = ALIASES.iter().find(|(alias, _)| text.trim().eq_ignore_ascii_case(alias));
    let found = match alias.map_or(text, |(_, own)| *own).parse::<CountryCode>() {
        Ok(code) => Some(code).filter(|code| market_of(*code).is_some() || NO_MARKET.contains(&code.as_str())),
        Err(_) => BY_NAME.get(&folded(text)).copied(),
    };
    if found.is_none() {
        let hint = "use the two-letter ISO 3166 country code, such as PL";
        let code =
            if field == Field::CustomerCountry { "customer.country.invalid" } else { "reseller.country.invalid" };
        cells.fault(field, code, "unknown country", hint);
    }
    found
}

/// The tags in their order, without duplicates.
fn tags(cells: &mut Cells<'_>) -> Option<Vec<String>> {
    let text = cells.get(Field::CustomerTags)?;
    let list: Vec<String> = match serde_json::from_str(text) {
        Ok(list) => list,
        Err(_) => text.split([',', ';', '|']).map(str::to_owned).collect(),
    };
    if list.iter().any(|tag| matches!(check_name(tag.trim()), Err(NameFault::ControlCharacter(_)))) {
        cells.controls_are_spaces(Field::CustomerTags);
    }
    let mut tags: Vec<String> = Vec::with_capacity(list.len());
    for tag in list.iter().map(|tag| without_controls(tag)).filter(|tag| !tag.is_empty()) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Some(tags)
}
