use std::fmt::Display;
use std::process::ExitCode;

use partnergraph_domain::Refusal;
use partnergraph_store::StoreError;

use super::print;
use crate::config::ConfigError;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything was done.
    Done,
    /// It could not be done, and nothing changed.
    NotDone,
    /// The command line is wrong.
    WrongUsage,
    /// It was done, but some rows were rejected or held.
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

/// Why a command failed: one line that says what is wrong, and one that says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    message: String,
    hint: String,
    exit: Exit,
}

impl Failure {
    /// A failure that changed nothing.
    #[must_use]
    pub fn new(message: impl Display) -> Self {
        Self {
            message: one_line(message),
            hint: "run it with `--log debug` for details".to_owned(),
            exit: Exit::NotDone,
        }
    }

    /// A wrong command line.
    #[must_use]
    pub fn usage(message: impl Display) -> Self {
        Self { exit: Exit::WrongUsage, ..Self::new(message) }
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Display) -> Self {
        self.hint = one_line(hint);
        self
    }

    /// The exit code for this failure.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// Prints the error and its hint on standard error.
    pub fn print(&self) {
        print::error(&self.message, &self.hint);
    }

    /// All refusals in one failure, each with its rule.
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
