//! Import runs: a partner sees its own runs, operators see all.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use partnergraph_domain::{ImportMode, ImportRunKey, ImportStatus, PartnerKey, Severity};
use serde::Serialize;

use crate::conn::Conn;
use crate::error::StoreResult;
use crate::read::filter::{ChangeTerm, Filter, IssueTerm};
use crate::read::page::{List, Order, OrderField};
use crate::read::row::row;
use crate::scope::Scope;
use crate::sql::{Sql, Value, ids, sql};

row! {
    /// A run.
    pub struct RunRow {
        pub id: ImportRunKey => BigInt,
        pub partner_id: PartnerKey => BigInt,
        pub started_by: String => Text,
        pub mode: ImportMode => Text,
        pub status: ImportStatus => Text,
        pub phase: String => Text,
        pub rows_read: i64 => BigInt,
        pub rows_total: Option<i64> => Nullable<BigInt>,
        /// The report's counts as JSON.
        pub report: Option<String> => Nullable<Text>,
        pub error_code: Option<String> => Nullable<Text>,
        pub error_message: Option<String> => Nullable<Text>,
        pub created_at: NaiveDateTime => Timestamp,
        pub started_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        pub finished_at: Option<NaiveDateTime> => Nullable<Timestamp>,
        /// The reseller that a move takes from; `None` for an import.
        pub move_from: Option<PartnerKey> => Nullable<BigInt>,
        /// The reseller that a move gives to.
        pub move_to: Option<PartnerKey> => Nullable<BigInt>,
    }
}

/// A file of a run.
#[derive(Debug, Clone, QueryableByName)]
#[allow(missing_docs)]
pub struct FileRow {
    #[diesel(sql_type = BigInt)]
    pub run_id: ImportRunKey,
    #[diesel(sql_type = BigInt)]
    pub ordinal: i64,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub profile: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub source: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub encoding: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub delimiter: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub date_order: Option<String>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub as_of: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Text>)]
    pub sha256: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub row_count: Option<i64>,
}

row! {
    /// A problem with a row, or other information about it.
    pub struct IssueRow {
        pub ordinal: i64 => BigInt,
        pub severity: Severity => Text,
        pub file: String => Text,
        pub line: i64 => BigInt,
        pub column_name: Option<String> => Nullable<Text>,
        pub code: String => Text,
        pub rule: Option<String> => Nullable<Text>,
        pub message: String => Text,
        pub hint: Option<String> => Nullable<Text>,
        pub value: Option<String> => Nullable<Text>,
    }
}

row! {
    /// A change that a run made or would make.
    pub struct ChangeRow {
        pub ordinal: i64 => BigInt,
        pub entity: String => Text,
        pub key: String => Text,
        pub action: String => Text,
        pub field: Option<String> => Nullable<Text>,
        pub before: Option<String> => Nullable<Text>,
        pub after: Option<String> => Nullable<Text>,
        /// The name of the file that states it.
        pub file: Option<String> => Nullable<Text>,
        pub line: Option<i64> => Nullable<BigInt>,
    }
}

const RUN_COLUMNS: &str = "ir.id, ir.partner_id, ir.started_by, ir.mode, ir.status, ir.phase, ir.rows_read, ir.rows_total, \
     ir.report, ir.error_code, ir.error_message, ir.created_at, ir.started_at, ir.finished_at, \
     (SELECT mv.from_id FROM reseller_moves mv WHERE mv.run_id = ir.id) AS move_from, \
     (SELECT mv.to_id FROM reseller_moves mv WHERE mv.run_id = ir.id) AS move_to";

macro_rules! one_column_order {
    ($(#[$doc:meta])* $name:ident, $row:ty, $column:literal, $value:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        #[allow(missing_docs)]
        pub enum $name {
            Row,
        }

        impl OrderField for $name {
            type Row = $row;
            const UNIQUE: Self = Self::Row;

            fn column(self) -> &'static str {
                $column
            }

            fn nullable(self) -> bool {
                false
            }

            fn value(self, row: &$row) -> Value {
                row.$value.into()
            }

            fn kind(self) -> Value {
                Value::Int(None)
            }
        }
    };
}

