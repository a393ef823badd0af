//! The records of the history that a move writes: one for each row, as a mutation would write it.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use partnergraph_domain::{MovedKind, OperationType, PartnerKey};

use super::{Move, key, moment, of, text};
use crate::conn::{Backend, Conn};
use crate::error::{StoreError, StoreResult};
use crate::imports::sources;
use crate::scope::{Actor, Scope};
use crate::sql::{Sql, sql};
use crate::write::Change;

/// Whether rows are moved, or moved back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Forth,
    Back,
}

impl Direction {
    /// The rows that this step concerns.
    fn condition(self) -> &'static str {
        match self {
            Self::Forth => " AND i.moved_at IS NOT NULL",
            Self::Back => " AND i.reverted",
        }
    }
}

/// One record for each row of a kind.
pub(super) struct Records<'a> {
    pub(super) moved: &'a Move,
    pub(super) actor: &'a Actor,
    pub(super) now: NaiveDateTime,
    pub(super) direction: Direction,
    /// The newest event before this step. The records of a row have the ids after it, two for each place.
    pub(super) newest: i64,
    /// The labels of the reseller that gains and of the one that loses.
    pub(super) labels: (Option<String>, Option<String>),
}

#[derive(QueryableByName)]
struct Newest {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The id of the newest event.
///
/// # Errors
/// Any database error.
pub fn newest(conn: &mut Conn) -> StoreResult<i64> {
    let row: Option<Newest> = conn.row(&sql("SELECT COALESCE(MAX(id), 0) AS id FROM audit_events"))?;
    Ok(row.map_or(0, |row| row.id))
}

impl Records<'_> {
    /// The resellers, first the one that loses in this direction.
    fn pair(&self) -> (Option<PartnerKey>, Option<PartnerKey>) {
        match self.direction {
            Direction::Forth => (Some(self.moved.from), self.moved.to),
            Direction::Back => (self.moved.to, Some(self.moved.from)),
        }
    }

    fn labelled(&self) -> (Option<String>, Option<String>) {
        let (to, from) = self.labels.clone();
        match self.direction {
            Direction::Forth => (from, to),
            Direction::Back => (to, from),
        }
    }

    /// Writes the records of a kind, for everybody who sees the rows before they change. Call it before anything else is written.
    pub(super) fn write(&self, conn: &mut Conn, kind: MovedKind) -> StoreResult<()> {
        let (loses, gains) = self.pair();
        let (before, after) = self.labelled();
        match kind {
            MovedKind::Matched => {}
            MovedKind::Account => {
                if let Some(loses) = loses {
                    let what = (OperationType::RemoveCustomerAssociation, Some(loses), "indirectResellers");
                    self.event(conn, kind, what, (before, None), (0, &self.ends(loses)))?;
                    self.sees(conn, kind, (0, &self.ends(loses)), Readers::Reseller(loses))?;
                }
                if let Some(gains) = gains {
                    let what = (OperationType::CreateCustomerAssociation, Some(gains), "indirectResellers");
                    self.event(conn, kind, what, (None, after), (1, &self.begins(gains)))?;
                    self.sees(conn, kind, (1, &self.begins(gains)), Readers::Reseller(gains))?;
                }
            }
            MovedKind::SupportContact => {
                let what = (OperationType::UpdateSupportContact, gains.or(loses), "supportContact");
                self.event(conn, kind, what, (before, after), (0, &Sql::default()))?;
                self.sees(conn, kind, (0, &Sql::default()), Readers::OfSubscription)?;
            }
            MovedKind::PartnerOfRecord | MovedKind::Entitlement => {
                let operation = match (loses, gains) {
                    (None, _) => OperationType::CreateMpnAssociation,
                    (Some(_), Some(_)) => OperationType::UpdateMpnAssociation,
                    (Some(_), None) => OperationType::RemoveMpnAssociation,
                };
                self.event(
                    conn,
                    kind,
                    (operation, gains.or(loses), "partnerOfRecord"),
                    (before, after),
                    (0, &Sql::default()),
                )?;
                self.sees(conn, kind, (0, &Sql::default()), Readers::OfSubscription)?;
            }
        }
        Ok(())
    }

