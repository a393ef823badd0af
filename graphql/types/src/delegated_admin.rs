use async_graphql::SimpleObject;
use chrono::NaiveDateTime;
use partnergraph_domain::GrantKind;
use partnergraph_store::read::grants::GrantRow;
use partnergraph_store::read::relationships::RelationshipRow;

use partnergraph_operation::scalars::DateTime;

/// A partner's delegated admin privileges for a customer, as set by the latest grant.
#[derive(SimpleObject, Debug, Clone)]
pub struct DelegatedAdmin {
    /// Whether the latest grant is active: granted, not revoked, and not expired.
    pub granted: bool,
    /// When the latest grant was made. Null if there never was a grant.
    pub granted_at: Option<DateTime>,
    /// When the latest grant was revoked. Null if it was not revoked, or if there never was a grant.
    pub revoked_at: Option<DateTime>,
    /// What the latest grant covers. Null if unknown, as with granular grants from an import, or if there never was a grant.
    pub scope: Option<String>,
    /// The kind of the latest grant: granular or not. Null if there never was a grant.
    pub kind: Option<GrantKind>,
    /// When the latest grant expires. Null if it does not expire, or if there never was a grant.
    pub end_date_time: Option<DateTime>,
}

impl DelegatedAdmin {
    /// Builds the object from a relationship row as of `now`.
    pub(super) fn of(row: &RelationshipRow, now: NaiveDateTime) -> Self {
        Self {
            granted: standing(row, now),
            granted_at: row.granted_at.map(DateTime),
            revoked_at: row.revoked_at.map(DateTime),
            scope: row.grant_scope.clone(),
            kind: row.grant_kind,
            end_date_time: row.end_at.map(DateTime),
        }
    }
}

impl DelegatedAdmin {
    /// Builds the object from the latest grant between two organisations, or from `None` if there never was one.
    pub fn of_grant(row: Option<&GrantRow>) -> Self {
        Self {
            granted: row.is_some_and(|row| row.granted),
            granted_at: row.map(|row| DateTime(row.granted_at)),
            revoked_at: row.and_then(|row| row.revoked_at).map(DateTime),
            scope: row.and_then(|row| row.scope.clone()),
            kind: row.map(|row| row.kind),
            end_date_time: row.and_then(|row| row.end_at).map(DateTime),
        }
    }
}

/// Whether the latest grant is active at `now`.
pub(super) fn standing(row: &RelationshipRow, now: NaiveDateTime) -> bool {
    row.granted_at.is_some() && row.revoked_at.is_none() && row.end_at.is_none_or(|end| end > now)
}
