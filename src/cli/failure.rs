use std::fmt::Display;
use std::process::ExitCode;

use partnergraph_domain::Refusal;
use partnergraph_store::StoreError;

use super::print;
use crate::config::ConfigError;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is done.
    Done,
    /// It could not be done, and nothing changed.
    NotDone,
    /// The command was not written as it must be.
    WrongUsage,
    /// It is done, and some rows were rejected or held.
    WithRejects,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::NotDone => 1,
            Exit::WrongUsage => 2,
            Exit::WithRejects => 3,
        })
    }
}

/// Why a command could not be done: a line that says what is wrong, and a line that says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    message: String,
    hint: String,
    exit: Exit,
}

impl Failure {
    /// Something that could not be done.
    #[must_use]
    pub fn new(message: impl Display) -> Self {
        Self { message: one_line(message), hint: "the log has more with `--log debug`".to_owned(), exit: Exit::NotDone }
    }

    /// A command that was not written as it must be.
    #[must_use]
    pub fn usage(message: impl Display) -> Self {
        Self { exit: Exit::WrongUsage, ..Self::new(message) }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Display) -> Self {
        self.hint = one_line(hint);
        self
    }

    /// How the program ends with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// Says it on standard error.
    pub fn print(&self) {
        print::error(&self.message, &self.hint);
    }

    /// All refusals of the rules in one: each is said with its rule.
    #[must_use]
    pub fn refused(refusals: &[Refusal], hint: impl Display) -> Self {
        let reasons: Vec<String> = refusals
            .iter()
            .map(|refusal| match refusal.rule {
                Some(rule) => format!("{} ({rule})", refusal.message.trim_end_matches('.')),
                None => refusal.message.trim_end_matches('.').to_owned(),
            })
            .collect();
        Self::new(reasons.join("; ")).hint(hint)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::debug!(error = ?error, "the database failed");
        Self::new(&error).hint(error.hint())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.message).hint(error.hint)
    }
}

fn one_line(text: impl Display) -> String {
    text.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use partnergraph_domain::RuleId;

    #[test]
    fn a_failure_is_one_line_and_names_its_rules() {
        let refusals = [
            Refusal::of(RuleId::Q_15, "REGION", "Another region.\nPoland and Japan."),
            Refusal::plain("OTHER", "Something else."),
        ];
        let failure = Failure::refused(&refusals, "ask\nagain");
        assert_eq!(failure.message, "Another region. Poland and Japan (Q-15); Something else");
        assert_eq!(failure.hint, "ask again");
    }
}
