//! The facts by which the rules decide about each row of a move.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use partnergraph_domain::{
    BillingType, CountryCode, CustomerFacts, MovedKind, RelationshipToPartner, SubscriptionFacts, SubscriptionStatus,
};

use super::Move;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::parse_stored;
use crate::sql::sql;
use crate::write::facts::rules;

/// Whether a row is still as it was when it was planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Unchanged,
    /// It has changed since, or the reseller no longer stands there.
    Changed,
}

/// A row of a move, with the facts about it as they are now.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Its place.
    pub ordinal: i64,
    /// What is moved.
    pub kind: MovedKind,
    /// The subscription id, or the tenant id of a customer account.
    pub key: String,
    /// Whether it is as planned.
    pub standing: Standing,
    /// The customer, as the provider knows it.
    pub customer: CustomerFacts,
    /// The subscription. `None` for an account.
    pub subscription: Option<SubscriptionFacts>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    ordinal: i64,
    #[diesel(sql_type = Text)]
    kind: MovedKind,
    #[diesel(sql_type = Bool)]
    stands: bool,
    #[diesel(sql_type = Text)]
    tenant_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    country: Option<CountryCode>,
    #[diesel(sql_type = Nullable<Text>)]
    relationship: Option<RelationshipToPartner>,
    #[diesel(sql_type = Nullable<Text>)]
    blocked: Option<String>,
    #[diesel(sql_type = Bool)]
    proven: bool,
    #[diesel(sql_type = Nullable<Text>)]
    subscription_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    status: Option<SubscriptionStatus>,
    #[diesel(sql_type = Nullable<Text>)]
    billing_type: Option<BillingType>,
    #[diesel(sql_type = Nullable<BigInt>)]
    quantity: Option<i64>,
    #[diesel(sql_type = Nullable<Bool>)]
    auto_renew_enabled: Option<bool>,
    #[diesel(sql_type = Nullable<Bool>)]
    fixed: Option<bool>,
    #[diesel(sql_type = Nullable<Text>)]
    mpn_id: Option<String>,
}

/// Up to `limit` rows after that place, in order, with the facts about them.
///
/// # Errors
/// Any database error; [`crate::StoreError::Value`] if a stored value is malformed.
pub fn judged(conn: &mut Conn, moved: &Move, after: i64, limit: i64) -> StoreResult<Vec<Judged>> {
    let statement = sql(
        "SELECT i.ordinal, i.kind, COALESCE(CASE i.kind WHEN 'PARTNER_OF_RECORD' THEN s.reseller_id = ",
    )
    .bind(moved.from)
    .push(" AND s.version = i.version WHEN 'SUPPORT_CONTACT' THEN s.support_contact_id = ")
    .bind(moved.from)
    .push(" AND s.version = i.version WHEN 'ENTITLEMENT' THEN e.reseller_id = ")
    .bind(moved.from)
    .push(
        " AND e.version = i.version WHEN 'ACCOUNT' THEN a.removed_at IS NULL AND a.id IS NOT NULL END, false) AS stands, \
         c.tenant_id, r.country, own.relationship_to_partner AS relationship, r.new_business_blocked AS blocked, \
         EXISTS (SELECT 1 FROM customer_agreements ag WHERE ag.partner_id = ",
    )
    .bind(moved.provider_id)
    .push(
        " AND ag.customer_id = i.customer_id) AS proven, s.subscription_id, s.status, s.billing_type, s.quantity, s.auto_renew_enabled, \
         s.partner_of_record_fixed AS fixed, holder.mpn_id \
         FROM reseller_move_items i JOIN customers c ON c.id = i.customer_id \
         LEFT JOIN customer_records r ON r.customer_id = i.customer_id AND r.partner_id = ",
    )
    .bind(moved.provider_id)
    .push(
        " LEFT JOIN reseller_relationships own ON own.customer_id = i.customer_id AND own.removed_at IS NULL AND own.partner_id = ",
    )
    .bind(moved.provider_id)
    .push(
        " LEFT JOIN subscriptions s ON s.id = i.subscription_pk \
         LEFT JOIN entitlements e ON i.kind = 'ENTITLEMENT' AND e.id = i.entity_id \
         LEFT JOIN customer_associations a ON i.kind = 'ACCOUNT' AND a.id = i.entity_id \
         LEFT JOIN partners holder ON holder.id = s.reseller_id \
         WHERE i.kind <> 'MATCHED' AND i.run_id = ",
    )
    .bind(moved.run_id)
    .push(" AND i.ordinal > ")
    .bind(after)
    .push(" ORDER BY i.ordinal LIMIT ")
    .bind(limit);
    let rows: Vec<Row> = conn.rows(&statement)?;
    rows.into_iter().map(|row| row.judged()).collect()
}

impl Row {
    fn judged(self) -> StoreResult<Judged> {
        let customer = CustomerFacts {
            tenant_id: parse_stored(&self.tenant_id, "a tenant id")?,
            country: self.country,
            relationship: self.relationship.unwrap_or(RelationshipToPartner::None),
            mca_accepted: self.proven,
            new_business_blocked: rules(self.blocked.as_deref())?,
        };
        let subscription = match (self.kind, self.status, self.billing_type) {
            (MovedKind::Account, ..) => None,
            (_, Some(status), Some(billing_type)) => Some(SubscriptionFacts {
                status,
                billing_type,
                quantity: self.quantity.and_then(|quantity| u64::try_from(quantity).ok()),
                auto_renew_enabled: self.auto_renew_enabled,
                partner_of_record_fixed: self.fixed == Some(true),
                partner_of_record: self.mpn_id.as_deref().map(|id| parse_stored(id, "an MPN ID")).transpose()?,
            }),
            _ => None,
        };
        let key = self.subscription_id.unwrap_or(self.tenant_id);
        let standing = if self.stands { Standing::Unchanged } else { Standing::Changed };
        Ok(Judged { ordinal: self.ordinal, kind: self.kind, key, standing, customer, subscription })
    }
}
