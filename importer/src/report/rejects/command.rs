//! Builds the command that imports a rejects file again.

use std::path::Path;

use crate::intake::Intake;
use crate::profiles::Completeness;
use crate::read::MAX_RECORD;
use crate::request::{ImportRequest, OnConflict, OnViolation};

/// The command for the rejects of an input, quoted for a shell. It contains what was detected from the whole file,
/// because a part of it may not show it, and the options of the first import.
pub(super) fn command(intake: &Intake, number: usize, path: &Path, request: &ImportRequest) -> String {
    let (file, asked) = (&intake.files[number], &request.files[number]);
    let mut words = Words("partnergraph import".to_owned());
    words.add(&name(path));
    if let Some(named) = &request.named {
        words.flag("--as", named);
    }
    if let Some(named_type) = request.named_type {
        words.flag("--type", named_type.as_str());
    }
    match &asked.map_name {
        Some(map) => words.flag("--map", &name(map)),
        None => words.flag("--profile", &file.description.profile),
    }
    words.flag("--date-order", file.description.date_order.as_str());
    words.flag("--source", &file.description.source);
    words.flag("--as-of", &file.description.as_of.to_string());
    if let Some(customer) = file.customer {
        words.flag("--customer", &customer.to_string());
    }
    if file.profile.complete != Completeness::No {
        words.add("--partial");
    }
    // The rejects are in UTF-8, whatever encoding the input had. What was assumed for the whole file must not be
    // guessed again from a part of it.
    if !file.description.encoding.eq_ignore_ascii_case("utf-8") {
        words.flag("--encoding", "utf-8");
    }
    if asked.delimiter.is_some() {
        let delimiter = file.description.delimiter;
        words.flag("--delimiter", &if delimiter == '\t' { "tab".to_owned() } else { delimiter.to_string() });
    }
    match request.on_conflict {
        OnConflict::Hold => {}
        OnConflict::File => words.flag("--on-conflict", "file"),
        OnConflict::Keep => words.flag("--on-conflict", "keep"),
    }
    if request.on_violation == OnViolation::Flag {
        words.flag("--on-violation", "flag");
    }
    if request.max_record != MAX_RECORD {
        words.flag("--max-record", &request.max_record.to_string());
    }
    request.named_settings.iter().for_each(|word| words.add(word));
    words.0
}

/// A path as an argument. A path that begins with a dash must not be taken for a flag.
fn name(path: &Path) -> String {
    let text = path.display().to_string();
    if text.starts_with('-') && text != "-" { format!("./{text}") } else { text }
}

struct Words(String);

impl Words {
    fn add(&mut self, word: &str) {
        self.0.push(' ');
        self.0.push_str(&shell(word));
    }

    fn flag(&mut self, flag: &str, value: &str) {
        self.add(flag);
        self.add(value);
    }
}

fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_command_is_quoted_where_a_shell_would_take_it_apart() {
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
