use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use partnergraph_domain::{MpnId, Severity, counted};
use partnergraph_importer::fact::{MpnProfileFact, Stated};
use partnergraph_importer::printable::escape_control;
use partnergraph_importer::{FileRefusal, Issue, Parsed, ReadOptions, RecordsError, open};
use partnergraph_store::read::mpn_profiles as read_profiles;
use partnergraph_store::write::mpn_profiles::{self, Activity, Home, ProfileEntry};
use partnergraph_store::{Access, Actor, Conn, Scope, StoreError, StoreResult, clock};

use super::reading::{self, Reading};
use super::{Done, Exit, Failure, accounts, print};
use crate::config::Config;

/// Import and list the register of MPN profiles
#[derive(Debug, Subcommand)]
pub(super) enum Mpn {
    /// Import MPN profiles: whose the MPN IDs are, in which country, and whether they are active
    Import(Import),
    /// List the MPN profiles
    List,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The file has one row for each MPN ID; `partnergraph profiles show mpn-profiles` shows the columns. A blank cell leaves a value as it is.

Example:
  partnergraph mpn import register.csv --dry-run")]
pub(super) struct Import {
    /// The file; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Read and check the file without writing anything
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    reading: Reading,
}

/// The format of the files.
const PROFILE: &str = "mpn-profiles";

pub(super) fn run(command: &Mpn, config: &Config) -> Done {
    let mut conn = accounts::connect(config)?;
    match command {
        Mpn::Import(arguments) => import(&mut conn, arguments),
        Mpn::List => {
            list(&mut conn)?;
            Ok(Exit::Done)
        }
    }
}

/// What became of the profiles of a file.
#[derive(Debug, Default)]
struct Counts {
    created: u64,
    updated: u64,
    unchanged: u64,
}

/// Why nothing was written.
enum Undone {
    /// Everything was checked.
    DryRun,
    Failed(StoreError),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

fn import(conn: &mut Conn, arguments: &Import) -> Done {
    let (facts, rejected) = read(arguments)?;
    let mut counts = Counts::default();
    let written = conn.transaction(Access::Write, |conn| {
        let (actor, now) = (Actor::command_line(), clock::now());
        for fact in &facts {
            let count = match mpn_profiles::version(conn, fact.mpn_id)? {
                Some(_) => &mut counts.updated,
                None => &mut counts.created,
            };
            let outcome = mpn_profiles::upsert(conn, &actor, now, fact.mpn_id, &entry(fact))?;
            *if outcome.is_changed() { count } else { &mut counts.unchanged } += 1;
        }
        if arguments.dry_run { Err(Undone::DryRun) } else { Ok(()) }
    });
    match written {
        Ok(()) | Err(Undone::DryRun) => {}
        Err(Undone::Failed(error)) => return Err(error.into()),
    }
    let Counts { created, updated, unchanged } = counts;
    let note = if arguments.dry_run { " (dry run, nothing was written)" } else { "" };
    print::line(format!(
        "{}: {created} created, {updated} updated, {unchanged} unchanged; {} rejected{note}",
        counted(facts.len() as u64, "MPN profile"),
        counted(rejected, "row")
    ));
    Ok(if rejected > 0 { Exit::WithRejects } else { Exit::Done })
}

/// The entries of a file and the number of its rejected rows, whose issues are printed.
fn read(arguments: &Import) -> Result<(Vec<MpnProfileFact>, u64), Failure> {
    let options = ReadOptions { profile: Some(PROFILE.to_owned()), ..arguments.reading.options() };
    let name = arguments.file.display().to_string();
    let mut file = open(reading::input(&arguments.file), 0, &options).map_err(|refused| refusal(&refused))?;
    file.issues().iter().for_each(|issue| show(&name, issue));
    let (mut facts, mut rejected) = (Vec::new(), 0);
    let read = file.records(|batch| {
        for Parsed { line, outcome, issues, .. } in batch.records {
            issues.iter().for_each(|issue| show(&name, issue));
            match outcome {
                Ok(Stated::MpnProfile(fact)) => facts.push((line, *fact)),
                Ok(Stated::Customer(_) | Stated::Reseller(_)) | Err(_) => rejected += 1,
            }
        }
        Ok::<(), Failure>(())
    });
    match read {
        Ok(()) => {
            let (facts, contradicting) = settle(&name, facts);
            Ok((facts, rejected + contradicting))
        }
        Err(RecordsError::Read(refused)) => Err(refusal(&refused)),
        Err(RecordsError::Sink(failure)) => Err(failure),
    }
}

/// Of rows that say the same about an MPN ID, one is used. If they differ, none is, because the register decides who may claim the MPN ID
/// (E-17). Returns the number of rows that are rejected for it.
fn settle(name: &str, read: Vec<(u64, MpnProfileFact)>) -> (Vec<MpnProfileFact>, u64) {
    let mut by_id: BTreeMap<u64, Vec<(u64, MpnProfileFact)>> = BTreeMap::new();
    for row in read {
        by_id.entry(row.1.mpn_id.0).or_default().push(row);
    }
    let (mut facts, mut rejected) = (Vec::with_capacity(by_id.len()), 0);
    for (mpn_id, mut rows) in by_id {
        if rows.iter().any(|(_, fact)| *fact != rows[0].1) {
            rejected += rows.len() as u64;
            for (line, _) in rows {
                let message = "rows for this MPN ID contradict each other; none of them is imported";
                let issue = Issue::new(Severity::Error, 0, line, "mpn_profile.contradiction", message);
                show(name, &issue.value(&mpn_id.to_string()));
            }
        } else {
            facts.extend(rows.pop().map(|(_, fact)| fact));
        }
    }
    (facts, rejected)
}

fn refusal(refused: &FileRefusal) -> Failure {
    Failure::new(format!("{}: {} [{}]", refused.file, refused.message, refused.code))
        .hint(refused.hint.clone().unwrap_or_else(|| "check the file".to_owned()))
}

/// Prints an issue on standard error, as reports of imports do.
fn show(file: &str, issue: &Issue) {
    let place = if issue.line > 0 { format!(":{}", issue.line) } else { String::new() };
    let column = issue.column.as_ref().map(|column| format!(" {column}")).unwrap_or_default();
    let value = issue.value.as_ref().map(|value| format!(" [{value}]")).unwrap_or_default();
    let line = format!("{} {file}{place}{column}: {}{value}", issue.severity.as_str().to_lowercase(), issue.message);
    print::note(escape_control(&line));
}

/// What to set on the profile.
fn entry(fact: &MpnProfileFact) -> ProfileEntry {
    let activity = |active| if active { Activity::Active } else { Activity::Inactive };
    let home = |there| if there { Home::PartnerMembershipCenter } else { Home::PartnerCenter };
    ProfileEntry {
        kind: fact.kind,
        country: fact.country,
        global_mpn_id: fact.global_mpn_id.map(Some),
        activity: fact.active.map(activity),
        home: fact.in_partner_membership_center.map(home),
        company: fact.company.clone().map(Some),
    }
}

fn list(conn: &mut Conn) -> StoreResult<()> {
    let mut rows: Vec<_> = read_profiles::all(conn, &Scope::Operator)?
        .into_iter()
        .map(|row| {
            [
                row.mpn_id,
                row.kind.to_string(),
                row.global_mpn_id.unwrap_or_default(),
                row.country.map(|country| country.to_string()).unwrap_or_default(),
                if row.active { "active" } else { "inactive" }.to_owned(),
                row.company.unwrap_or_default(),
            ]
        })
        .collect();
    rows.sort_by_key(|row| row[0].parse::<MpnId>().map(|id| id.0).unwrap_or_default());
    print::table(["MPN ID", "KIND", "GLOBAL", "COUNTRY", "STATUS", "COMPANY"], &rows);
    Ok(())
}
