//! Builds the command that imports a rejects file again.

use std::path::Path;

use crate::intake::Intake;
use crate::profiles::Completeness;
use crate::read::MAX_RECORD;
use crate::request::{ImportRequest, OnConflict, OnViolation};

/// The command for the rejects of an input, quoted for a shell. It contains what was detected from the whole file,
/// because a part of it may not show it, and the options of the first import.
pub(super) fn command(intake: &Intake, number: usize, path: &Path, request: &ImportRequest) -> String {
    let (file, options) = (&intake.files[number], &request.files[number]);
    let mut command = CommandLine("partnergraph import".to_owned());
    command.add(&name(path));
    if let Some(named) = &request.named {
        command.flag("--as", named);
    }
    if let Some(named_type) = request.named_type {
        command.flag("--type", named_type.as_str());
    }
    match &options.map_name {
        Some(map) => command.flag("--map", &name(map)),
        None => command.flag("--profile", &file.description.profile),
    }
    command.flag("--date-order", file.description.date_order.as_str());
    command.flag("--source", &file.description.source);
    command.flag("--as-of", &file.description.as_of.to_string());
    if let Some(customer) = file.customer {
        command.flag("--customer", &customer.to_string());
    }
    if file.profile.complete != Completeness::No {
        command.add("--partial");
    }
    // The rejects are in UTF-8, whatever encoding the input had. What was assumed for the whole file must not be
    // guessed again from a part of it.
    if !file.description.encoding.eq_ignore_ascii_case("utf-8") {
        command.flag("--encoding", "utf-8");
    }
    if options.delimiter.is_some() {
        let delimiter = file.description.delimiter;
        command.flag("--delimiter", &if delimiter == '\t' { "tab".to_owned() } else { delimiter.to_string() });
    }
    match request.on_conflict {
        OnConflict::Hold => {}
        OnConflict::File => command.flag("--on-conflict", "file"),
        OnConflict::Keep => command.flag("--on-conflict", "keep"),
    }
    if request.on_violation == OnViolation::Flag {
        command.flag("--on-violation", "flag");
    }
    if request.max_record != MAX_RECORD {
        command.flag("--max-record", &request.max_record.to_string());
    }
    request.named_settings.iter().for_each(|argument| command.add(argument));
    command.0
}

/// A path as an argument. A path that begins with a dash must not be taken for a flag.
fn name(path: &Path) -> String {
    let text = path.display().to_string();
    if text.starts_with('-') && text != "-" { format!("./{text}") } else { text }
}

struct CommandLine(String);

impl CommandLine {
    fn add(&mut self, argument: &str) {
        self.0.push(' ');
        self.0.push_str(&shell(argument));
    }

    fn flag(&mut self, flag: &str, value: &str) {
        self.add(flag);
        self.add(value);
    }
}

fn shell(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_quoted_if_a_shell_would_split_it() {
        assert_eq!(shell("Partner Center"), "'Partner Center'");
        assert_eq!(shell("new-commerce"), "new-commerce");
        assert_eq!(shell("it's"), "'it'\\''s'");
    }

    #[test]
    fn a_path_that_begins_with_a_dash_is_no_flag() {
        assert_eq!(name(Path::new("-as.csv")), "./-as.csv");
        assert_eq!(name(Path::new("-")), "-");
    }
}
