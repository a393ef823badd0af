//! What the lists of a provider state about its resellers.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamp};
use partnergraph_domain::{CountryCode, PartnershipKey, VettingStatus};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::scope::Scope;
use crate::sql::{ids, sql};

/// What lists state about the reseller of a partnership.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
#[allow(missing_docs)]
pub struct ListingRow {
    #[diesel(sql_type = BigInt)]
    pub partnership_id: PartnershipKey,
    #[diesel(sql_type = Timestamp)]
    pub as_of: NaiveDateTime,
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub country: Option<CountryCode>,
    #[diesel(sql_type = Nullable<Text>)]
    pub tenant_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub vetting_status: Option<VettingStatus>,
    #[diesel(sql_type = Nullable<Date>)]
    pub mpa_signed_on: Option<NaiveDate>,
}

impl ListingRow {
    /// One row of the statements about one partnership: of each field, the value of the newest statement that has it, and of
    /// several of one time the greatest, as an import counts them.
    fn of(statements: &[Self]) -> Option<Self> {
        fn newest<T: ToString>(statements: &[ListingRow], field: impl Fn(&ListingRow) -> Option<T>) -> Option<T> {
            let stated = statements.iter().filter_map(|row| Some((row.as_of, field(row)?)));
            stated.max_by_key(|(as_of, value)| (*as_of, value.to_string())).map(|(_, value)| value)
        }
        Some(Self {
            partnership_id: statements.first()?.partnership_id,
            as_of: statements.iter().map(|row| row.as_of).max()?,
            name: newest(statements, |row| row.name.clone()),
            country: newest(statements, |row| row.country),
            tenant_id: newest(statements, |row| row.tenant_id.clone()),
            vetting_status: newest(statements, |row| row.vetting_status),
            mpa_signed_on: newest(statements, |row| row.mpa_signed_on),
        })
    }
}

/// What the lists of the provider state about the resellers of these partnerships: of each field, the newest value. Only the
/// provider and operators read it.
///
/// # Errors
/// Any database error.
pub fn of_partnerships(
    conn: &mut Conn,
    scope: &Scope,
    partnership_ids: &[PartnershipKey],
) -> StoreResult<Vec<ListingRow>> {
    let readable = match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { id, .. } => sql("ps.provider_id = ").bind(*id),
        Scope::Customer { .. } | Scope::Nobody => sql("1 = 0"),
    };
    let statement =
        sql("SELECT ps.id AS partnership_id, st.as_of, st.name, st.country, st.tenant_id, st.vetting_status, \
         st.mpa_signed_on FROM ")
        .add(ids(conn.backend(), partnership_ids))
        .push(
            " JOIN partnerships ps ON ps.id = up.id JOIN reseller_statements st ON st.reseller_id = ps.reseller_id \
         AND st.provider_id = ps.provider_id WHERE ",
        )
        .add(readable)
        .push(" ORDER BY ps.id");
    let rows = conn.rows::<ListingRow>(&statement)?;
    Ok(rows.chunk_by(|one, other| one.partnership_id == other.partnership_id).filter_map(ListingRow::of).collect())
}
