//! The profile of a partner account, and its entry in the directory of providers.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{Capability, OperationType, PartnerKey};

use super::{Change, Event, Outcome, Viewer, json_list, record};
use crate::columns::listed;
pub use crate::columns::partner::Profile;
use crate::columns::partner::capability_list;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::{directory_entries, partners};
use crate::scope::Actor;
use crate::sql::sql;

impl Profile {
    /// The profile of an account.
    ///
    /// # Errors
    /// Any database error; not found if there is no such account.
    pub fn of(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<Self> {
        let columns = listed("p", Self::NAMES);
        let statement = sql("SELECT ").push(columns).push(" FROM partners p WHERE p.id = ").bind(partner_id);
        Ok(conn.row(&statement)?.ok_or(diesel::result::Error::NotFound)?)
    }

    fn fields(&self) -> [(&'static str, Option<String>); 12] {
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
        ]
    }

    /// The differences from an earlier state, by GraphQL field name.
    pub(super) fn changes_since(&self, before: &Self) -> Vec<Change> {
        differences(before.fields(), self.fields())
    }

    /// Writes the columns of the profile without incrementing the version, for callers that write more of the account.
    pub(super) fn write(&self, conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<()> {
        on!(conn, c => diesel::update(partners::table.find(partner_id))
            .set((self, self.keys()))
            .execute(c))?;
        Ok(())
    }
}

/// What the directory of providers shows of an account in addition to its profile (V-01).
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, AsChangeset, Insertable)]
#[diesel(table_name = directory_entries, treat_none_as_null = true)]
pub struct DirectoryEntry {
    services: String,
    programs: String,
    /// The level of support that the provider offers, in its own words.
    pub support_level: Option<String>,
}

impl Default for DirectoryEntry {
    fn default() -> Self {
        Self { services: "[]".to_owned(), programs: "[]".to_owned(), support_level: None }
    }
}

impl DirectoryEntry {
    /// The directory entry of an account; empty if there is none.
    ///
    /// # Errors
    /// Any database error.
    pub fn of(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<Self> {
        let entry =
            on!(conn, c => directory_entries::table.find(partner_id).select(Self::as_select()).first(c).optional())?;
        Ok(entry.unwrap_or_default())
    }

    /// Sets the services that the directory shows.
    pub fn set_services(&mut self, services: &[Capability]) {
        self.services = capability_list(services);
    }

    /// Sets the reseller programmes that the directory shows.
    pub fn set_programs(&mut self, programs: &[String]) {
        self.programs = json_list(programs);
    }

    fn fields(&self) -> [(&'static str, Option<String>); 3] {
        [
            ("directory.services", list(&self.services)),
            ("directory.programs", list(&self.programs)),
            ("directory.supportLevel", self.support_level.clone()),
        ]
    }

    /// The differences from an earlier state, by GraphQL field name.
    pub(super) fn changes_since(&self, before: &Self) -> Vec<Change> {
        differences(before.fields(), self.fields())
    }

    /// Writes the entry without incrementing the version, for callers that write more of the account.
    pub(super) fn write(&self, conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<()> {
        on!(conn, c => diesel::insert_into(directory_entries::table)
            .values((directory_entries::partner_id.eq(partner_id), self))
            .on_conflict(directory_entries::partner_id)
            .do_update()
            .set(self)
            .execute(c))?;
        Ok(())
    }
}

type Fields<const N: usize> = [(&'static str, Option<String>); N];

fn differences<const N: usize>(before: Fields<N>, after: Fields<N>) -> Vec<Change> {
    let pairs = before.into_iter().zip(after);
    pairs.filter_map(|((field, before), (_, after))| Change::of(field, before, after)).collect()
}

/// A list as the history shows it: `None` if it is empty.
fn list(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| text != "[]")
}

/// Changes the profile of an account and its directory entry to `after`.
///
/// # Errors
/// Any database error.
pub fn update(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    partner_id: PartnerKey,
    after: (&Profile, &DirectoryEntry),
) -> StoreResult<Outcome> {
    let (profile, entry) = after;
    let mut changes = profile.changes_since(&Profile::of(conn, partner_id)?);
    changes.extend(entry.changes_since(&DirectoryEntry::of(conn, partner_id)?));
    if changes.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    profile.write(conn, partner_id)?;
    entry.write(conn, partner_id)?;
    touch(conn, now, partner_id)?;
    let mut event = Event::succeeded(OperationType::UpdatePartner);
    event.partner_id = Some(partner_id);
    event.viewers = vec![Viewer::Partner(partner_id)];
    event.changes = changes;
    record(conn, actor, now, &event)?;
    Ok(Outcome::Changed)
}

/// Increments the version of an account.
pub(super) fn touch(conn: &mut Conn, now: NaiveDateTime, partner_id: PartnerKey) -> StoreResult<()> {
    on!(conn, c => diesel::update(partners::table.find(partner_id))
        .set((partners::version.eq(partners::version + 1), partners::updated_at.eq(now)))
        .execute(c))?;
    Ok(())
}
