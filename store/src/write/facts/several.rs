//! The facts about several partners and customers, each kind in as many statements for many as for one.

use std::collections::{HashMap, HashSet};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use partnergraph_domain::rules::scenario::TenantUse;
use partnergraph_domain::{
    CountryCode, CustomerFacts, CustomerKey, MpnId, MpnKind, MpnProfileFacts, PartnerFacts, PartnerKey, PartnerType,
    PartnershipKey, PartnershipState, RelationshipToPartner, TenantId,
};

use super::{rules, tenant};
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::parse_stored;
use crate::read::partners as read_partners;
use crate::scope::Scope;
use crate::sql::{ids, pairs, sql};

/// Live partner accounts with an MPN ID, by key. Those that do not exist are left out.
///
/// # Errors
/// Any database error; [`crate::StoreError::Value`] for an unknown enum value.
pub(in crate::write) fn partners(
    conn: &mut Conn,
    keys: &[PartnerKey],
) -> StoreResult<HashMap<PartnerKey, PartnerFacts>> {
    let mut accounts = Vec::with_capacity(keys.len());
    for row in read_partners::by_ids(conn, &Scope::Operator, keys)? {
        if let Some(text) = row.mpn_id.as_deref() {
            let mpn_id: MpnId = parse_stored(text, "an MPN ID")?;
            accounts.push((row, mpn_id));
        }
    }
    let mpn_ids: Vec<MpnId> = accounts.iter().map(|(_, mpn_id)| *mpn_id).collect();
    let profiles = mpn_profiles(conn, &mpn_ids)?;
    let facts = accounts.into_iter().map(|(row, mpn_id)| {
        let facts = PartnerFacts {
            tenant_id: row.tenant_id.as_deref().map(tenant).transpose()?,
            mpn_id,
            partner_type: row.partner_type,
            country: row.country,
            cloud: row.cloud,
            onboarded: row.onboarded,
            enrolled: row.enrolled,
            mpa_signed: row.mpa_signed,
            mpn_profile: profiles.get(&mpn_id).copied(),
            capabilities: row.profile.capabilities()?,
        };
        Ok((row.id, facts))
    });
    facts.collect()
}

/// The MPN profiles with these MPN IDs. Those whose country is unknown are left out.
pub(super) fn mpn_profiles(conn: &mut Conn, mpn_ids: &[MpnId]) -> StoreResult<HashMap<MpnId, MpnProfileFacts>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        mpn_id: String,
        #[diesel(sql_type = Text)]
        kind: MpnKind,
        #[diesel(sql_type = Text)]
        country: CountryCode,
        #[diesel(sql_type = Bool)]
        active: bool,
        #[diesel(sql_type = Bool)]
        in_partner_membership_center: bool,
    }
    let statement = sql("SELECT mp.mpn_id, mp.kind, mp.country, mp.active, mp.in_partner_membership_center \
         FROM mpn_profiles mp WHERE mp.country IS NOT NULL AND mp.mpn_id IN ")
    .list(mpn_ids.iter().map(ToString::to_string));
    let rows: Vec<Row> = conn.rows(&statement)?;
    let profiles = rows.into_iter().map(|row| {
        let Row { kind, country, active, in_partner_membership_center, .. } = row;
        let mpn_id: MpnId = parse_stored(&row.mpn_id, "an MPN ID")?;
        Ok((mpn_id, MpnProfileFacts { mpn_id, kind, country, active, in_partner_membership_center }))
    });
    profiles.collect()
}

/// Customers with their relationships with partners, by partner and customer. Those that do not exist are left out. The country is
/// that of the partner's record, else of the customer, else of the provider through which the partner sees it.
///
/// # Errors
/// Any database error.
pub(crate) fn customers(
    conn: &mut Conn,
    of: &[(PartnerKey, CustomerKey)],
) -> StoreResult<HashMap<(PartnerKey, CustomerKey), CustomerFacts>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        partner_id: PartnerKey,
        #[diesel(sql_type = BigInt)]
        customer_id: CustomerKey,
        #[diesel(sql_type = Text)]
        tenant_id: String,
        #[diesel(sql_type = Nullable<Text>)]
        country: Option<CountryCode>,
        #[diesel(sql_type = Nullable<Text>)]
        relationship: Option<RelationshipToPartner>,
        #[diesel(sql_type = Bool)]
        mca_accepted: bool,
        #[diesel(sql_type = Nullable<Text>)]
        new_business_blocked: Option<String>,
    }
    let statement = sql("SELECT up.a AS partner_id, up.b AS customer_id, c.tenant_id, \
         COALESCE(own.country, c.country, seen.country) AS country, own.new_business_blocked, \
         rr.relationship_to_partner AS relationship, EXISTS (SELECT 1 FROM customer_agreements ca \
         WHERE ca.customer_id = c.id AND ca.partner_id = up.a) AS mca_accepted FROM ")
    .add(pairs(conn.backend(), of))
    .push(
        " JOIN customers c ON c.id = up.b \
         LEFT JOIN customer_records own ON own.partner_id = up.a AND own.customer_id = c.id \
         LEFT JOIN customer_views v ON v.viewer_id = up.a AND v.customer_id = c.id \
         LEFT JOIN customer_records seen ON seen.id = v.record_id \
         LEFT JOIN reseller_relationships rr ON rr.partner_id = up.a AND rr.customer_id = c.id AND rr.removed_at IS NULL",
    );
    let rows: Vec<Row> = conn.rows(&statement)?;
    let customers = rows.into_iter().map(|row| {
        let facts = CustomerFacts {
            tenant_id: tenant(&row.tenant_id)?,
            country: row.country,
            relationship: row.relationship.unwrap_or(RelationshipToPartner::None),
            mca_accepted: row.mca_accepted,
            new_business_blocked: rules(row.new_business_blocked.as_deref())?,
        };
        Ok(((row.partner_id, row.customer_id), facts))
    });
    customers.collect()
}

