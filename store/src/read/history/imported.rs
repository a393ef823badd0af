//! The changes of imports, read as events. Each is a record of its own; see [`crate::imports::change_records`].

use partnergraph_domain::{PartnerKey, PartnerType};

use super::{label, user_name};
use crate::scope::Scope;
use crate::sql::{Sql, sql};

/// Changes as the caller reads them, and the condition that remains: with the columns of [`super::COLUMNS`], under the alias `ev`, and with
/// the importer's own `entity` and `key`.
pub(super) type Source = (Sql, Sql);

/// The changes that the caller sees: its own imports'; those of which a reseller was told; those of a customer's own subscriptions.
pub(super) fn seen_by(scope: &Scope) -> Vec<Source> {
    // Only those that have a record. As a range, because SQLite would otherwise read and sort all of them for a page.
    let all = || sql("import_changes ch WHERE ch.record_id > 0");
    match scope {
        Scope::Operator => vec![(read(scope, "ch.record_id", None, all()), sql("1 = 1"))],
        Scope::Partner { id, .. } => {
            let own = all().push(" AND ch.partner_id = ").bind(*id);
            // SQLite keeps the order of a CROSS JOIN: from the few that the caller was told of to the changes.
            let told = sql(
                "import_change_viewers v CROSS JOIN import_changes ch WHERE ch.record_id = v.record_id AND v.viewer_partner_id = ",
            )
            .bind(*id);
            vec![
                (read(scope, "ch.record_id", None, own), sql("1 = 1")),
                (read(scope, "v.record_id", Some("v"), told), sql("1 = 1")),
            ]
        }
        Scope::Customer { id } => {
            let own = all()
                .push(" AND ch.entity = 'SUBSCRIPTION' AND ch.tenant_id = (SELECT cu.tenant_id FROM customers cu WHERE cu.id = ")
                .bind(*id)
                .push(")");
            vec![(read(scope, "ch.record_id", None, own), sql("1 = 1"))]
        }
        Scope::Nobody => Vec::new(),
    }
}

/// Those about the customer with the key `up.id`.
pub(super) fn of_customers(scope: &Scope) -> Vec<Source> {
    let about = || sql("ev.customer_tenant_id = (SELECT cu.tenant_id FROM customers cu WHERE cu.id = up.id) AND ");
    seen_by(scope).into_iter().map(|(from, condition)| (from, about().add(condition))).collect()
}

/// The customer concerned at that time, if it still exists.
const CUSTOMER: &str = "(SELECT c.id FROM customers c WHERE c.tenant_id = ch.tenant_id)";

/// Where the change was read. Only its importer and operators see it: the name of a file can name others (B-14).
const OWN_FILE: &str = "(SELECT f.name FROM import_files f WHERE f.run_id = ch.run_id AND f.ordinal = ch.file) AS file, ch.line, \
     (SELECT f.source FROM import_files f WHERE f.run_id = ch.run_id AND f.ordinal = ch.file) AS source";
const NO_FILE: &str = "CAST(NULL AS TEXT) AS file, CAST(NULL AS BIGINT) AS line, CAST(NULL AS TEXT) AS source";

/// The partner that the change is about: the one it names, or the reseller itself.
const RESELLER: &str = "CASE WHEN ch.field = 'partnerOfRecord' THEN \
     (SELECT MAX(p.id) FROM partners p WHERE p.mpn_id = COALESCE(ch.after, ch.before) AND p.removed_at IS NULL) \
     WHEN ch.entity IN ('RESELLER', 'PARTNERSHIP') THEN \
     (SELECT MAX(p.id) FROM partners p WHERE p.mpn_id = ch.key AND p.removed_at IS NULL) END";

/// `(SELECT … FROM from) ev`, where `from` contains `import_changes ch`, `id` is the column of an index in the order of the records, and the
/// last part the alias of the caller's row of viewers, if that is why it sees them.
fn read(scope: &Scope, id: &'static str, viewer: Option<&'static str>, from: Sql) -> Sql {
    let event = |columns: Sql| {
        sql("(SELECT ").add(columns).push(
            " FROM audit_events e WHERE e.id = (SELECT MIN(x.id) FROM audit_events x WHERE x.run_id = ch.run_id AND x.id > ch.record_id))",
        )
    };
    let known = |own: PartnerKey, column: &str, kept: &str| {
        let record = sql(format!(
            "(SELECT r.{column} FROM customer_records r WHERE r.customer_id = {CUSTOMER} AND r.partner_id = "
        ))
        .bind(own)
        .push(")");
        match viewer {
            Some(viewer) => sql("COALESCE(").add(record).push(format!(", {viewer}.{kept})")),
            None => record,
        }
    };
    let nothing = || sql("CAST(NULL AS TEXT)");
    let (name, domain) = match scope.partner_id() {
        Some(own) => (known(own, "company_name", "customer_name"), known(own, "domain", "customer_domain")),
        None => (nothing(), nothing()),
    };
    // Whoever reads another's import sees the importing partner at the other end.
    let is_reader = matches!(scope, Scope::Operator) || viewer.is_none() && scope.partner_id().is_some();
    let partner = if is_reader { RESELLER } else { "ch.partner_id" };
    let own_label = match scope {
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } if viewer.is_some() => label(*id),
        _ => nothing(),
    };
    sql("(SELECT ")
        .push(id)
        .push(
            " AS id, CASE ch.action WHEN 'REVERT' THEN 'REVERT_IMPORT' ELSE 'APPLY_IMPORT' END AS operation_type, \
             'SUCCEEDED' AS operation_status, ",
        )
        .add(event(sql("e.operation_date")))
        .push(" AS operation_date, ")
        .add(event(user_name(scope)))
        .push(format!(
            " AS user_principal_name, {CUSTOMER} AS customer_id, \
             ch.tenant_id AS customer_tenant_id, "
        ))
        .add(name)
        .push(" AS own_customer_name, ")
        .add(domain)
        .push(format!(
            " AS own_customer_domain, \
             CASE WHEN ch.entity IN ('SUBSCRIPTION', 'ENTITLEMENT') THEN substr(ch.key, 1, 36) END AS subscription_id, \
             CASE WHEN ch.entity = 'PARTNERSHIP' THEN (SELECT MAX(ps.id) FROM partnerships ps JOIN partners p ON p.id = ps.reseller_id \
             WHERE ps.provider_id = ch.partner_id AND p.mpn_id = ch.key AND p.removed_at IS NULL) END AS partnership_id, \
             CAST(NULL AS BIGINT) AS invitation_id, {partner} AS partner_id, ch.run_id, \
             CAST(NULL AS BIGINT) AS change_request_id, '[]' AS changes, "
        ))
        .add(own_label)
        .push(
            " AS own_label, ch.entity AS change_entity, ch.key, ch.action, ch.field, ch.before, ch.after, ",
        )
        .push(if is_reader { OWN_FILE } else { NO_FILE })
        .push(" FROM ")
        .add(from)
        .push(") ev")
}
