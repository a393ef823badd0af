//! Derived data: `reseller_customers` and `customer_views`, computed from the facts.
//!
//! Both are pure functions of the base tables. [`refresh`] updates them for the customers that a write touched, and writes only
//! rows that differ; [`rebuild`] updates them for all customers.

use partnergraph_domain::CustomerKey;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::sql::{Sql, sql};

/// Recomputes everything, and removes rows for customers that no longer exist.
///
/// # Errors
/// Any database error.
pub fn rebuild(conn: &mut Conn) -> StoreResult<()> {
    for table in ["reseller_customers", "customer_views"] {
        conn.execute(&sql("DELETE FROM ").push(table).push(" WHERE customer_id NOT IN (SELECT id FROM customers)"))?;
    }
    refresh(conn, &sql("SELECT id FROM customers"))
}

/// Recomputes the derived data of a few customers.
///
/// # Errors
/// Any database error.
pub fn refresh_customers(conn: &mut Conn, customer_ids: &[CustomerKey]) -> StoreResult<()> {
    for ids in customer_ids.chunks(500) {
        refresh(conn, &sql("").list(ids.iter().copied()))?;
    }
    Ok(())
}

/// Recomputes the derived data of the customers that `touched` selects (`SELECT customer_id …`, or a list in parentheses). Must
/// be called by every write that changes a relationship, an association, a partnership's state, a customer's name, or a
/// subscription's seller, customer, partner of record, support contact, status, quantity, kind or existence, or an entitlement's
/// partner of record or existence.
///
/// # Errors
/// Any database error.
pub fn refresh(conn: &mut Conn, touched: &Sql) -> StoreResult<()> {
    let touched =
        if touched.text().starts_with('(') { touched.clone() } else { sql("(").add(touched.clone()).push(")") };
    let entitled = has_rows(conn, "SELECT 1 AS one FROM entitlements WHERE reseller_id IS NOT NULL LIMIT 1")?;
    let shared = shared_customers(&touched, if entitled { by_entitlement(&touched) } else { sql("") });
    // The rows to delete are those that recomputing does not produce. That is twice the work, and useless if there are no rows
    // yet, as in a first import.
    if has_rows(conn, "SELECT 1 AS one FROM reseller_customers LIMIT 1")? {
        conn.execute(
        &sql("DELETE FROM reseller_customers WHERE customer_id IN ").add(touched.clone()).push(
            " AND NOT EXISTS (SELECT 1 FROM (",
        )
        .add(shared.clone())
        .push(
            ") d WHERE d.provider_id = reseller_customers.provider_id AND d.reseller_id = reseller_customers.reseller_id \
             AND d.customer_id = reseller_customers.customer_id)",
        ),
    )?;
    }
    conn.execute(
        &sql("INSERT INTO reseller_customers (provider_id, reseller_id, customer_id, name_sort, by_account, subscription_count, license_count) \
              SELECT provider_id, reseller_id, customer_id, name_sort, by_account, subscription_count, license_count FROM (")
        .add(shared)
        .push(
            ") d WHERE 1 = 1 ON CONFLICT (provider_id, reseller_id, customer_id) DO UPDATE SET name_sort = excluded.name_sort, \
             by_account = excluded.by_account, subscription_count = excluded.subscription_count, \
             license_count = excluded.license_count \
             WHERE reseller_customers.name_sort <> excluded.name_sort OR reseller_customers.by_account <> excluded.by_account \
             OR reseller_customers.subscription_count <> excluded.subscription_count \
             OR reseller_customers.license_count <> excluded.license_count",
        ),
    )?;
    let views = views(&touched);
    if has_rows(conn, "SELECT 1 AS one FROM customer_views LIMIT 1")? {
        conn.execute(
            &sql("DELETE FROM customer_views WHERE customer_id IN ")
                .add(touched)
                .push(" AND NOT EXISTS (SELECT 1 FROM (")
                .add(views.clone())
                .push(
                    ") d WHERE d.viewer_id = customer_views.viewer_id AND d.customer_id = customer_views.customer_id)",
                ),
        )?;
    }
    conn.execute(
        &sql("INSERT INTO customer_views (viewer_id, customer_id, record_id, level, name_sort) \
              SELECT d.viewer_id, d.customer_id, d.record_id, d.level, r.name_sort FROM (")
        .add(views)
        .push(
            ") d JOIN customer_records r ON r.id = d.record_id WHERE 1 = 1 \
             ON CONFLICT (viewer_id, customer_id) DO UPDATE SET record_id = excluded.record_id, level = excluded.level, \
             name_sort = excluded.name_sort WHERE customer_views.record_id <> excluded.record_id \
             OR customer_views.level <> excluded.level OR customer_views.name_sort <> excluded.name_sort",
        ),
    )?;
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct One {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    one: i32,
}

fn has_rows(conn: &mut Conn, query: &'static str) -> StoreResult<bool> {
    Ok(conn.row::<One>(&sql(query))?.is_some_and(|row| row.one == 1))
}

/// C-28: a live relationship with the provider and, with the reseller, a live relationship of its own (while they are
/// partnered), an association, or a partner of record on a live subscription sold by this provider or on an entitlement under it.
fn shared_customers(touched: &Sql, by_entitlement: Sql) -> Sql {
    sql("SELECT x.provider_id, x.reseller_id, x.customer_id, r.name_sort, MAX(x.by_account) = 1 AS by_account, \
         CAST(SUM(x.subscriptions) AS BIGINT) AS subscription_count, CAST(SUM(x.licenses) AS BIGINT) AS license_count FROM ( \
         SELECT s.seller_id AS provider_id, s.reseller_id, s.customer_id, 0 AS by_account, COUNT(*) AS subscriptions, \
         SUM(CASE WHEN s.billing_type = 'USAGE' OR s.is_trial THEN 0 ELSE COALESCE(s.quantity, 0) END) AS licenses \
         FROM subscriptions s WHERE s.reseller_id IS NOT NULL AND s.removed_at IS NULL AND s.status <> 'DELETED' \
         AND s.customer_id IN ")
    .add(touched.clone())
    .push(" GROUP BY s.seller_id, s.reseller_id, s.customer_id")
    .add(by_entitlement)
    .push(
        " UNION ALL SELECT a.provider_id, a.reseller_id, a.customer_id, 1, 0, 0 FROM customer_associations a \
         WHERE a.removed_at IS NULL AND a.customer_id IN ",
    )
    .add(touched.clone())
    .push(
        " UNION ALL SELECT ps.provider_id, ps.reseller_id, rr.customer_id, 1, 0, 0 FROM reseller_relationships rr \
         JOIN partnerships ps ON ps.reseller_id = rr.partner_id AND ps.removed_at IS NULL AND ps.state = 'ACTIVE' \
         WHERE rr.removed_at IS NULL AND rr.customer_id IN ",
    )
    .add(touched.clone())
    .push(
        ") x JOIN reseller_relationships own ON own.partner_id = x.provider_id AND own.customer_id = x.customer_id \
         AND own.removed_at IS NULL \
         JOIN customer_records r ON r.partner_id = x.provider_id AND r.customer_id = x.customer_id \
         GROUP BY x.provider_id, x.reseller_id, x.customer_id, r.name_sort",
    )
}

/// The partners of record of entitlements. A subscription counts once for each reseller, however many of its entitlements the
/// reseller has, and not again for its own partner of record. Licences belong to the subscription. Most databases have no
/// entitlements; they skip the lookup for every subscription.
fn by_entitlement(touched: &Sql) -> Sql {
    sql(" UNION ALL SELECT s.seller_id, e.reseller_id, s.customer_id, 0, COUNT(DISTINCT s.id), 0 FROM subscriptions s \
         JOIN entitlements e ON e.subscription_pk = s.id WHERE e.reseller_id IS NOT NULL \
         AND (s.reseller_id IS NULL OR s.reseller_id <> e.reseller_id) AND s.removed_at IS NULL AND s.status <> 'DELETED' \
         AND s.customer_id IN ")
    .add(touched.clone())
    .push(" GROUP BY s.seller_id, e.reseller_id, s.customer_id")
}

/// Who sees which customer, from the relationships and from `reseller_customers`, which must be up to date. The level and the
/// record belong together: access through one provider reveals nothing of another provider's record.
///
/// Only resellers see customers through their providers. An account of another type that took over a placeholder is still the
/// partner of record of what others sell, and sees nothing of it.
fn views(touched: &Sql) -> Sql {
    sql("SELECT x.viewer_id, x.customer_id, MIN(x.level) AS level, \
         COALESCE(MIN(CASE WHEN x.level = 1 THEN x.record_id END), MIN(CASE WHEN x.level = 2 THEN x.record_id END), \
         MIN(x.record_id)) AS record_id FROM ( \
         SELECT rr.partner_id AS viewer_id, rr.customer_id, 1 AS level, r.id AS record_id FROM reseller_relationships rr \
         JOIN customer_records r ON r.partner_id = rr.partner_id AND r.customer_id = rr.customer_id \
         WHERE rr.removed_at IS NULL AND rr.customer_id IN ")
    .add(touched.clone())
    .push(
        " UNION ALL SELECT rc.reseller_id, rc.customer_id, CASE WHEN rc.by_account THEN 2 ELSE 3 END, r.id \
         FROM reseller_customers rc JOIN customer_records r ON r.partner_id = rc.provider_id AND r.customer_id = rc.customer_id \
         WHERE rc.customer_id IN ",
    )
    .add(touched.clone())
    // C-25: what a reseller inherited from a placeholder, and only other portals have reported, waits for an invitation.
    .push(
        " AND NOT EXISTS (SELECT 1 FROM awaiting_invitation aw WHERE aw.reseller_id = rc.reseller_id AND aw.customer_id = rc.customer_id) \
         AND NOT EXISTS (SELECT 1 FROM partners np WHERE np.id = rc.reseller_id AND np.partner_type <> 'INDIRECT_RESELLER') \
         UNION ALL SELECT s.support_contact_id, s.customer_id, 3, r.id FROM subscriptions s \
         JOIN reseller_relationships own ON own.partner_id = s.seller_id AND own.customer_id = s.customer_id AND own.removed_at IS NULL \
         JOIN customer_records r ON r.partner_id = s.seller_id AND r.customer_id = s.customer_id \
         WHERE s.support_contact_id IS NOT NULL AND s.support_contact_id <> s.seller_id AND s.removed_at IS NULL \
         AND s.status <> 'DELETED' AND s.customer_id IN ",
    )
    .add(touched.clone())
    .push(
        " AND NOT EXISTS (SELECT 1 FROM awaiting_invitation aw WHERE aw.reseller_id = s.support_contact_id AND aw.customer_id = s.customer_id) \
         AND NOT EXISTS (SELECT 1 FROM partners np WHERE np.id = s.support_contact_id AND np.partner_type <> 'INDIRECT_RESELLER')\
         ) x GROUP BY x.viewer_id, x.customer_id",
    )
}
