use std::path::PathBuf;

use chrono::{Days, NaiveDate};
use clap::{Args, ValueEnum};
use partnergraph_domain::{ImportMode, PartnerKey, PartnerType, TenantId};
use partnergraph_importer::printable::escape_control;
use partnergraph_importer::profiles::DateOrder;
use partnergraph_importer::{
    Caller, FileRequest, ImportError, ImportRequest, OnConflict, OnInvalid, OnViolation, Report, Waiting,
};
use partnergraph_store::{Actor, clock};

use super::accounts::{self, AccountName};
use super::interrupt::Interrupt;
use super::progress::{Bar, Shown};
use super::reading::{self, Reading};
use super::values::{name, one_of};
use super::{Done, Exit, Failure, print};
use crate::config::{Config, DEFAULT_FILE, Source};

/// Import exports from other portals on behalf of a partner account
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph import customers.csv june.csv --as 4500001 --dry-run
  partnergraph import june.csv --as 4500001 --plan
  partnergraph import june.csv.gz --as 4500001 --rejects rejects.csv
  partnergraph import subscriptions.csv --as 4500001 --customer 0f6c2a7e-0000-4000-8000-000000000009

The format, encoding, delimiter and date order are detected, and the report shows them. Everything is written in one transaction. \
The exit code is 3 if some rows were rejected or are in conflict: part of such a row is held, which means that the current value stays \
until you decide.

Ctrl-C and SIGTERM stop an import. It rolls back, the status of the run becomes FAILED, and the exit code is 1. A second signal ends \
the command at once, with 130 or 143.")]
pub(super) struct Import {
    /// Files to import; - reads standard input, .gz files are decompressed
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The importing partner account: its MPN ID or tenant id
    #[arg(long = "as", value_name = "PARTNER")]
    partner: AccountName,
    /// The account type, if the partner has both a direct-bill and a reseller account
    #[arg(long = "type", value_name = "TYPE", value_parser = one_of::<PartnerType>())]
    partner_type: Option<PartnerType>,
    /// Read, check and report without writing anything
    #[arg(long, conflicts_with = "plan")]
    dry_run: bool,
    /// Like --dry-run, but store the plan; `partnergraph imports apply RUN` applies it later
    #[arg(long)]
    plan: bool,
    /// Tenant id of the customer that the files are about, if their format names no customer
    #[arg(long, value_name = "TENANT")]
    customer: Option<TenantId>,
    /// Name of the portal that the data comes from [default: the portal of the detected format]
    #[arg(long, value_name = "NAME", value_parser = name)]
    source: Option<String>,
    /// Date of the data, for rows that state no date themselves [default: when the file was last modified, else today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    as_of: Option<NaiveDate>,
    /// The files are incomplete lists: entries that they lack are not reported as absent
    #[arg(long)]
    partial: bool,
    /// Format of the files [default: detected]; `partnergraph profiles list` lists the formats
    #[arg(long, value_name = "NAME", value_parser = reading::format)]
    profile: Option<String>,
    /// Your own column map, for another format; `partnergraph profiles new` writes a first version
    #[arg(long, value_name = "MAP.toml", conflicts_with = "profile")]
    map: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Order of day, month and year in dates: mdy, dmy or ymd [default: detected]
    #[arg(long, value_name = "ORDER")]
    date_order: Option<DateOrder>,
    /// What to do about invalid rows
    #[arg(long, value_enum, default_value_t, value_name = "ACTION")]
    on_invalid: Invalid,
    /// What to do about values that were changed both here and in the file, or that two portals state differently
    #[arg(long, value_enum, default_value_t, value_name = "ACTION")]
    on_conflict: Conflict,
    /// What to do about customers that break a rule of the CSP programme
    #[arg(long, value_enum, default_value_t, value_name = "ACTION")]
    on_violation: Violation,
    /// Write the rows that were not applied to this file, with the reasons; the rows of a second input go to FILE-2.csv
    #[arg(long, value_name = "FILE.csv")]
    rejects: Option<PathBuf>,
    /// Maximum number of issues to list; all are counted
    #[arg(long, value_name = "NUMBER", default_value_t = partnergraph_importer::request::MAX_ISSUES)]
    max_issues: usize,
    /// How to show progress on standard error
    #[arg(long, value_enum, default_value_t, value_name = "STYLE")]
    progress: Shown,
    /// Report format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Form,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Invalid {
    /// Skip them
    #[default]
    Skip,
    /// Import nothing
    Abort,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Conflict {
    /// Hold them: leave them unchanged and report a conflict
    #[default]
    Hold,
    /// Use the file's value
    File,
    /// Keep the current value
    Keep,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Violation {
    /// Reject their rows
    #[default]
    Reject,
    /// Import them, and block new business with them
    Flag,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// Readable text
    #[default]
    Text,
    /// JSON for programs
    Json,
}

pub(super) fn run(arguments: &Import, config: &Config) -> Done {
    let partner = {
        let mut conn = accounts::connect_existing(config)?;
        let partner = accounts::find(&mut conn, arguments.partner, arguments.partner_type)?;
        if partner.tenant_id.is_none() {
            return Err(Failure::new(format!(
                "{} is a placeholder from an import and cannot import",
                partner.profile.name
            ))
            .hint("pass the account that the files were exported from with --as; `partnergraph partner add` adds an account"));
        }
        partner
    };
    if let Some(day) = arguments.as_of.filter(|day| *day > clock::now().date() + Days::new(1)) {
        return Err(Failure::new(format!("--as-of {day} is in the future"))
            .hint("use the date of the data; data from the future would override all files until that date"));
    }
    let request = request(arguments, config, partner.id)?;
    let actor = Actor::command_line();
    let caller = Caller { actor: &actor, now: clock::now(), waiting: Waiting::Wait, run_id: None };
    let bar = Bar::new(arguments.progress, Interrupt::listen()?);
    let result = partnergraph_importer::run(&config.database_url, &request, &caller, &bar);
    bar.finish();
    match result {
        Ok(report) => show(&report, arguments.format),
        Err(error) => {
            if let ImportError::Invalid(report) = &error {
                show(report, arguments.format)?;
            }
            Err(failure(&error))
        }
    }
}

/// Parses a date on the command line.
pub(super) fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "a date must have the form YYYY-MM-DD, such as 2026-06-30".to_owned())
}