/// The latest partnership of each of these providers and resellers: the live one, else the one that ended last. Those that never
/// had one are left out.
///
/// # Errors
/// Any database error.
pub(in crate::write) fn latest_partnerships(
    conn: &mut Conn,
    of: &[(PartnerKey, PartnerKey)],
) -> StoreResult<HashMap<(PartnerKey, PartnerKey), (PartnershipKey, PartnershipState)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: PartnershipKey,
        #[diesel(sql_type = BigInt)]
        provider_id: PartnerKey,
        #[diesel(sql_type = BigInt)]
        reseller_id: PartnerKey,
        #[diesel(sql_type = Text)]
        state: PartnershipState,
    }
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let statement =
        sql("SELECT ps.id, ps.provider_id, ps.reseller_id, ps.state FROM ").add(pairs(conn.backend(), of)).push(
            " JOIN partnerships ps ON ps.provider_id = up.a AND ps.reseller_id = up.b \
             ORDER BY CASE WHEN ps.removed_at IS NULL THEN 0 ELSE 1 END, ps.id DESC",
        );
    let mut latest = HashMap::new();
    for row in conn.rows::<Row>(&statement)? {
        latest.entry((row.provider_id, row.reseller_id)).or_insert((row.id, row.state));
    }
    Ok(latest)
}

/// What each of these tenants is used for, as in [`super::tenant_use`].
pub(in crate::write) fn tenant_uses(
    conn: &mut Conn,
    tenants: &[TenantId],
) -> StoreResult<HashMap<TenantId, TenantUse>> {
    let statement = sql("SELECT t.tenant_id FROM tenants t WHERE t.kind = 'PARTNER' AND t.tenant_id IN ");
    uses(tenants, &tenants_of(conn, &statement.list(tenants.iter().map(ToString::to_string)))?)
}

/// The same, as far as the caller sees: an account that it does not see is none.
pub(in crate::write) fn visible_uses(
    conn: &mut Conn,
    scope: &Scope,
    tenants: &[TenantId],
) -> StoreResult<HashMap<TenantId, TenantUse>> {
    let statement = sql("SELECT p.tenant_id FROM partners p WHERE p.tenant_id IN ")
        .list(tenants.iter().map(ToString::to_string))
        .push(" AND (")
        .add(scope.sees_partner().of("p"))
        .push(")");
    uses(tenants, &tenants_of(conn, &statement)?)
}

fn tenants_of(conn: &mut Conn, statement: &crate::sql::Sql) -> StoreResult<HashSet<TenantId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        tenant_id: String,
    }
    conn.rows::<Row>(statement)?.into_iter().map(|row| tenant(&row.tenant_id)).collect()
}

fn uses(tenants: &[TenantId], of_partners: &HashSet<TenantId>) -> StoreResult<HashMap<TenantId, TenantUse>> {
    let used_as = |id: &TenantId| if of_partners.contains(id) { TenantUse::PartnerCsp } else { TenantUse::Customer };
    Ok(tenants.iter().map(|id| (*id, used_as(id))).collect())
}

/// The seller's partnerships with the resellers that have these tenants, as in [`super::partnership_with_tenant`].
pub(in crate::write) fn partnerships_with_tenants(
    conn: &mut Conn,
    seller_id: PartnerKey,
    tenants: &[TenantId],
) -> StoreResult<HashMap<TenantId, PartnershipState>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: PartnerKey,
        #[diesel(sql_type = Text)]
        tenant_id: String,
    }
    let statement = sql("SELECT p.id, p.tenant_id FROM partners p WHERE p.removed_at IS NULL AND p.partner_type = ")
        .bind(PartnerType::IndirectReseller)
        .push(" AND p.tenant_id IN ")
        .list(tenants.iter().map(ToString::to_string));
    let resellers: Vec<Row> = conn.rows(&statement)?;
    let of: Vec<_> = resellers.iter().map(|row| (seller_id, row.id)).collect();
    let latest = latest_partnerships(conn, &of)?;
    let held = resellers.iter().filter_map(|row| {
        let (_, state) = latest.get(&(seller_id, row.id))?;
        Some(tenant(&row.tenant_id).map(|tenant_id| (tenant_id, *state)))
    });
    held.collect()
}

/// The partners whose own use the tenants of these customers serve. Customers that serve nobody's are left out.
///
/// # Errors
/// Any database error.
pub(in crate::write) fn buyers(
    conn: &mut Conn,
    customer_ids: &[CustomerKey],
) -> StoreResult<HashMap<CustomerKey, PartnerKey>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: CustomerKey,
        #[diesel(sql_type = BigInt)]
        buyer_id: PartnerKey,
    }
    let statement = sql("SELECT c.id, c.internal_use_of AS buyer_id FROM ")
        .add(ids(conn.backend(), customer_ids))
        .push(" JOIN customers c ON c.id = up.id WHERE c.internal_use_of IS NOT NULL");
    Ok(conn.rows::<Row>(&statement)?.into_iter().map(|row| (row.id, row.buyer_id)).collect())
}
