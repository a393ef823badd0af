//! The locations of one company: accounts and placeholders that share its global MPN ID.

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use partnergraph_domain::PartnerKey;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::scope::Scope;
use crate::sql::{ids, sql};

/// A location of the company of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
#[allow(missing_docs)]
pub struct LocationRow {
    #[diesel(sql_type = BigInt)]
    pub of_id: PartnerKey,
    #[diesel(sql_type = BigInt)]
    pub location_id: PartnerKey,
}

/// The other locations of the companies of these partners that the caller sees, by MPN ID. Which MPN IDs belong to one company, the
/// accounts and the register of MPN profiles state. An undecided enrolment only claims its MPN ID, so it is no location (E-17).
///
/// # Errors
/// Any database error.
pub fn of_partners(conn: &mut Conn, scope: &Scope, partner_ids: &[PartnerKey]) -> StoreResult<Vec<LocationRow>> {
    let statement = sql("WITH company AS (SELECT o.id AS of_id, COALESCE(o.global_mpn_id, m.global_mpn_id, o.mpn_id) AS global_mpn_id FROM ")
        .add(ids(conn.backend(), partner_ids))
        .push(
            " JOIN partners o ON o.id = up.id LEFT JOIN mpn_profiles m ON m.mpn_id = o.mpn_id \
             WHERE o.removed_at IS NULL AND o.vetting_status NOT IN ('PENDING', 'REJECTED')), \
             location AS (SELECT c.of_id, l.id FROM company c JOIN partners l ON l.global_mpn_id = c.global_mpn_id \
             UNION SELECT c.of_id, l.id FROM company c JOIN partners l ON l.mpn_id = c.global_mpn_id \
             UNION SELECT c.of_id, l.id FROM company c JOIN mpn_profiles m ON m.global_mpn_id = c.global_mpn_id \
             JOIN partners l ON l.mpn_id = m.mpn_id) \
             SELECT x.of_id, p.id AS location_id FROM location x JOIN partners p ON p.id = x.id AND p.id <> x.of_id \
             WHERE p.vetting_status NOT IN ('PENDING', 'REJECTED') AND (",
        )
        .add(scope.sees_partner().of("p"))
        .push(") ORDER BY x.of_id, p.mpn_id, p.id");
    conn.rows(&statement)
}
