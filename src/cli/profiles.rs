use clap::{Args, Subcommand};
use partnergraph_importer::profiles;

use super::{Done, Exit, Failure, print};

/// Look at the formats that are known
#[derive(Debug, Subcommand)]
pub(super) enum Profiles {
    /// List the formats
    List,
    /// Show a format's columns, as its file writes them
    Show(Show),
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The format's name
    #[arg(value_name = "NAME")]
    name: String,
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
    }
    Ok(Exit::Done)
}
