//! The names of placeholders, derived from what providers' lists state about them.

use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use partnergraph_domain::{CountryCode, PartnerKey};

use crate::columns::Profile;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::schema::partners;
use crate::sql::{ids, sql};

#[derive(QueryableByName)]
struct Placeholder {
    #[diesel(sql_type = BigInt)]
    id: PartnerKey,
    #[diesel(sql_type = Text)]
    mpn_id: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    country: Option<CountryCode>,
    #[diesel(sql_type = Nullable<Text>)]
    stated_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    stated_country: Option<CountryCode>,
}

/// Gives these placeholders the newest name and country of the provider that named them first, so that no other provider
/// renames what several share. One that nobody names is called by its MPN ID. An account keeps its own name. The names are derived from
/// the statements, so they have no version and no history of their own.
///
/// # Errors
/// Any database error.
pub fn refresh(conn: &mut Conn, reseller_ids: &[PartnerKey]) -> StoreResult<()> {
    let newest = |column: &str| {
        format!(
            "(SELECT st.{column} FROM reseller_statements st WHERE st.reseller_id = p.id AND st.{column} IS NOT NULL \
             AND st.provider_id = (SELECT f.provider_id FROM reseller_statements f WHERE f.reseller_id = p.id \
             AND f.name IS NOT NULL ORDER BY f.id LIMIT 1) ORDER BY st.as_of DESC, st.{column} DESC LIMIT 1)"
        )
    };
    for some in reseller_ids.chunks(1_000) {
        let statement = sql(format!(
            "SELECT p.id, p.mpn_id, p.name, p.country, {} AS stated_name, {} AS stated_country FROM ",
            newest("name"),
            newest("country")
        ))
        .add(ids(conn.backend(), some))
        .push(
            " JOIN partners p ON p.id = up.id WHERE p.tenant_id IS NULL AND p.removed_at IS NULL \
             AND p.mpn_id IS NOT NULL",
        );
        for found in conn.rows::<Placeholder>(&statement)? {
            let name = found.stated_name.unwrap_or_else(|| format!("MPN {}", found.mpn_id));
            if name == found.name && found.stated_country == found.country {
                continue;
            }
            let keys = Profile { name: name.clone(), ..Default::default() }.keys();
            on!(conn, c => diesel::update(partners::table.find(found.id))
                .set((partners::name.eq(&name), keys.clone(), partners::country.eq(found.stated_country)))
                .execute(c))?;
        }
    }
    Ok(())
}
