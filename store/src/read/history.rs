//! The history, as each event's viewers see it. It is also the event feed: the ids of events are in commit order.
//!
//! A record is an event, or a change of an import (`imported`). The feed has only events: an import is one.

mod imported;

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{
    AuditEventKey, ChangeRequestKey, CustomerKey, ImportRunKey, InvitationKey, OperationStatus, OperationType,
    PartnerKey, PartnerType, PartnershipKey,
};
use serde::Serialize;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{EventTerm, Filter};
use crate::read::json;
use crate::read::page::{List, Order, OrderField};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, Value, sql};
use crate::write::Change;

row! {
    /// A record of the history.
    pub struct EventRow {
        pub id: AuditEventKey => BigInt,
        pub operation_type: OperationType => Text,
        pub operation_status: OperationStatus => Text,
        pub operation_date: NaiveDateTime => Timestamp,
        pub user_principal_name: String => Text,
        pub customer_id: Option<CustomerKey> => Nullable<BigInt>,
        /// The tenant id of the customer. A caller that sees the event already learned then which customer it was, so it stays
        /// visible.
        pub customer_tenant_id: Option<String> => Nullable<Text>,
        /// The name of the customer in the calling partner's own record, which outlives the relationship (D-01). If it has none,
        /// the name that it knew when the event happened.
        pub own_customer_name: Option<String> => Nullable<Text>,
        /// Its domain, from the same record.
        pub own_customer_domain: Option<String> => Nullable<Text>,
        /// The subscription that it changed. Like the tenant id, its id stays visible.
        pub subscription_id: Option<String> => Nullable<Text>,
        /// The partnership that it changed.
        pub partnership_id: Option<PartnershipKey> => Nullable<BigInt>,
        /// The invitation that it changed.
        pub invitation_id: Option<InvitationKey> => Nullable<BigInt>,
        /// The other partner, as the caller sees it.
        pub partner_id: Option<PartnerKey> => Nullable<BigInt>,
        pub run_id: Option<ImportRunKey> => Nullable<BigInt>,
        /// The change request that it is about, or whose approval caused it, whether or not the caller sees that.
        pub change_request_id: Option<ChangeRequestKey> => Nullable<BigInt>,
        pub changes: String => Text,
        /// How a change names the calling reseller. Null for all other callers, which can read every name.
        pub own_label: Option<String> => Nullable<Text>,
        /// What a change of an import is about, as the importer calls it. Null for all other records; so are the next fields.
        pub change_entity: Option<String> => Nullable<Text>,
        /// The key of that entity: a tenant id, subscription id or MPN ID.
        pub key: Option<String> => Nullable<Text>,
        /// `CREATE`, `UPDATE` or `REVERT`.
        pub action: Option<String> => Nullable<Text>,
        /// The field that changed.
        pub field: Option<String> => Nullable<Text>,
        /// Its value before.
        pub before: Option<String> => Nullable<Text>,
        /// Its value after.
        pub after: Option<String> => Nullable<Text>,
        /// The name of the file that states it.
        pub file: Option<String> => Nullable<Text>,
        /// The line in that file.
        pub line: Option<i64> => Nullable<BigInt>,
        /// The source under which the importer keeps what that file states.
        pub source: Option<String> => Nullable<Text>,
    }
}

/// The fields whose values name a reseller.
const NAMING_RESELLERS: [&str; 3] = ["partnerOfRecord", "supportContact", "indirectResellers"];

impl EventRow {
    /// The name of the file, without the folders in which the importing partner keeps it.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.file.as_deref().and_then(|file| file.rsplit(['/', '\\']).next())
    }

    /// What it changed, field by field, as the caller can read it. Resellers of the same customer must not learn of each other
    /// (B-14), so for a reseller every name other than its own is null,
    /// and a change without its own name is left out.
    ///
    /// # Errors
    /// The stored value is not a list of changes.
    pub fn visible_changes(&self) -> StoreResult<Vec<Change>> {
        let mut changes: Vec<Change> = json(&self.changes, "a list of changes")?;
        let (before, after) = (self.before.clone(), self.after.clone());
        changes.extend(self.field.clone().map(|field| Change { field, before, after }));
        if let Some(own) = &self.own_label {
            let names = |change: &Change| NAMING_RESELLERS.contains(&change.field.as_str());
            for change in changes.iter_mut().filter(|change| names(change)) {
                for value in [&mut change.before, &mut change.after] {
                    value.take_if(|name| *name != *own);
                }
            }
            // Without a name that it can read, the change itself would tell that there is another reseller.
            changes.retain(|change| !names(change) || change.before.is_some() || change.after.is_some());
        }
        Ok(changes)
    }
}

