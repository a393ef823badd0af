//! The partners of a customer: those with a relationship, and those with an active delegated admin grant.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use partnergraph_domain::{AgreementEvidence, CustomerKey, GrantKind, PartnerKey, PartnerType, RelationshipToPartner};

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, ids, sql};

row! {
    /// The relationship between a partner and a customer.
    pub struct RelationshipRow {
        pub customer_id: CustomerKey => BigInt,
        pub partner_id: PartnerKey => BigInt,
        pub partner_type: PartnerType => Text,
        /// `None` if only a grant is left.
        pub relationship_to_partner: Option<RelationshipToPartner> => Nullable<Text>,
        pub since: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub renegotiated_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        /// The latest grant, active or not; `None` if there never was one.
        pub grant_kind: Option<GrantKind> => Nullable<Text>,
        pub grant_scope: Option<String> => Nullable<Text>,
        pub granted_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub end_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub revoked_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        /// Whether the partner has evidence of the customer's agreement. `None` if the caller cannot know: evidence is the
        /// partner's own.
        pub agreement_accepted: Option<bool> => Nullable<Bool>,
        /// Whether the partner provisioned an Azure subscription for the customer that still exists.
        pub azure_subscription: bool => Bool,
    }
}

/// The partners of each of these customers, as far as the caller can know of them: a provider sees itself and its resellers
/// there; a reseller sees itself and the providers with which it shares the customer; the customer and operators see all.
///
/// # Errors
/// Any database error.
pub fn of_customers(conn: &mut Conn, scope: &Scope, customer_ids: &[CustomerKey]) -> StoreResult<Vec<RelationshipRow>> {
    let backend = conn.backend();
    // The keys are repeated in both arms, because neither database pushes a join into a union; otherwise a page would read all
    // relationships.
    let wanted = || sql("(SELECT up.id FROM ").add(ids(backend, customer_ids)).push(")");
    let statement = sql(
        "SELECT x.customer_id, x.partner_id, p.partner_type, rr.relationship_to_partner, rr.since, rr.renegotiated_at, g.kind AS grant_kind, \
         g.scope AS grant_scope, g.granted_at, g.end_at, g.revoked_at, CASE WHEN ",
    )
    .add(evidence_known_to(scope))
    .push(
        " THEN EXISTS (SELECT 1 FROM customer_agreements ag WHERE ag.customer_id = x.customer_id \
         AND ag.partner_id = x.partner_id) END AS agreement_accepted, \
         EXISTS (SELECT 1 FROM subscriptions s WHERE s.customer_id = x.customer_id \
         AND +s.seller_id = x.partner_id AND s.removed_at IS NULL AND s.status <> 'DELETED' AND s.billing_type = 'USAGE') \
         AS azure_subscription FROM (SELECT rl.partner_id, rl.customer_id FROM reseller_relationships rl \
         WHERE rl.removed_at IS NULL AND rl.customer_id IN ",
    )
    .add(wanted())
    .push(
        " UNION SELECT gl.partner_id, gl.customer_id FROM delegated_admin_grants gl WHERE gl.revoked_at IS NULL \
         AND gl.customer_id IN ",
    )
    .add(wanted())
    .push(
        ") x JOIN partners p ON p.id = x.partner_id AND p.removed_at IS NULL \
         LEFT JOIN reseller_relationships rr ON rr.partner_id = x.partner_id AND rr.customer_id = x.customer_id \
         AND rr.removed_at IS NULL \
         LEFT JOIN delegated_admin_grants g ON g.id = (SELECT y.id FROM delegated_admin_grants y \
         WHERE y.partner_id = x.partner_id AND y.customer_id = x.customer_id \
         ORDER BY CASE WHEN y.revoked_at IS NULL THEN 0 ELSE 1 END, y.granted_at DESC, y.id DESC LIMIT 1) WHERE ",
    )
    .add(known_to(scope))
    .push(" ORDER BY x.customer_id, p.name_sort, p.id");
    conn.rows(&statement)
}

