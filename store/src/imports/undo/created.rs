//! What a run created: removed if nothing depends on it and nobody edited it; otherwise kept, with the reason.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text};
use partnergraph_domain::CustomerKey;

use super::Undoing;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::imports::derived;
use crate::sql::{Sql, sql};

/// A kind of entity that runs create, in the order of processing: a kind may depend on those before it.
struct Kind {
    /// The letter in `import_gone`.
    code: &'static str,
    /// The name in the list of changes.
    name: &'static str,
    /// The key in `import_gone`.
    id: &'static str,
    /// The key that users know.
    key: &'static str,
    /// The tables, and the condition for rows that the run created; `{run}` and `{partner}` are replaced by the two numbers.
    from: &'static str,
    /// The reasons to keep one; the first that applies is used.
    holds: &'static [(&'static str, &'static str)],
}

// Asked after the run's own evidence was withdrawn.
const AGREED: (&str, &str) = (
    "EXISTS (SELECT 1 FROM customer_agreements ag WHERE ag.customer_id = r.customer_id AND ag.partner_id = {partner})",
    "its agreement was confirmed or proved otherwise",
);
const SPOKEN: &str = "another import has stated something about it since";
const CHANGED: &str = "changed since the import";

const KINDS: [Kind; 6] = [
    Kind {
        code: "E",
        name: "ENTITLEMENT",
        id: "e.id",
        key: "s.subscription_id || '/' || e.entitlement_id",
        from: "entitlements e JOIN subscriptions s ON s.id = e.subscription_pk WHERE e.created_by_run = {run} AND s.seller_id = {partner}",
        holds: &[(
            "e.version <> 1 + COALESCE((SELECT l.touches FROM import_later l WHERE l.entity = 'ENTITLEMENT' AND \
             l.key = s.subscription_id || '/' || e.entitlement_id), 0)",
            CHANGED,
        )],
    },
    Kind {
        code: "S",
        name: "SUBSCRIPTION",
        id: "s.id",
        key: "s.subscription_id",
        from: "subscriptions s WHERE s.created_by_run = {run} AND s.seller_id = {partner}",
        holds: &[
            (
                "s.id IN (SELECT ol.subscription_pk FROM order_lines ol WHERE ol.subscription_pk IS NOT NULL)",
                "an order refers to it",
            ),
            (
                "s.id IN (SELECT cr.subscription_pk FROM change_requests cr WHERE cr.subscription_pk IS NOT NULL)",
                "a change was requested for it",
            ),
            (
                "EXISTS (SELECT 1 FROM import_baselines b WHERE b.entity = 'S' AND b.entity_id = s.id AND b.run_id <> {run})",
                SPOKEN,
            ),
            ("s.support_contact_id IS NOT NULL", "a support contact was designated"),
            (
                "EXISTS (SELECT 1 FROM entitlements e WHERE e.subscription_pk = s.id AND NOT EXISTS (SELECT 1 FROM import_gone x \
                 WHERE x.entity = 'E' AND x.entity_id = e.id))",
                "one of its entitlements is kept",
            ),
            (
                "s.removed_at IS NOT NULL OR s.version <> 1 + COALESCE((SELECT l.touches FROM import_later l WHERE \
                 l.entity = 'SUBSCRIPTION' AND l.key = s.subscription_id), 0) OR s.id IN (SELECT e.subscription_pk FROM \
                 audit_events e WHERE e.subscription_pk IS NOT NULL) OR EXISTS (SELECT 1 FROM partner_of_record_history h \
                 WHERE h.subscription_pk = s.id AND (h.run_id IS NULL OR h.run_id <> {run}))",
                CHANGED,
            ),
        ],
    },
    Kind {
        code: "G",
        name: "DELEGATED_ADMIN",
        id: "g.id",
        key: "g.external_id",
        from: "delegated_admin_grants g WHERE g.created_by_run = {run} AND g.partner_id = {partner}",
        holds: &[(
            "g.version <> 1 + COALESCE((SELECT l.touches FROM import_later l WHERE l.entity = 'DELEGATED_ADMIN' AND \
             l.key = g.external_id), 0)",
            CHANGED,
        )],
    },
    Kind {
        code: "C",
        name: "CUSTOMER",
        id: "r.customer_id",
        key: "c.tenant_id",
        from: "customer_records r JOIN customers c ON c.id = r.customer_id WHERE r.created_by_run = {run} AND r.partner_id = {partner}",
        holds: &[
            (
                "r.customer_id IN (SELECT o.customer_id FROM orders o WHERE o.seller_id = {partner})",
                "an order refers to it",
            ),
            (
                "r.customer_id IN (SELECT cr.customer_id FROM change_requests cr WHERE cr.seller_id = {partner})",
                "a change was requested for it",
            ),
            (
                "EXISTS (SELECT 1 FROM subscriptions s WHERE s.customer_id = r.customer_id AND s.seller_id = {partner} AND \
                 NOT EXISTS (SELECT 1 FROM import_gone x WHERE x.entity = 'S' AND x.entity_id = s.id))",
                "one of its subscriptions is kept",
            ),
            (
                "EXISTS (SELECT 1 FROM customer_associations a WHERE a.customer_id = r.customer_id AND a.provider_id = {partner})",
                "a reseller was associated with it",
            ),
            AGREED,
            (
                "EXISTS (SELECT 1 FROM delegated_admin_grants g WHERE g.customer_id = r.customer_id AND g.partner_id = {partner} \
                 AND NOT EXISTS (SELECT 1 FROM import_gone x WHERE x.entity = 'G' AND x.entity_id = g.id))",
                "it has granted delegated admin privileges",
            ),
            (
                "EXISTS (SELECT 1 FROM import_baselines b JOIN import_sources o ON o.id = b.source_id WHERE b.entity = 'C' AND \
                 b.entity_id = r.customer_id AND o.partner_id = {partner} AND b.run_id <> {run})",
                SPOKEN,
            ),
            (
                "EXISTS (SELECT 1 FROM reseller_relationships rr WHERE rr.customer_id = r.customer_id AND rr.partner_id = {partner} \
                 AND (rr.removed_at IS NOT NULL OR rr.renegotiated_at IS NOT NULL OR rr.created_by_run IS NULL OR \
                 rr.created_by_run <> {run}))",
                "the relationship with it was changed since the import",
            ),
            (
                "r.version <> 1 + COALESCE((SELECT l.touches FROM import_later l WHERE l.entity = 'CUSTOMER' AND \
                 l.key = c.tenant_id), 0) OR EXISTS (SELECT 1 FROM customer_billing_profiles bp WHERE bp.record_id = r.id) \
                 OR r.customer_id IN (SELECT e.customer_id FROM audit_events e JOIN audit_event_viewers v ON v.event_id = e.id \
                 WHERE v.viewer_partner_id = {partner} AND e.customer_id IS NOT NULL) OR r.customer_id IN (SELECT i.customer_id \
                 FROM invitations i WHERE i.customer_id IS NOT NULL AND (i.partner_id = {partner} OR i.joint_provider_id = {partner}))",
                CHANGED,
            ),
        ],
    },
    Kind {
        code: "R",
        name: "RELATIONSHIP",
        id: "rr.id",
        key: "c.tenant_id",
        // Of a customer that the partner already knew. The other relationships are removed or kept with their customer.
        from: "reseller_relationships rr JOIN customers c ON c.id = rr.customer_id JOIN customer_records r ON \
               r.customer_id = rr.customer_id AND r.partner_id = rr.partner_id WHERE rr.created_by_run = {run} AND \
               rr.partner_id = {partner} AND (r.created_by_run IS NULL OR r.created_by_run <> {run})",
        holds: &[
            ("rr.removed_at IS NOT NULL OR rr.renegotiated_at IS NOT NULL", CHANGED),
            (
                "EXISTS (SELECT 1 FROM subscriptions s WHERE s.customer_id = rr.customer_id AND s.seller_id = {partner} AND \
                 s.removed_at IS NULL AND s.created_at >= rr.since AND NOT EXISTS (SELECT 1 FROM import_gone x WHERE \
                 x.entity = 'S' AND x.entity_id = s.id))",
                "a subscription was sold under it",
            ),
            (
                "EXISTS (SELECT 1 FROM customer_associations a WHERE a.customer_id = rr.customer_id AND a.provider_id = {partner} \
                 AND a.since >= rr.since)",
                "a reseller was associated with the customer",
            ),
        ],
    },
    Kind {
        code: "P",
        name: "PARTNERSHIP",
        id: "ps.id",
        key: "COALESCE(p.mpn_id, '')",
        from: "partnerships ps JOIN partners p ON p.id = ps.reseller_id WHERE ps.created_by_run = {run} AND ps.provider_id = {partner}",
        holds: &[
            (
                "ps.state <> 'IMPORTED' OR ps.version <> 1 OR ps.removed_at IS NOT NULL OR EXISTS (SELECT 1 FROM invitations i \
                 WHERE i.invited_partner_id = ps.reseller_id AND i.partner_id = {partner})",
                CHANGED,
            ),
            (
                "EXISTS (SELECT 1 FROM reseller_statements st WHERE st.reseller_id = ps.reseller_id AND st.provider_id = {partner} \
                 AND st.run_id <> {run})",
                SPOKEN,
            ),
            (
                // One condition per index.
                "EXISTS (SELECT 1 FROM subscriptions s WHERE s.reseller_id = ps.reseller_id AND s.seller_id = {partner} AND \
                 NOT EXISTS (SELECT 1 FROM import_gone x WHERE x.entity = 'S' AND x.entity_id = s.id)) OR \
                 EXISTS (SELECT 1 FROM subscriptions s WHERE s.support_contact_id = ps.reseller_id AND s.seller_id = {partner} \
                 AND NOT EXISTS (SELECT 1 FROM import_gone x WHERE x.entity = 'S' AND x.entity_id = s.id)) OR \
                 EXISTS (SELECT 1 FROM entitlements e JOIN subscriptions s ON s.id = e.subscription_pk WHERE \
                 e.reseller_id = ps.reseller_id AND s.seller_id = {partner} AND NOT EXISTS (SELECT 1 FROM import_gone x WHERE \
                 x.entity = 'E' AND x.entity_id = e.id)) OR \
                 EXISTS (SELECT 1 FROM customer_associations a WHERE a.provider_id = {partner} AND \
                 a.reseller_id = ps.reseller_id)",
                "a subscription or a customer refers to the reseller",
            ),
        ],
    },
];

