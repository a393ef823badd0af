use clap::{Args, Subcommand};
use partnergraph_domain::PartnerType;
use partnergraph_importer::{Caller, Reverted, Waiting};
use partnergraph_store::imports::runs::{self, RunRow};
use partnergraph_store::{Actor, Conn};

use super::accounts::{self, AccountName};
use super::import::{self, Form};
use super::partner::word;
use super::progress::{Bar, Shown};
use super::{Done, Exit, Failure, print};
use crate::config::Config;

/// Look at the runs of imports, apply plans, take imports back
#[derive(Debug, Subcommand)]
pub(super) enum Imports {
    /// List the runs, the newest first
    List(List),
    /// Show a run: its files, counts, issues and changes
    Show(Show),
    /// Apply a plan that `import --plan` kept, exactly as it was planned
    Apply(Apply),
    /// Take back what an import did, but for what was changed since
    Revert(Revert),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph imports revert 7
  partnergraph imports revert 7 --format json

Earlier values come back where they are still as the run left them; what it created goes if nothing hangs on it and nobody edited \
it. What stays is listed, here and among the run's issues (revert.kept), and the exit code is 3 then.")]
pub(super) struct Revert {
    /// The run's number
    #[arg(value_name = "RUN")]
    run: i64,
    /// List so many things that stay
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: usize,
    /// The form
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph import june.csv --as 4500001 --plan
  partnergraph imports show 7
  partnergraph imports apply 7

What the plan was made from must still be as it was; if anything of it changed, nothing is applied and the plan is given up \
(plan.stale): plan the files again.")]
pub(super) struct Apply {
    /// The run's number
    #[arg(value_name = "RUN")]
    run: i64,
    /// How to show how far it is, on standard error
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    progress: Shown,
    /// The report's form
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Of one account only: its MPN ID or tenant id
    #[arg(long = "as", value_name = "PARTNER")]
    partner: Option<AccountName>,
    /// Which of its accounts, where it has a direct-bill and a reseller one
    #[arg(long = "type", value_name = "TYPE", value_parser = word::<PartnerType>)]
    partner_type: Option<PartnerType>,
    /// So many
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    limit: i64,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The run's number
    #[arg(value_name = "RUN")]
    run: i64,
    /// Show so many issues and changes
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    limit: i64,
    /// The form
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
}

pub(super) fn run(command: &Imports, config: &Config) -> Done {
    let mut conn = accounts::connect(config)?;
    match command {
        Imports::List(arguments) => list(&mut conn, arguments)?,
        Imports::Show(arguments) => show(&mut conn, arguments)?,
        Imports::Apply(arguments) => return apply(arguments, config),
        Imports::Revert(arguments) => return revert(arguments, config),
    }
    Ok(Exit::Done)
}

fn apply(arguments: &Apply, config: &Config) -> Done {
    let actor = Actor::command_line();
    let caller = Caller { actor: &actor, now: accounts::now(), waiting: Waiting::Wait, run_id: None };
    let bar = Bar::new(arguments.progress);
    let result = partnergraph_importer::apply_plan(&config.database_url, arguments.run, &caller, &bar);
    bar.finish();
    let report = result.map_err(|error| import::failure(&error))?;
    import::show(&report, arguments.format)?;
    Ok(if report.is_partial() { Exit::WithRejects } else { Exit::Done })
}

fn revert(arguments: &Revert, config: &Config) -> Done {
    let actor = Actor::command_line();
    let reverted = partnergraph_importer::revert(&config.database_url, arguments.run, &actor, accounts::now());
    let mut reverted = reverted.map_err(|error| import::failure(&error))?;
    reverted.left.truncate(arguments.limit);
    if arguments.format == Form::Json {
        print::line(serde_json::to_string_pretty(&reverted).map_err(Failure::new)?);
    } else {
        let Reverted { run, status, restored, removed, kept, left } = &reverted;
        print::line(format!("Import run {run}: {status}"));
        print::line(format!("  {restored} with earlier values, {removed} removed, {kept} kept"));
        left.iter().for_each(|left| print::line(format!("  {}", left.message)));
        let more = kept - left.len() as u64;
        if more > 0 {
            print::line(format!("  … and {more} more; `partnergraph imports show {run}` has them among its issues"));
        }
    }
    Ok(if reverted.kept > 0 { Exit::WithRejects } else { Exit::Done })
}

fn list(conn: &mut Conn, arguments: &List) -> Result<(), Failure> {
    let partner = match arguments.partner {
        Some(name) => Some(accounts::find(conn, name, arguments.partner_type)?.id),
        None => None,
    };
    let rows: Vec<[String; 6]> = runs::newest(conn, partner, arguments.limit)?
        .into_iter()
        .map(|run| {
            [
                run.id.to_string(),
                run.status,
                run.created_at.to_string(),
                run.rows_read.to_string(),
                run.changes_total.to_string(),
                run.issues_total.to_string(),
            ]
        })
        .collect();
    print::table(["RUN", "STATUS", "CREATED", "ROWS", "CHANGES", "ISSUES"], &rows);
    Ok(())
}

fn show(conn: &mut Conn, arguments: &Show) -> Result<(), Failure> {
    let run = runs::find(conn, arguments.run)?.ok_or_else(|| {
        Failure::new(format!("there is no import run {}", arguments.run))
            .hint("`partnergraph imports list` shows the runs")
    })?;
    if arguments.format == Form::Json {
        return show_json(conn, &run, arguments.limit);
    }
    print::line(format!("Import run {}: {} by {}, created {}", run.id, run.status, run.started_by, run.created_at));
    if let Some(message) = &run.error_message {
        print::line(format!("  {}: {message}", run.error_code.as_deref().unwrap_or("failed")));
    }
    for file in runs::files(conn, run.id)? {
        print::line(format!(
            "  {}: {} rows as {}, source {}",
            file.name,
            file.row_count.unwrap_or(0),
            file.profile.as_deref().unwrap_or("?"),
            file.source.as_deref().unwrap_or("?")
        ));
    }
    if let Some(counts) = counts(&run) {
        print::line(counts);
    }
    print::line(format!("\n{} issues", run.issues_total));
    for issue in runs::issues(conn, run.id, 0, arguments.limit)? {
        let value = issue.value.map_or(String::new(), |value| format!(" [{value}]"));
        // What a revert left is about none of the files.
        let place = if issue.file < 0 { String::new() } else { format!(" {}:{}", issue.file, issue.line) };
        let severity = issue.severity.to_lowercase();
        print::line(format!("  {severity}{place} {}: {}{value}", issue.code, issue.message));
    }
    print::line(format!("\n{} changes", run.changes_total));
    for change in runs::changes(conn, run.id, 0, arguments.limit)? {
        let field = change.field.map_or(String::new(), |field| {
            let none = || "-".to_owned();
            format!(" {field}: {} -> {}", change.before.unwrap_or_else(none), change.after.unwrap_or_else(none))
        });
        print::line(format!(
            "  {} {} {}{field}",
            change.action.to_lowercase(),
            change.entity.to_lowercase(),
            change.key
        ));
    }
    Ok(())
}

/// The report's counts in lines.
fn counts(run: &RunRow) -> Option<String> {
    let report: serde_json::Value = serde_json::from_str(run.report.as_deref()?).ok()?;
    let of = |name: &str| {
        let counts = report.get(name)?.as_object()?;
        let parts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
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

fn show_json(conn: &mut Conn, run: &RunRow, limit: i64) -> Result<(), Failure> {
    let report = run.report.as_deref().unwrap_or("{}");
    let mut report: serde_json::Value = serde_json::from_str(report).map_err(Failure::new)?;
    report["run"] = run.id.into();
    report["status"] = run.status.clone().into();
    report["mode"] = run.mode.clone().into();
    report["error"] = serde_json::json!(run.error_message);
    let files = report["files"].clone();
    let name =
        |place: i64| usize::try_from(place).map_or(serde_json::Value::Null, |place| files[place]["name"].clone());
    report["issues"] = runs::issues(conn, run.id, 0, limit)?
        .into_iter()
        .map(|issue| {
            serde_json::json!({
                "severity": issue.severity.to_lowercase(), "file": name(issue.file), "line": issue.line, "column": issue.column_name,
                "code": issue.code, "rule": issue.rule, "message": issue.message, "hint": issue.hint, "value": issue.value,
            })
        })
        .collect();
    report["changes"] = runs::changes(conn, run.id, 0, limit)?
        .into_iter()
        .map(|change| {
            serde_json::json!({
                "entity": change.entity, "key": change.key, "action": change.action, "field": change.field,
                "before": change.before, "after": change.after,
            })
        })
        .collect();
    print::line(serde_json::to_string_pretty(&report).map_err(Failure::new)?);
    Ok(())
}