/// Whether the caller can know of the relationship between partner and customer, as a condition on `x` with `partner_id` and
/// `customer_id`.
pub(super) fn known_to(scope: &Scope) -> Sql {
    match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Customer { id } => sql("x.customer_id = ").bind(*id),
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } => sql("(x.partner_id = ")
            .bind(*id)
            .push(" OR EXISTS (SELECT 1 FROM reseller_customers rc WHERE rc.customer_id = x.customer_id AND rc.provider_id = x.partner_id AND rc.reseller_id = ")
            .bind(*id)
            .push(") OR EXISTS (SELECT 1 FROM subscriptions sc WHERE sc.customer_id = x.customer_id AND sc.seller_id = x.partner_id AND sc.removed_at IS NULL AND sc.status <> 'DELETED' AND sc.support_contact_id = ")
            .bind(*id)
            .push("))"),
        Scope::Partner { id, .. } => sql("(x.partner_id = ")
            .bind(*id)
            .push(" OR EXISTS (SELECT 1 FROM reseller_customers rc WHERE rc.customer_id = x.customer_id AND rc.reseller_id = x.partner_id AND rc.provider_id = ")
            .bind(*id)
            .push("))"),
        Scope::Nobody => sql("1 = 0"),
    }
}

/// How a partner ended its relationship with a customer.
#[derive(Debug, Clone, QueryableByName)]
#[allow(missing_docs)]
pub struct EndedRow {
    #[diesel(sql_type = BigInt)]
    pub customer_id: CustomerKey,
    #[diesel(sql_type = Timestamp)]
    pub removed_at: NaiveDateTime,
    /// What the partner stated, as JSON (D-03).
    #[diesel(sql_type = Nullable<Text>)]
    pub representation: Option<String>,
}

/// The relationships with each of these customers that ended last: the caller's own; for operators, any partner's.
///
/// # Errors
/// Any database error.
pub fn ended(conn: &mut Conn, scope: &Scope, customer_ids: &[CustomerKey]) -> StoreResult<Vec<EndedRow>> {
    let own = |alias: &'static str| match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { id, .. } => sql(alias).push(".partner_id = ").bind(*id),
        Scope::Customer { .. } | Scope::Nobody => sql("1 = 0"),
    };
    let statement = sql("SELECT rr.customer_id, rr.removed_at, rr.representation FROM ")
        .add(ids(conn.backend(), customer_ids))
        .push(
            " JOIN reseller_relationships rr ON rr.id = (SELECT x.id FROM reseller_relationships x WHERE x.customer_id = up.id \
             AND x.removed_at IS NOT NULL AND ",
        )
        .add(own("x"))
        .push(" ORDER BY x.removed_at DESC, x.id DESC LIMIT 1) ORDER BY rr.customer_id");
    conn.rows(&statement)
}

/// Evidence that a customer accepted the Microsoft Customer Agreement.
#[derive(Debug, Clone, QueryableByName)]
#[allow(missing_docs)]
pub struct AgreementRow {
    #[diesel(sql_type = BigInt)]
    pub customer_id: CustomerKey,
    #[diesel(sql_type = Text)]
    pub evidence: AgreementEvidence,
    /// `None` if a portal proves it.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub accepted_at: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Text>)]
    pub first_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub last_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub phone_number: Option<String>,
}

/// The number of agreements that are shown of a customer.
pub const AGREEMENTS_SHOWN: i64 = 10;

/// The evidence about each of these customers that the caller holds, the latest [`AGREEMENTS_SHOWN`], the latest first. The customer itself
/// and operators read that of all its partners; no partner reads another's.
///
/// # Errors
/// Any database error.
pub fn agreements(conn: &mut Conn, scope: &Scope, customer_ids: &[CustomerKey]) -> StoreResult<Vec<AgreementRow>> {
    let statement = sql(
        "SELECT n.customer_id, n.evidence, n.accepted_at, n.first_name, n.last_name, n.email, n.phone_number FROM (SELECT ag.*, \
         ROW_NUMBER() OVER (PARTITION BY ag.customer_id ORDER BY ag.id DESC) AS place FROM ",
    )
    .add(ids(conn.backend(), customer_ids))
    .push(" JOIN customer_agreements ag ON ag.customer_id = up.id WHERE ")
    .add(own_evidence(scope))
    .push(") n WHERE n.place <= ")
    .bind(AGREEMENTS_SHOWN)
    .push(" ORDER BY n.customer_id, n.place");
    conn.rows(&statement)
}

/// The evidence `ag` that the caller can read: a partner only its own.
pub(super) fn own_evidence(scope: &Scope) -> Sql {
    evidence_of("ag", scope)
}

/// Whether the caller can know what evidence the partner of the relationship `x` has.
fn evidence_known_to(scope: &Scope) -> Sql {
    evidence_of("x", scope)
}

fn evidence_of(alias: &str, scope: &Scope) -> Sql {
    match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Customer { id } => sql(format!("{alias}.customer_id = ")).bind(*id),
        Scope::Partner { id, .. } => sql(format!("{alias}.partner_id = ")).bind(*id),
        Scope::Nobody => sql("1 = 0"),
    }
}