pub(super) fn failure(error: &ImportError) -> Failure {
    tracing::debug!(error = ?error, "the import failed");
    Failure::new(error).hint(error.hint())
}

/// Prints a report on standard output and its notes on standard error.
pub(super) fn show(report: &Report, form: Form) -> Done {
    match form {
        Form::Text => print::raw(report.text().as_bytes()),
        Form::Json => {
            print::line(serde_json::to_string_pretty(&report.json().map_err(Failure::new)?).map_err(Failure::new)?)
        }
    }
    report.notes.iter().for_each(|note| print::note(escape_control(note)));
    Ok(if report.is_partial() { Exit::WithRejects } else { Exit::Done })
}

/// The flags that select the database, for the command that the report prints. A URL with a password is omitted; the user has to
/// type it again.
fn named_settings(config: &Config) -> Vec<String> {
    match config.source("database_url") {
        Some(Source::Flag) => {
            let shown = config.database_url.to_string();
            if shown.contains("***") { Vec::new() } else { vec!["--database-url".to_owned(), shown] }
        }
        Some(Source::File(path)) if path.as_os_str() != DEFAULT_FILE => {
            vec!["--config".to_owned(), path.display().to_string()]
        }
        _ => Vec::new(),
    }
}

fn request(arguments: &Import, config: &Config, partner_id: PartnerKey) -> Result<ImportRequest, Failure> {
    let map = match &arguments.map {
        Some(path) => Some(std::fs::read_to_string(path).map_err(|error| {
            Failure::new(format!("cannot read the map {}: {error}", path.display())).hint("check the path")
        })?),
        None => None,
    };
    let files = arguments
        .files
        .iter()
        .map(|path| FileRequest {
            profile: arguments.profile.clone(),
            map: map.clone(),
            map_name: arguments.map.clone(),
            customer: arguments.customer,
            encoding: arguments.reading.encoding.clone(),
            delimiter: arguments.reading.delimiter,
            date_order: arguments.date_order,
            source: arguments.source.clone(),
            as_of: arguments.as_of,
            partial: arguments.partial,
            header_line: arguments.reading.header_line,
            ..FileRequest::new(reading::file(path))
        })
        .collect();
    let mode = match arguments {
        Import { dry_run: true, .. } => ImportMode::DryRun,
        Import { plan: true, .. } => ImportMode::Plan,
        _ => ImportMode::Apply,
    };
    Ok(ImportRequest {
        on_invalid: match arguments.on_invalid {
            Invalid::Skip => OnInvalid::Skip,
            Invalid::Abort => OnInvalid::Abort,
        },
        on_conflict: match arguments.on_conflict {
            Conflict::Hold => OnConflict::Hold,
            Conflict::File => OnConflict::File,
            Conflict::Keep => OnConflict::Keep,
        },
        on_violation: match arguments.on_violation {
            Violation::Reject => OnViolation::Reject,
            Violation::Flag => OnViolation::Flag,
        },
        max_issues: arguments.max_issues,
        max_record: arguments.reading.max_record,
        max_unpacked: arguments.reading.max_unpacked,
        rejects: arguments.rejects.clone(),
        named: Some(match arguments.partner {
            AccountName::Mpn(id) => id.to_string(),
            AccountName::Tenant(id) => id.to_string(),
        }),
        named_type: arguments.partner_type,
        named_settings: named_settings(config),
        ..ImportRequest::new(partner_id, mode, files)
    })
}
