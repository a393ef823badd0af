//! The command line.
//!
//! Each command is a file here: its arguments, and a function that runs it and prints the result on standard output. An error is
//! one `error:` line and one `hint:` line on standard error; details go to the log.

mod accounts;
mod check;
mod completions;
mod demo;
mod export;
mod failure;
mod graph;
mod import;
mod imports;
mod interrupt;
mod migrate;
mod outbox;
mod partner;
mod print;
mod profiles;
mod progress;
mod schema;
mod serve;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand};

pub use failure::{Exit, Failure};

use crate::config::{Config, Flags, Source};
use crate::telemetry;

/// The result of a command: how the program ends, or why the command failed.
pub type Done = Result<Exit, Failure>;

#[derive(Debug, Parser)]
#[command(
    name = "partnergraph",
    version,
    about = "The CSP partner relationship graph as GraphQL, with a bulk CSV importer",
    after_help = "Settings come from flags, then from PARTNERGRAPH_… variables (and DATABASE_URL), then from partnergraph.toml; \
                  `partnergraph check` shows what is in force.\n\n\
                  Exit codes: 0 done; 1 could not be done, nothing changed; 2 wrong usage; 3 done, and some rows were rejected or held. Once data was \
                  written it is 0 or 3, whatever failed afterwards. An import that ctrl-c or SIGTERM stops rolls back and ends with 1; a \
                  second signal ends it at once, with 130 or 143.",
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

/// Flags that every command accepts.
#[derive(Debug, Args)]
struct Settings {
    /// Database: sqlite:PATH or postgres://… [default: sqlite:partnergraph.db]
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    database_url: Option<String>,
    /// Settings file [default: partnergraph.toml, if it exists]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    config: Option<PathBuf>,
    /// Log filter, such as `warn` or `partnergraph=debug` [default: info for the server, warn for other commands]
    #[arg(long, global = true, value_name = "FILTER", help_heading = "Settings")]
    log: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The two-minute tour: import sample exports into a fresh database and start the server
    Demo(demo::Demo),
    /// Serve the graph over HTTP
    Serve(serve::Serve),
    /// Import exports from other portals on behalf of a partner account
    Import(Box<import::Import>),
    /// List and show import runs, apply plans, revert imports
    #[command(subcommand)]
    Imports(imports::Imports),
    /// List and show the known file formats
    #[command(subcommand)]
    Profiles(profiles::Profiles),
    /// Add, list and link partner accounts
    #[command(subcommand)]
    Partner(partner::Partner),
    /// Read the e-mails that the platform itself has to send
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// Create, list and revoke access tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Export customers, subscriptions, resellers or the activity log as CSV with Partner Center's own headers
    Export(export::Export),
    /// Print the relationship graph as the source of a picture
    Graph(graph::Graph),
    /// Print the GraphQL schema
    Schema,
    /// Apply pending database migrations
    Migrate,
    /// Show the settings in force and whether the database is usable
    Check,
    /// Print shell completions
    Completions(completions::Completions),
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.print();
            failure.exit().into()
        }
    }
}

fn run(cli: Cli) -> Done {
    let Cli { settings, command } = cli;
    let mut flags = Flags { file: settings.config, ..Flags::default() };
    flags.values.extend(settings.database_url.map(|value| ("database_url", value)));
    flags.values.extend(settings.log.map(|value| ("log", value)));
    // These commands do not depend on the configuration, so an invalid configuration must not make them fail.
    match command {
        Command::Schema => return schema::run(),
        Command::Completions(arguments) => return completions::run(&arguments, &mut Cli::command()),
        Command::Profiles(command) => return profiles::run(&command),
        _ => {}
    }
    let listen = match &command {
        Command::Serve(arguments) => arguments.listen.as_ref(),
        Command::Demo(arguments) => arguments.listen.as_ref(),
        _ => None,
    };
    flags.values.extend(listen.map(|value| ("listen", value.clone())));
    let config = Config::load(&flags)?;
    // Users and scripts want a command's result, not its log, so commands other than `serve` log warnings only.
    let quiet = !matches!(command, Command::Serve(_)) && config.source("log") == Some(&Source::BuiltIn);
    let filter = if quiet { "warn" } else { config.log.as_str() };
    telemetry::start(filter, config.log_format).map_err(|error| {
        Failure::usage(format!("invalid log filter `{filter}`: {error}"))
            .hint("use a filter such as `info` or `partnergraph=debug`")
    })?;
    match command {
        Command::Demo(arguments) => demo::run(&arguments, &config),
        Command::Serve(arguments) => serve::run(&arguments, &config),
        Command::Import(arguments) => import::run(&arguments, &config),
        Command::Imports(arguments) => imports::run(&arguments, &config),
        Command::Partner(arguments) => partner::run(&arguments, &config),
        Command::Outbox(arguments) => outbox::run(&arguments, &config),
        Command::Token(arguments) => token::run(&arguments, &config),
        Command::Export(arguments) => export::run(&arguments, &config),
        Command::Graph(arguments) => graph::run(&arguments, &config),
        Command::Migrate => migrate::run(&config),
        Command::Check => check::run(&config),
        Command::Schema | Command::Completions(_) | Command::Profiles(_) => Ok(Exit::Done),
    }
}

/// Prints help and version on standard output. A usage error becomes two lines, like every other error.
fn usage(error: &clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        // An error here means that the reader closed the pipe.
        let _ = error.print();
        return if error.use_stderr() { Exit::WrongUsage.into() } else { Exit::Done.into() };
    }
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let first = paragraphs.next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(&first).to_owned();
    let rest: Vec<String> = paragraphs.collect();
    let tip = rest.iter().find_map(|part| part.strip_prefix("tip: "));
    let usage = rest.iter().find_map(|part| part.strip_prefix("Usage: "));
    let hint = match (tip, usage) {
        (Some(tip), _) => tip.to_owned(),
        (None, Some(usage)) => format!("usage: {usage}"),
        (None, None) => "see `partnergraph --help`".to_owned(),
    };
    Failure::new(message).hint(hint).print();
    Exit::WrongUsage.into()
}