    /// Lets the reseller that gains read the records as well. Call it after everything else is written.
    pub(super) fn write_gained(&self, conn: &mut Conn, kind: MovedKind) -> StoreResult<()> {
        match (self.pair().1, kind) {
            (Some(gains), MovedKind::PartnerOfRecord | MovedKind::Entitlement | MovedKind::SupportContact) => {
                self.sees(conn, kind, (0, &Sql::default()), Readers::ResellerThatSees(gains))
            }
            _ => Ok(()),
        }
    }

    /// Continues the numbers after the records.
    pub(super) fn finish(conn: &mut Conn) -> StoreResult<()> {
        sources::advance_sequence(conn, "audit_events")
    }

    /// Of the accounts, those where the reseller's association ends: one that it had before a move stays when the move is reverted.
    fn ends(&self, loses: PartnerKey) -> Sql {
        match self.direction {
            Direction::Forth => Sql::default(),
            Direction::Back => sql(" AND EXISTS (").add(self.association(loses)).push(" AND a.since = i.moved_at)"),
        }
    }

    /// Of the accounts, those where the reseller's association begins.
    fn begins(&self, gains: PartnerKey) -> Sql {
        sql(" AND NOT EXISTS (").add(self.association(gains)).push(")")
    }

    fn association(&self, reseller_id: PartnerKey) -> Sql {
        sql("SELECT 1 FROM customer_associations a WHERE a.customer_id = i.customer_id AND a.removed_at IS NULL AND a.provider_id = ")
            .bind(self.moved.provider_id)
            .push(" AND a.reseller_id = ")
            .bind(reseller_id)
    }

    fn id(&self, second: i64) -> String {
        format!("{} + 2 * i.ordinal + {second}", self.newest)
    }

    fn event(
        &self,
        conn: &mut Conn,
        kind: MovedKind,
        (operation, partner_id, field): (OperationType, Option<PartnerKey>, &str),
        (before, after): (Option<String>, Option<String>),
        (second, only): (i64, &Sql),
    ) -> StoreResult<()> {
        let actor_partner_id = match self.actor.scope {
            Scope::Partner { id, .. } => Some(id),
            _ => None,
        };
        let change = serde_json::to_string(&Change { field: field.to_owned(), before, after })
            .map_err(|error| StoreError::Value { value: error.to_string(), expected: "a change as JSON" })?;
        let (changes, joined) = if kind == MovedKind::Entitlement {
            let id = match conn.backend() {
                Backend::Sqlite => "json_quote(e.entitlement_id)",
                Backend::Postgres => "CAST(to_json(e.entitlement_id) AS TEXT)",
            };
            let about =
                format!("'[{{\"field\":\"entitlementId\",\"before\":' || {id} || ',\"after\":' || {id} || '}},' || ");
            (sql(about).add(text(Some(&format!("{change}]")))), " JOIN entitlements e ON e.id = i.entity_id")
        } else {
            (text(Some(&format!("[{change}]"))), "")
        };
        conn.execute(
            &sql(format!(
                "INSERT INTO audit_events (id, operation_type, operation_status, operation_date, user_principal_name, actor_partner_id, \
                 customer_id, partner_id, subscription_pk, run_id, changes) SELECT {}, '{operation}', 'SUCCEEDED', ",
                self.id(second)
            ))
            .add(moment(conn.backend(), self.now))
            .push(", ")
            .add(text(Some(&self.actor.user_principal_name)))
            .push(", ")
            .add(key(actor_partner_id))
            .push(", i.customer_id, ")
            .add(key(partner_id))
            .push(", i.subscription_pk, i.run_id, ")
            .add(changes)
            .push(" FROM reseller_move_items i")
            .push(joined)
            .push(" WHERE ")
            .add(of(self.moved.run_id, kind))
            .push(self.direction.condition())
            .add(only.clone()),
        )?;
        Ok(())
    }

