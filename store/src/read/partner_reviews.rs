//! Enrolments under review, for operators.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text};
use partnergraph_domain::{CountryCode, PartnerKey};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{Filter, PartnerTerm};
use crate::read::page::{List, Order};
use crate::read::partners::{self, PartnerOrder, PartnerRow};
use crate::scope::Scope;
use crate::sql::{ids, sql};

/// What a review is about: who claims the MPN ID, whose it is according to the register, and what would be taken over.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
#[allow(missing_docs)]
pub struct ReviewRow {
    #[diesel(sql_type = BigInt)]
    pub partner_id: PartnerKey,
    #[diesel(sql_type = Text)]
    pub claimed_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub registered_company: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub registered_country: Option<CountryCode>,
    /// The placeholder with that MPN ID.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub placeholder_id: Option<PartnerKey>,
}

/// The accounts whose enrolment is under review. Empty for everyone but operators.
pub fn list(scope: &Scope, filter: &Filter<PartnerTerm>, order: Order<PartnerOrder>) -> List<PartnerOrder> {
    let condition = sql(if *scope == Scope::Operator { "1 = 1" } else { "1 = 0" })
        .push(" AND p.removed_at IS NULL AND p.vetting_status = 'PENDING' AND ")
        .add(filter.on_partners().of("p"));
    List::new(PartnerRow::selected(), (sql("partners p"), "p"), condition, order)
}

/// The reviews of these accounts that are under review. Empty for everyone but operators.
///
/// # Errors
/// Any database error.
pub fn of_accounts(conn: &mut Conn, scope: &Scope, partner_ids: &[PartnerKey]) -> StoreResult<Vec<ReviewRow>> {
    if *scope != Scope::Operator {
        return Ok(Vec::new());
    }
    let statement = sql("SELECT p.id AS partner_id, p.name AS claimed_name, m.company AS registered_company, \
         m.country AS registered_country, ph.id AS placeholder_id FROM ")
    .add(ids(conn.backend(), partner_ids))
    .push(
        " JOIN partners p ON p.id = up.id AND p.removed_at IS NULL AND p.vetting_status = 'PENDING' \
         LEFT JOIN mpn_profiles m ON m.mpn_id = p.mpn_id \
         LEFT JOIN partners ph ON ph.mpn_id = p.mpn_id AND ph.tenant_id IS NULL \
         AND ph.removed_at IS NULL",
    );
    conn.rows(&statement)
}

/// What hangs on a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PlaceholderCounts {
    pub partner_id: PartnerKey,
    /// The providers and direct-bill partners that sold something in its name, or have a partnership with it.
    pub providers: i64,
    pub customers: i64,
    pub subscriptions: i64,
    pub licenses: i64,
}

#[derive(QueryableByName)]
struct Sellers {
    #[diesel(sql_type = BigInt)]
    partner_id: PartnerKey,
    #[diesel(sql_type = BigInt)]
    providers: i64,
}

/// What hangs on these placeholders, as far as the caller sees it.
///
/// # Errors
/// Any database error.
pub fn placeholder_counts(
    conn: &mut Conn,
    scope: &Scope,
    placeholder_ids: &[PartnerKey],
) -> StoreResult<Vec<PlaceholderCounts>> {
    let statement = sql("SELECT up.id AS partner_id, (SELECT COUNT(*) FROM (\
         SELECT s.seller_id FROM subscriptions s WHERE s.removed_at IS NULL AND s.reseller_id = up.id \
         UNION SELECT s.seller_id FROM subscriptions s WHERE s.removed_at IS NULL AND s.support_contact_id = up.id \
         UNION SELECT s.seller_id FROM entitlements e JOIN subscriptions s ON s.id = e.subscription_pk \
         WHERE s.removed_at IS NULL AND e.reseller_id = up.id \
         UNION SELECT a.provider_id FROM customer_associations a WHERE a.removed_at IS NULL AND a.reseller_id = up.id \
         UNION SELECT ps.provider_id FROM partnerships ps WHERE ps.removed_at IS NULL AND ps.reseller_id = up.id\
         ) sellers) AS providers FROM ")
    .add(ids(conn.backend(), placeholder_ids));
    let sellers: Vec<Sellers> = conn.rows(&statement)?;
    let counts = partners::counts(conn, scope, placeholder_ids)?;
    let with_sellers = counts.into_iter().map(|counts| PlaceholderCounts {
        partner_id: counts.partner_id,
        providers: sellers
            .iter()
            .find(|sellers| sellers.partner_id == counts.partner_id)
            .map_or(0, |sellers| sellers.providers),
        customers: counts.customers,
        subscriptions: counts.subscriptions,
        licenses: counts.licenses,
    });
    Ok(with_sellers.collect())
}
