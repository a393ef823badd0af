use std::path::PathBuf;

use clap::{Args, Subcommand};
use partnergraph_importer::{profiles, read};

use super::reading::{self, Reading};
use super::{Done, Exit, Failure, print};

/// List and show the known file formats, write a column map for another one
#[derive(Debug, Subcommand)]
pub(super) enum Profiles {
    /// List the formats
    List,
    /// Show a format's columns and settings; the output is also an example of a column map
    Show(Show),
    /// Print a first column map for a file of another format, to edit and pass to `import --map`
    New(New),
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// Name of the format
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  partnergraph profiles new their-export.csv > their-portal.toml
  partnergraph import their-export.csv --as 4500001 --map their-portal.toml --dry-run

The map has a line for each column that is recognised by its name, such as
  customer_tenant_id = \"CustomerId\"
and an example line, as a comment, for everything else that a map can contain.")]
pub(super) struct New {
    /// A file from the portal, or `-` for standard input; only its column names are used
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    reading: Reading,
}

pub(super) fn run(command: &Profiles) -> Done {
    match command {
        Profiles::List => {
            let rows: Vec<[String; 3]> = profiles::list()
                .iter()
                .map(|profile| [profile.name.clone(), profile.portal.clone(), profile.title.clone()])
                .collect();
            print::table(["NAME", "PORTAL", "CONTENT"], &rows);
        }
        Profiles::Show(arguments) => {
            let profile = profiles::show(&arguments.name).ok_or_else(|| {
                Failure::new(format!("there is no format named `{}`", arguments.name))
                    .hint("`partnergraph profiles list` lists the formats")
            })?;
            print::raw(profile.text().as_bytes());
        }
        Profiles::New(arguments) => {
            let (input, options) = (reading::input(&arguments.file), arguments.reading.options());
            let header = read::header_of(input, &options).map_err(|refused| {
                Failure::new(format!("{}: {} [{}]", arguments.file.display(), refused.message, refused.code))
                    .hint(refused.hint.clone().unwrap_or_else(|| "choose a file with a header line".to_owned()))
            })?;
            print::raw(profiles::suggest(&header).as_bytes());
        }
    }
    Ok(Exit::Done)
}
