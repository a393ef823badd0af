use async_graphql::SimpleObject;
use chrono::NaiveDateTime;
use partnergraph_domain::GrantKind;
use partnergraph_store::read::grants::GrantRow;
use partnergraph_store::read::relationships::RelationshipRow;

use partnergraph_operation::scalars::DateTime;

/// Delegated administration of a customer by a partner: the latest grant, or none.
#[derive(SimpleObject, Debug, Clone)]
pub struct DelegatedAdmin {
    /// Whether a grant stands: given, not revoked and not ended.
    pub granted: bool,
    /// When the latest grant was given. Null where there never was one.
    pub granted_at: Option<DateTime>,
    /// When the latest grant was revoked. Null where it was not, or there never was one.
    pub revoked_at: Option<DateTime>,
    /// What the latest grant covers. Null for all there is, or where there never was a grant.
    pub scope: Option<String>,
    /// Whether the latest grant is granular. Null where there never was one.
    pub kind: Option<GrantKind>,
    /// When the latest grant ends by itself. Null where it does not.
    pub end_date_time: Option<DateTime>,
}

impl DelegatedAdmin {
    /// As a relationship row has it at `now`.
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
    /// As the latest grant of two has it; `None` where there never was one.
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

/// Whether the latest grant stands at `now`.
pub(super) fn standing(row: &RelationshipRow, now: NaiveDateTime) -> bool {
    row.granted_at.is_some() && row.revoked_at.is_none() && row.end_at.is_none_or(|end| end > now)
}