impl Kind {
    fn text(&self, text: &str, undoing: Undoing) -> Sql {
        // Both are numbers generated by this program.
        sql(text.replace("{run}", &undoing.run_id.to_string()).replace("{partner}", &undoing.partner_id.to_string()))
    }

    fn held(&self) -> String {
        self.holds.iter().map(|(hold, _)| format!("({hold})")).collect::<Vec<_>>().join(" OR ")
    }
}

/// Marks what is removed. Values must have been restored before, because entities that they refer to are kept.
///
/// # Errors
/// Any database error.
pub fn mark_created(conn: &mut Conn, undoing: Undoing) -> StoreResult<()> {
    for kind in &KINDS {
        let Kind { code, id, from, .. } = kind;
        let text = format!(
            "INSERT INTO import_gone (entity, entity_id) SELECT '{code}', {id} FROM {from} AND NOT ({})",
            kind.held()
        );
        conn.execute(&kind.text(&text, undoing))?;
        derived::analyse(conn, &["import_gone"])?;
    }
    // The customer itself, if it was created with the partner's record of it and belongs to nobody else.
    conn.execute(&sql(format!(
        "INSERT INTO import_gone (entity, entity_id) SELECT 'T', c.id FROM customers c JOIN import_gone x ON x.entity = 'C' AND \
         x.entity_id = c.id JOIN customer_records r ON r.customer_id = c.id AND r.partner_id = {} AND r.created_at = c.created_at",
        undoing.partner_id
    )))?;
    conn.execute(&sql(
        "INSERT INTO import_gone_tenants (tenant_id) SELECT t.tenant_id FROM tenants t JOIN customers c ON c.tenant_id = t.tenant_id \
         JOIN import_gone x ON x.entity = 'T' AND x.entity_id = c.id WHERE t.kind = 'CUSTOMER' AND t.created_at = c.created_at \
         AND t.default_domain IS NULL AND t.country IS NULL",
    ))?;
    Ok(())
}

