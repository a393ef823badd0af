use std::path::PathBuf;

use chrono::{Days, NaiveDate};
use clap::{Args, ValueEnum};
use partnergraph_domain::{ImportMode, PartnerKey, PartnerType, TenantId};
use partnergraph_importer::printable::escape_control;
use partnergraph_importer::profiles::DateOrder;
use partnergraph_importer::{
    Caller, FileInput, FileRequest, ImportError, ImportRequest, OnConflict, OnInvalid, OnViolation, Report, Waiting,
};
use partnergraph_store::{Actor, clock};

use super::accounts::{self, AccountName};
use super::interrupt::Interrupt;
use super::partner::word;
use super::progress::{Bar, Shown};
use super::{Done, Exit, Failure, print};
use crate::config::{Config, DEFAULT_FILE, Source};

/// Import exports of other portals on behalf of a partner account
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  partnergraph import customers.csv june.csv --as 4500001 --dry-run
  partnergraph import june.csv --as 4500001 --plan
  partnergraph import june.csv.gz --as 4500001 --rejects rejects.csv
  partnergraph import subscriptions.csv --as 4500001 --customer 0f6c2a7e-0000-4000-8000-000000000009

Format, encoding, delimiter and dates are detected and shown in the report. Nothing is written unless all of it is.

Ctrl-C and SIGTERM stop an import: what it wrote is rolled back, the run is FAILED, and the exit code is 1. A second signal ends the \
command at once (130, or 143).")]
pub(super) struct Import {
    /// The files; - is standard input, .gz is read
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The importing partner account: its MPN ID or tenant id
    #[arg(long = "as", value_name = "PARTNER")]
    partner: AccountName,
    /// Which of its accounts, where it has a direct-bill and a reseller one
    #[arg(long = "type", value_name = "TYPE", value_parser = word::<PartnerType>)]
    partner_type: Option<PartnerType>,
    /// Read, check and report, and write nothing
    #[arg(long, conflicts_with = "plan")]
    dry_run: bool,
    /// The same, and keep the plan; `partnergraph imports apply RUN` applies it later
    #[arg(long)]
    plan: bool,
    /// Whose file it is, where a format names no customer
    #[arg(long, value_name = "TENANT")]
    customer: Option<TenantId>,
    /// Keep the facts as another source's
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// From when the files are [default: what they say, else when they were written]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    as_of: Option<NaiveDate>,
    /// The lists may lack anything
    #[arg(long)]
    partial: bool,
    /// The format; `partnergraph profiles list` shows them
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// A map of columns of your own
    #[arg(long, value_name = "MAP.toml", conflicts_with = "profile")]
    map: Option<PathBuf>,
    /// How the bytes are text, such as windows-1250
    #[arg(long, value_name = "LABEL")]
    encoding: Option<String>,
    /// What separates cells: one character, or `tab`
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<char>,
    /// The order of day and month: mdy, dmy or ymd
    #[arg(long, value_name = "ORDER")]
    date_order: Option<DateOrder>,
    /// Rows that cannot be taken: leave them out, or import nothing
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    on_invalid: Invalid,
    /// Fields changed here and in the file: hold them, take the file's, or keep what is here
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    on_conflict: Conflict,
    /// Customers that break a rule: reject them, or take them in without new business
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    on_violation: Violation,
    /// Write the rows that were not applied here, with the reasons; the second file's go to FILE-2
    #[arg(long, value_name = "FILE.csv")]
    rejects: Option<PathBuf>,
    /// List so many issues
    #[arg(long, value_name = "NUMBER", default_value_t = partnergraph_importer::request::MAX_ISSUES)]
    max_issues: usize,
    /// Bytes that a record may have
    #[arg(long, value_name = "BYTES", default_value_t = partnergraph_importer::read::MAX_RECORD)]
    max_record: usize,
    /// Bytes that a packed file may have when it is unpacked, such as 500MiB
    #[arg(long, value_name = "BYTES", default_value_t = partnergraph_importer::read::MAX_UNPACKED, value_parser = bytes)]
    max_unpacked: u64,
    /// The line of the header, if other lines stand before it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    header_line: Option<u64>,
    /// How to show how far it is, on standard error
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    progress: Shown,
    /// The report's form
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Invalid {
    #[default]
    Skip,
    Abort,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Conflict {
    #[default]
    Hold,
    File,
    Keep,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Violation {
    #[default]
    Reject,
    Flag,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    #[default]
    Text,
    Json,
}

fn delimiter(text: &str) -> Result<char, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(one), None) if one.is_ascii() => Ok(one),
        _ => Err("a delimiter is one ASCII character, or `tab`".to_owned()),
    }
}

/// A number of bytes, plain or in KiB, MiB or GiB.
fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let unit = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1_u64 << 30,
        _ => 0,
    };
    let number = text[..digits].parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    number
        .filter(|number| *number > 0)
        .ok_or_else(|| "not a number of bytes, such as 1000000, 500MiB or 8GiB".to_owned())
}

pub(super) fn run(arguments: &Import, config: &Config) -> Done {
    let partner = {
        let mut conn = accounts::connect_existing(config)?;
        let partner = accounts::find(&mut conn, arguments.partner, arguments.partner_type)?;
        if partner.tenant_id.is_none() {
            return Err(Failure::new(format!(
                "{} is known from an import only and imports nothing",
                partner.profile.name
            ))
            .hint("--as names whose exports these are; `partnergraph partner add` sets an account up"));
        }
        partner
    };
    if let Some(day) = arguments.as_of.filter(|day| *day > clock::now().date() + Days::new(1)) {
        return Err(Failure::new(format!("--as-of {day} is still to come")).hint(
            "it is the day from which the files are; what they say would stand against all newer files until then",
        ));
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

/// A day as the command line takes it.
pub(super) fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "a day is written YYYY-MM-DD, such as 2026-06-30".to_owned())
}

pub(super) fn failure(error: &ImportError) -> Failure {
    tracing::debug!(error = ?error, "the import failed");
    Failure::new(error).hint(error.hint())
}

/// Shows a report on standard output, and what is to be said beside it on standard error.
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

/// The flags that say which database is meant. A password is in no report: whoever typed it types it again.
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
            Failure::new(format!("the map {} cannot be read: {error}", path.display())).hint("check the path")
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
            encoding: arguments.encoding.clone(),
            delimiter: arguments.delimiter,
            date_order: arguments.date_order,
            source: arguments.source.clone(),
            as_of: arguments.as_of,
            partial: arguments.partial,
            header_line: arguments.header_line,
            ..FileRequest::new(if path.as_os_str() == "-" { FileInput::Stdin } else { FileInput::Path(path.clone()) })
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
        max_record: arguments.max_record,
        max_unpacked: arguments.max_unpacked,
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