    /// Lets viewers read the records: the provider, the customer and these resellers. Each keeps what it calls the customer, because it may
    /// lose the customer by this.
    fn sees(&self, conn: &mut Conn, kind: MovedKind, (second, only): (i64, &Sql), readers: Readers) -> StoreResult<()> {
        let rows = || of(self.moved.run_id, kind).push(self.direction.condition()).add(only.clone());
        let provider = key(Some(self.moved.provider_id));
        let viewers = sql("SELECT i.ordinal, i.customer_id, ")
            .add(provider)
            .push(" AS viewer FROM reseller_move_items i WHERE ")
            .add(rows())
            .push(" UNION SELECT i.ordinal, i.customer_id, CAST(0 AS BIGINT) FROM reseller_move_items i WHERE ")
            .add(rows())
            .push(" UNION ")
            .add(readers.of(kind))
            .push(" AND ")
            .add(rows());
        conn.execute(
            &sql(format!(
                "INSERT INTO audit_event_viewers (viewer_partner_id, event_id, customer_name, customer_domain) SELECT i.viewer, {}, \
                 CASE WHEN own.id IS NOT NULL THEN own.company_name WHEN i.viewer <> 0 THEN theirs.company_name END, \
                 CASE WHEN own.id IS NOT NULL THEN own.domain WHEN i.viewer <> 0 THEN theirs.domain END FROM (",
                self.id(second)
            ))
            .add(viewers)
            .push(") i LEFT JOIN customer_records own ON own.customer_id = i.customer_id AND own.partner_id = i.viewer \
                   LEFT JOIN customer_records theirs ON theirs.customer_id = i.customer_id AND theirs.partner_id = ")
            .bind(self.moved.provider_id)
            .push(" WHERE 1 = 1 ON CONFLICT DO NOTHING"),
        )?;
        Ok(())
    }
}

/// The resellers that may read the records.
#[derive(Clone, Copy)]
enum Readers {
    /// This one, whether or not it sees the customer: its association begins or ends.
    Reseller(PartnerKey),
    /// This one, for customers that it sees.
    ResellerThatSees(PartnerKey),
    /// Those that read the subscription, as `store::write::subscriptions` has them.
    OfSubscription,
}

impl Readers {
    /// Rows with the place, the customer and the reader, up to a condition on `i`.
    fn of(self, kind: MovedKind) -> Sql {
        let seen = "SELECT i.ordinal, i.customer_id, v.viewer_id FROM reseller_move_items i \
                    JOIN customer_views v ON v.customer_id = i.customer_id WHERE v.viewer_id";
        match self {
            Self::Reseller(id) => sql("SELECT i.ordinal, i.customer_id, ")
                .add(key(Some(id)))
                .push(" FROM reseller_move_items i WHERE 1 = 1"),
            Self::ResellerThatSees(id) => sql(seen).push(" = ").bind(id),
            Self::OfSubscription => {
                let own = if kind == MovedKind::Entitlement { " AND e.id = i.entity_id" } else { "" };
                sql(seen).push(format!(
                    " IN (SELECT s.reseller_id FROM subscriptions s WHERE s.id = i.subscription_pk AND s.reseller_id IS NOT NULL \
                     UNION SELECT s.support_contact_id FROM subscriptions s WHERE s.id = i.subscription_pk \
                     AND s.support_contact_id IS NOT NULL UNION SELECT e.reseller_id FROM entitlements e \
                     WHERE e.subscription_pk = i.subscription_pk AND e.reseller_id IS NOT NULL{own} \
                     UNION SELECT rc.reseller_id FROM reseller_customers rc JOIN subscriptions s ON s.id = i.subscription_pk \
                     AND rc.provider_id = s.seller_id AND rc.customer_id = i.customer_id WHERE rc.by_account)"
                ))
            }
        }
    }
}
