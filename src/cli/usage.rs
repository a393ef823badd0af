//! Help, version, and errors in the command line itself.

use std::process::ExitCode;

use clap::Command;
use clap::error::ErrorKind;

use super::{Exit, Failure};

/// Prints help and version on standard output. A usage error becomes two lines, like every other error. `words` are the arguments
/// of the program, without its name.
pub(super) fn show(error: &clap::Error, command: &Command, words: impl Iterator<Item = String>) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        // An error here means that the reader closed the pipe.
        let _ = error.print();
        return if error.use_stderr() { Exit::WrongUsage.into() } else { Exit::Done.into() };
    }
    failure(error, command, words).print();
    Exit::WrongUsage.into()
}

fn failure(error: &clap::Error, command: &Command, words: impl Iterator<Item = String>) -> Failure {
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let first = paragraphs.next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(&first).to_owned();
    let rest: Vec<String> = paragraphs.collect();
    let tip = rest.iter().find_map(|part| part.strip_prefix("tip: "));
    let usage = rest.iter().find_map(|part| part.strip_prefix("Usage: "));
    let help = format!("see `{} --help`", named_command(command, words));
    let hint = match (tip, usage) {
        (Some(tip), _) => format!("{tip}; {help}"),
        (None, Some(usage)) => format!("usage: {usage}"),
        (None, None) => help,
    };
    Failure::usage(message).hint(hint)
}

/// The command that the arguments name, such as `partnergraph partner add`. An error about an argument's value does not contain it.
fn named_command(command: &Command, mut words: impl Iterator<Item = String>) -> String {
    let mut path = command.get_name().to_owned();
    let mut current = command;
    // Before a subcommand there can only be flags that every command accepts. Each of them takes a value.
    let is_setting = |word: &str| {
        word.strip_prefix("--").is_some_and(|flag| command.get_arguments().any(|known| known.get_long() == Some(flag)))
    };
    while let Some(word) = words.next() {
        if let Some(subcommand) = current.find_subcommand(&word) {
            path.push(' ');
            path.push_str(subcommand.get_name());
            current = subcommand;
        } else if is_setting(&word) {
            words.next();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn the_named_command_is_the_innermost_one() {
        for (line, expected) in [
            ("", "partnergraph"),
            ("--log serve", "partnergraph"),
            ("partner add --type SHOP", "partnergraph partner add"),
            ("--database-url sqlite:x.db --log=warn token create --role BOSS", "partnergraph token create"),
            ("import list.csv --as 4500001 --type SHOP", "partnergraph import"),
        ] {
            let words = line.split_whitespace().map(str::to_owned);
            assert_eq!(named_command(&Cli::command(), words), expected, "{line}");
        }
    }
}
