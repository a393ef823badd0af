//! The register of MPN profiles (E-05, B-05).

use chrono::NaiveDateTime;
use diesel::prelude::*;
use partnergraph_domain::{CountryCode, MpnId, MpnKind, OperationType};

use super::{Change, Event, record};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::mpn_profiles;
use crate::scope::Actor;

/// Adds an active profile if there is none for the MPN ID; an existing one is left unchanged.
///
/// # Errors
/// Any database error.
pub fn enter(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    mpn_id: MpnId,
    kind: MpnKind,
    global_mpn_id: Option<MpnId>,
    country: Option<CountryCode>,
) -> StoreResult<()> {
    let known: i64 = on!(conn, c => mpn_profiles::table.find(mpn_id.to_string()).count().get_result(c))?;
    if known > 0 {
        return Ok(());
    }
    on!(conn, c => diesel::insert_into(mpn_profiles::table)
        .values((
            mpn_profiles::mpn_id.eq(mpn_id.to_string()),
            mpn_profiles::kind.eq(kind),
            mpn_profiles::global_mpn_id.eq(global_mpn_id.map(|id| id.to_string())),
            mpn_profiles::country.eq(country),
            mpn_profiles::active.eq(true),
            mpn_profiles::in_partner_membership_center.eq(false),
            mpn_profiles::version.eq(1_i64),
            mpn_profiles::created_at.eq(now),
            mpn_profiles::updated_at.eq(now),
        ))
        .execute(c))?;
    let mut event = Event::succeeded(OperationType::CreateMpnProfile);
    event.changes = [
        Change::of("mpnId", None, Some(mpn_id.to_string())),
        Change::of("kind", None, Some(kind.to_string())),
        Change::of("country", None, country.map(|country| country.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect();
    record(conn, actor, now, &event)?;
    Ok(())
}

/// The values to set on an MPN profile. `None` leaves a value unchanged, or at the default of a new profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileEntry {
    /// Global or location. A new profile is a location by default.
    pub kind: Option<MpnKind>,
    /// The country.
    pub country: Option<CountryCode>,
    /// The company's global MPN ID; `Some(None)` clears it.
    pub global_mpn_id: Option<Option<MpnId>>,
    /// Whether it is active. A new profile is active.
    pub activity: Option<Activity>,
    /// Where it is managed. A new profile is managed in Partner Center.
    pub home: Option<Home>,
    /// The company name; `Some(None)` clears it.
    pub company: Option<Option<String>>,
}

/// Where an MPN profile is managed (E-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// In Partner Center.
    PartnerCenter,
    /// Still in Partner Membership Center.
    PartnerMembershipCenter,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, AsChangeset, Insertable)]
#[diesel(table_name = mpn_profiles, treat_none_as_null = true)]
struct Stored {
    kind: MpnKind,
    global_mpn_id: Option<String>,
    country: Option<CountryCode>,
    active: bool,
    in_partner_membership_center: bool,
    company: Option<String>,
}

impl Stored {
    fn blank() -> Self {
        Self {
            kind: MpnKind::Location,
            global_mpn_id: None,
            country: None,
            active: true,
            in_partner_membership_center: false,
            company: None,
        }
    }

    fn with(mut self, entry: &ProfileEntry) -> Self {
        if let Some(kind) = entry.kind {
            self.kind = kind;
        }
        if let Some(country) = entry.country {
            self.country = Some(country);
        }
        if let Some(global) = entry.global_mpn_id {
            self.global_mpn_id = global.map(|id| id.to_string());
        }
        if let Some(activity) = entry.activity {
            self.active = activity == Activity::Active;
        }
        if let Some(home) = entry.home {
            self.in_partner_membership_center = home == Home::PartnerMembershipCenter;
        }
        if let Some(company) = &entry.company {
            self.company.clone_from(company);
        }
        self
    }