pub(super) const COLUMNS: &str = "ev.id, ev.operation_type, ev.operation_status, ev.operation_date, ev.user_principal_name, ev.customer_id, \
     ev.customer_tenant_id, ev.own_customer_name, ev.own_customer_domain, ev.subscription_id, ev.partnership_id, \
     ev.invitation_id, ev.partner_id, ev.run_id, ev.change_request_id, ev.changes, ev.own_label, \
     ev.change_entity, ev.key, ev.action, ev.field, ev.before, ev.after, ev.file, ev.line, ev.source";

/// What the history can be ordered by: commit order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum EventOrder {
    Row,
}

impl OrderField for EventOrder {
    type Row = EventRow;
    const UNIQUE: Self = Self::Row;

    fn column(self) -> &'static str {
        "ev.id"
    }

    fn nullable(self) -> bool {
        false
    }

    fn value(self, row: &EventRow) -> Value {
        row.id.into()
    }

    fn kind(self) -> Value {
        Value::Int(None)
    }
}

/// Whether the caller sees the event `ev`. This was decided when the event happened.
pub fn sees_event(scope: &Scope) -> Sql {
    // The customer is stored as viewer 0, which is not the key of a partner.
    let viewer = |id: i64| {
        sql("EXISTS (SELECT 1 FROM audit_event_viewers w WHERE w.event_id = ev.id AND w.viewer_partner_id = ")
            .bind(id)
            .push(")")
    };
    match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { id, .. } => viewer(id.get()),
        Scope::Customer { id } => viewer(0).push(" AND ev.customer_id = ").bind(*id),
        Scope::Nobody => sql("1 = 0"),
    }
}

/// Events as the caller reads them: `(SELECT … FROM from) ev`, where `from` contains `audit_events e`, and `id` is the column of
/// an index in event order.
fn as_read_by(scope: &Scope, id: &'static str, from: Sql) -> Sql {
    let known = |own: PartnerKey, column: &str, kept: &str| {
        sql(format!("COALESCE((SELECT r.{column} FROM customer_records r WHERE r.customer_id = e.customer_id AND r.partner_id = "))
            .bind(own)
            .push(format!("), (SELECT w.{kept} FROM audit_event_viewers w WHERE w.event_id = e.id AND w.viewer_partner_id = "))
            .bind(own)
            .push("))")
    };
    let nothing = || sql("CAST(NULL AS TEXT)");
    let (name, domain, partner) = match scope.partner_id() {
        Some(own) => (
            known(own, "company_name", "customer_name"),
            known(own, "domain", "customer_domain"),
            // An event names one partner other than the actor. For that partner, the other end is the seller of the subscription,
            // or the other partner that was notified; there may be none.
            sql("CASE WHEN e.partner_id = ")
                .bind(own)
                .push(
                    " THEN COALESCE((SELECT su.seller_id FROM subscriptions su WHERE su.id = e.subscription_pk AND su.seller_id <> ",
                )
                .bind(own)
                .push(
                    "), (SELECT MIN(o.viewer_partner_id) FROM audit_event_viewers o WHERE o.event_id = e.id \
                     AND o.viewer_partner_id <> 0 AND o.viewer_partner_id <> ",
                )
                .bind(own)
                .push("), e.partner_id) ELSE e.partner_id END"),
        ),
        None => (nothing(), nothing(), sql("e.partner_id")),
    };
    let own_label = match scope {
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } => label(*id),
        _ => nothing(),
    };
    sql("(SELECT ")
        .push(id)
        .push(" AS id, e.operation_type, e.operation_status, e.operation_date, ")
        .add(user_name(scope))
        .push(
            " AS user_principal_name, e.customer_id, \
             (SELECT c.tenant_id FROM customers c WHERE c.id = e.customer_id) AS customer_tenant_id, ",
        )
        .add(name)
        .push(" AS own_customer_name, ")
        .add(domain)
        .push(
            " AS own_customer_domain, e.subscription_pk, \
             (SELECT su.subscription_id FROM subscriptions su WHERE su.id = e.subscription_pk) AS subscription_id, \
             e.partnership_id, e.invitation_id, ",
        )
        .add(partner)
        .push(" AS partner_id, e.run_id, e.change_request_id, e.changes, ")
        .add(own_label)
        .push(" AS own_label, ")
        .push(NO_CHANGE_OF_AN_IMPORT)
        .push(" FROM ")
        .add(from)
        .push(") ev")
}

const NO_CHANGE_OF_AN_IMPORT: &str = "CAST(NULL AS TEXT) AS change_entity, CAST(NULL AS TEXT) AS key, CAST(NULL AS TEXT) AS action, \
     CAST(NULL AS TEXT) AS field, CAST(NULL AS TEXT) AS before, CAST(NULL AS TEXT) AS after, CAST(NULL AS TEXT) AS file, \
     CAST(NULL AS BIGINT) AS line, CAST(NULL AS TEXT) AS source";

