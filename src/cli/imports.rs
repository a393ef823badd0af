use std::fmt::{self, Write as _};

use clap::{Args, Subcommand};
use partnergraph_domain::{ImportMode, ImportRunKey, ImportStatus, PartnerType, counted};
use partnergraph_importer::printable::escape_control;
use partnergraph_importer::{Caller, Waiting};
use partnergraph_store::imports::lock::ServerLock;
use partnergraph_store::imports::runs::{self, ChangeRow, FileRow, IssueRow, RunRow};
use partnergraph_store::{Actor, Conn, clock};

use super::accounts::{self, AccountName};
use super::import::{self, Form};
use super::interrupt::Interrupt;
use super::progress::{Bar, Shown};
use super::revert::{self, Revert};
use super::values::one_of;
use super::{Done, Exit, Failure, print, serve};
use crate::config::Config;

/// List and show import runs, apply or discard plans, revert imports
#[derive(Debug, Subcommand)]
pub(super) enum Imports {
    /// List import runs, newest first
    List(List),
    /// Show a run: its files, counts, issues and changes
    Show(Show),
    /// Apply a plan stored by `import --plan`, exactly as planned
    Apply(Apply),
    /// Discard a plan stored by `import --plan` without applying it
    Discard(Discard),
    /// Revert what an import did, except what has changed since
    Revert(Revert),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph imports discard 7

The status of the run becomes FAILED, with the error code plan.discarded. Its report and issues are kept. Nothing else changes.")]
pub(super) struct Discard {
    /// Number of the run
    #[arg(value_name = "RUN")]
    run: ImportRunKey,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph import june.csv --as 4500001 --plan
  partnergraph imports show 7
  partnergraph imports apply 7

If any of the data that the plan was made from has changed, nothing is applied and the plan is discarded \
(plan.stale). In that case, plan the files again.")]
pub(super) struct Apply {
    /// Number of the run
    #[arg(value_name = "RUN")]
    run: ImportRunKey,
    /// How to show progress on standard error
    #[arg(long, value_enum, default_value_t, value_name = "STYLE")]
    progress: Shown,
    /// Report format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only runs of this account: its MPN ID or tenant id
    #[arg(long = "as", value_name = "PARTNER")]
    partner: Option<AccountName>,
    /// The account type, if the partner has both a direct-bill and a reseller account
    #[arg(long = "type", value_name = "TYPE", value_parser = one_of::<PartnerType>(), requires = "partner")]
    partner_type: Option<PartnerType>,
    /// Maximum number of runs to list
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    limit: i64,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Number of the run
    #[arg(value_name = "RUN")]
    run: ImportRunKey,
    /// Maximum number of issues and of changes to show
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: i64,
    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
}

pub(super) fn run(command: &Imports, config: &Config) -> Done {
    let mut conn = accounts::connect_existing(config)?;
    // Marks runs whose process was killed as failed, unless a server or another import is running that could still continue them.
    drop(ServerLock::take(&config.database_url, || serve::fail_forgotten_runs(&config.database_url))?);
    match command {
        Imports::List(arguments) => list(&mut conn, arguments)?,
        Imports::Show(arguments) => show(&mut conn, arguments)?,
        Imports::Apply(arguments) => return apply(arguments, config),
        Imports::Discard(arguments) => discard(&mut conn, arguments)?,
        Imports::Revert(arguments) => return revert::run(arguments, config),
    }
    Ok(Exit::Done)
}

fn apply(arguments: &Apply, config: &Config) -> Done {
    let actor = Actor::command_line();
    let caller = Caller { actor: &actor, now: clock::now(), waiting: Waiting::Wait, run_id: None };
    let bar = Bar::new(arguments.progress, Interrupt::listen()?);
    let result = partnergraph_importer::apply_plan(&config.database_url, arguments.run, &caller, &bar);
    bar.finish();
    import::show(&result.map_err(|error| import::failure(&error))?, arguments.format)
}

fn discard(conn: &mut Conn, arguments: &Discard) -> Result<(), Failure> {
    partnergraph_importer::discard_plan(conn, arguments.run, clock::now()).map_err(|error| import::failure(&error))?;
    print::line(format!("Import run {}: plan discarded", arguments.run));
    Ok(())
}

fn list(conn: &mut Conn, arguments: &List) -> Result<(), Failure> {
    let partner = match arguments.partner {
        Some(name) => Some(accounts::find(conn, name, arguments.partner_type)?.id),
        None => None,
    };
    let rows: Vec<[String; 8]> = runs::newest(conn, partner, arguments.limit)?
        .into_iter()
        .map(|run| {
            [
                run.id.to_string(),
                run.status.to_string(),
                mode_of(&run).to_string(),
                run.created_at.to_string(),
                run.rows_read.to_string(),
                run.changes_total.to_string(),
                run.issues_total.to_string(),
                error_line(&run).unwrap_or_default(),
            ]
        })
        .collect();
    print::table(["RUN", "STATUS", "MODE", "CREATED", "ROWS", "CHANGES", "ISSUES", "ERROR"], &rows);
    Ok(())
}

/// What the run did: a plan that has been applied is shown as applied. In JSON and in the API, the mode stays the requested one.
fn mode_of(run: &RunRow) -> ImportMode {
    match (run.mode, run.status) {
        (ImportMode::Plan, ImportStatus::Applying | ImportStatus::Applied | ImportStatus::Reverted) => {
            ImportMode::Apply
        }
        (mode, _) => mode,
    }
}

/// Why a run failed, or why its plan could not be applied the last time.
fn error_line(run: &RunRow) -> Option<String> {
    let message = run.error_message.as_deref()?;
    Some(escape_control(&format!("{}: {message}", run.error_code.as_deref().unwrap_or("failed"))).into_owned())
}

fn show(conn: &mut Conn, arguments: &Show) -> Result<(), Failure> {
    let run = runs::find(conn, arguments.run)?.ok_or_else(|| {
        Failure::new(format!("there is no import run {}", arguments.run))
            .hint("`partnergraph imports list` shows the runs")
    })?;
    let files = runs::files(conn, run.id)?;
    let issues = runs::issues(conn, run.id, 0, arguments.limit)?;
    let changes = runs::changes(conn, run.id, 0, arguments.limit)?;
    if arguments.format == Form::Json {
        print::line(serde_json::to_string_pretty(&json(&run, &files, issues, changes)?).map_err(Failure::new)?);
        return Ok(());
    }
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_run(&mut text, &run, &files);
    let _ = write_issues(&mut text, &run, &files, &issues);
    let _ = write_changes(&mut text, &run, &changes);
    print::raw(text.as_bytes());
    Ok(())
}

fn write_run(out: &mut String, run: &RunRow, files: &[FileRow]) -> fmt::Result {
    writeln!(
        out,
        "Import run {}: {}, started by {}, created {}",
        run.id,
        run.status,
        escape_control(&run.started_by),
        run.created_at
    )?;
    if let Some(error) = error_line(run) {
        writeln!(out, "  {error}")?;
        writeln!(out, "  hint: {}", partnergraph_importer::hint_of(run.error_code.as_deref().unwrap_or_default()))?;
    }
    for file in files {
        let name = escape_control(&file.name);
        match (&file.profile, file.row_count) {
            (Some(profile), Some(rows)) => {
                let source = escape_control(file.source.as_deref().unwrap_or("?"));
                let rows = counted(rows.unsigned_abs(), "row");
                writeln!(out, "  {name}: {rows}, format {profile}, source {source}")?;
            }
            _ => writeln!(out, "  {name}: not read")?,
        }
    }
    let report = run.report.as_deref().and_then(|report| serde_json::from_str::<serde_json::Value>(report).ok());
    if let Some(moved) = report.as_ref().and_then(|report| report.get("move")) {
        let (from, to) = (moved["from"].as_str().unwrap_or("?"), moved["to"].as_str());
        let to = to.map_or("nobody".to_owned(), |to| format!("MPN ID {}", escape_control(to)));
        writeln!(out, "  moves what MPN ID {} has to {to}", escape_control(from))?;
    }
    match counts(run) {
        Some(counts) => writeln!(out, "{counts}"),
        None => Ok(()),
    }
}

fn write_issues(out: &mut String, run: &RunRow, files: &[FileRow], issues: &[IssueRow]) -> fmt::Result {
    writeln!(out, "\n{}", counted(run.issues_total.unsigned_abs(), "issue"))?;
    for issue in issues {
        let severity = issue.severity.as_str().to_lowercase();
        let file = file_of(files, issue).map_or(String::new(), |name| format!(" {}", escape_control(name)));
        let line = if issue.line > 0 { format!(":{}", issue.line) } else { String::new() };
        let column = issue.column_name.as_deref().map_or(String::new(), |name| format!(" {}", escape_control(name)));
        let value = issue.value.as_deref().map_or(String::new(), |value| format!(" [{}]", escape_control(value)));
        let message = escape_control(&issue.message);
        writeln!(out, "  {severity}{file}{line}{column} {}: {message}{value}", issue.code)?;
        if let Some(hint) = &issue.hint {
            writeln!(out, "    hint: {}", escape_control(hint))?;
        }
    }
    more(out, run.issues_total, issues.len())
}

fn write_changes(out: &mut String, run: &RunRow, changes: &[ChangeRow]) -> fmt::Result {
    writeln!(out, "\n{}", counted(run.changes_total.unsigned_abs(), "change"))?;
    for change in changes {
        let value = |value: &Option<String>| escape_control(value.as_deref().unwrap_or("-")).into_owned();
        let field = change
            .field
            .as_ref()
            .map_or(String::new(), |field| format!(" {field}: {} -> {}", value(&change.before), value(&change.after)));
        let (action, entity) = (change.action.to_lowercase(), change.entity.to_lowercase());
        writeln!(out, "  {action} {entity} {}{field}", escape_control(&change.key))?;
    }
    more(out, run.changes_total, changes.len())
}

fn more(out: &mut String, total: i64, shown: usize) -> fmt::Result {
    let more = usize::try_from(total).unwrap_or_default().saturating_sub(shown);
    if more > 0 { writeln!(out, "  … and {more} more; --limit shows more") } else { Ok(()) }
}

/// The name of the file that an issue is about. Issues about what a revert kept have no file.
fn file_of<'a>(files: &'a [FileRow], issue: &IssueRow) -> Option<&'a str> {
    files.iter().find(|file| file.ordinal == issue.file).map(|file| file.name.as_str())
}

