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
mod mpn;
mod outbox;
mod partner;
mod print;
mod profiles;
mod progress;
mod reading;
mod revert;
mod schema;
mod serve;
mod token;
mod usage;
mod values;

use std::path::PathBuf;
use std::process::ExitCode;

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
    after_help = "\
Settings come from flags, then from environment variables (PARTNERGRAPH_… and DATABASE_URL), then from partnergraph.toml. \
`partnergraph check` shows the settings in effect.

Exit codes:
  0  Done
  1  Failed; nothing was changed
  2  Wrong usage
  3  Done, but some rows were rejected or held (reported as conflicts), or a revert kept something

Once data has been written, the exit code is 0 or 3, even if a later step fails. If Ctrl-C or SIGTERM stops an import, it rolls \
back and the exit code is 1. A second signal ends it at once, with 130 or 143.",
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
    /// Try it out: import sample exports into a new database and start the server
    Demo(demo::Demo),
    /// Start the GraphQL server
    Serve(serve::Serve),
    /// Import exports from other portals on behalf of a partner account
    Import(Box<import::Import>),
    /// List and show import runs, apply or discard plans, revert imports
    #[command(subcommand)]
    Imports(imports::Imports),
    /// List and show the known file formats, write a column map for another one
    #[command(subcommand)]
    Profiles(profiles::Profiles),
    /// Add, list and link partner accounts
    #[command(subcommand)]
    Partner(partner::Partner),
    /// Import and list the register of MPN profiles
    #[command(subcommand)]
    Mpn(mpn::Mpn),
    /// List the e-mails that the platform itself has to send
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// Create, list and revoke access tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Export customers, subscriptions, resellers or the activity log as CSV with Partner Center's headers
    Export(export::Export),
    /// Print the relationship graph as Mermaid, Graphviz or JSON
    Graph(graph::Graph),
    /// Print the GraphQL schema
    Schema,
    /// Apply pending database migrations
    Migrate,
    /// Show the settings in effect and whether the database is usable
    Check,
    /// Print a completion script for your shell
    Completions(completions::Completions),
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
            return usage::show(&error, &Cli::command(), words);
        }
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
        Command::Mpn(arguments) => mpn::run(&arguments, &config),
        Command::Outbox(arguments) => outbox::run(&arguments, &config),
        Command::Token(arguments) => token::run(&arguments, &config),
        Command::Export(arguments) => export::run(&arguments, &config),
        Command::Graph(arguments) => graph::run(&arguments, &config),
        Command::Migrate => migrate::run(&config),
        Command::Check => check::run(&config),
        Command::Schema | Command::Completions(_) | Command::Profiles(_) => Ok(Exit::Done),
    }
}