/// Something that a run created and that is kept.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Kept {
    /// The name in the list of changes.
    #[diesel(sql_type = Text)]
    pub entity: String,
    /// The key that users know.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// Why it is kept.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// What is kept of the created entities: up to `limit` of them, and their total number.
///
/// # Errors
/// Any database error.
pub fn kept_of_created(conn: &mut Conn, undoing: Undoing, limit: i64) -> StoreResult<(Vec<Kept>, i64)> {
    let (mut kept, mut total) = (Vec::new(), 0);
    for kind in &KINDS {
        let Kind { code, name, id, key, from, holds } = kind;
        let rest = format!(
            "FROM {from} AND NOT EXISTS (SELECT 1 FROM import_gone own WHERE own.entity = '{code}' AND own.entity_id = {id})"
        );
        let count: Option<Count> = conn.row(&kind.text(&format!("SELECT COUNT(*) AS count {rest}"), undoing))?;
        let count = count.map_or(0, |row| row.count);
        total += count;
        let room = limit - i64::try_from(kept.len()).unwrap_or(limit);
        if count > 0 && room > 0 {
            let whens: String = holds.iter().map(|(hold, reason)| format!(" WHEN {hold} THEN '{reason}'")).collect();
            let text = format!(
                "SELECT '{name}' AS entity, {key} AS key, CASE{whens} END AS reason {rest} ORDER BY {key} LIMIT "
            );
            kept.extend(conn.rows::<Kept>(&kind.text(&text, undoing).bind(room))?);
        }
    }
    Ok((kept, total))
}