    fn fields(&self) -> [(&'static str, Option<String>); 6] {
        [
            ("kind", Some(self.kind.to_string())),
            ("globalMpnId", self.global_mpn_id.clone()),
            ("country", self.country.map(|country| country.to_string())),
            ("active", Some(self.active.to_string())),
            ("inPartnerMembershipCenter", Some(self.in_partner_membership_center.to_string())),
            ("company", self.company.clone()),
        ]
    }
}

/// The version of a profile; `None` if there is none.
///
/// # Errors
/// Any database error.
pub fn version(conn: &mut Conn, mpn_id: MpnId) -> StoreResult<Option<i64>> {
    Ok(on!(conn, c => mpn_profiles::table.find(mpn_id.to_string()).select(mpn_profiles::version).first(c).optional())?)
}

/// Adds a profile, or changes the existing one.
///
/// # Errors
/// Any database error.
pub fn upsert(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    mpn_id: MpnId,
    entry: &ProfileEntry,
) -> StoreResult<super::Outcome> {
    let text = mpn_id.to_string();
    let before: Option<Stored> =
        on!(conn, c => mpn_profiles::table.find(&text).select(Stored::as_select()).first(c).optional())?;
    let after = before.clone().unwrap_or_else(Stored::blank).with(entry);
    if before.as_ref() == Some(&after) {
        return Ok(super::Outcome::Unchanged);
    }
    if before.is_some() {
        on!(conn, c => diesel::update(mpn_profiles::table.find(&text))
            .set((&after, mpn_profiles::version.eq(mpn_profiles::version + 1), mpn_profiles::updated_at.eq(now)))
            .execute(c))?;
    } else {
        on!(conn, c => diesel::insert_into(mpn_profiles::table)
            .values((
                mpn_profiles::mpn_id.eq(&text),
                &after,
                mpn_profiles::version.eq(1_i64),
                mpn_profiles::created_at.eq(now),
                mpn_profiles::updated_at.eq(now),
            ))
            .execute(c))?;
    }
    let operation = if before.is_some() { OperationType::UpdateMpnProfile } else { OperationType::CreateMpnProfile };
    let mut event = Event::succeeded(operation);
    // The history names the profile whether or not it changed.
    event.changes = vec![Change {
        field: "mpnId".to_owned(),
        before: before.as_ref().map(|_| text.clone()),
        after: Some(text.clone()),
    }];
    let earlier = before.map(|before| before.fields());
    event.changes.extend(after.fields().into_iter().enumerate().filter_map(|(at, (field, value))| {
        Change::of(field, earlier.as_ref().and_then(|fields| fields[at].1.clone()), value)
    }));
    record(conn, actor, now, &event)?;
    Ok(super::Outcome::Changed)
}

/// Deactivates or reactivates a profile. Resellers with an inactive profile cannot be set on transactions any more (B-05).
///
/// # Errors
/// Any database error.
pub fn set_activity(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    mpn_id: MpnId,
    activity: Activity,
) -> StoreResult<super::Outcome> {
    let active = activity == Activity::Active;
    let changed = on!(conn, c => diesel::update(
            mpn_profiles::table.filter(mpn_profiles::mpn_id.eq(mpn_id.to_string()).and(mpn_profiles::active.ne(active))))
        .set((
            mpn_profiles::active.eq(active),
            mpn_profiles::version.eq(mpn_profiles::version + 1),
            mpn_profiles::updated_at.eq(now),
        ))
        .execute(c))?;
    if changed == 0 {
        return Ok(super::Outcome::Unchanged);
    }
    let mut event = Event::succeeded(OperationType::UpdateMpnProfile);
    event.changes = vec![
        Change::about("mpnId", &mpn_id.to_string()),
        Change { field: "active".to_owned(), before: Some((!active).to_string()), after: Some(active.to_string()) },
    ];
    record(conn, actor, now, &event)?;
    Ok(super::Outcome::Changed)
}

/// Whether an MPN profile is active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// In force.
    Active,
    /// Ended.
    Inactive,
}
