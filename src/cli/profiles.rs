use std::path::PathBuf;

use clap::{Args, Subcommand};
use partnergraph_importer::{Input, ReadOptions, profiles, read};

use partnergraph_store::clock;

use super::{Done, Exit, Failure, print};

/// Look at the formats that are known
#[derive(Debug, Subcommand)]
pub(super) enum Profiles {
    /// List the formats
    List,
    /// Show a format's columns, as its file writes them
    Show(Show),
    /// Write a first map of columns from a file's header, to be corrected and passed to `import --map`
    New(New),
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The format's name
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  partnergraph profiles new their-export.csv >their-portal.toml
  partnergraph import their-export.csv --as 4500001 --map their-portal.toml --dry-run")]
pub(super) struct New {
    /// A file of that portal; only its header is read
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(command: &Profiles) -> Done {
    match command {
        Profiles::List => {
            let rows: Vec<[String; 3]> = profiles::list()
                .iter()
                .map(|profile| [profile.name.clone(), profile.portal.clone(), profile.title.clone()])
                .collect();
            print::table(["NAME", "PORTAL", "WHAT"], &rows);
        }
        Profiles::Show(arguments) => {
            let profile = profiles::show(&arguments.name).ok_or_else(|| {
                Failure::new(format!("there is no format {}", arguments.name))
                    .hint("`partnergraph profiles list` shows them")
            })?;
            print::raw(profile.text().as_bytes());
        }
        Profiles::New(arguments) => {
            let options = ReadOptions::new(clock::now());
            let header = read::header_of(Input::Path(arguments.file.clone()), &options).map_err(|refused| {
                Failure::new(format!("{}: {} [{}]", arguments.file.display(), refused.message, refused.code))
                    .hint(refused.hint.clone().unwrap_or_else(|| "name another file".to_owned()))
            })?;
            print::raw(profiles::suggest(&header).as_bytes());
        }
    }
    Ok(Exit::Done)
}
