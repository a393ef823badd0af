use chrono::{NaiveDateTime, TimeDelta};
use partnergraph_domain::{ErrorPolicy, ImportMode, ImportStatus, MovedKind, MovedPart};
use partnergraph_store::Conn;
use partnergraph_store::imports::moves::{self, KindTotals, Move};
use partnergraph_store::imports::sources;
use serde::{Deserialize, Serialize};

use crate::plan::{Counts, PlanError};
use crate::report::{Absent, Report, RowCounts};

/// Terms that end within so many days are counted.
const SOON: TimeDelta = TimeDelta::days(30);

/// What a move moved, or would move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveReport {
    /// The MPN ID of the reseller that loses, or its name if it has none.
    pub from: String,
    /// The same of the reseller that gains. `None` if nobody does.
    pub to: Option<String>,
    /// What is moved.
    pub what: Vec<MovedPart>,
    /// What happens if rules refuse rows.
    pub error_policy: ErrorPolicy,
    /// The customers of which something is moved.
    pub customers: u64,
    /// The subscriptions whose partner of record is moved.
    pub subscriptions: u64,
    /// The entitlements whose partner of record is moved.
    pub entitlements: u64,
    /// The subscriptions whose support contact is moved.
    pub support_contacts: u64,
    /// The customer accounts.
    pub accounts: u64,
    /// The licences of the subscriptions whose partner of record is moved.
    pub licenses: i64,
    /// Those of these subscriptions whose term ends within 30 days.
    pub ending_soon: u64,
    /// Reservations and savings plans that stay with the reseller, because their partner of record cannot be changed (B-03).
    pub fixed: u64,
    /// What rules refuse.
    pub refused: Vec<RefusedRows>,
}

/// Rows that a rule refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRows {
    /// The rule. `None` if it is none of the catalogue.
    pub rule: Option<String>,
    /// Why.
    pub message: String,
    /// Their number.
    pub rows: u64,
}

/// The names of the two resellers in the run's list of changes.
pub(super) fn labels(conn: &mut Conn, moved: &Move) -> Result<(String, Option<String>), PlanError> {
    let accounts = sources::partners(conn)?;
    let label = |id| {
        let found = accounts.iter().find(|row| row.id == id);
        found.and_then(|row| row.mpn_id.clone()).unwrap_or_else(|| format!("#{id}"))
    };
    Ok((label(moved.from), moved.to.map(label)))
}

/// The report of a planned move.
pub(super) fn of(conn: &mut Conn, moved: &Move, mode: ImportMode, now: NaiveDateTime) -> Result<Report, PlanError> {
    let today = now.date();
    let totals = moves::totals(conn, moved.run_id, (today, today + SOON))?;
    let sum = |kind: Option<MovedKind>, refused: bool, number: fn(&KindTotals) -> i64| -> i64 {
        let rows = totals.iter().filter(|total| total.refused == refused && kind.is_none_or(|kind| total.kind == kind));
        rows.map(number).sum()
    };
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let rows = |kind| count(sum(Some(kind), false, |total| total.rows));
    let (from, to) = labels(conn, moved)?;
    let report = MoveReport {
        from,
        to,
        what: moved.what.clone(),
        error_policy: moved.error_policy,
        customers: moves::customers(conn, moved.run_id)?.len() as u64,
        subscriptions: rows(MovedKind::PartnerOfRecord),
        entitlements: rows(MovedKind::Entitlement),
        support_contacts: rows(MovedKind::SupportContact),
        accounts: rows(MovedKind::Account),
        licenses: sum(Some(MovedKind::PartnerOfRecord), false, |total| total.licenses),
        ending_soon: count(sum(Some(MovedKind::PartnerOfRecord), false, |total| total.ending)),
        fixed: count(sum(Some(MovedKind::PartnerOfRecord), true, |total| total.fixed)),
        refused: super::by_rule(&totals),
    };
    let (applied, rejected) = (count(sum(None, false, |total| total.rows)), count(sum(None, true, |total| total.rows)));
    let updated = |updated| Counts { updated, ..Counts::default() };
    Ok(Report {
        run: Some(moved.run_id),
        status: ImportStatus::Planned,
        mode,
        files: Vec::new(),
        rows: RowCounts { read: applied + rejected, applied, rejected, ..RowCounts::default() },
        customers: updated(report.accounts),
        subscriptions: updated(report.subscriptions.max(report.support_contacts)),
        resellers: Counts::default(),
        associations: updated(report.subscriptions + report.entitlements),
        agreements: Counts::default(),
        controls: Vec::new(),
        absent: Absent::default(),
        issues: Vec::new(),
        issues_total: rejected,
        rejects: Vec::new(),
        elapsed_seconds: 0.0,
        rows_per_second: 0,
        moved: Some(report),
        notes: Vec::new(),
    })
}
