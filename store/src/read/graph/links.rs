//! The facts that form the edges of the graph, and who can know of each.

use chrono::NaiveDateTime;
use partnergraph_domain::{GraphEdgeKind, PartnerType};

use super::Family;
use crate::read::relationships::known_to;
use crate::scope::Scope;
use crate::sql::{Sql, sql};

/// A table whose rows, with the alias `x`, are edges.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// The kind of edge.
    pub(super) kind: GraphEdgeKind,
    /// The source end: the family, and the column with the node's key.
    pub(super) from: (Family, &'static str),
    /// The target end.
    pub(super) to: (Family, &'static str),
    table: &'static str,
    label: &'static str,
    /// Which rows are in force, and which the caller can know of if it sees both ends.
    condition: Sql,
}

/// A link with a direction of traversal.
pub(super) struct Way<'a> {
    link: &'a Link,
    pub(super) near: (Family, &'static str),
    pub(super) far: (Family, &'static str),
}

impl Link {
    /// Both directions.
    pub(super) fn both_ways(&self) -> [Way<'_>; 2] {
        [Way { link: self, near: self.from, far: self.to }, Way { link: self, near: self.to, far: self.from }]
    }

    /// The edges with both ends among these keys (see [`crate::sql::ids`]), each with the number of the link.
    pub(super) fn between(&self, number: i64, from: &Sql, to: &Sql) -> Sql {
        sql(format!("SELECT CAST({number} AS BIGINT) AS link, "))
            .push(self.from.1)
            .push(" AS from_id, ")
            .push(self.to.1)
            .push(" AS to_id, ")
            .push(self.label)
            .push(" AS label FROM ")
            .push(self.table)
            .push(" x WHERE ")
            .add(self.condition.clone())
            .push(" AND ")
            .add(is_among(self.from.1, from))
            .push(" AND ")
            .add(is_among(self.to.1, to))
    }
}

impl Way<'_> {
    /// `SELECT columns` for the edges whose near end is among these keys.
    pub(super) fn arm(&self, columns: Sql, near: &Sql) -> Sql {
        sql("SELECT ")
            .add(columns)
            .push(" FROM ")
            .push(self.link.table)
            .push(" x WHERE ")
            .add(self.link.condition.clone())
            .push(" AND ")
            .push(self.far.1)
            .push(" IS NOT NULL AND ")
            .add(is_among(self.near.1, near))
    }
}

fn is_among(column: &'static str, keys: &Sql) -> Sql {
    sql(column).push(" IN (SELECT up.id FROM ").add(keys.clone()).push(")")
}

/// All kinds of links, as far as the caller can know of them.
pub(super) fn links(scope: &Scope, now: NaiveDateTime) -> Vec<Link> {
    use Family::{Customer, Partner, Subscription};
    let none = "CAST(NULL AS TEXT)";
    let relationship = ((Partner, "x.partner_id"), (Customer, "x.customer_id"));
    let association = ((Partner, "x.reseller_id"), (Customer, "x.customer_id"));
    let live = || sql("x.removed_at IS NULL");
    let link = |kind, (from, to), (table, label), condition| Link { kind, from, to, table, label, condition };
    let on_subscription =
        |kind, column| link(kind, ((Partner, column), (Subscription, "x.id")), ("subscriptions", none), live());
    vec![
        link(
            GraphEdgeKind::Partnership,
            ((Partner, "x.provider_id"), (Partner, "x.reseller_id")),
            ("partnerships", "x.state"),
            live().push(" AND x.state IN ('ACTIVE', 'IMPORTED') AND ").add(own_partnership(scope)),
        ),
        link(
            GraphEdgeKind::ResellerRelationship,
            relationship,
            ("reseller_relationships", "x.relationship_to_partner"),
            live().push(" AND ").add(known_to(scope)),
        ),
        link(
            GraphEdgeKind::DelegatedAdmin,
            relationship,
            ("delegated_admin_grants", "x.kind"),
            sql("x.revoked_at IS NULL AND (x.end_at IS NULL OR x.end_at > ")
                .bind(now)
                .push(") AND ")
                .add(known_to(scope)),
        ),
        link(
            GraphEdgeKind::Association,
            association,
            ("customer_associations", none),
            live().push(" AND ").add(own_association(scope)),
        ),
        link(
            GraphEdgeKind::TenantOwner,
            association,
            ("customer_associations", none),
            live().push(" AND x.tenant_owner AND ").add(own_association(scope)),
        ),
        link(
            GraphEdgeKind::InternalUse,
            ((Partner, "x.internal_use_of"), (Customer, "x.id")),
            ("customers", none),
            sql("x.internal_use_of IS NOT NULL"),
        ),
        on_subscription(GraphEdgeKind::Sells, "x.seller_id"),
        on_subscription(GraphEdgeKind::PartnerOfRecord, "x.reseller_id"),
        on_subscription(GraphEdgeKind::SupportContact, "x.support_contact_id"),
        link(
            GraphEdgeKind::SubscriptionOf,
            ((Subscription, "x.id"), (Customer, "x.customer_id")),
            ("subscriptions", none),
            live(),
        ),
    ]
}

/// A partnership is visible to its two ends, as in their lists.
fn own_partnership(scope: &Scope) -> Sql {
    match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } => sql("x.reseller_id = ").bind(*id),
        Scope::Partner { id, .. } => sql("x.provider_id = ").bind(*id),
        Scope::Customer { .. } | Scope::Nobody => sql("1 = 0"),
    }
}

/// An association is visible to the provider that created it, its reseller and the customer (B-14).
fn own_association(scope: &Scope) -> Sql {
    match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Customer { id } => sql("x.customer_id = ").bind(*id),
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } => sql("x.reseller_id = ").bind(*id),
        Scope::Partner { id, .. } => sql("x.provider_id = ").bind(*id),
        Scope::Nobody => sql("1 = 0"),
    }
}
