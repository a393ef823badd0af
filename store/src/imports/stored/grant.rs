use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{CustomerKey, GrantKey, PartnerKey};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::sql::sql;

/// A granular delegated admin relationship (GDAP), active or ended.
#[derive(Debug, Clone, QueryableByName)]
#[allow(missing_docs)]
pub struct StoredGrant {
    #[diesel(sql_type = BigInt)]
    pub id: GrantKey,
    #[diesel(sql_type = BigInt)]
    pub customer_id: CustomerKey,
    #[diesel(sql_type = Text)]
    pub external_id: String,
    #[diesel(sql_type = Timestamp)]
    pub granted_at: NaiveDateTime,
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub end_at: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub revoked_at: Option<NaiveDateTime>,
}

/// All granular delegated admin relationships that customers granted to a partner.
///
/// # Errors
/// Any database error.
pub fn grants(conn: &mut Conn, partner_id: PartnerKey) -> StoreResult<Vec<StoredGrant>> {
    conn.rows(
        &sql("SELECT id, customer_id, external_id, granted_at, end_at, revoked_at FROM delegated_admin_grants \
              WHERE kind = 'GDAP' AND partner_id = ")
        .bind(partner_id),
    )
}