/// What was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gone {
    /// The partner's customer records.
    pub customers: usize,
    /// Subscriptions.
    pub subscriptions: usize,
    /// Entitlements, partnerships, relationships and delegated admin grants.
    pub others: usize,
    /// The customers whose derived data must be recomputed.
    pub touched: Vec<CustomerKey>,
}

#[derive(QueryableByName)]
struct Customer {
    #[diesel(sql_type = BigInt)]
    customer_id: CustomerKey,
}

/// Removes what is marked. Call [`super::delete_unnamed`] once nothing of the run refers to anything any more.
///
/// # Errors
/// Any database error.
pub fn delete_created(conn: &mut Conn, Undoing { partner_id, .. }: Undoing) -> StoreResult<Gone> {
    let touched: Vec<Customer> = conn.rows(&sql(
        "SELECT s.customer_id FROM subscriptions s JOIN import_gone x ON x.entity = 'S' AND x.entity_id = s.id \
         UNION SELECT s.customer_id FROM subscriptions s JOIN entitlements e ON e.subscription_pk = s.id \
         JOIN import_gone x ON x.entity = 'E' AND x.entity_id = e.id \
         UNION SELECT x.entity_id FROM import_gone x WHERE x.entity = 'C' \
         UNION SELECT rr.customer_id FROM reseller_relationships rr JOIN import_gone x ON x.entity = 'R' AND x.entity_id = rr.id",
    ))?;
    let gone = |code: &str| format!("(SELECT x.entity_id FROM import_gone x WHERE x.entity = '{code}')");
    let (subscriptions, customers) = (gone("S"), gone("C"));
    let sources = format!("(SELECT o.id FROM import_sources o WHERE o.partner_id = {partner_id})");
    let mut delete = |text: String| conn.execute(&sql(format!("DELETE FROM {text}")));
    delete(format!("partner_of_record_history WHERE subscription_pk IN {subscriptions}"))?;
    let entitlements = delete(format!("entitlements WHERE id IN {}", gone("E")))?;
    for table in ["import_baselines", "import_baselines_before"] {
        delete(format!("{table} WHERE entity = 'S' AND entity_id IN {subscriptions}"))?;
        delete(format!("{table} WHERE entity = 'C' AND entity_id IN {customers} AND source_id IN {sources}"))?;
    }
    let mut found = Gone { touched: touched.into_iter().map(|row| row.customer_id).collect(), ..Gone::default() };
    found.subscriptions = delete(format!("subscriptions WHERE id IN {subscriptions}"))?;
    found.others += entitlements;
    found.others += delete(format!("delegated_admin_grants WHERE id IN {}", gone("G")))?;
    delete(format!("reseller_relationships WHERE partner_id = {partner_id} AND customer_id IN {customers}"))?;
    found.others += delete(format!("reseller_relationships WHERE id IN {}", gone("R")))?;
    found.customers =
        delete(format!("customer_records WHERE partner_id = {partner_id} AND customer_id IN {customers}"))?;
    found.others += delete(format!("partnerships WHERE id IN {}", gone("P")))?;
    Ok(found)
}
