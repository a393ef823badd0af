use clap::{Args, Command};
use clap_complete::Shell;

use super::{Done, Exit, print};

/// Print a completion script for your shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  partnergraph completions bash > /etc/bash_completion.d/partnergraph")]
pub(super) struct Completions {
    /// Your shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(arguments: &Completions, command: &mut Command) -> Done {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, command, "partnergraph", &mut text);
    print::raw(&text);
    Ok(Exit::Done)
}
