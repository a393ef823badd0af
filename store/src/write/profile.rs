//! The profile of a partner account, and its entry in the directory of providers.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{Capability, OperationType, search_key, sort_key};

use super::{Change, Event, Outcome, Viewer, json_list, record};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::partners;
use crate::scope::Actor;

/// What an account says of itself. What is `None` is not known.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = partners, treat_none_as_null = true)]
#[allow(missing_docs, reason = "the names are those of the schema")]
pub struct Profile {
    pub name: String,
    capabilities: String,
    pub address_line1: Option<String>,
    pub city: Option<String>,
    pub postal_code: Option<String>,
    pub contact_first_name: Option<String>,
    pub contact_last_name: Option<String>,
    pub contact_email: Option<String>,
    pub contact_phone: Option<String>,
    pub support_email: Option<String>,
    pub support_telephone: Option<String>,
    pub support_website: Option<String>,
    directory_services: String,
    directory_programs: String,
    pub directory_support_level: Option<String>,
}

impl Profile {
    /// The profile of a live account.
    ///
    /// # Errors
    /// The database's; not found where there is no such account.
    pub fn of(conn: &mut Conn, partner_id: i64) -> StoreResult<Self> {
        Ok(on!(conn, c => partners::table.find(partner_id).select(Self::as_select()).first(c))?)
    }

    /// States what the partner offers or is able to do.
    pub fn set_capabilities(&mut self, capabilities: &[Capability]) {
        self.capabilities = words(capabilities);
    }

    /// States the services that the directory shows.
    pub fn set_services(&mut self, services: &[Capability]) {
        self.directory_services = words(services);
    }

    /// States the reseller programmes that the directory shows.
    pub fn set_programs(&mut self, programs: &[String]) {
        self.directory_programs = json_list(programs);
    }

    fn fields(&self) -> [(&'static str, Option<String>); 15] {
        let list = |text: &str| Some(text.to_owned()).filter(|text| text != "[]");
        [
            ("name", Some(self.name.clone())),
            ("capabilities", list(&self.capabilities)),
            ("address.addressLine1", self.address_line1.clone()),
            ("address.city", self.city.clone()),
            ("address.postalCode", self.postal_code.clone()),
            ("primaryContact.firstName", self.contact_first_name.clone()),
            ("primaryContact.lastName", self.contact_last_name.clone()),
            ("primaryContact.email", self.contact_email.clone()),
            ("primaryContact.phoneNumber", self.contact_phone.clone()),
            ("support.email", self.support_email.clone()),
            ("support.telephone", self.support_telephone.clone()),
            ("support.website", self.support_website.clone()),
            ("directory.services", list(&self.directory_services)),
            ("directory.programs", list(&self.directory_programs)),
            ("directory.supportLevel", self.directory_support_level.clone()),
        ]
    }

    /// What differs from an earlier state, by the names of the schema.
    pub(super) fn changes_since(&self, before: &Self) -> Vec<Change> {
        let pairs = before.fields().into_iter().zip(self.fields());
        pairs.filter_map(|((field, before), (_, after))| Change::of(field, before, after)).collect()
    }

    /// Writes the profile's columns, and no version: for those who write more of the account with it.
    pub(super) fn write(&self, conn: &mut Conn, partner_id: i64) -> StoreResult<()> {
        on!(conn, c => diesel::update(partners::table.find(partner_id))
            .set((
                self,
                partners::name_key.eq(search_key(&self.name)),
                partners::name_sort.eq(sort_key(Some(&self.name))),
            ))
            .execute(c))?;
        Ok(())
    }
}

/// The words of capabilities as the tables keep them: each once, in the order of the domain.
fn words(capabilities: &[Capability]) -> String {
    let mut capabilities = capabilities.to_vec();
    capabilities.sort_unstable();
    capabilities.dedup();
    json_list(&capabilities.iter().map(|capability| capability.as_str()).collect::<Vec<_>>())
}

/// Changes the profile of an account to `after`.
///
/// # Errors
/// The database's.
pub fn update(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    partner_id: i64,
    after: &Profile,
) -> StoreResult<Outcome> {
    let changes = after.changes_since(&Profile::of(conn, partner_id)?);
    if changes.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    after.write(conn, partner_id)?;
    touch(conn, now, partner_id)?;
    let mut event = Event::succeeded(OperationType::UpdatePartner);
    event.partner_id = Some(partner_id);
    event.viewers = vec![Viewer::Partner(partner_id)];
    event.changes = changes;
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// Adds one to the version of an account.
pub(super) fn touch(conn: &mut Conn, now: NaiveDateTime, partner_id: i64) -> StoreResult<()> {
    on!(conn, c => diesel::update(partners::table.find(partner_id))
        .set((partners::version.eq(partners::version + 1), partners::updated_at.eq(now)))
        .execute(c))?;
    Ok(())
}