/// How changes name a reseller.
fn label(id: PartnerKey) -> Sql {
    sql("(SELECT COALESCE(l.mpn_id, l.name) FROM partners l WHERE l.id = ").bind(id).push(")")
}

/// Who did it. A reseller must not learn of another reseller of the same customer from its users (B-14).
fn user_name(scope: &Scope) -> Sql {
    match scope {
        Scope::Partner { id, partner_type: PartnerType::IndirectReseller } => {
            sql("CASE WHEN EXISTS (SELECT 1 FROM partners ap WHERE ap.id = e.actor_partner_id \
                 AND ap.partner_type = 'INDIRECT_RESELLER' AND ap.id <> ")
            .bind(*id)
            .push(") THEN '")
            .push(ANOTHER_ORGANISATION)
            .push("' ELSE e.user_principal_name END")
        }
        _ => sql("e.user_principal_name"),
    }
}

/// In place of the name of a user of an organisation that the reader must not know of.
const ANOTHER_ORGANISATION: &str = "another organisation";

/// The events that the caller sees, as an index range.
fn seen_by(scope: &Scope) -> Sql {
    match scope {
        Scope::Partner { id, .. } => {
            let own =
                sql("audit_event_viewers v JOIN audit_events e ON e.id = v.event_id WHERE v.viewer_partner_id = ");
            as_read_by(scope, "v.event_id", own.bind(*id))
        }
        Scope::Operator | Scope::Customer { .. } | Scope::Nobody => as_read_by(scope, "e.id", sql("audit_events e")),
    }
}

/// The condition that [`seen_by`] does not cover.
fn still_to_ask(scope: &Scope) -> Sql {
    match scope {
        Scope::Partner { .. } => sql("1 = 1"),
        _ => sees_event(scope),
    }
}

/// The records that the caller sees: events, and changes of imports, each with the condition that its `from` does not cover.
pub(super) fn sources(scope: &Scope) -> Vec<imported::Source> {
    let events = (seen_by(scope), still_to_ask(scope));
    std::iter::once(events).chain(imported::seen_by(scope)).collect()
}

/// The history of a customer with the key `up.id`.
pub fn of_customers(scope: &Scope, order: Order<EventOrder>) -> List<EventOrder> {
    let condition = sql("ev.customer_id = up.id AND ").add(sees_event(scope));
    let from = as_read_by(scope, "e.id", sql("audit_events e"));
    List::new(COLUMNS, (from, "ev"), condition, order).and(imported::of_customers(scope))
}

/// The history of the caller's organisation.
pub fn list(scope: &Scope, filter: &Filter<EventTerm>, order: Order<EventOrder>) -> List<EventOrder> {
    let condition = still_to_ask(scope).push(" AND ").add(filter.on_events(scope).of("ev"));
    let imported = imported::seen_by(scope)
        .into_iter()
        .map(|(from, condition)| (from, condition.push(" AND ").add(filter.on_imported_changes(scope).of("ev"))));
    List::new(COLUMNS, (seen_by(scope), "ev"), condition, order).and(imported)
}

/// A record, if the caller sees it.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, scope: &Scope, id: AuditEventKey) -> StoreResult<Option<EventRow>> {
    for (from, condition) in sources(scope) {
        let record = sql("SELECT ").push(COLUMNS).push(" FROM ").add(from).push(" WHERE ").add(condition);
        if let Some(record) = conn.row(&record.push(" AND ev.id = ").bind(id))? {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

/// The next events after `id` that the caller sees, oldest first.
///
/// # Errors
/// Any database error.
pub fn after(conn: &mut Conn, scope: &Scope, id: AuditEventKey, limit: i64) -> StoreResult<Vec<EventRow>> {
    conn.rows(&read(scope).push(" AND ev.id > ").bind(id).push(" ORDER BY ev.id LIMIT ").bind(limit))
}

fn read(scope: &Scope) -> Sql {
    sql("SELECT ").push(COLUMNS).push(" FROM ").add(seen_by(scope)).push(" WHERE ").add(still_to_ask(scope))
}

/// The id of the newest event, whoever can see it; 0 if there is none. It reveals nothing; a reader learns only up to which event
/// it has read.
///
/// # Errors
/// Any database error.
pub fn newest(conn: &mut Conn) -> StoreResult<AuditEventKey> {
    #[derive(QueryableByName)]
    struct Newest {
        #[diesel(sql_type = Nullable<BigInt>)]
        id: Option<AuditEventKey>,
    }
    let newest: Option<Newest> = conn.row(&sql("SELECT MAX(id) AS id FROM audit_events"))?;
    Ok(newest.and_then(|newest| newest.id).unwrap_or(AuditEventKey::new(0)))
}