one_column_order! {
    /// Runs in the order in which they were started.
    RunOrder, RunRow, "ir.id", id
}
one_column_order! {
    /// Issues in the order of files and lines.
    IssueOrder, IssueRow, "i.ordinal", ordinal
}
one_column_order! {
    /// Changes in the order in which they were planned.
    ChangeOrder, ChangeRow, "ch.ordinal", ordinal
}

fn sees_run(scope: &Scope) -> Sql {
    match scope {
        Scope::Operator => sql("1 = 1"),
        Scope::Partner { id, .. } => sql("ir.partner_id = ").bind(*id),
        Scope::Customer { .. } | Scope::Nobody => sql("1 = 0"),
    }
}

/// The runs that the caller sees.
pub fn list(scope: &Scope, order: Order<RunOrder>) -> List<RunOrder> {
    List::new(RUN_COLUMNS, (sql("import_runs ir"), "ir"), sees_run(scope), order)
}

/// A run, if the caller sees it.
///
/// # Errors
/// Any database error.
pub fn find(conn: &mut Conn, scope: &Scope, id: ImportRunKey) -> StoreResult<Option<RunRow>> {
    let statement = sql("SELECT ").push(RUN_COLUMNS).push(" FROM import_runs ir WHERE ir.id = ").bind(id).push(" AND ");
    conn.row(&statement.add(sees_run(scope)))
}

/// The runs with these keys that the caller sees, ordered by key.
///
/// # Errors
/// Any database error.
pub fn by_ids(conn: &mut Conn, scope: &Scope, rows: &[ImportRunKey]) -> StoreResult<Vec<RunRow>> {
    let wanted = ids(conn.backend(), rows);
    let statement = sql("SELECT ").push(RUN_COLUMNS).push(" FROM ").add(wanted);
    conn.rows(
        &statement.push(" JOIN import_runs ir ON ir.id = up.id WHERE ").add(sees_run(scope)).push(" ORDER BY ir.id"),
    )
}

/// The files of these runs. The caller must already be known to see the runs.
///
/// # Errors
/// Any database error.
pub fn files(conn: &mut Conn, _scope: &Scope, run_ids: &[ImportRunKey]) -> StoreResult<Vec<FileRow>> {
    let statement = sql(
        "SELECT f.run_id, f.ordinal, f.name, f.profile, f.source, f.encoding, f.delimiter, f.date_order, f.as_of, \
                         f.sha256, f.row_count FROM ",
    )
    .add(ids(conn.backend(), run_ids))
    .push(" JOIN import_files f ON f.run_id = up.id ORDER BY f.run_id, f.ordinal");
    conn.rows(&statement)
}

/// The issues that match of a run with the key `up.id`.
#[must_use]
pub fn issues_of_runs(filter: &Filter<IssueTerm>, order: Order<IssueOrder>) -> List<IssueOrder> {
    let columns = "i.ordinal, i.severity, i.file, i.line, i.column_name, i.code, i.rule, i.message, i.hint, i.value";
    let from = "(SELECT x.run_id, x.ordinal, x.severity, COALESCE((SELECT f.name FROM import_files f WHERE f.run_id = x.run_id \
                AND f.ordinal = x.file), '') AS file, x.line, x.column_name, x.code, x.rule, x.message, x.hint, x.value \
                FROM import_issues x) i";
    let condition = sql("i.run_id = up.id AND ").add(filter.on_issues().of("i"));
    List::new(columns, (sql(from), "i"), condition, order)
}

/// The changes that match of a run with the key `up.id`.
#[must_use]
pub fn changes_of_runs(filter: &Filter<ChangeTerm>, order: Order<ChangeOrder>) -> List<ChangeOrder> {
    let columns = "ch.ordinal, ch.entity, ch.key, ch.action, ch.field, ch.before, ch.after, ch.file, ch.line";
    let from = "(SELECT x.run_id, x.ordinal, x.entity, x.key, x.action, x.field, x.before, x.after, (SELECT f.name FROM import_files f \
                WHERE f.run_id = x.run_id AND f.ordinal = x.file) AS file, x.line FROM import_changes x) ch";
    let condition = sql("ch.run_id = up.id AND ").add(filter.on_changes().of("ch"));
    List::new(columns, (sql(from), "ch"), condition, order)
}