/// The counts of the report, one line for each kind.
fn counts(run: &RunRow) -> Option<String> {
    let report: serde_json::Value = serde_json::from_str(run.report.as_deref()?).ok()?;
    let of = |name: &str| {
        let counts = report.get(name)?.as_object()?;
        let parts: Vec<String> = counts.iter().map(|(label, count)| format!("{count} {label}")).collect();
        Some(format!("  {name}: {}", parts.join(", ")))
    };
    Some(
        ["rows", "customers", "subscriptions", "resellers", "associations"]
            .into_iter()
            .filter_map(of)
            .collect::<Vec<_>>()
            .join("\n"),
    )
}

fn json(
    run: &RunRow,
    files: &[FileRow],
    issues: Vec<IssueRow>,
    changes: Vec<ChangeRow>,
) -> Result<serde_json::Value, Failure> {
    let report = run.report.as_deref().unwrap_or("{}");
    let mut report: serde_json::Value = serde_json::from_str(report).map_err(Failure::new)?;
    report["run"] = run.id.get().into();
    report["status"] = run.status.as_str().into();
    report["mode"] = run.mode.as_str().into();
    report["error"] = serde_json::json!(run.error_message);
    report["error_code"] = serde_json::json!(run.error_code);
    report["hint"] = serde_json::json!(run.error_code.as_deref().map(partnergraph_importer::hint_of));
    if report["files"].is_null() {
        report["files"] = files.iter().map(|file| serde_json::json!({ "name": file.name })).collect();
    }
    report["issues"] = issues
        .into_iter()
        .map(|issue| {
            serde_json::json!({
                "severity": issue.severity.as_str().to_lowercase(), "file": file_of(files, &issue), "line": issue.line,
                "column": issue.column_name, "code": issue.code, "rule": issue.rule, "message": issue.message,
                "hint": issue.hint, "value": issue.value,
            })
        })
        .collect();
    report["issues_total"] = run.issues_total.into();
    report["changes"] = changes
        .into_iter()
        .map(|change| {
            serde_json::json!({
                "entity": change.entity, "key": change.key, "action": change.action, "field": change.field,
                "before": change.before, "after": change.after,
            })
        })
        .collect();
    report["changes_total"] = run.changes_total.into();
    Ok(report)
}
