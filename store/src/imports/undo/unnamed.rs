//! What a run created for the whole installation: removed if nothing refers to it any more.

use super::Undoing;
use crate::conn::Conn;
use crate::error::StoreResult;
use crate::sql::sql;

/// Tables that refer to a customer, and the column.
const NAME_CUSTOMERS: [(&str, &str); 14] = [
    ("customer_records", "customer_id"),
    ("reseller_relationships", "customer_id"),
    ("delegated_admin_grants", "customer_id"),
    ("customer_associations", "customer_id"),
    ("subscriptions", "customer_id"),
    ("orders", "customer_id"),
    ("change_requests", "customer_id"),
    ("invitations", "customer_id"),
    ("customer_agreements", "customer_id"),
    ("import_agreements", "customer_id"),
    ("awaiting_invitation", "customer_id"),
    ("reseller_move_items", "customer_id"),
    ("audit_events", "customer_id"),
    ("audit_events", "actor_customer_id"),
];

/// Tables that refer to a partner account, and the column.
const NAME_PARTNERS: [(&str, &str); 36] = [
    ("partnerships", "provider_id"),
    ("partnerships", "reseller_id"),
    ("subscriptions", "seller_id"),
    ("subscriptions", "reseller_id"),
    ("subscriptions", "support_contact_id"),
    ("partner_of_record_history", "reseller_id"),
    ("partner_of_record_edits", "reseller_id"),
    ("entitlements", "reseller_id"),
    ("customer_associations", "provider_id"),
    ("customer_associations", "reseller_id"),
    ("order_lines", "reseller_id"),
    ("order_lines", "support_contact_id"),
    ("orders", "seller_id"),
    ("change_requests", "seller_id"),
    ("change_requests", "reseller_id"),
    ("delegated_admin_grants", "partner_id"),
    ("customer_records", "partner_id"),
    ("reseller_relationships", "partner_id"),
    ("customers", "internal_use_of"),
    ("invitations", "partner_id"),
    ("invitations", "joint_provider_id"),
    ("invitations", "invited_partner_id"),
    ("invitations", "reseller_id"),
    ("users", "partner_id"),
    ("partner_agreements", "partner_id"),
    ("customer_agreements", "partner_id"),
    ("outbox", "partner_id"),
    ("contact_verifications", "partner_id"),
    ("awaiting_invitation", "reseller_id"),
    ("reseller_statements", "provider_id"),
    ("reseller_statements", "reseller_id"),
    ("reseller_moves", "from_id"),
    ("reseller_moves", "to_id"),
    ("audit_events", "partner_id"),
    ("import_runs", "partner_id"),
    ("import_sources", "partner_id"),
];

/// Deletes customers, tenants and placeholders that the run created and that nothing refers to any more. They are shared by the
/// installation. The importing partner must not learn who else refers to one, so those that are kept are not listed.
///
/// # Errors
/// Any database error.
pub fn delete_unnamed(conn: &mut Conn, Undoing { run_id, .. }: Undoing) -> StoreResult<()> {
    let unnamed = |places: &[(&str, &str)]| -> String {
        let named = places.iter().map(|(table, column)| {
            format!(" AND id NOT IN (SELECT n.{column} FROM {table} n WHERE n.{column} IS NOT NULL)")
        });
        named.collect()
    };
    conn.execute(&sql(format!(
        "DELETE FROM customers WHERE id IN (SELECT x.entity_id FROM import_gone x WHERE x.entity = 'T') AND version = 1 \
         AND company_name IS NULL AND domain IS NULL AND country IS NULL AND internal_use_of IS NULL \
         AND tenant_id NOT IN (SELECT u.tenant_id FROM users u WHERE u.tenant_id IS NOT NULL){}",
        unnamed(&NAME_CUSTOMERS)
    )))?;
    conn.execute(&sql("DELETE FROM tenants WHERE tenant_id IN (SELECT x.tenant_id FROM import_gone_tenants x) \
         AND tenant_id NOT IN (SELECT c.tenant_id FROM customers c) \
         AND tenant_id NOT IN (SELECT p.tenant_id FROM partners p WHERE p.tenant_id IS NOT NULL) \
         AND tenant_id NOT IN (SELECT u.tenant_id FROM users u WHERE u.tenant_id IS NOT NULL)"))?;
    conn.execute(&sql(format!(
        "DELETE FROM partners WHERE created_by_run = {run_id} AND tenant_id IS NULL AND onboarded = false AND version = 1 \
         AND removed_at IS NULL AND company_id IS NULL{}",
        unnamed(&NAME_PARTNERS)
    )))?;
    // A later import can give the key of a deleted placeholder to another one, which must not read what this one could have read. The
    // customer is stored as viewer 0.
    for viewers in ["audit_event_viewers", "import_change_viewers"] {
        conn.execute(&sql(format!(
            "DELETE FROM {viewers} WHERE viewer_partner_id <> 0 AND viewer_partner_id NOT IN (SELECT p.id FROM partners p)"
        )))?;
    }
    Ok(())
}
