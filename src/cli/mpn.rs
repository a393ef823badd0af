use std::path::PathBuf;

use clap::{Args, Subcommand};
use partnergraph_domain::{MpnId, counted};
use partnergraph_importer::fact::{MpnProfileFact, Stated};
use partnergraph_importer::printable::escape_control;
use partnergraph_importer::{FileRefusal, Input, Issue, Parsed, ReadOptions, RecordsError, open};
use partnergraph_store::read::mpn_profiles as read_profiles;
use partnergraph_store::write::mpn_profiles::{self, Activity, Home, ProfileEntry};
use partnergraph_store::{Access, Actor, Conn, Scope, StoreError, StoreResult, clock};

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
    /// Encoding of the file, such as windows-1250 [default: detected]
    #[arg(long, value_name = "ENCODING")]
    encoding: Option<String>,
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
    let options = ReadOptions {
        profile: Some(PROFILE.to_owned()),
        encoding: arguments.encoding.clone(),
        ..ReadOptions::new(clock::now())
    };
    let name = arguments.file.display().to_string();
    let input = match name.as_str() {
        "-" => Input::Stream { name: name.clone(), reader: Box::new(std::io::stdin()) },
        _ => Input::Path(arguments.file.clone()),
    };
    let mut file = open(input, 0, &options).map_err(|refused| refusal(&refused))?;
    file.issues().iter().for_each(|issue| show(&name, issue));
    let (mut facts, mut rejected) = (Vec::new(), 0);
    let read = file.records(|batch| {
        for Parsed { outcome, issues, .. } in batch.records {
            issues.iter().for_each(|issue| show(&name, issue));
            match outcome {
                Ok(Stated::MpnProfile(fact)) => facts.push(*fact),
                Ok(Stated::Customer(_) | Stated::Reseller(_)) | Err(_) => rejected += 1,
            }
        }
        Ok::<(), Failure>(())
    });
    match read {
        Ok(()) => Ok((facts, rejected)),
        Err(RecordsError::Read(refused)) => Err(refusal(&refused)),
        Err(RecordsError::Sink(failure)) => Err(failure),
    }
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
